// The blocks of a program: inputs, outputs and constants each by themselves, temporaries where the memory plan has them.
import { compileProgram, type Program } from '@pappus/compiler';
import { input, literal, type Expr } from '@pappus/core';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import { packProgram } from '../../src/run/pack-program.js';
import { LAYOUT, tensorBytes } from '../../src/run/windows.js';
import { LIMITS } from './context.js';

const x = input('float32', [9, 7], 'x');
const y = input('float32', [7, 3], 'y');
const named = (list: readonly Expr[]): { name: string; expr: Expr }[] => list.map((expr, k) => ({ name: `e${k}`, expr }));
const outputs = [x.matmul(y).tanh().sum(0).mul(literal([1, 2, 3], [3], 'float32')), x.exp().sub(x.exp().max(1, { keepdims: true })).matmul(y).sum()];
const program: Program = compileProgram({ graphVersion: GRAPH_VERSION, inputs: named([x, y]), outputs: named(outputs), updates: [] }, new Map(), LAYOUT);

it.each([false, true])('every tensor has its place, guarded %s', (guarded) => {
  const packs = packProgram(program, LIMITS, guarded);
  const all = [...packs.inputs, ...packs.outputs, ...packs.constants, ...packs.temporaries];
  const placed = all.flatMap(({ items }) => items.map(({ item }) => item));
  expect(new Set(placed).size).toBe(placed.length);
  expect(new Set(placed)).toEqual(new Set(program.buffers));
  for (const { items, bytes } of all) for (const { item, offset } of items) expect(offset + tensorBytes(item)).toBeLessThanOrEqual(bytes);
  expect(packs.inputs.flatMap(({ items }) => items.map(({ item }) => item.place.kind))).toEqual(['input', 'input']);
  for (const { items } of guarded ? all : [...packs.inputs, ...packs.outputs]) {
    const sorted = [...items].sort((a, b) => a.offset - b.offset);
    for (const [k, { item, offset }] of sorted.entries()) expect(sorted[k + 1]?.offset ?? Infinity).toBeGreaterThanOrEqual(offset + tensorBytes(item) + (guarded ? 16 : 0));
  }
});

it('temporaries share a block as the memory plan says, unless that is larger than a buffer may be', () => {
  const [block, ...others] = packProgram(program, LIMITS, false).temporaries;
  expect(others).toEqual([]);
  expect(block?.bytes).toBe(program.temporaries.bytes);
  expect(new Map(block?.items.map(({ item, offset }) => [item, offset]))).toEqual(program.temporaries.offsets);
  const apart = packProgram(program, { ...LIMITS, maxBufferSize: program.temporaries.bytes - 1 }, false).temporaries.flatMap(({ items }) => items);
  expect(apart).toHaveLength(program.temporaries.offsets.size);
  const [just] = packProgram(program, { ...LIMITS, maxBufferSize: program.temporaries.bytes }, false).temporaries;
  expect(new Map(just?.items.map(({ item, offset }) => [item, offset]))).toEqual(program.temporaries.offsets);
});
