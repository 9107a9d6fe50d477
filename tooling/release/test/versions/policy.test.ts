// The policy of versions, by what changesets make of it: which packages a change releases, and how.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { publicPackages } from '@pappus/workspace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionFiles } from '../../src/own-versions.js';
import { nextVersions, type Versions, versionsOf } from '../../src/versions/next-versions.js';
import { umbrellaChangeset } from '../../src/versions/umbrella-changeset.js';
import { announce, branchOff, commit, copyManifests, remove } from './manifest-copy.js';

type Changes = Parameters<typeof announce>[1];

let released: string;
const copies: string[] = [];

beforeAll(async () => {
  released = await copyManifests();
  copies.push(released);
  await nextVersions(released);
  await commit(released);
});

afterAll(async () => {
  for (const copy of copies) await remove(copy);
});

const major = (version: string | undefined): number => Number(version?.split('.')[0]);

/** Which packages these changes release, each with the part of its version that goes up. */
async function releasedBy(changes: Changes): Promise<{ bumps: Record<string, string>; root: string; versions: Versions }> {
  const root = await branchOff(released);
  copies.push(root);
  await announce(root, changes);
  const before = versionsOf(root);
  await nextVersions(root);
  const versions = versionsOf(root);
  const bumps: Record<string, string> = {};
  for (const [name, version] of Object.entries(versions)) {
    const [was, is] = [before[name] ?? '', version].map((text) => text.split('.'));
    const part = ['major', 'minor', 'patch'].find((_, k) => was?.[k] !== is?.[k]);
    if (part !== undefined) bumps[name] = part;
  }
  return { bumps, root, versions };
}

const everything = publicPackages.map(({ manifest }) => manifest.name);
const BACKENDS = ['@pappus/backend-cpu', '@pappus/backend-webgpu'];

describe('versions', () => {
  it('begin at 1.0.0, for every public package', () => {
    const versions = versionsOf(released);
    expect(Object.keys(versions).sort()).toEqual([...everything].sort());
    const first = publicPackages.flatMap(({ manifest }) => (manifest.version === '0.0.0' ? [manifest.name] : []));
    for (const name of first) expect(versions[name], name).toBe('1.0.0');
    for (const version of Object.values(versions)) expect(major(version)).toBeGreaterThanOrEqual(1);
  });

  it('are written into the sources that say them', () => {
    const core = versionsOf(released)['@pappus/core'] ?? '';
    expect(readFileSync(path.join(released, 'packages/compiler/src/version.ts'), 'utf8')).toContain(`export const CORE_VERSION: string = '${core}';`);
    expect(versionFiles(released).filter(({ written, derived }) => written !== derived)).toEqual([]);
  });

  it('take every changeset into the changelog of its packages', () => {
    const root = released;
    expect(existsSync(path.join(root, '.changeset/first-release.md'))).toBe(false);
    expect(readFileSync(path.join(root, 'packages/core/CHANGELOG.md'), 'utf8')).toContain('# @pappus/core\n');
  });

  it('go up for core and the umbrella, when core has something new, and for no family', async () => {
    const { bumps, root, versions } = await releasedBy({ '@pappus/core': 'minor' });
    expect(bumps).toEqual({ '@pappus/core': 'minor', pappus: 'minor' });
    expect(readFileSync(path.join(root, 'packages/pappus/CHANGELOG.md'), 'utf8')).toContain(`Re-exports what is new in \`@pappus/core\` ${versions['@pappus/core'] ?? ''}.`);
  });

  it('have a new first number for all who compute with core, and for the umbrella, when core breaks', async () => {
    const { bumps } = await releasedBy({ '@pappus/core': 'major' });
    expect(bumps).toEqual(Object.fromEntries(everything.map((name) => [name, 'major'])));
  });

  it('have a new first number for a family and the umbrella, when the family breaks', async () => {
    const { bumps, root } = await releasedBy({ '@pappus/adam': 'major', '@pappus/sgd': 'minor' });
    expect(bumps).toEqual({ '@pappus/adam': 'major', '@pappus/sgd': 'minor', pappus: 'major' });
    const changelog = readFileSync(path.join(root, 'packages/pappus/CHANGELOG.md'), 'utf8');
    expect(changelog).toContain('Re-exports what is new in `@pappus/adam`');
    expect(changelog).toContain('### Major Changes');
  });

  it('go up for a backend alone, when it is corrected', async () => {
    expect((await releasedBy({ '@pappus/backend-cpu': 'patch' })).bumps).toEqual({ '@pappus/backend-cpu': 'patch' });
  });

  it('go up for both backends, when the compiler has something new, which they must be able to render', async () => {
    const { bumps } = await releasedBy({ '@pappus/compiler': 'minor' });
    expect(bumps).toEqual({ '@pappus/compiler': 'minor', ...Object.fromEntries(BACKENDS.map((name) => [name, 'patch'])), pappus: 'minor' });
  });

  it('stay where there are no changesets', async () => {
    const root = await branchOff(released);
    copies.push(root);
    expect(await nextVersions(root)).toBe('no changesets: every version stays');
    expect(versionsOf(root)).toEqual(versionsOf(released));
  });
});

