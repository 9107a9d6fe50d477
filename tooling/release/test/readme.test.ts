// What README.md promises and no other test holds it to.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { publicPackages, workspaceRoot } from '../src/public-packages.js';

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
