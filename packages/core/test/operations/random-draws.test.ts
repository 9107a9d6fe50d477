import { describe, expect, it } from 'vitest';
import { iota, literal, scalar } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { choice, multinomial, permutation, randint } from '../../src/operations/random-draws.js';
import { foldIn, splitSeed } from '../../src/operations/seeds.js';
import { threefry2x32 } from '../../src/values/random.js';
import { variable } from '../../src/values/variable.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const key = { seed: 3, step: 1 } as const;
const countsOf = (list: readonly number[], n: number): number[] => Array.from({ length: n }, (_, k) => list.filter((i) => i === k).length);
/** Pearson's: its mean is the number of classes with an expectation, less 1. */
const chiSquare = (counts: readonly number[], expected: readonly number[]): number => counts.reduce((sum, count, k) => sum + (expected[k] === 0 ? 0 : (count - (expected[k] ?? NaN)) ** 2 / (expected[k] ?? NaN)), 0);

describe('randint', () => {
  it.each([[0, 10], [-5, 3], [0, 1], [-(2 ** 31), 2 ** 31], [-(2 ** 31), 2 ** 31 - 1], [0, 2 ** 31], [7, 2 ** 30 + 12345], [-1, 65536]])('is the product of 64 bits and the count, from %i up to %i', async (low, high) => {
    const expected = Array.from({ length: 40 }, (_, i) => {
      const [x, y] = threefry2x32([3, 1], [i, 0]);
      return Number((((BigInt(x) << 32n) | BigInt(y)) * BigInt(high - low)) >> 64n) + low;
    });
    // All of int32 are the words, whose order is another one.
    expect(await numbers(randint([40], { low, high, ...key }))).toEqual(high - low === 2 ** 32 ? expected.map((n) => (n + 2 ** 31) | 0) : expected);
    if (high < 2 ** 31) expect(await numbers(randint([5, 8], { low: scalar(low, 'int32'), high: scalar(high, 'int32'), ...key }))).toEqual(expected);
  });

  it('has bounds for each element, and stays at low where there is nothing between', async () => {
    const high = literal([1, 5, 0, -3], [4], 'int32');
    const drawn = await numbers(randint([100, 4], { high, ...key }));
    expect(Math.max(...drawn.filter((_, i) => i % 4 === 1))).toBe(4);
    expect(drawn.filter((_, i) => i % 4 !== 1).every((n) => n === 0)).toBe(true);
    const fromLow = await numbers(randint([50, 2], { low: literal([2 ** 31 - 3, -7], [2], 'int32'), high: 2 ** 31, ...key }));
    expect(new Set(fromLow.filter((_, i) => i % 2 === 0))).toEqual(new Set([2 ** 31 - 3, 2 ** 31 - 2, 2 ** 31 - 1]));
  });

  it('fills its range evenly', async () => {
    const counts = countsOf(await numbers(randint([5000], { high: 10, ...key })), 10);
    // 9 degrees of freedom: between the quantiles 1e-4 and 1 - 1e-4.
    const distance = chiSquare(counts, counts.map(() => 500));
    expect(distance).toBeGreaterThan(0.5);
    expect(distance).toBeLessThan(33.7);
  });

  it('says what does not fit', () => {
    expect(() => randint([2], { low: 3, high: 3, ...key })).toThrow(new InputError('randint: high must be above low: 3 is not above 3'));
    expect(() => randint([2], { high: 2.5, ...key })).toThrow(new InputError('randint: high must be a whole number from -2147483648 to 2147483648, or an int32 expression, not 2.5'));
    expect((): unknown => Reflect.apply(randint, undefined, [[2], key])).toThrow('randint: the option high is missing');
    expect(() => randint([2], { high: scalar(1, 'float32'), ...key })).toThrow(DTypeError);
    expect(() => randint([2], { high: literal([1, 2, 3], [3], 'int32'), ...key })).toThrow(ShapeError);
  });
});

describe('multinomial', () => {
  const weights = literal([0, 1, 0, 2, 5, 0, 0.5, 0.5, 0, 1], [2, 5], 'float32');

  it('draws as often as the weights say, and nothing of weight 0', async () => {
    const drawn = await numbers(multinomial(weights, 2000, key));
    const rows = [drawn.slice(0, 2000), drawn.slice(2000)].map((row) => countsOf(row, 5));
    const expected = [[0, 250, 0, 500, 1250], [0, 500, 500, 0, 1000]];
    for (const [k, counts] of rows.entries()) {
      expect(counts.map((count) => count > 0)).toEqual(expected[k]?.map((count) => count > 0));
      // 2 degrees of freedom: the quantile 1 - 1e-4.
      expect(chiSquare(counts, expected[k] ?? [])).toBeLessThan(18.5);
    }
  });

  it('takes float64, open sizes, one that is sure, and says -1 where there is none', async () => {
    const x = input('float64', ['batch', 3]);
    const { data, shape } = await evaluate(multinomial(x, 4, key), [[x, [[0, 3, 0], [0, 0, 0]]]]);
    expect(shape).toEqual([2, 4]);
    expect([...data]).toEqual([1, 1, 1, 1, -1, -1, -1, -1]);
    expect(multinomial(weights, 'draws', key).shape.map(String)).toEqual(['2', 'draws']);
    expect(await numbers(multinomial(literal([1], [1], 'float32'), 0, key))).toEqual([]);
    expect(() => multinomial(literal([], [2, 0], 'float32'), 3, key)).toThrow('multinomial: a constant float32[2, 0] has nothing to choose from');
    expect(() => multinomial(literal([1], [], 'float32'), 3, key)).toThrow(/^multinomial:/);
    expect(() => multinomial(literal([1], [1], 'int32'), 3, key)).toThrow(DTypeError);
  });
});

