/** The version of this package, for messages; `npx pnpm@12 version-packages` writes it here from package.json. */
export const VERSION: string = '0.0.0';