describe('the umbrella', () => {
  const reexported = ['@pappus/core', '@pappus/adam', '@pappus/sgd'];
  const release = (name: string, type: 'none' | 'patch' | 'minor' | 'major') => ({ name, type, newVersion: '9.0.0' });

  it('needs no changeset where its own is as large', () => {
    expect(umbrellaChangeset([release('@pappus/adam', 'minor'), release('pappus', 'minor')], reexported)).toBeUndefined();
    expect(umbrellaChangeset([release('@pappus/adam', 'minor'), release('pappus', 'major')], reexported)).toBeUndefined();
  });

  it('needs none for patches, which its ranges take, and none for what it does not re-export', () => {
    expect(umbrellaChangeset([release('@pappus/adam', 'patch')], reexported)).toBeUndefined();
    expect(umbrellaChangeset([release('@pappus/testing', 'major')], reexported)).toBeUndefined();
    expect(umbrellaChangeset([], reexported)).toBeUndefined();
  });

  it('names the packages with the largest change', () => {
    const releases = [release('@pappus/adam', 'minor'), release('@pappus/core', 'major'), release('@pappus/sgd', 'major'), release('pappus', 'patch')];
    expect(umbrellaChangeset(releases, reexported)).toBe("---\n'pappus': major\n---\n\nRe-exports what is new in `@pappus/core` 9.0.0, `@pappus/sgd` 9.0.0.\n");
  });
});

describe('ranges', () => {
  const ranges = (field: 'dependencies' | 'peerDependencies', dependency: string): Record<string, string> =>
    Object.fromEntries(publicPackages.flatMap(({ manifest }) => (manifest[field]?.[dependency] === undefined ? [] : [[manifest.name, manifest[field][dependency]]])));

  it('have core as the peer of all others, so that an application has one', () => {
    const all = everything.filter((name) => name !== '@pappus/core');
    expect(ranges('peerDependencies', '@pappus/core')).toEqual(Object.fromEntries(all.map((name) => [name, 'workspace:^'])));
    expect(ranges('dependencies', '@pappus/core')).toEqual({});
  });

  it('hold backends to one minor of the compiler, and the umbrella to one major of what it brings', () => {
    expect(ranges('dependencies', '@pappus/compiler')).toEqual({ ...Object.fromEntries(BACKENDS.map((name) => [name, 'workspace:~'])), pappus: 'workspace:^' });
    const umbrella = publicPackages.find(({ manifest }) => manifest.name === 'pappus');
    expect(new Set(Object.values(umbrella?.manifest.dependencies ?? {}))).toEqual(new Set(['workspace:^']));
  });
});
