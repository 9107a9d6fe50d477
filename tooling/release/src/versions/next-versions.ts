// From changesets to versions, in any copy of the workspace: what `version-packages` does.
import path from 'node:path';
import { findPublicPackages, workspaceRoot } from '@pappus/workspace';
import { runNode } from '../commands.js';
import { writeVersions } from '../own-versions.js';
import { announceUmbrella } from './umbrella-changeset.js';

/** The command of changesets. */
export const CHANGESETS = path.join(workspaceRoot, 'node_modules', '@changesets', 'cli', 'bin.js');

/** The versions of public packages by name. */
export type Versions = Readonly<Record<string, string>>;

export const versionsOf = (root: string): Versions => Object.fromEntries(findPublicPackages(root).map(({ manifest }) => [manifest.name, manifest.version]));

/** Writes the umbrella's changeset, takes all changesets into versions and changelogs, and versions into the sources that say them; answers what there is to say. */
export async function nextVersions(root: string): Promise<string> {
  const before = versionsOf(root);
  await announceUmbrella(root);
  await runNode([CHANGESETS, 'version'], root);
  writeVersions(root);
  const changed = Object.entries(versionsOf(root)).filter(([name, version]) => version !== before[name]);
  return changed.map(([name, version]) => `${name} ${before[name] ?? ''} -> ${version}`).join('\n') || 'no changesets: every version stays';
}
