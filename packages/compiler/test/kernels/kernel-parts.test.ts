// What is asked of kernels: what they read and write, whole tensors behind their parts, and the code of one value.
import { describe, expect, it } from 'vitest';
import { bodyAccesses, bodyBuffers, isFixed, kernelAccesses, staysPut } from '../../src/kernels/accesses.js';
import type { Body, Kernel } from '../../src/kernels/kernel.js';
import { codeOf, indexedAxes, kernelBodies, segmentedParts } from '../../src/kernels/kernel-parts.js';
import { at, buffer } from '../tensors.js';

const [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map((id) => buffer(id, 8));
if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined || f === undefined) throw new Error('six');
const place = { offset: 0, strides: [1] };

/** `to = b[from]`, with numbers between. */
const body: Body = {
  instructions: [
    { kind: 'constant', value: 3, dtype: 'int32' },
    { kind: 'load', access: { buffer: a, ...place }, dtype: 'int32' },
    { kind: 'constant', value: 4, dtype: 'float32' },
    { kind: 'gather', access: { buffer: b, offset: 0, strides: [0] }, index: 1, stride: 1, count: 8, outside: 0, dtype: 'float32' },
    { kind: 'apply', op: 'add', args: [3, 2], operand: 'float32', dtype: 'float32' },
  ],
  stores: [{ access: { buffer: c, ...place }, value: 4 }],
};
const result: Body = { instructions: [{ kind: 'result', index: 0, dtype: 'float32' }, { kind: 'load', access: { buffer: d, ...place }, dtype: 'float32' }], stores: [{ access: { buffer: e, ...place }, value: 0 }] };
const nest: Kernel = { kind: 'elementwise', extents: [8], body, update: false, segments: [{ size: 8, buffers: [a, b, c] }, { size: 8, buffers: [d, e, f] }] };
const part = { extents: [8], reduced: [true], body: { ...body, stores: [] }, values: [4], segments: [{ size: 8, buffers: [a, b] }, { size: 8, buffers: [c, f] }] };
const reduce: Kernel = { kind: 'reduce', parts: [part], reductions: [{ op: 'sum', dtype: 'float32' }], epilogue: result };
const product: Kernel = { kind: 'matmul', dtype: 'float32', batch: [], rows: [1], columns: [1], depth: [1], left: { ...body, stores: [] }, right: { instructions: [{ kind: 'load', access: { buffer: f, ...place }, dtype: 'float32' }], stores: [] }, product: c, epilogue: result };
const scatter: Kernel = { kind: 'scatter', extents: [8], body, index: 1, stride: 1, count: 8 };

const ids = (list: readonly { readonly id: number }[]): number[] => [...new Set(list.map(({ id }) => id))].sort();

describe('a kernel reads and writes', () => {
  it.each<[string, Kernel, number[], number[]]>([
    ['a nest: the buffers of every segment', nest, [0, 1, 3, 4], [2, 5]],
    ['a reduction: those of its parts and of what follows', reduce, [0, 1, 2, 3, 5], [4]],
    ['a product: both operands, the plain product and what follows', product, [0, 1, 3, 5], [2, 4]],
    ['a scatter: what it adds to as well', scatter, [0, 1, 2], [2]],
  ])('%s', (_, kernel, reads, writes) => {
    expect([ids(kernelAccesses(kernel).reads), ids(kernelAccesses(kernel).writes)]).toEqual([reads, writes]);
  });

  it('a scan: the whole of what it takes parts of', () => {
    const scan: Kernel = { kind: 'scan', count: 2, kernels: [reduce, scatter], slices: [{ buffer: a, of: f, start: 0, stride: 8 }, { buffer: e, of: d, start: 0, stride: 8 }] };
    expect([ids(kernelAccesses(scan).reads), ids(kernelAccesses(scan).writes)]).toEqual([[1, 2, 3, 5], [2, 3]]);
    expect(kernelBodies(scan)).toHaveLength(3);
    expect(segmentedParts(scan)).toEqual([part]);
  });
});

it('the parts that cover more than one tensor', () => {
  expect([nest, reduce, product, scatter].map((k) => segmentedParts(k).length)).toEqual([1, 1, 0, 0]);
  expect(segmentedParts({ ...nest, segments: nest.segments.slice(0, 1) })).toEqual([]);
});

it('the code of one value is what it needs, and it comes last', () => {
  const { instructions } = codeOf(body, 4);
  expect(instructions.map(({ kind }) => kind)).toEqual(['load', 'constant', 'gather', 'apply']);
  expect(instructions).toMatchObject([{}, {}, { index: 0 }, { args: [2, 1] }]);
  expect(codeOf(body, 3).instructions).toMatchObject([{ kind: 'load' }, { kind: 'gather', index: 0 }]);
  expect(codeOf(body, 0).instructions).toEqual([at(body.instructions, 0)]);
});

it('the buffers of a body stand in the order of its instructions, each once, those that are written last', () => {
  expect(ids(bodyBuffers(body))).toEqual([0, 1, 2]);
  const again: Body = { instructions: [...body.instructions].reverse(), stores: [...body.stores, { access: { buffer: a, ...place }, value: 0 }] };
  expect(bodyBuffers(again)).toEqual([b, a, c]);
  expect(bodyAccesses(again)).toHaveLength(4);
});

it('fixed is what every access has at one element', () => {
  expect([staysPut({ buffer: a, offset: 3, strides: [0, 0] }), staysPut({ buffer: a, offset: 3, strides: [0, 1] }), staysPut({ buffer: a, offset: 3, strides: [] })]).toEqual([true, false, true]);
  expect([isFixed(body, a), isFixed(body, b), isFixed(body, c), isFixed(body, f)]).toEqual([false, true, false, true]);
});

it('the axes of a scatter that only its index knows', () => {
  const two = (strides: readonly number[], more: readonly number[] = strides): Kernel => ({ ...scatter, extents: [2, 3, 4], body: { ...body, stores: [{ access: { buffer: c, offset: 0, strides }, value: 4 }, { access: { buffer: d, offset: 0, strides: more }, value: 4 }] } });
  const axes = (kernel: Kernel): readonly boolean[] => (kernel.kind === 'scatter' ? indexedAxes(kernel) : []);
  expect(axes(two([4, 0, 1]))).toEqual([false, true, false]);
  expect(axes(two([0, 0, 1], [0, 2, 1]))).toEqual([true, false, false]);
});
