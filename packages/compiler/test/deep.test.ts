// Deep and large computations: kernels stay of a size that engines and drivers take, and there are as many as that asks for, not more.
import { concat, type Expr, grad, input, normal, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { type Kernel, kernelBodies } from '../src/index.js';
import { kernelsOf, operationsOf, programOf } from './programs.js';

const x = input('float32', [6], 'x');

const repeated = (count: number, f: (h: Expr, k: number) => Expr): Expr => Array.from({ length: count }, (_, k) => k).reduce<Expr>(f, x);

/** Instructions of the largest kernel. */
const largest = (kernels: readonly Kernel[]): number =>
  kernels.reduce((most, kernel) => Math.max(most, kernelBodies(kernel).reduce((sum, body) => sum + body.instructions.length, 0)), 0);

describe('large bodies', () => {
  it('are one kernel up to a thousand operations', () => {
    expect(kernelsOf({ inputs: [x], outputs: [repeated(400, (h, k) => (k % 2 === 0 ? h.mul(0.9) : h.add(x)))] })).toHaveLength(1);
  });

  it('are cut into as many kernels as their code asks for', () => {
    const { kernels } = programOf({ inputs: [x], outputs: [repeated(10_000, (h, k) => (k % 2 === 0 ? h.mul(0.9) : h.add(0.1)))] });
    expect(kernels.length).toBeGreaterThanOrEqual(10);
    expect(kernels.length).toBeLessThanOrEqual(12);
    expect(largest(kernels)).toBeLessThanOrEqual(1010);
    expect(new Set(kernels.map((k) => k.kind))).toEqual(new Set(['elementwise']));
  });

  it('count what an operation is written out as: few powers, or draws, are as much as many sums', () => {
    const { kernels } = programOf({ inputs: [x], outputs: [repeated(100, (h) => h.pow(x))] });
    expect(kernels.length).toBeGreaterThanOrEqual(16);
    expect(kernels.length).toBeLessThanOrEqual(18);
    const step = input('int32', [], 'step');
    const draws = repeated(40, (h, seed) => h.add(normal([6], { seed, step, std: 1 })));
    expect(programOf({ inputs: [x, step], outputs: [draws] }).kernels.length).toBeLessThanOrEqual(20);
  });

  it('do not grow by joining: outputs of one operand are as many kernels as their code asks for', () => {
    const outputs = Array.from({ length: 600 }, (_, k) => x.mul(k).add(k).sub(x));
    const { kernels } = programOf({ inputs: [x], outputs });
    expect(kernels.length).toBeLessThanOrEqual(4);
    expect(largest(kernels)).toBeLessThanOrEqual(2000);
  });

  it('of which every element is needed at several places are computed once for each part', () => {
    const long = input('float32', [64], 'long');
    let h: Expr = long;
    for (let k = 0; k < 24; k++) h = h.slice([1, null]).mul(h.slice([null, null, -1]).slice([1, null])).add(h.slice([null, -1]).tanh());
    const { kernels } = programOf({ inputs: [long], outputs: [h] });
    expect(largest(kernels)).toBeLessThanOrEqual(2100);
    expect(kernels.length).toBeLessThanOrEqual(24);
  });
});

describe('deep graphs', () => {
  it('of a hundred thousand operations compile', () => {
    const { kernels } = programOf({ inputs: [x], outputs: [repeated(100_000, (h, k) => (k % 2 === 0 ? h.mul(0.9) : h.add(0.1)))] });
    expect(kernels.length).toBeLessThanOrEqual(110);
  });

  it('have a gradient whose kernels are in proportion', () => {
    const w = variable([1, 2, 3, 4, 5, 6]);
    const kernels = (count: number): number => {
      let h: Expr = w;
      for (let k = 0; k < count; k++) h = h.mul(0.5).add(x).tanh();
      return programOf({ inputs: [x], outputs: [grad(h.sum(), w)] }).kernels.length;
    };
    expect(kernels(2000)).toBeLessThanOrEqual(2.2 * kernels(1000));
  });

  it('of slices of slices, and of their gradients, are one slice and one padding', () => {
    const long = variable({ data: new Float32Array(2000), shape: [2000] });
    let h: Expr = long;
    for (let k = 0; k < 1000; k++) h = h.slice([1, null]);
    expect(operationsOf({ outputs: [h.mul(2)] })).toEqual(['mul']);
    expect(kernelsOf({ outputs: [grad(h.square().sum(), long)] }).length).toBeLessThanOrEqual(2);
  });

  it('of sums of thousands of reductions are few kernels', () => {
    const terms = Array.from({ length: 2000 }, (_, k) => variable([k, 1]).square().sum());
    expect(kernelsOf({ outputs: [terms.reduce((a, b) => a.add(b))] })).toHaveLength(1);
    const different = Array.from({ length: 600 }, (_, k) => x.mul(k).tanh().sum());
    const { kernels } = programOf({ inputs: [x], outputs: [different.reduce((a, b) => a.add(b))] });
    expect(kernels.length).toBeLessThanOrEqual(32);
    expect(largest(kernels)).toBeLessThanOrEqual(1010);
  });

  it('put together of a thousand parts are kernels of eight', () => {
    const parts = Array.from({ length: 1000 }, (_, k) => variable([k, 1]).mul(2));
    expect(kernelsOf({ outputs: [concat(parts)] })).toHaveLength(125);
  });
});
