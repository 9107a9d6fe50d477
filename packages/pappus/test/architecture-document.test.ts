// docs/architecture.md shows the graph of its example, and what both backends make of it; the passes between are in compiler's test.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import * as pappus from '../src/index.js';
import { webgpu } from '../src/webgpu.js';

const text = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
const [, code = ''] = /```ts\n(.*?)```/s.exec(text) ?? [];
const listings = [...text.matchAll(/```text\n(.*?)```/gs)].map(([, listing = '']) => listing);
const [graph = '', , , , , wasm = '', bytes = '', wgsl = ''] = listings;

/** Runs the example's code and then more. */
async function run(more: string, given: object = {}): Promise<string> {
  const body = code.replace(/^import (\{.*?\}) from 'pappus';$/m, 'const $1 = pappus;');
  const f: unknown = runInThisContext(`(async ({ pappus, backend }) => {${body} ${more}})`);
  if (typeof f !== 'function') throw new TypeError('the example is no program');
  return String(await Reflect.apply(f, undefined, [{ pappus, ...given }]));
}

const compiled = 'return pappus.printProgram(await pappus.compile({ inputs: { dw, db }, updates }, backend), { code: true });';

/** Lines of `...` stand for what is left out. */
function expectParts(listing: string, whole: string): void {
  let rest = whole;
  for (const part of listing.split(/^ *\.\.\.\n/m)) {
    expect(rest).toContain(part);
    rest = rest.slice(rest.indexOf(part) + part.length);
  }
}

describe('docs/architecture.md', () => {
  it('has the listings', () => {
    expect(listings).toHaveLength(8);
    expect(listings.every((listing) => listing.length > 20)).toBe(true);
  });

  it('shows the graph of its example', async () => {
    expect(`${await run('return pappus.print(...updates.values());')}\n`).toBe(graph);
  });

  it('shows the WebAssembly of it, and bytes that the engine is given', async () => {
    const instantiate = vi.spyOn(WebAssembly, 'instantiate');
    expectParts(wasm, await run(compiled, { backend: await pappus.cpu() }));
    const modules = instantiate.mock.calls.map(([module]) => (module instanceof Uint8Array ? Buffer.from(module).toString('hex') : ''));
    instantiate.mockRestore();
    expect(modules.join('\n')).toContain(bytes.replace(/\s/g, ''));
  });

  it.runIf(adapterOrComplaint('the WGSL of docs/architecture.md'))('shows the WGSL of it', async () => {
    expectParts(wgsl, await run(compiled, { backend: await webgpu() }));
  });
});
