// The packages that people install, as the workspace has them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** What a package.json exports: by subpath, the files of a module by condition, or a file that is no module. */
export type Exports = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The part of a package.json that the checks look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly exports?: Exports;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface PublicPackage {
  readonly directory: string;
  readonly manifest: Manifest;
}

export const readManifest = (directory: string): Manifest =>
  JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as Manifest;

/** Every package of packages/ that is not private, in the workspace at `root`, sorted by name. */
export const findPublicPackages = (root: string): readonly PublicPackage[] =>
  readdirSync(path.join(root, 'packages'))
    .map((entry) => path.join(root, 'packages', entry))
    .filter((directory) => existsSync(path.join(directory, 'package.json')))
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .filter(({ manifest }) => manifest.private !== true)
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));

/** Those of this workspace. */
export const publicPackages: readonly PublicPackage[] = findPublicPackages(workspaceRoot);