describe('choice and permutation', () => {
  it('permutation has every number once', async () => {
    for (const n of [1, 2, 7, 40]) expect((await numbers(permutation(n, key))).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, k) => k));
  });

  it('move whole parts of tensors, along any axis', async () => {
    const x = iota([2, 5], 1).add(iota([2, 5], 0).mul(10));
    const order = await numbers(permutation(5, key));
    expect(await numbers(permutation(x, { axis: -1, ...key }))).toEqual([...order, ...order.map((k) => k + 10)]);
    const chosen = await evaluate(choice(x, [3, 1], { axis: 1, ...key }));
    expect(chosen.shape).toEqual([2, 3, 1]);
    const [a, b, c, ...others] = chosen.data;
    expect(others).toEqual([Number(a) + 10, Number(b) + 10, Number(c) + 10]);
  });

  it('choice is uniform, or as probable as p says, with and without replacement', async () => {
    const uniformCounts = countsOf(await numbers(choice(4, [2000], key)), 4);
    expect(chiSquare(uniformCounts, [500, 500, 500, 500])).toBeLessThan(21.1);
    const p = [0.1, 0, 0.4, 0.5];
    const counts = countsOf(await numbers(choice(4, [20, 100], { p, ...key })), 4);
    expect(counts[1]).toBe(0);
    expect(chiSquare(counts, p.map((share) => 2000 * share))).toBeLessThan(18.5);
    const all = await numbers(choice(40, [40], { replace: false, ...key }));
    expect(new Set(all).size).toBe(40);
    // What has no probability comes last.
    expect((await numbers(choice(4, [4], { p, replace: false, ...key })))[3]).toBe(1);
  });

  it('say what does not fit', () => {
    expect(() => choice(3, [4], { replace: false, ...key })).toThrow('choice: without replacement 4 are more than the 3 that there are');
    expect(() => choice(3, [2, 1], { replace: false, ...key })).toThrow('choice: without replacement the shape must be a single known number, not [2, 1]');
    expect(() => choice(0, [2], key)).toThrow(new InputError('choice: takes a tensor or a whole number above 0, not 0'));
    expect(() => choice(3, [2], { p: [1, 2], ...key })).toThrow('choice: p, a constant float32[2], should have the shape [3], one number for each that there is');
    expect(() => choice(3, [2], { p: [1, -2, 3], ...key })).toThrow(new InputError('choice: the numbers of p must be finite and not below 0, not -2'));
    expect(() => choice(3, [2], { p: [1, NaN, 3], replace: false, ...key })).toThrow(new InputError('choice: the numbers of p must be finite and not below 0, not NaN'));
    expect(() => choice(3, [2], { p: [0, 0, 0], ...key })).toThrow(new InputError('choice: one of the numbers of p must be above 0'));
    expect(() => permutation(input('float32', ['n'], 'x'), key)).toThrow('permutation: axis 0 of input x float32[n] has the size n; it must be known, and above 0');
  });
});

describe('splitSeed and foldIn', () => {
  it('make other seeds, the same from numbers and from expressions', async () => {
    const seeds = splitSeed(42, 1000);
    expect(new Set([42, ...seeds]).size).toBe(1001);
    expect(splitSeed(42)).toEqual(seeds.slice(0, 2));
    expect(seeds[7]).toBe(foldIn(42, 7));
    expect(splitSeed(2 ** 32 + 42)).toEqual(splitSeed(42));
    expect(splitSeed(1, 0)).toEqual([]);
    const seed = variable(42, { dtype: 'int32', name: 'seed' });
    expect(await Promise.all(splitSeed(seed, 3).map((each) => numbers(each)))).toEqual(seeds.slice(0, 3).map((s) => [s]));
    const folded = foldIn(42, scalar(7, 'int32'));
    expect(typeof folded === 'number' ? folded : await numbers(folded)).toEqual([seeds[7]]);
    // They are spread over all 32 bits: the mean of 1000 to five standard errors.
    expect(Math.abs(seeds.reduce((sum, s) => sum + s, 0) / 1000)).toBeLessThan((5 * 2 ** 32) / Math.sqrt(12000));
  });

  it('say what does not fit', () => {
    expect(() => splitSeed(1, -1)).toThrow(new InputError('splitSeed: the count must be a whole number from 0 to 65536, not -1'));
    expect(() => splitSeed(1.5)).toThrow(new InputError('splitSeed: the seed must be a whole number or an int32 scalar, not 1.5'));
    expect((): unknown => Reflect.apply(foldIn, undefined, [1])).toThrow(new InputError('foldIn: the data must be a whole number or an int32 scalar, not undefined'));
    expect(() => foldIn(1, scalar(1, 'float32'))).toThrow(DTypeError);
    expect(() => foldIn(literal([1, 2], [2], 'int32'), 1)).toThrow(ShapeError);
  });
});
