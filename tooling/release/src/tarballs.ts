// Packing the public packages as `changeset publish` would, into a directory outside the workspace.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runPnpm } from './commands.js';
import { publicPackages, workspaceRoot } from './public-packages.js';

export interface Tarball {
  readonly name: string;
  readonly file: string;
}

/** One tarball for each public package; `packages/*` must have been built. */
export async function packAll(destination: string): Promise<readonly Tarball[]> {
  for (const { directory, manifest } of publicPackages) {
    if (!existsSync(path.join(directory, 'dist', 'index.js'))) {
      throw new Error(`${manifest.name} is not built: run the workspace's build script first`);
    }
  }
  const filters = publicPackages.map(({ manifest }) => `--filter=${manifest.name}`);
  await runPnpm([...filters, '-r', 'pack', '--pack-destination', destination], workspaceRoot);
  return publicPackages.map(({ manifest: { name, version } }) => ({
    name,
    file: path.join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
  }));
}
