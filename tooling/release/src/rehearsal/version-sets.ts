// The releases that are rehearsed, one after the other: what changes, by a changeset, and in the sources where versions must tell.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export type SetName = 'first' | 'core-minor' | 'backend-patch' | 'compiler-minor' | 'family-minor' | 'family-major' | 'core-major';

export interface VersionSet {
  readonly name: SetName;
  readonly title: string;
  /** The changeset; none for what the workspace has announced already. */
  readonly changes: Readonly<Record<string, 'patch' | 'minor' | 'major'>>;
  /** Changes sources of the workspace at `root`. */
  readonly edit?: (root: string) => Promise<void>;
}

/** In this order. Later ones include what earlier ones changed, as releases do. */
export const VERSION_SETS: readonly VersionSet[] = [
  { name: 'first', title: 'what the changesets of the workspace announce', changes: {} },
  { name: 'core-minor', title: 'core has something new', changes: { '@pappus/core': 'minor' } },
  { name: 'backend-patch', title: 'a backend is corrected', changes: { '@pappus/backend-cpu': 'patch' } },
  { name: 'compiler-minor', title: 'the compiler has something new', changes: { '@pappus/compiler': 'minor' } },
  { name: 'family-minor', title: 'a family has something new', changes: { '@pappus/sgd': 'minor' } },
  { name: 'family-major', title: 'a family breaks', changes: { '@pappus/adam': 'major' } },
  { name: 'core-major', title: 'core breaks: the graph has a new meaning', changes: { '@pappus/core': 'major' }, edit: raiseGraphVersion },
];

/** Core makes graphs of the next version, and the compiler speaks it. */
async function raiseGraphVersion(root: string): Promise<void> {
  for (const [directory, constant] of [['core', 'GRAPH_VERSION'], ['compiler', 'SPOKEN_GRAPH_VERSION']] as const) {
    const sources = path.join(root, 'packages', directory, 'src');
    const declaration = new RegExp(`(?<=export const ${constant} = )\\d+(?=;)`);
    let edited = 0;
    for (const name of await readdir(sources, { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const file = path.join(sources, name);
      const text = await readFile(file, 'utf8');
      if (!declaration.test(text)) continue;
      await writeFile(file, text.replace(declaration, (version) => String(Number(version) + 1)));
      edited += 1;
    }
    if (edited !== 1) throw new Error(`packages/${directory}/src declares ${constant} as a number in ${edited} files instead of one: version-sets.ts must learn how it is said now`);
  }
}
