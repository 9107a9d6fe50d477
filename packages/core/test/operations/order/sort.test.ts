import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal, scalar } from '../../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { argSort, sort } from '../../../src/operations/order/index.js';
import { CASES, checkDerivatives } from '../../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
/** What JavaScript's own sort makes of it, which is stable. */
function expected(values: readonly number[], descending: boolean): number[] {
  const [sign, numbers] = [descending ? -1 : 1, (at: number): number => values[at] ?? NaN];
  const compare = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : sign * (a - b) || 0);
  return [...values.keys()].sort((a, b) => (numbers(a) === numbers(b) ? 0 : compare(numbers(a), numbers(b))));
}

const element = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) }, fc.constantFrom(-0, Infinity, -Infinity, NaN, 5e-324), fc.double());

describe('argSort', () => {
  it('is what a stable sort of JavaScript gives, of any length, with ties, zeros, infinities and NaN, in both directions', async () => {
    const lengths = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }) }, fc.integer({ min: 41, max: 400 }));
    await fc.assert(
      fc.asyncProperty(lengths.chain((n) => fc.array(element, { minLength: n, maxLength: n })), fc.boolean(), async (values, descending) => {
        expect(await numbers(argSort(f64(values), 0, { descending }))).toEqual(expected(values, descending));
      }),
      { ...CASES, numRuns: 60 },
    );
  });

  it.each([16, 17, 32, 33, 64, 65, 1000, 16385, 33000])('sorts %i elements that are all different, and ones that are in order already', async (n) => {
    const values = Array.from({ length: n }, (_, k) => (k * 7919) % 33013);
    for (const given of n > 1000 ? [values] : [values, values.toSorted((a, b) => a - b), values.toSorted((a, b) => b - a), values.map((v) => v % 3)]) {
      expect(await numbers(argSort(f64(given)))).toEqual(expected(given, false));
    }
  });

  it('of int32 has the ends of the range where they belong', async () => {
    const values = [5, 2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1, -1, -(2 ** 31), 7, 2 ** 31 - 1];
    const x = literal(values, [9], 'int32');
    expect(await numbers(argSort(x))).toEqual(expected(values, false));
    expect(await numbers(argSort(x, 0, { descending: true }))).toEqual(expected(values, true));
    expect(argSort(x).dtype).toBe('int32');
  });

  it('is what NumPy 2.4.6 has, NaN last', async () => {
    expect(await numbers(argSort(f64([2, NaN, 1, 3, 3, NaN, -0, 0, 2])))).toEqual([6, 7, 2, 0, 8, 3, 4, 1, 5]);
  });
});

describe('sort', () => {
  const x = f64([3, 1, 2, 0, 5, 4], [2, 3]);

  it('goes along any axis, from the smallest or from the largest', async () => {
    expect(await numbers(sort(x))).toEqual([1, 2, 3, 0, 4, 5]);
    expect(await numbers(sort(x, 0))).toEqual([0, 1, 2, 3, 5, 4]);
    expect(await numbers(sort(x, -2, { descending: true }))).toEqual([3, 5, 4, 0, 1, 2]);
    const y = f64(Array.from({ length: 24 }, (_, k) => (k * 7) % 24), [2, 3, 4]);
    const sorted = await numbers(sort(y, 1));
    const given = await numbers(y);
    const at = (data: readonly number[], i: number, k: number): number[] => [0, 1, 2].map((j) => data[12 * i + 4 * j + k] ?? NaN);
    for (const i of [0, 1]) for (const k of [0, 1, 2, 3]) expect(at(sorted, i, k)).toEqual(at(given, i, k).toSorted((a, b) => a - b));
  });

  it('of nothing is nothing, of one element that element', async () => {
    expect(sort(f64([], [3, 0])).shape).toEqual([3, 0]);
    expect(await numbers(sort(f64([], [0, 3])))).toEqual([]);
    expect(await numbers(sort(f64([7])))).toEqual([7]);
    expect(await numbers(sort(f64([7, 5], [2, 1])))).toEqual([7, 5]);
  });

  it('keeps the zeros and the infinities that there are', async () => {
    expect(await numbers(sort(f64([0, -0, -Infinity, NaN, Infinity])))).toEqual([-Infinity, 0, -0, Infinity, NaN]);
    expect(await numbers(sort(f64([0, -0, -Infinity, NaN, Infinity]), 0, { descending: true }))).toEqual([Infinity, 0, -0, -Infinity, NaN]);
  });

  it('has gradients that go where the elements came from', async () => {
    checkDerivatives((a) => sort(a, 1).square(), [[2, 5]]);
    checkDerivatives((a) => sort(a, 0, { descending: true }).square(), [[5, 2]]);
    const a = input('float64', [3], 'a');
    const g = grad(sort(a).mul(f64([1, 10, 100])).sum(), a);
    expect([...(await evaluate(g, [[a, [6, 4, 6]]])).data]).toEqual([10, 1, 100]);
  });

  it('keeps open dimensions, along the axis too', async () => {
    const rows = input('float32', ['n', 'm'], 'rows');
    const sorted = sort(rows, 0);
    expect(String(sorted.shape)).toBe('n,m');
    expect([...(await evaluate(sorted, [[rows, [[3, 2], [1, 4], [2, 0]]]])).data]).toEqual([1, 0, 2, 2, 3, 4]);
    expect([...(await evaluate(sorted, [[rows, { data: new Float32Array(0), shape: [0, 3] }]])).data]).toEqual([]);
  });

  it('refuses bool, axes that there are not, and options that it does not have', () => {
    expect(() => sort(x.gt(0))).toThrow(new DTypeError("sort: takes numbers, and gt() bool[2, 3] is bool; cast it with .cast('float32')"));
    expect(() => argSort(x, 2)).toThrow(new ShapeError('argSort: axis 2 is not one of -2 to 1 of a tensor of 2 dimensions'));
    expect(() => sort(scalar(1, 'float32'))).toThrow(ShapeError);
    expect(() => Reflect.apply(sort, undefined, [x, 0, { descend: true }])).toThrow(InputError);
  });
});
