// The block through which the host talks to kernels: every place in it by itself.
import { scan, variable, type Expr, input, type Variable, zeros } from '@pappus/core';
import { bodyBuffers, segmentedParts } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { layOutBlock, segmentBytes } from '../../src/codegen/block.js';
import { uniformKey } from '../../src/codegen/names.js';
import { programOf } from '../wasm/modules.js';

const x = input('float32', [4], 'x');
const s = input('float32', [], 's');
const make = (name: string, size: number): Variable => variable(zeros([size]), { name });
const variables = [make('a', 4), make('b', 7), make('c', 1)];
const updates = variables.map((v): readonly [Variable, Expr] => [v, v.mul(s).add(1)]);
const same = [0, 1, 2].reduce<Expr>((h) => h.matmul(input('float32', [4, 4], 'm')).add(1), x.reshape([1, 4]));

/** All places as ranges of bytes. */
function places(debug: boolean): { readonly start: number; readonly end: number }[] {
  const { carry } = scan((h: Expr) => ({ carry: h.mul(s) }), { carry: x, length: 3 });
  const program = programOf({ inputs: { x, s, m: input('float32', [4, 4], 'm') }, outputs: { carry, same: x.sum() }, updates });
  const { address, uniform, segments, tables, scratch, bytes } = layOutBlock(program, debug);
  expect(uniform.size).toBe(program.uniforms.length);
  expect(address.size).toBe(program.buffers.length);
  expect(segments.size).toBe(program.kernels.flatMap(segmentedParts).length);
  expect(segments.size).toBeGreaterThan(0);
  const all = [
    ...[...uniform.values()].map((at) => ({ start: at, end: at + 8 })),
    ...[...address.values()].map((at) => ({ start: at, end: at + 4 })),
    { start: scratch, end: scratch + 4 },
    // The count, and for each tensor its length and as many addresses as the code has buffers; in debug builds lengths as well.
    ...[...segments].map(([part, at]) => ({ start: at, end: at + 4 + part.segments.length * 4 * (1 + bodyBuffers(part.body).length * (debug ? 2 : 1)) })),
    ...[...tables.values()].map(({ at, buffers }) => ({ start: at, end: at + 4 * buffers.length })),
  ];
  for (const { end } of all) expect(end).toBeLessThanOrEqual(bytes);
  return all;
}

it.each([false, true])('no two places overlap, and numbers of 8 bytes are aligned; debug %s', (debug) => {
  const all = places(debug).sort((a, b) => a.start - b.start);
  for (const [k, { end }] of all.entries()) expect(all[k + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(end);
  for (const { start, end } of all) expect(start % (end - start === 8 ? 8 : 4)).toBe(0);
});

it('kernels of one code have tables, and in debug builds none', () => {
  const m = input('float32', [1, 4], 'm');
  const w = input('float32', [4, 4], 'w');
  const chain = [0, 1, 2].reduce<Expr>((h) => h.matmul(w), m);
  const program = programOf({ inputs: { m, w }, outputs: { chain } });
  const { tables } = layOutBlock(program);
  expect([tables.size, new Set([...tables.values()].map(({ key }) => key)).size]).toEqual([3, 1]);
  expect(layOutBlock(program, true).tables.size).toBe(0);
  expect(same.shape).toEqual([1, 4]);
});

it('a row of a table is a length and addresses', () => {
  const [part] = programOf({ inputs: { s }, updates }).kernels.flatMap(segmentedParts);
  if (part === undefined) throw new Error('a loop over three variables');
  expect([segmentBytes(part, false), segmentBytes(part, true)]).toEqual([4 + 4, 4 + 8]);
  expect(uniformKey(3, 'float32')).toBe('3 float32');
});
