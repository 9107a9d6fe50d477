// Packing the public packages as `changeset publish` would, into a directory outside the workspace.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findPublicPackages, type PublicPackage, publicPackages, workspaceRoot } from '@pappus/workspace';
import { runPnpm } from './commands.js';

export interface Tarball {
  readonly name: string;
  readonly file: string;
}

/** One tarball for each public package of this workspace; `packages/*` must have been built. */
export const packAll = (destination: string): Promise<readonly Tarball[]> => pack(workspaceRoot, publicPackages, destination);

/** Those of packages that the workspace at `root` has under these names. */
export const packNamed = (root: string, names: readonly string[], destination: string): Promise<readonly Tarball[]> =>
  pack(root, findPublicPackages(root).filter(({ manifest }) => names.includes(manifest.name)), destination);

async function pack(root: string, packages: readonly PublicPackage[], destination: string): Promise<readonly Tarball[]> {
  for (const { directory, manifest } of packages) {
    if (!existsSync(path.join(directory, 'dist', 'index.js'))) {
      throw new Error(`${manifest.name} is not built: run the workspace's build script first`);
    }
  }
  const filters = packages.map(({ manifest }) => `--filter=${manifest.name}`);
  await runPnpm([...filters, '-r', 'pack', '--pack-destination', destination], root);
  return packages.map(({ manifest: { name, version } }) => ({
    name,
    file: path.join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
  }));
}
