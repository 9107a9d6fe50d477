// What README.md and changesets promise, and no other test holds them to.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { publicPackages, workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(path.join(workspaceRoot, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(path.join(workspaceRoot, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe('README.md', () => {
  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    expect(links).not.toEqual([]);
    for (const link of links) expect(existsSync(path.join(workspaceRoot, link)), link).toBe(true);
  });

  it('names scripts that exist', () => {
    const named = [...readme.matchAll(/npx pnpm@12 (?:run )?([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named).toEqual(expect.arrayContaining(['start', 'test']));
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });

  it('names every package that people install', () => {
    for (const { manifest } of publicPackages) expect(readme).toContain(`\`${manifest.name}\``);
  });
});

describe('.changeset', () => {
  it('announces every package that has no version yet', () => {
    const directory = path.join(workspaceRoot, '.changeset');
    const texts = readdirSync(directory).filter((file) => file.endsWith('.md') && file !== 'README.md').map((file) => readFileSync(path.join(directory, file), 'utf8'));
    const announced = new Set(texts.flatMap((text) => [...text.matchAll(/^'(.+)': (?:major|minor|patch)$/gm)].map(([, name]) => name)));
    expect(publicPackages.flatMap(({ manifest }) => (manifest.version === '0.0.0' && !announced.has(manifest.name) ? [manifest.name] : []))).toEqual([]);
  });
});
