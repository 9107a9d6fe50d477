/** Writes the modules of the package in `directory` into its `dist`: a file for each door of its `exports`, and chunks. */
export function bundlePackage(directory: string, doors: Readonly<Record<string, string | Readonly<Record<string, string>>>>): Promise<void>;
