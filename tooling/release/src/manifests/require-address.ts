// What a release needs of the repository's address.
import { repositoryAddress } from '@pappus/workspace';

/** Throws where nobody has filled in the address: npm's page would link to nothing, and provenance would have no source. */
export function requireAddress(root: string): string {
  const address = repositoryAddress(root);
  if (address !== '') return address;
  throw new Error(
    'nothing is released without the address of the repository: fill in "repository" of the package.json at the root of the workspace, ' +
      'as https://HOST/OWNER/NAME, run `npx pnpm@12 run manifests`, which writes it into every manifest and README, and commit what it wrote',
  );
}
