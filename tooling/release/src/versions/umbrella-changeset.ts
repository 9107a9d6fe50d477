// The umbrella's version says what its users see change: a changeset for it, as large as the largest change of what it re-exports.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import getReleasePlan from '@changesets/get-release-plan';
import { findPublicPackages, type Manifest } from '@pappus/workspace';

/** How much a version changes, from least to most. */
const BUMPS = ['none', 'patch', 'minor', 'major'] as const;
export type Bump = (typeof BUMPS)[number];

export interface Release {
  readonly name: string;
  readonly type: Bump;
  readonly newVersion: string;
}

export const UMBRELLA = 'pappus';

/** The changeset's name: there is one, and it is written anew for every release. */
const FILE = 'umbrella.md';

const rank = (type: Bump): number => BUMPS.indexOf(type);

/** What an installation of the umbrella brings: its dependencies, and the peers that are not left to the application. */
export const reexportedBy = (manifest: Manifest): readonly string[] => [
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}).filter((name) => manifest.peerDependenciesMeta?.[name]?.optional !== true),
];

/**
 * The text of the changeset that the umbrella needs, or `undefined` if its version says enough without. Patches need none: the
 * umbrella's ranges take them as they are.
 *
 * @param releases what is released without it
 */
export function umbrellaChangeset(releases: readonly Release[], reexported: readonly string[]): string | undefined {
  const own = releases.find(({ name }) => name === UMBRELLA)?.type ?? 'none';
  const brought = releases.filter(({ name }) => reexported.includes(name));
  const [largest = own] = brought.map(({ type }) => type).sort((a, b) => rank(b) - rank(a));
  if (rank(largest) <= rank(own) || rank(largest) < rank('minor')) return undefined;
  const because = brought.filter(({ type }) => type === largest).map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
  return `---\n'${UMBRELLA}': ${largest}\n---\n\nRe-exports what is new in ${because.join(', ')}.\n`;
}

/**
 * Writes the umbrella's changeset into the workspace at `root` where one is needed. Done twice, it does nothing the second time.
 *
 * @returns its text, if one was written
 */
export async function announceUmbrella(root: string): Promise<string | undefined> {
  const umbrella = findPublicPackages(root).find(({ manifest }) => manifest.name === UMBRELLA);
  if (umbrella === undefined) throw new Error(`${root} has no package ${UMBRELLA}`);
  const { releases } = await getReleasePlan(root);
  const text = umbrellaChangeset(releases, reexportedBy(umbrella.manifest));
  if (text !== undefined) await writeFile(path.join(root, '.changeset', FILE), text);
  return text;
}
