// What kernels of all kinds need of the scratch memory.
import { expect, it } from 'vitest';
import { reduceScratchBytes } from '../../src/run/plan-reduce.js';
import { scratchBytes } from '../../src/run/plan.js';
import { buffer, LIMITS, nest } from './context.js';
import { sums } from './sums.js';

it('as much scratch is there as the kernel with most needs, in scans too', () => {
  const few = sums([3, 5]).kernel;
  const many = sums([50_000, 60_000]).kernel;
  const elementwise = nest([4], buffer(0, 4), buffer(1, 4), { offset: 0, strides: [1] });
  expect(scratchBytes([], LIMITS)).toBe(0);
  expect(scratchBytes([few, elementwise, many, few], LIMITS)).toBe(reduceScratchBytes(many));
  expect(scratchBytes([few, { kind: 'scan', count: 3, kernels: [elementwise, many], slices: [] }], LIMITS)).toBe(reduceScratchBytes(many));
});
