/** The directory of this workspace. */
export const workspaceRoot: string;

/** What a package.json exports: by subpath, the files of a module by condition, or a file that is no module. */
export type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The part of a package.json that tools look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly repository?: unknown;
  readonly exports?: Exports;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A module that people can import. */
export interface Door {
  /** As it is imported: `@pappus/core/backend`. */
  readonly name: string;
  /** The directory of its package. */
  readonly directory: string;
  /** Its source file. */
  readonly source: string;
  /** The declarations that are published of it, once it is built. */
  readonly types: string;
}

export interface PublicPackage {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly doors: readonly Door[];
}

export function readManifest(directory: string): Manifest;

/** Every package of packages/ that is not private, in the workspace at `root`, sorted by name. */
export function findPublicPackages(root: string): readonly PublicPackage[];

/** Those of this workspace. */
export const publicPackages: readonly PublicPackage[];

/** All modules that people can import of this workspace. */
export const doors: readonly Door[];

/** What the root's package.json says is the repository's address, or '' as long as nobody has filled it in. */
export function repositoryAddress(root: string): string;

/** The address, if it is one or ''; an error that says how to write it otherwise. */
export function checkedAddress(address: unknown): string;
