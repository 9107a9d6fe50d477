import { compile, type Expr, input, interpreter, type Updates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { lion, rprop, signSgd, signum } from '../src/index.js';

/** The values of a scalar that begins at 1 along these gradients. */
async function along(gradients: readonly number[], rule: (g: readonly Expr[], w: Parameters<typeof lion>[1]) => Updates): Promise<number[]> {
  const w = variable(1, { name: 'w', dtype: 'float64' });
  const g = input('float64');
  const step = await compile({ inputs: { g }, updates: rule([g], [w]) }, interpreter());
  const values: number[] = [];
  for (const gradient of gradients) {
    await step({ g: gradient });
    values.push(await w.item());
  }
  return values.map((value) => Math.round(value * 1e12) / 1e12);
}

describe('rules by sign', () => {
  it('lion looks at a mean that counts the gradient more than the one that it keeps', async () => {
    // m = 0.1; then 0.5 0.1 - 0.5 0.05 is above 0, and m = 0.09 - 0.005; then 0.0425 - 0.5 is below.
    expect(await along([1, -0.05, -1], (g, w) => lion(g, w, { learningRate: 0.125, beta1: 0.5, beta2: 0.9 }))).toEqual([0.875, 0.75, 0.875]);
  });

  it.each([['decoupled', 0.75], ['independent', 0.5 - 0.125], ['coupled', 0.875]] as const)('lion decays %s', async (decay, expected) => {
    expect(await along([1], (g, w) => lion(g, w, { learningRate: 0.125, weightDecay: decay === 'decoupled' ? 1 : 0.5, decay }))).toEqual([expected]);
  });

  it('signSgd rests where the gradient is 0', async () => {
    expect(await along([1e-30, 0, -7], (g, w) => signSgd(g, w, { learningRate: 0.25 }))).toEqual([0.75, 0.75, 1]);
    expect(await along([1], (g, w) => signSgd(g, w, { learningRate: 0.25, maximize: true }))).toEqual([1.25]);
  });

  it('signum goes along the mean', async () => {
    expect(await along([1, -0.5, -0.75], (g, w) => signum(g, w, { learningRate: 0.25, momentum: 0.5 }))).toEqual([0.75, 0.75, 1]);
  });

  it('rprop grows, rests where the sign changes, and then starts smaller', async () => {
    // Steps 0.1, 0.12, none (0.06 is kept), 0.06, 0.072.
    expect(await along([1, 2, -1, -1, -3], (g, w) => rprop(g, w, { learningRate: 0.1 }))).toEqual([0.9, 0.78, 0.78, 0.84, 0.912]);
  });

  it('rprop as in Optax is a step late', async () => {
    // 0.1 and 0.12 are computed, 0.1 is applied in the second step; the change of sign drops 0.12; 0.06 of the fourth comes in the fifth.
    expect(await along([1, 2, -1, -1, -3], (g, w) => rprop(g, w, { learningRate: 0.1, delayed: true }))).toEqual([1, 0.9, 0.9, 0.9, 0.96]);
  });

  it('rprop as in Optax takes a first size that is out of bounds, and those that it changes in bounds', async () => {
    expect(await along([1, 1, 1], (g, w) => rprop(g, w, { learningRate: 0.5, maxStep: 0.25, delayed: true }))).toEqual([1, 0.5, 0.25]);
  });

  it('rprop keeps step sizes in bounds', async () => {
    expect(await along([1, 1, 1], (g, w) => rprop(g, w, { learningRate: 0.5, maxStep: 0.25 }))).toEqual([0.75, 0.5, 0.25]);
    // Half of 0.1 would be less.
    expect(await along([1, -1, -1], (g, w) => rprop(g, w, { learningRate: 0.1, minStep: 0.08 }))).toEqual([0.9, 0.9, 0.98]);
  });
});
