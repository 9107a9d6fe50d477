// Where the tensors of a program lie: none on another, constants and outputs by themselves.
import { constant, input, literal, variable } from '@pappus/core';
import { alignedBytes, type Buffer } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { layOutBlock } from '../src/codegen/block.js';
import { layOutProgram } from '../src/layout.js';
import { LINE } from '../src/memory.js';
import { programOf } from './wasm/modules.js';

const x = input('float32', [5, 7], 'x');
const y = input('int32', [3], 'y');
const s = input('float32', [], 's');
const w = variable([[1], [2], [3], [4], [5], [6], [7]], { name: 'w' });
const data = literal([1, 2, 3, 4, 5, 6, 7], [7], 'float32');
const hidden = x.exp().sub(x.exp().max(1, { keepdims: true }));
const program = programOf({ inputs: { x, y, s }, outputs: { a: hidden.matmul(w).tanh().matmul(w.transpose()).sum(0).mul(data), b: y.add(1), c: s.mul(2), d: constant(3, []) }, updates: [[w, w.sub(hidden.sum(0).reshape([7, 1]))]] });

function check(guarded: boolean): ReturnType<typeof layOutProgram> {
  const layout = layOutProgram(program, layOutBlock(program), 1000, guarded);
  const ranges = (offsets: ReadonlyMap<Buffer, number>): { buffer: Buffer; start: number; end: number }[] => [...offsets].map(([buffer, start]) => ({ buffer, start, end: start + alignedBytes(buffer) }));
  const shares = ({ place }: Buffer): boolean => !guarded && place.kind === 'temporary';
  for (const [list, bytes] of [[ranges(layout.inWork), layout.work], [ranges(layout.inOutputs), layout.outputs]] as const) {
    for (const [k, a] of list.entries()) {
      expect(a.start % 16).toBe(0);
      expect(a.end).toBeLessThanOrEqual(bytes);
      for (const b of list.slice(k + 1)) {
        if (shares(a.buffer) && shares(b.buffer)) continue;
        expect(a.end <= b.start || b.end <= a.start, `${a.buffer.name} and ${b.buffer.name}`).toBe(true);
        if (!shares(a.buffer) && !shares(b.buffer)) expect(Math.floor((a.end - 1) / LINE) < Math.floor(b.start / LINE) || Math.floor((b.end - 1) / LINE) < Math.floor(a.start / LINE)).toBe(true);
      }
      if (list.some(({ buffer }) => buffer.place.kind === 'input')) expect(a.end <= layout.scratch || a.start >= layout.scratch + 1000).toBe(true);
    }
  }
  return layout;
}

it('tensors lie apart, inputs and temporaries in one region, outputs in another', () => {
  const { inWork, inOutputs, hosted, constants, outputs } = check(false);
  expect(new Set([...inWork.keys()].map(({ place }) => place.kind))).toEqual(new Set(['input', 'temporary']));
  expect([...inOutputs.keys()].map(({ place }) => place.kind)).toEqual(['output', 'output']);
  expect(constants.map(({ bytes }) => bytes)).toEqual([32]);
  expect([...hosted.keys()]).toEqual([2, 3]);
  const places = [...hosted.values(), ...inOutputs.values()];
  expect(new Set(places).size).toBe(places.length);
  for (const at of hosted.values()) expect(at + 16).toBeLessThanOrEqual(outputs);
});

it('temporaries lie where the memory plan has them', () => {
  const { inWork } = check(false);
  const starts = [...program.temporaries.offsets].map(([buffer, offset]) => (inWork.get(buffer) ?? NaN) - offset);
  expect(new Set(starts).size).toBe(1);
});

it('in debug builds every tensor lies by itself, with a gap behind it', () => {
  const { inWork, gaps, work } = check(true);
  const taken = [...inWork].map(([b, start]) => ({ start, end: start + alignedBytes(b) }));
  for (const { start, end } of gaps.work) {
    expect(end - start).toBeGreaterThanOrEqual(LINE);
    expect(end).toBeLessThanOrEqual(work);
    for (const t of taken) expect(t.end <= start || t.start >= end).toBe(true);
  }
  expect(gaps.work.length).toBeGreaterThanOrEqual(taken.length);
});
