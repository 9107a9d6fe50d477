// A package as files: one for each door, files for what they share or load later, and no code of anybody else.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePackage } from '../src/bundle.js';

const DOORS = {
  '.': { 'pappus-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  './more': { 'pappus-source': './src/more/index.ts', types: './dist/more/index.d.ts', default: './dist/more/index.js' },
  './package.json': './package.json',
};

const FILES: Readonly<Record<string, string>> = {
  'src/index.ts': `export { shared } from './shared.js';\nexport const later = async (): Promise<string> => (await import('./later.js')).text();\n`,
  'src/more/index.ts': `import { shared } from '../shared.js';\nimport { outside } from 'elsewhere';\nexport const more = (): string => shared() + outside();\n`,
  'src/shared.ts': `export const shared = (): string => 'shared';\n`,
  'src/later.ts': `export const text = (): string => 'later';\n`,
};

let directory: string;

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
  writeFileSync(path.join(directory, file), text);
};
const read = (file: string): string => readFileSync(path.join(directory, file), 'utf8');

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'pappus-build-'));
  for (const [file, text] of Object.entries(FILES)) write(file, text);
  await bundlePackage(directory, DOORS);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('bundlePackage', () => {
  it('writes each door where exports say, and the rest into chunks', () => {
    const files = readdirSync(path.join(directory, 'dist'), { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll(path.sep, '/')).filter((file) => file.endsWith('.js'));
    expect(files.filter((file) => !file.startsWith('chunks/')).sort()).toEqual(['index.js', 'more/index.js']);
    expect(files.filter((file) => file.startsWith('chunks/'))).toHaveLength(2);
    for (const file of files) {
      for (const [, imported = ''] of read(`dist/${file}`).matchAll(/(?:from |import\()['"](\.[^'"]+)['"]/g)) expect(files).toContain(path.posix.join(path.posix.dirname(file), imported));
    }
  });

  it('leaves what is loaded later to be loaded, and other packages to whoever installs them', () => {
    expect(read('dist/index.js')).not.toContain("'later'");
    expect(read('dist/index.js')).toMatch(/import\('\.\/chunks\/later-/);
    expect(read('dist/more/index.js')).toContain("from 'elsewhere'");
  });

  it('writes source maps that hold the sources, which are not published', () => {
    const { sources, sourcesContent } = JSON.parse(read('dist/more/index.js.map')) as { readonly sources: readonly string[]; readonly sourcesContent: readonly string[] };
    expect(sources).toEqual(['../../src/more/index.ts']);
    expect(sourcesContent).toEqual([FILES['src/more/index.ts']]);
  });

  it('refuses code that is not of the package, whose licence nobody would see', async () => {
    write('node_modules/theirs/index.ts', 'export const theirs = 1;\n');
    write('src/index.ts', `export { theirs } from '../node_modules/theirs/index.js';\n`);
    await expect(bundlePackage(directory, DOORS)).rejects.toThrow('node_modules/theirs/index.ts is not in src: a package holds its own code alone; make it a dependency, or write it anew');
  });

  it('names a door that lacks a source', async () => {
    await expect(bundlePackage(directory, { '.': { default: './dist/index.js' } })).rejects.toThrow('the door . has no "pappus-source"');
  });
});
