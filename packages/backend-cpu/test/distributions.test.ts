// Distributions against their distribution functions, which are known in closed form, by the distance of Kolmogorov and Smirnov, and by their moments.
import { beta, choice, compile, exponential, type Expr, gamma, input, permutation } from '@pappus/core';
import erf from '@stdlib/math-base-special-erf';
import { describe, expect, it } from 'vitest';
import { CASES, someOf } from '@pappus/testing/thorough';
import { cpu } from '../src/index.js';

/** How many are drawn. */
const n = { all: 100000, some: 10000, few: 10000 }[CASES];
const backend = await cpu();

async function numbers(expr: Expr): Promise<number[]> {
  const f = await compile({ outputs: { expr } }, backend);
  const { expr: result } = await f();
  return [...(await result.read())];
}

const key = { seed: 3, step: 1 } as const;

/** The largest distance of the numbers' distribution function from that of the distribution; 2.23 / sqrt(n) is its quantile 1 - 1e-4. */
function distance(list: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return Math.max(...sorted.flatMap((x, i) => [Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length)]));
}

function expectMoments(list: readonly number[], mean: number, variance: number, kurtosis: number): void {
  const found = list.reduce((a, b) => a + b, 0) / list.length;
  const spread = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length;
  // Four standard errors.
  expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt(variance / list.length));
  expect(Math.abs(spread - variance)).toBeLessThan(4 * variance * Math.sqrt((kurtosis - 1) / list.length));
}

/** Of the gamma distribution with a whole alpha: Erlang's. */
const erlang = (alpha: number) => (x: number): number => {
  let [term, sum] = [1, 0];
  for (let k = 0; k < alpha; k++) {
    sum += term;
    term *= x / (k + 1);
  }
  return 1 - Math.exp(-x) * sum;
};
const GAMMA: readonly (readonly [alpha: number, cdf: (x: number) => number])[] = [
  [0.5, (x) => erf(Math.sqrt(x))],
  [1, erlang(1)],
  [1.5, (x) => erf(Math.sqrt(x)) - 2 * Math.sqrt(x / Math.PI) * Math.exp(-x)],
  [3, erlang(3)],
  [20, erlang(20)],
];
const BETA: readonly (readonly [alpha: number, beta: number, cdf: (x: number) => number])[] = [
  [2, 3, (x) => 6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4],
  [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  [1, 4, (x) => 1 - (1 - x) ** 4],
  [0.05, 1, (x) => x ** 0.05],
];

describe('exponential', () => {
  it.each(['float32', 'float64'] as const)('has its distribution and moments in %s', async (dtype) => {
    const list = await numbers(exponential([n], { scale: 2, dtype, ...key }));
    expect(distance(list, (x) => 1 - Math.exp(-x / 2))).toBeLessThan(2.23 / Math.sqrt(n));
    expectMoments(list, 2, 4, 9);
  });
});

describe('gamma', () => {
  it.each(someOf(GAMMA, 3, 0, CASES))('has its distribution and moments for an alpha of %d', async (alpha, cdf) => {
    const list = await numbers(gamma([n], { alpha, ...key }));
    expect(distance(list, cdf)).toBeLessThan(2.23 / Math.sqrt(n));
    expectMoments(list, alpha, alpha, 3 + 6 / alpha);
    const double = await numbers(gamma([n], { alpha, dtype: 'float64', ...key }));
    expect(distance(double, cdf)).toBeLessThan(2.23 / Math.sqrt(n));
  });

});

describe('beta', () => {
  it.each(someOf(BETA, 2, 1, CASES))('has its distribution for an alpha of %d and a beta of %d', async (alpha, other, cdf) => {
    const list = await numbers(beta([n], { alpha, beta: other, dtype: 'float64', ...key }));
    expect(distance(list, cdf)).toBeLessThan(2.23 / Math.sqrt(n));
    const single = await numbers(beta([n], { alpha, beta: other, ...key }));
    expect(single.every((x) => x >= 0 && x <= 1)).toBe(true);
    expect(distance(single, cdf)).toBeLessThan(2.23 / Math.sqrt(n));
  });
});


describe('orders', () => {
  const step = input('int32', [], 'step');
  const countsOf = (list: readonly number[], wanted: readonly number[]): number[] => wanted.map((k) => list.filter((i) => i === k).length);
  const chiSquare = (counts: readonly number[], expected: readonly number[]): number => counts.reduce((sum, count, k) => sum + (count - (expected[k] ?? NaN)) ** 2 / (expected[k] ?? NaN), 0);

  it('are equally frequent: the permutations of three', async () => {
    const f = await compile({ inputs: { step }, outputs: { order: permutation(3, { seed: 5, step }) } }, backend);
    const found: number[] = [];
    for (let t = 0; t < 1200; t++) {
      const [a = NaN, b = NaN, c = NaN] = await (await f({ step: t })).order.read();
      found.push(100 * a + 10 * b + c);
    }
    // 5 degrees of freedom: the quantile 1 - 1e-4.
    expect(chiSquare(countsOf(found, [12, 21, 102, 120, 201, 210]), new Array<number>(6).fill(200))).toBeLessThan(25.8);
  });

  it('choices without replacement are as frequent as their probabilities, one after the other', async () => {
    const p = [0.1, 0, 0.4, 0.5];
    const f = await compile({ inputs: { step }, outputs: { two: choice(4, [2], { p, replace: false, seed: 8, step }) } }, backend);
    const found: number[] = [];
    for (let t = 0; t < 2000; t++) {
      const [a = NaN, b = NaN] = await (await f({ step: t })).two.read();
      found.push(10 * a + b);
    }
    const pairs = [[0, 2], [0, 3], [2, 0], [2, 3], [3, 0], [3, 2]] as const;
    const expected = pairs.map(([a, b]) => 2000 * (p[a] ?? NaN) * ((p[b] ?? NaN) / (1 - (p[a] ?? NaN))));
    const counts = countsOf(found, pairs.map(([a, b]) => 10 * a + b));
    expect(counts.reduce((a, b) => a + b)).toBe(2000);
    expect(chiSquare(counts, expected)).toBeLessThan(25.8);
  });
});
