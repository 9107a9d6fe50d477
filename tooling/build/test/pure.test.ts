// What modules compute as they are loaded is marked, so that a bundler leaves out what nobody uses, and means the same.
import { build, transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { markPure } from '../src/pure.js';

const MODULE = `
import { make, KEY } from 'elsewhere';
const ROWS = { left: make('left'), right: make('right') } as const;
export const { left, right: other } = ROWS;
export const text = \`\${KEY}: \${make('text')}\`;
const plain = [1, -2, 'three', { four: null }] as const;
export abstract class Shared { static readonly of = make('shared'); abstract read(): number; }
export class Keyed { [KEY](): number { return plain.length; } }
export class Simple { readonly value = make('simple'); }
export function used(): string { return 'used'; }
`;

/** What a bundler makes of a module that uses `names` of the marked one. */
async function bundled(names: string, module = MODULE): Promise<string> {
  const files: Readonly<Record<string, string>> = { entry: `import { ${names} } from 'marked'; globalThis.kept = [${names}];`, marked: markPure('module.ts', module) };
  const { outputFiles } = await build({
    entryPoints: ['entry'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    plugins: [
      {
        name: 'memory',
        setup(builder): void {
          builder.onResolve({ filter: /.*/ }, ({ path }) => (path === 'elsewhere' ? { path, external: true } : { path, namespace: 'memory' }));
          builder.onLoad({ filter: /.*/, namespace: 'memory' }, ({ path }) => ({ contents: files[path] ?? '', loader: 'ts' }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}

describe('markPure', () => {
  it('lets a bundler leave out tables, texts and classes that nobody uses', async () => {
    const text = await bundled('used');
    expect(text).not.toMatch(/make\(|KEY]|ROWS|whole|left|Shared|Keyed|Simple/);
    expect(text).toContain('"used"');
  });

  it.each([
    `make('a')`,
    'make`a`',
    'new make()',
    'make.property',
    `-make('a')`,
    `make('a') + 1`,
    `[make('a')]`,
    '[...make]',
    '{ ...make }',
    `{ [make('a')]: 1 }`,
    `{ [make('a')]() { return 1; } }`,
    `{ a: { b: make('a') } }`,
    `make('a') as string`,
    `class { static readonly of = make('a'); }`,
  ])('lets a bundler leave out `%s`, which nobody uses', async (computed) => {
    const text = await bundled('used', `import { make } from 'elsewhere';\nexport const computed = ${computed};\nexport const used = 'used';`);
    expect(text.replace(/^import .*$/m, '')).not.toMatch(/make|computed/);
    expect(text).toContain('"used"');
  });

  it.each(['extends make(Base) {}', `{ static { make('a'); } }`, `{ static [make('a')]() { return 1; } }`])('lets a bundler leave out a class that nobody uses and that begins `class Own %s`', async (body) => {
    const text = await bundled('used', `import { make } from 'elsewhere';\nclass Base {}\nexport class Own ${body}\nexport const used = 'used';`);
    expect(text).not.toMatch(/make\(|Own/);
  });

  it.each([`[1, -2, 'three', \`four\`, null, true]`, '{ five: { six() { return 6; } }, seven: () => 7 }', 'function () { return 8; }'])('leaves %s as it is, which bundlers know to have no effect', (plain) => {
    const text = `const five = 5;\nexport const plain = ${plain};`;
    expect(markPure('module.ts', text)).toBe(text);
  });

  it.each([['left', 'left'], ['Shared', 'shared'], ['Keyed', 'KEY'], ['text', 'text']])('keeps what %s needs', async (name, needed) => {
    expect(await bundled(name)).toContain(needed);
  });

  it('means the same', async () => {
    const elsewhere = `const KEY = 'key'; const make = (name) => name + '!';`;
    const run = async (text: string): Promise<unknown> => {
      const { code } = await transform(text.replace(/^import.*$/m, elsewhere), { loader: 'ts', format: 'esm', target: 'es2022' });
      const { left, other, text: words, Shared, Keyed } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { left: string; other: string; text: string; Shared: { of: string; name: string }; Keyed: new () => Record<string, () => number> };
      return { left, other, words, shared: Shared.of, name: Shared.name, keyed: new Keyed()['key']?.() };
    };
    const meaning = { left: 'left!', other: 'right!', words: 'key: text!', shared: 'shared!', name: 'Shared', keyed: 4 };
    expect(await run(MODULE)).toEqual(meaning);
    expect(await run(markPure('module.ts', MODULE))).toEqual(meaning);
  });

  it.each([`if (one > 0) make('a');`, `for (const a of [one]) make(a);`, `{ make('a'); }`, `try { make('a'); } catch {}`, `make('a').b = 1;`, `export default make('a');`, `throw make('a');`, `enum Loud { A = 1 }`])('refuses a module with `%s`', (statement) => {
    expect(() => markPure('src/loud.ts', `export const one = 1;\n${statement}`)).toThrow(/^src\/loud\.ts:2 does something when it is loaded/);
  });

  it('refuses a module that does something when it is loaded', () => {
    expect(() => markPure('src/loud.ts', `export const one = 1;\nconsole.log(one);`)).toThrow('src/loud.ts:2 does something when it is loaded; modules of public packages only declare, so that bundlers may leave out what is not used');
  });
});
