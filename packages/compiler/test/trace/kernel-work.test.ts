// What kernels have to do, counted by hand: each element of a tensor once for reading and once for writing, whoever reads it how often.
import { input, scatterAdd, take, variable, zeros } from '@pappus/core';
import { expect, it } from 'vitest';
import type { Kernel, ScanKernel } from '../../src/kernels/kernel.js';
import { kernelWork, type KernelWork } from '../../src/trace/kernel-work.js';
import { programOf, type Spec } from '../programs.js';

function workOf(spec: Spec): KernelWork[] {
  const plain = (kernel: Kernel): kernel is Exclude<Kernel, ScanKernel> => kernel.kind !== 'scan';
  return programOf(spec).kernels.filter(plain).map((kernel) => kernelWork(kernel));
}

const x = input('float32', [6, 5], 'x');

it('counts a tensor once, however many loads there are of it, and whichever reaches most', () => {
  const row = x.slice([0, 1]);
  // Reads all 30 and, once more, 5 of them; 30 additions.
  expect(workOf({ inputs: [x], outputs: [x.add(row)] })).toEqual([{ bytes: 4 * (30 + 30), flop: 30 }]);
  expect(workOf({ inputs: [x], outputs: [row.add(x)] })).toEqual([{ bytes: 4 * (30 + 30), flop: 30 }]);
});

it('counts what is reached, not what is there', () => {
  expect(workOf({ inputs: [x], outputs: [x.slice([0, 2]).mul(3)] })).toEqual([{ bytes: 4 * (10 + 10), flop: 10 }]);
  const b = variable(zeros([5]), { name: 'b' });
  expect(workOf({ inputs: [x], outputs: [x.add(b)] })).toEqual([{ bytes: 4 * (30 + 5 + 30), flop: 30 }]);
});

it('counts elements of a dtype by its size', () => {
  const wide = input('float64', [7], 'wide');
  // A comparison writes bytes.
  expect(workOf({ inputs: [wide], outputs: [wide.gt(0)] })).toEqual([{ bytes: 7 * (8 + 1), flop: 7 }]);
});

it('counts a product with what is done to its operands and its result', () => {
  const w = variable(zeros([5, 4]), { name: 'w' });
  const [work] = workOf({ inputs: [x], outputs: [x.matmul(w).add(1)] });
  expect(work).toEqual({ bytes: 4 * (30 + 20 + 24), flop: 2 * 6 * 5 * 4 + 24 });
});

it('counts what is taken by an index at most as often as it is there, and what is added to as read and written', () => {
  const table = variable(zeros([3, 2]), { name: 'table' });
  const i = input('int32', [10], 'i');
  expect(workOf({ inputs: [i], outputs: [take(table, i, 0)] })[0]?.bytes).toBe(4 * (10 + 6 + 20));
  const values = input('float32', [10, 2], 'values');
  const added = workOf({ inputs: [i, values], outputs: [scatterAdd(zeros([3, 2]), i, values)] }).find(({ flop }) => flop > 0);
  expect(added).toEqual({ bytes: 4 * (10 + 20 + 6 + 6), flop: 20 });
});
