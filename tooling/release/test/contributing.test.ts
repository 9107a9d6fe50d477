// CONTRIBUTING.md names places and commands: all of them are there.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';

const text = readFileSync(path.join(workspaceRoot, 'CONTRIBUTING.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(path.join(workspaceRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** What the recipes make: their own names for it. */
const MADE = /lion|NAME|PASS|STAGE/;
const exists = (file: string): boolean => existsSync(path.join(workspaceRoot, file));

describe('CONTRIBUTING.md', () => {
  it('names files and directories that exist', () => {
    const named = [...text.matchAll(/(?<![\w/@-])((?:packages|tooling|docs|\.changeset|\.ci)\/[\w./-]*\w)/g)].map(([, file = '']) => file).filter((file) => !MADE.test(file));
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((file) => !exists(file))).toEqual([]);
  });

  it('names files of core and the compiler that exist, where a recipe is among them', () => {
    const short = [...text.matchAll(/`((?:graph|gradients|interpreter|lower|choose|schedule|emit)\/[\w-]+\.ts|[\w-]+\.ts)`/g)].map(([, file = '']) => file);
    const roots = ['packages/core/src', 'packages/compiler/src', 'packages/core/src/operations', 'packages/pappus/test/rules'];
    expect(short.filter((file) => !roots.some((root) => exists(`${root}/${file}`)))).toEqual([]);
  });

  it('names scripts that exist, and links that lead somewhere', () => {
    const commands = [...text.matchAll(/npx pnpm@12 (?:run )?([\w:-]+)/g)].map(([, name = '']) => name).filter((name) => name !== 'exec' && name !== 'install');
    expect(commands).toEqual(expect.arrayContaining(['test', 'test:quick', 'test:soak', 'lint', 'typecheck']));
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
    expect([...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link).filter((link) => !exists(link))).toEqual([]);
  });

  it('quotes tests by titles that they have', () => {
    const sources = ['packages/core/test/operations/elementwise.test.ts', 'packages/core/test/graph/elementwise-table.test.ts', 'packages/core/test/two-copies.test.ts', 'packages/pappus/test/odd-arguments.test.ts', 'packages/pappus/test/rules/table.test.ts', 'packages/pappus/test/rules/recorded.test.ts', 'packages/examples/test/rules-document/rules-document.test.ts', 'tooling/release/test/readme.test.ts', 'tooling/site/test/pages.test.ts'];
    const tests = sources.map((file) => readFileSync(path.join(workspaceRoot, file), 'utf8')).join('\n');
    const titles = [...text.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title.replace('rosenbrock', '%s'));
    expect(titles.length).toBeGreaterThan(8);
    expect(titles.filter((title) => !tests.includes(title))).toEqual([]);
  });
});
