// The repository's address: it stands in the `repository` of the root's package.json, and in no other place that is written by hand.
import { readManifest } from './manifest.js';

/** An address as a browser has it, without what may follow it: npm links to files and issues by adding to it. */
const ADDRESS = /^https:\/\/[\w.-]+\/[\w./-]*[\w-]$/;

export const repositoryAddress = (root) => checkedAddress(readManifest(root).repository);

export function checkedAddress(address) {
  if (address === '') return '';
  if (typeof address !== 'string' || !ADDRESS.test(address) || address.endsWith('.git')) {
    throw new Error(
      `"repository" of the root's package.json is ${JSON.stringify(address)}: write the address of the repository as a browser shows it, ` +
        'https://HOST/OWNER/NAME, without a slash or ".git" at its end; or "" as long as there is none',
    );
  }
  return address;
}
