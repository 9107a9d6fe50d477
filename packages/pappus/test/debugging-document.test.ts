// docs/debugging.md shows what its examples print.
import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as pappus from '../src/index.js';

const text = readFileSync(new URL('../../../docs/debugging.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```ts\n((?:(?!```).)*)```\n\n```text\n(.*?)```/gs)].map(([, code = '', printed = '']) => ({ title: headingOf(code), code, printed }));

function headingOf(code: string): string {
  return [...text.slice(0, text.indexOf(code)).matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? '';
}

/** What an example prints, run on the sources: its only import is the umbrella's. */
async function printedBy(code: string): Promise<string> {
  const body = code.replace(/^import \{(.*?)\} from 'pappus';$/ms, 'const {$1} = pappus;');
  const run: unknown = runInThisContext(`(async (pappus, console) => {${body}})`);
  if (typeof run !== 'function') throw new TypeError('an example is no program');
  const lines: string[] = [];
  await Reflect.apply(run, undefined, [pappus, { log: (...values: readonly unknown[]) => lines.push(format(...values)) }]);
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

describe('docs/debugging.md', () => {
  it('has examples with what they print', () => {
    expect(examples).not.toEqual([]);
  });

  it.each(examples)('shows what the example of $title prints', async ({ code, printed }) => {
    expect(await printedBy(code)).toBe(printed);
  });
});
