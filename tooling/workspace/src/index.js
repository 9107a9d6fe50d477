// The packages that people install, as the workspace has them. Tools that run before anything is built read it, hence JavaScript.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { readManifest } from './manifest.js';

export { readManifest };
export { checkedAddress, repositoryAddress } from './repository-address.js';

export const workspaceRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

export const findPublicPackages = (root) =>
  readdirSync(path.join(root, 'packages'))
    .map((entry) => path.join(root, 'packages', entry))
    .filter((directory) => existsSync(path.join(directory, 'package.json')))
    .map((directory) => ({ directory, manifest: readManifest(directory) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, manifest }) => ({ directory, manifest, doors: doorsOf(directory, manifest) }))
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));

export const publicPackages = findPublicPackages(workspaceRoot);

export const doors = publicPackages.flatMap((found) => found.doors);

/** What `exports` names, but files that are no modules, such as package.json. */
function doorsOf(directory, { name, exports = {} }) {
  const modules = Object.entries(exports).filter(([, target]) => typeof target !== 'string');
  return modules.map(([subpath, { 'pappus-source': source, types }]) => {
    if (source === undefined || types === undefined) throw new Error(`"${subpath}" of the exports of ${name} needs "pappus-source" and "types"`);
    return { name: path.posix.join(name, subpath), directory, source: path.join(directory, source), types: path.join(directory, types) };
  });
}
