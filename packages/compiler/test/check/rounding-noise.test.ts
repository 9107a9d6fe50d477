// Noise as of rounding: small, on floats that are no whole numbers, and where something is rounded.
import { type Expr, input, scan, zeros } from '@pappus/core';
import { interpret } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import { roundingNoise } from '../../src/check/rounding-noise.js';

const x = input('float32', [4], 'x');
const data = Float64Array.of(0.5, -1.25, 3, 1e-20);

function valueOf(expr: Expr, trial?: number): number[] {
  const [value] = interpret([expr], (leaf) => (leaf === x ? { data, shape: [4] } : undefined), new Map(), trial === undefined ? undefined : roundingNoise(trial));
  return [...(value?.data ?? [])];
}

it('is a few units in the last place at most, and other in each trial', () => {
  const exact = valueOf(x.exp());
  const seen = new Set<string>();
  for (let trial = 0; trial < 8; trial++) {
    const noisy = valueOf(x.exp(), trial);
    seen.add(noisy.join());
    // What is 1 stays 1.
    expect(noisy[3]).toBe(1);
    for (const [k, value] of noisy.entries()) expect(Math.abs(value / (exact[k] ?? NaN) - 1)).toBeLessThanOrEqual(8.01 * 2 ** -23);
    expect(noisy).not.toEqual(exact);
    expect(valueOf(x.exp(), trial)).toEqual(noisy);
  }
  expect(seen.size).toBe(8);
});

it('is not on what is exact', () => {
  for (const exact of [x.neg(), x.abs(), x.maximum(0.3), x.reshape([2, 2]), x.floor(), x.gt(0.5), x.max(), x.mul(x.gt(10).cast('float32'))]) expect(valueOf(exact, 3)).toEqual(valueOf(exact));
});

it('is on the terms of a sum, though they are inputs, so that what cancels is seen to', () => {
  const zero = x.sub(0.1).add(0.1).sub(x).sum();
  expect(Math.abs(valueOf(zero)[0] ?? NaN)).toBeLessThan(1e-15);
  expect(Math.abs(valueOf(zero, 1)[0] ?? NaN)).toBeGreaterThan(1e-9);
  expect(valueOf(x.sum(), 1)).not.toEqual(valueOf(x.sum()));
});

it('is in the steps of a scan', () => {
  const { carry } = scan((c) => ({ carry: c.add(x).exp() }), { carry: zeros([4]), length: 2 });
  expect(valueOf(carry, 1)).not.toEqual(valueOf(carry));
});
