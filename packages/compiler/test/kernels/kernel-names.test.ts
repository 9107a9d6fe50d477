/** The names of kernels: each its own, and telling what the kernel does. */
import { type Expr, input, scan, variable, zeros } from '@pappus/core';
import { expect, it } from 'vitest';
import { describeKernels, kernelNames } from '../../src/index.js';
import { programOf } from '../programs.js';

const x = input('float32', [3, 4], 'x');
const w = variable(zeros([4, 5]), { name: 'w' });

it('numbers kernels, and tells what they do', () => {
  const { kernels } = programOf({ inputs: [x], outputs: [x.matmul(w).relu().sum(), x], updates: new Map([[w, w.mul(2)]]) });
  expect([...kernelNames(kernels).values()]).toEqual(['k0 copy', 'k1 matmul', 'k2 sum+relu', 'k3 update']);
});

it('numbers the kernels of a scan under its own, and shortens what is long', () => {
  const { outputs } = scan((h: Expr, row: Expr) => {
    const next = h.add(row).tanh();
    return { carry: next, outputs: next.sum() };
  }, { carry: zeros([4]), inputs: x });
  const { kernels } = programOf({ inputs: [x], outputs: [outputs, x.exp().add(1).sin().mul(x).sqrt()] });
  expect([...kernelNames(kernels).values()]).toEqual(['k0 fill', 'k1 scan', 'k1.0 add+tanh', 'k1.1 sum', 'k1.2 copy', 'k2 exp+add+sin+mul+...']);
  expect(describeKernels(kernels).map(({ label, repeats }) => `${label} x${repeats}`)).toEqual(['k0 fill x1', 'k1.0 add+tanh x3', 'k1.1 sum x3', 'k1.2 copy x3', 'k2 exp+add+sin+mul+... x1']);
});
