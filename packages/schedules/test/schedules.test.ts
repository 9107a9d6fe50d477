// What schedules are whatever their numbers: their ends are held, they are continuous and monotone where they should be; values by hand; errors.
import { evaluate, type Expr, InputError, input, OptimizerError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import * as s from '../src/index.js';

const t = input('float64', [], 't');

async function valuesOf(schedule: (count: Expr) => Expr, counts: readonly number[]): Promise<readonly number[]> {
  const value = schedule(t);
  return Promise.all(counts.map(async (count) => (await evaluate(value, [[t, count]])).data[0] ?? NaN));
}

const counts = (to: number): readonly number[] => Array.from({ length: to + 1 }, (_, k) => k);

/** First and last value, and the counts at which they are reached: exactly, since the ends are held. */
const ENDS: Readonly<Record<string, { readonly schedule: (count: Expr) => Expr; readonly first: number; readonly peak?: readonly [number, number]; readonly last: number; readonly steps: number }>> = {
  linear: { schedule: (n) => s.linearSchedule(n, { initial: 0.1, final: 0.003, steps: 7, begin: 3 }), first: 0.1, last: 0.003, steps: 10 },
  polynomial: { schedule: (n) => s.polynomialSchedule(n, { initial: 0.1, final: 0.003, steps: 7, power: 1.7 }), first: 0.1, last: 0.003, steps: 7 },
  cosine: { schedule: (n) => s.cosineDecay(n, { initial: 0.1, final: 0.003, steps: 7, exponent: 1.3 }), first: 0.1, last: 0.003, steps: 7 },
  oneCycle: { schedule: (n) => s.oneCycle(n, { peak: 0.7, steps: 11, warmup: 3, initial: 0.1, final: 0.003 }), first: 0.1, peak: [3, 0.7], last: 0.003, steps: 11 },
  threePhases: { schedule: (n) => s.oneCycle(n, { peak: 0.7, steps: 11, warmup: 3, back: 6, initial: 0.1, final: 0.003, interpolation: 'linear' }), first: 0.1, peak: [3, 0.7], last: 0.003, steps: 11 },
  warmupCosine: { schedule: (n) => s.warmupCosine(n, { peak: 0.7, warmup: 3, steps: 11, initial: 0.1, final: 0.003 }), first: 0.1, peak: [3, 0.7], last: 0.003, steps: 11 },
  warmupLinear: { schedule: (n) => s.warmupLinear(n, { peak: 0.7, warmup: 3, steps: 11, final: 0.003 }), first: 0, peak: [3, 0.7], last: 0.003, steps: 11 },
  warmupPolynomial: { schedule: (n) => s.warmupPolynomial(n, { peak: 0.7, warmup: 3, steps: 11, final: 0.003, power: 2 }), first: 0, peak: [3, 0.7], last: 0.003, steps: 11 },
  warmupExponential: { schedule: (n) => s.warmupExponential(n, { peak: 0.7, warmup: 3, factor: 0.5, final: 0.003, hold: 1 }), first: 0, peak: [3, 0.7], last: 0.003, steps: 13 },
  warmupConstant: { schedule: (n) => s.warmupConstant(n, { peak: 0.7, warmup: 3, initial: 0.1 }), first: 0.1, peak: [3, 0.7], last: 0.7, steps: 3 },
  stable: { schedule: (n) => s.warmupStableDecay(n, { peak: 0.7, warmup: 3, decay: 4, steps: 11, final: 0.003, shape: 'squareRoot' }), first: 0, peak: [3, 0.7], last: 0.003, steps: 11 },
  stableCosine: { schedule: (n) => s.warmupStableDecay(n, { peak: 0.7, warmup: 3, decay: 4, steps: 11, final: 0.003, shape: 'cosine' }), first: 0, peak: [7, 0.7], last: 0.003, steps: 11 },
  interpolated: { schedule: (n) => s.piecewiseInterpolated(n, { boundaries: [3, 11], values: [0.1, 0.7, 0.003], interpolation: 'cosine' }), first: 0.1, peak: [3, 0.7], last: 0.003, steps: 11 },
  cycles: { schedule: (n) => s.warmupCosineCycles(n, { cycles: [{ peak: 0.7, warmup: 3, steps: 6, initial: 0.1 }, { peak: 0.5, warmup: 1, steps: 5, final: 0.003 }] }), first: 0.1, peak: [3, 0.7], last: 0.003, steps: 11 },
};

describe.each(Object.entries(ENDS))('%s', (_name, { schedule, first, peak, last, steps }) => {
  it('begins, peaks and ends where it should, exactly, and holds its ends', async () => {
    const [peakAt, top] = peak ?? [0, first];
    expect(await valuesOf(schedule, [-5, 0, peakAt, steps, steps + 0.5, steps + 1e6])).toEqual([first, first, top, last, last, last]);
  });

  it('never leaves its range', async () => {
    const [, top] = peak ?? [0, first];
    for (const value of await valuesOf(schedule, counts(2 * steps))) {
      expect(value).toBeLessThanOrEqual(top);
      expect(value).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a schedule', () => {
  it('is continuous at its joins, and falls from its peak on', async () => {
    for (const key of ['linear', 'polynomial', 'cosine', 'oneCycle', 'threePhases', 'warmupCosine', 'warmupPolynomial', 'stableCosine', 'interpolated']) {
      const { schedule, peak, steps } = ENDS[key] ?? { schedule: (n: Expr) => n, peak: undefined, steps: 0 };
      for (const join of counts(steps)) {
        const [before = NaN, at = NaN] = await valuesOf(schedule, [join - 1e-9, join]);
        expect(Math.abs(before - at), `${key} at ${join}`).toBeLessThan(2e-9);
      }
      const values = await valuesOf(schedule, counts(steps).slice(peak?.[0] ?? 0));
      expect(values, key).toEqual([...values].sort((a, b) => b - a));
    }
  });

  it('keeps its digits where the end is near: the half wave is (π / 2 / steps)² there', async () => {
    const steps = 1e7;
    const [value = NaN] = await valuesOf((n) => s.cosineDecay(n, { initial: 1, steps }), [steps - 1]);
    expect(Math.abs(value / (Math.PI / 2 / steps) ** 2 - 1)).toBeLessThan(1e-12);
  });

  it('begins each cycle exactly where the one before ends, whatever the growth', async () => {
    for (const growth of [1, 2, 3, 4, 7, 10]) {
      let start = 0;
      for (let cycle = 0; cycle < 6; cycle++) {
        const [first = NaN, before = NaN] = await valuesOf((n) => s.cosineRestarts(n, { initial: 0.1, final: 0.01, steps: 3, growth, factor: 0.5 }), [start, start + 3 * growth ** cycle - 1]);
        expect(first).toBeCloseTo(0.1 * 0.5 ** cycle, 15);
        expect(Math.abs(before - 0.01)).toBeLessThan(0.25 * Math.abs(0.1 * 0.5 ** cycle - 0.01) + 1e-15);
        start += 3 * growth ** cycle;
      }
    }
  });

  it('has the values of its formula', async () => {
    expect(await valuesOf((n) => s.constantSchedule(n, { value: 0.3 }), [0, 9])).toEqual([0.3, 0.3]);
    expect(await valuesOf((n) => s.inverseTimeDecay(n, { initial: 6, rate: 2, every: 4 }), [0, 4, 8, 10])).toEqual([6, 2, 6 / 5, 1]);
    expect(await valuesOf((n) => s.inverseTimeDecay(n, { initial: 6, rate: 2, every: 4, staircase: true }), [3, 4, 7, 8])).toEqual([6, 2, 2, 6 / 5]);
    expect(await valuesOf((n) => s.inverseSquareRoot(n, { peak: 2, warmup: 4 }), [0, 1, 4, 16, 64])).toEqual([0, 0.5, 2, 1, 0.5]);
    expect(await valuesOf((n) => s.piecewiseConstant(n, { boundaries: [2, 5], values: [1, 2, 3] }), [-1, 1, 2, 4, 5, 99])).toEqual([1, 1, 2, 2, 3, 3]);
    const seven = variable(7, { name: 'seven', dtype: 'float64' });
    for (const values of [[5, 5, 7, 1], [5, 5, seven, 1]]) {
      expect(await valuesOf((n) => s.tabulated(n, { values }), [-1e15, -3, -0.5, 0, 1, 1.9, 2, 3, 4, 100, 1e15])).toEqual([5, 5, 5, 5, 5, 5, 7, 1, 1, 1, 1]);
    }
    expect(await valuesOf((n) => s.cosineDecay(n, { initial: 1, steps: 4, periodic: true }), [0, 4, 8, 12, 16])).toEqual([1, 0, 1, 0, 1]);
    expect(await valuesOf((n) => s.cosineDecay(n, { initial: 1, steps: 4, begin: 3, periodic: true }), [-2, 0, 2, 3, 7, 11])).toEqual([1, 1, 1, 1, 0, 1]);
    expect(await valuesOf((n) => s.exponentialDecay(n, { initial: 1, factor: 2, final: 5 }), [0, 1, 2, 3, 9])).toEqual([1, 2, 4, 5, 5]);
    expect(await valuesOf((n) => s.warmupExponential(n, { peak: 8, warmup: 2, hold: 3, factor: 0.5 }), [1, 2, 5, 6, 7])).toEqual([4, 8, 8, 4, 2]);
    expect(await valuesOf((n) => s.multiplySchedules(n, { schedules: [() => 3, (m) => m] }), [0, 2])).toEqual([0, 6]);
    expect(await valuesOf((n) => s.joinSchedules(n, { schedules: [(m) => m, (m) => m.mul(10), () => -1], boundaries: [3, 5] }), [2, 3, 4, 5])).toEqual([2, 0, 10, -1]);
  });

  it('of one cycle begins at a 25th of its peak, is there after three tenths of the steps, and ends at a 10000th of where it began', async () => {
    // Along a line, so that halves of the way are means of its ends.
    expect(await valuesOf((n) => s.oneCycle(n, { peak: 2.5, steps: 10, interpolation: 'linear' }), [0, 1.5, 3, 6.5, 10])).toEqual([0.1, 1.3, 2.5, (2.5 + 1e-5) / 2, 1e-5]);
  });

  it('is that of a long table, however many entries it has', async () => {
    const values = Array.from({ length: 2000 }, (_, k) => ((k * 7919) % 1009) / 1009);
    expect(await valuesOf((n) => s.tabulated(n, { values }), [0, 1, 777, 1998, 1999, 5000])).toEqual([0, 1, 777, 1998, 1999, 1999].map((k) => values[k]));
  });

  it('takes a number for a count, and expressions for rates', async () => {
    const peak = variable(0.5, { name: 'peak', dtype: 'float32' });
    expect((await evaluate(s.warmupCosine(250, { peak, warmup: 500, steps: 20_000 }))).data).toEqual(Float64Array.of(0.25));
    expect((await evaluate(s.warmupCosine(250, { peak: 3e-4, warmup: 500, steps: 20_000 }))).data).toEqual(Float64Array.of(1.5e-4));
  });
});

describe('what does not fit', () => {
  it.each<[string, () => unknown, new (message: string) => Error]>([
    ['warmupCosine: the warm-up of 30 steps must be shorter than all 20 steps', () => s.warmupCosine(t, { peak: 1, warmup: 30, steps: 20 }), InputError],
    ['warmupCosine: the option warmup must be a number of steps, at least 0, not -1', () => s.warmupCosine(t, { peak: 1, warmup: -1, steps: 20 }), InputError],
    ['linearSchedule: the option steps must be a number of steps above 0, not 0', () => s.linearSchedule(t, { initial: 1, steps: 0 }), InputError],
    ['multiStepDecay: milestones must be sorted, and 3 stands after 5', () => s.multiStepDecay(t, { initial: 1, milestones: [5, 3] }), InputError],
    ['piecewiseConstant: 2 boundaries take 3 values, not 2', () => s.piecewiseConstant(t, { boundaries: [1, 2], values: [1, 2] }), InputError],
    ['joinSchedules: 1 schedules have 0 boundaries between them, not 1', () => s.joinSchedules(t, { schedules: [() => 1], boundaries: [2] }), InputError],
    ['warmupStableDecay: warmup and decay, 5 and 6 steps, are longer than all 10 steps', () => s.warmupStableDecay(t, { peak: 1, warmup: 5, decay: 6, steps: 10 }), InputError],
    ['oneCycle: back must be from warmup to steps, 3 to 10, not 2', () => s.oneCycle(t, { peak: 1, steps: 10, warmup: 3, back: 2 }), InputError],
    ['cosineRestarts: the option growth must be a finite number of at least 1, not 0.5', () => s.cosineRestarts(t, { initial: 1, steps: 3, growth: 0.5 }), InputError],
    ['warmupCosine: peak must be a finite number, not NaN', () => s.warmupCosine(t, { peak: NaN, warmup: 3, steps: 20 }), OptimizerError],
    // As a schedule of Optax is made, and one that is handed on without a call.
    ['cosineDecay: the count, as in ({ t }) => cosineDecay(t, { ... }), must be a number or a scalar expression, not an object', () => s.cosineDecay({ initial: 1, steps: 3 } as never, undefined as never), OptimizerError],
    ['warmupCosine: the count, as in ({ t }) => warmupCosine(t, { ... }), must be a number or a scalar expression, not', () => s.warmupCosine((() => 1) as never, { peak: 1, warmup: 1, steps: 3 }), OptimizerError],
    ['cosineDecay: the count, as in ({ t }) => cosineDecay(t, { ... }), must be a scalar', () => s.cosineDecay(input('float32', [3]), { initial: 1, steps: 3 }), OptimizerError],
    ['exponentialDecay: factor must be a finite number of at least 0, not -1', () => s.exponentialDecay(t, { initial: 1, factor: -1 }), OptimizerError],
  ])('%s', (message, call, type) => {
    expect(call).toThrow(message);
    expect(call).toThrow(type);
  });
});
