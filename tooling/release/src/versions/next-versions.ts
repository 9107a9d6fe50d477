// From changesets to versions, in any copy of the workspace: what `version-packages` does.
import path from 'node:path';
import { runNode } from '../commands.js';
import { findPublicPackages, workspaceRoot } from '../public-packages.js';
import { announceUmbrella } from './umbrella-changeset.js';

const changesets = path.join(workspaceRoot, 'node_modules', '@changesets', 'cli', 'bin.js');

/** The versions of public packages by name. */
export type Versions = Readonly<Record<string, string>>;

export const versionsOf = (root: string): Versions => Object.fromEntries(findPublicPackages(root).map(({ manifest }) => [manifest.name, manifest.version]));

/** Writes the umbrella's changeset and takes all changesets into versions and changelogs; answers what there is to say. */
export async function nextVersions(root: string): Promise<string> {
  const before = versionsOf(root);
  await announceUmbrella(root);
  await runNode([changesets, 'version'], root);
  const changed = Object.entries(versionsOf(root)).filter(([name, version]) => version !== before[name]);
  return changed.map(([name, version]) => `${name} ${before[name] ?? ''} -> ${version}`).join('\n') || 'no changesets: every version stays';
}
