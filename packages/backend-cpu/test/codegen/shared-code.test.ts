// Kernels that differ in nothing but their buffers have one key; in anything else, another.
import type { Body, ElementwiseKernel, Kernel } from '@pappus/compiler';
import { bodyBuffers } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { sharedCode } from '../../src/codegen/shared-code.js';
import { buffer, product, scatter } from './kernels.js';

let next = 100;
function nest({ size = 8, add = 1, offset = 0, inPlace = false, stride = 1, dtype = 'float32' as const, count = 1 } = {}): ElementwiseKernel {
  const from = buffer(next++, 64, dtype);
  const to = inPlace ? from : buffer(next++, 64, dtype);
  const body: Body = {
    instructions: [{ kind: 'load', access: { buffer: from, offset, strides: [stride] }, dtype }, { kind: 'constant', value: add, dtype }, { kind: 'apply', op: 'add', args: [0, 1], operand: dtype, dtype }],
    stores: [{ access: { buffer: to, offset: 0, strides: [1] }, value: 2 }],
  };
  return { kind: 'elementwise', extents: [size], body, update: false, segments: Array.from({ length: count }, () => ({ size, buffers: bodyBuffers(body) })) };
}

it('shares what is one code', () => {
  const [a, b, c] = [nest(), nest({ add: 2 }), nest()];
  const shared = sharedCode([a, b, c]);
  expect([...shared.keys()]).toEqual([a, c]);
  expect(shared.get(a)?.key).toBe(shared.get(c)?.key);
  expect(shared.get(a)?.buffers).toEqual(bodyBuffers(a.body));
  expect(sharedCode([product({ rows: [2], columns: [2], depth: [2] }), product({ rows: [2], columns: [2], depth: [2] })]).size).toBe(2);
});

it.each<[string, Kernel, Kernel]>([
  ['a number', nest(), nest({ add: 2 })],
  ['its extent', nest(), nest({ size: 9 })],
  ['an offset', nest(), nest({ offset: 1 })],
  ['a stride', nest(), nest({ stride: 2 })],
  ['what is one buffer', nest(), nest({ inPlace: true })],
  ['its rows', product({ rows: [2], columns: [3], depth: [2] }), product({ rows: [3], columns: [2], depth: [2] })],
  ['its depth', product({ rows: [2], columns: [2], depth: [2] }), product({ rows: [2], columns: [2], depth: [3] })],
  ['how an operand lies', product({ rows: [2], columns: [2], depth: [2] }), product({ rows: [2], columns: [2], depth: [2] }, { left: [1, 2] })],
  ['its dtype', product({ rows: [2], columns: [2], depth: [2] }), product({ rows: [2], columns: [2], depth: [2] }, {}, 'int32')],
  ['how many indices there are', scatter([5], [1], [0], 6), scatter([5], [1], [0], 7)],
])('shares nothing where kernels differ in %s', (_, a, b) => {
  expect(sharedCode([a, b]).size).toBe(0);
});

it('shares nothing of code over several tensors, nor of scans', () => {
  expect(sharedCode([nest({ count: 2 }), nest({ count: 2 })]).size).toBe(0);
  const scan: Kernel = { kind: 'scan', count: 2, kernels: [nest()], slices: [] };
  expect(sharedCode([scan, { ...scan }]).size).toBe(0);
});
