// What npm's page of each package shows: what it is, how it is installed, lines that run, its functions, and links that lead somewhere.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { publicPackages, workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';
import { codeBlocks, standsAlone } from '../src/documents/code-blocks.js';
import { readDocument, readmeOf } from '../src/documents/documents.js';
import { linkedFiles } from '../src/manifests/readme-links.js';

/** Packages of which a README names the chief functions: of core all are in docs/operations.md, and of the compiler most are for backends. */
const TOO_MANY = ['@pappus/core', '@pappus/compiler', 'pappus'];

/** The packages that modules import, as they are installed. */
const importedBy = (code: string): ReadonlySet<string> =>
  new Set([...code.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)/g)].map(([, name = '']) => name));

describe.each(publicPackages.map(({ directory, manifest }) => ({ name: manifest.name, directory, manifest })))('the README of $name', ({ name, directory, manifest }) => {
  const readme = readmeOf(directory);
  const [first] = codeBlocks(readme);

  it('begins with the name, what it is, and how to install all that its first program imports', () => {
    const [title, , what, , fence, ...lines] = readme.text.split('\n');
    expect(title).toBe(`# ${name}`);
    expect(what).toMatch(/^[A-Z].*\.$/);
    expect(fence).toBe('```sh');
    const [installed = ''] = lines;
    expect(installed).toMatch(/^npm install /);
    const named = new Set(installed.replace(/#.*/, '').split(' ').slice(2));
    const peers = Object.keys(manifest.peerDependencies ?? {}).filter((peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true);
    if (name !== 'pappus') expect([...named]).toEqual(expect.arrayContaining(peers));
    expect([...named]).toEqual(expect.arrayContaining([...importedBy(first?.code ?? '')]));
  });

  it('shows about ten lines that stand alone and print something', () => {
    const code = first?.code ?? '';
    expect(standsAlone(code)).toBe(true);
    expect(code).toContain('console.log(');
    expect(importedBy(code).has(name)).toBe(true);
    expect(code.trim().split('\n').length).toBeLessThan(20);
  });

  it('has a table of functions', async () => {
    const rows = readme.text.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length).toBeGreaterThan(1);
    if (TOO_MANY.includes(name)) return;
    const own = (await import(path.join(directory, 'src', 'index.ts'))) as Readonly<Record<string, unknown>>;
    expect(Object.keys(own).filter((key) => !rows.some((row) => new RegExp(`\`${key}[\`(]`).test(row)))).toEqual([]);
  });

  it('links to the documents, and to nothing that is not there', () => {
    const files = linkedFiles(readme.text);
    expect(files.length).toBeGreaterThan(1);
    expect(files.filter((file) => !existsSync(path.join(workspaceRoot, file.replace(/#.*/, ''))))).toEqual([]);
    // Any other link is one that npm can follow, too.
    const others = [...readme.text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('../../') && !link.startsWith('https://'));
    expect(others).toEqual([]);
  });

  it('links to headings that are there', () => {
    const missing = linkedFiles(readme.text).filter((link) => {
      const [file = '', heading] = link.split('#');
      return heading !== undefined && !headingsOf(file).has(heading);
    });
    expect(missing).toEqual([]);
  });
});

/** The anchors that GitHub gives the headings of a document. */
function headingsOf(file: string): ReadonlySet<string> {
  const { text } = readDocument(file);
  const anchors = new Set<string>();
  for (const [, title = ''] of text.matchAll(/^#+ (.*)$/gm)) {
    const anchor = title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let k = 1; anchors.has(unique); k++) unique = `${anchor}-${k}`;
    anchors.add(unique);
  }
  return anchors;
}
