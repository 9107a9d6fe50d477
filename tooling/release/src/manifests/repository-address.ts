// The repository's address: it stands in the `repository` of the root's package.json, and in no other place that is written by hand.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** An address as a browser has it, without what may follow it: npm links to files and issues by adding to it. */
const ADDRESS = /^https:\/\/[\w.-]+\/[\w./-]*[\w-]$/;

/** What the root's package.json says, or '' as long as nobody has filled it in. */
export function repositoryAddress(root: string): string {
  const { repository } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { readonly repository?: unknown };
  return checkedAddress(repository);
}

export function checkedAddress(address: unknown): string {
  if (address === '') return '';
  if (typeof address !== 'string' || !ADDRESS.test(address) || address.endsWith('.git')) {
    throw new Error(
      `"repository" of the root's package.json is ${JSON.stringify(address)}: write the address of the repository as a browser shows it, ` +
        'https://HOST/OWNER/NAME, without a slash or ".git" at its end; or "" as long as there is none',
    );
  }
  return address;
}

/** Throws where nobody has filled in the address: npm's page would link to nothing, and provenance would have no source. */
export function requireAddress(root: string): string {
  const address = repositoryAddress(root);
  if (address !== '') return address;
  throw new Error(
    'nothing is released without the address of the repository: fill in "repository" of the package.json at the root of the workspace, ' +
      'as https://HOST/OWNER/NAME, run `npx pnpm@12 run manifests`, which writes it into every manifest and README, and commit what it wrote',
  );
}
