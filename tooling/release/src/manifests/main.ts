// The command `manifests`: writes what follows from `exports` and from the repository's address into the manifests and READMEs of public packages.
//
//   main.js                              of this workspace, by the address in its package.json
//   main.js --root DIR [--address URL]   of a copy of it, with an address that stands nowhere: for rehearsals
//   main.js --ready                      writes nothing; fails where a release may not go out
import { realpathSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkedAddress, repositoryAddress, workspaceRoot } from '@pappus/workspace';
import { requireAddress } from './require-address.js';
import { staleFiles, writeManifests } from './write-manifests.js';

function main(): void {
  const { values } = parseArgs({ options: { root: { type: 'string' }, address: { type: 'string' }, ready: { type: 'boolean' } } });
  const root = realpathSync(values.root ?? workspaceRoot);
  if (values.ready === true) {
    const stale = staleFiles(root, requireAddress(root)).map(({ file }) => file);
    if (stale.length > 0) throw new Error(`run \`npx pnpm@12 run manifests\` and commit what it writes: ${stale.join(', ')} are not what follows from the root's package.json`);
    return;
  }
  if (values.address !== undefined && root === realpathSync(workspaceRoot)) {
    throw new Error('--address is for a copy of the workspace, at --root DIR: of the workspace itself, write the address into "repository" of its package.json');
  }
  const address = values.address === undefined ? repositoryAddress(root) : checkedAddress(values.address);
  for (const file of writeManifests(root, address)) console.log(`wrote ${file}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
