import { describe, expect, it } from 'vitest';
import { literal } from '../../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { flip } from '../../../src/operations/arrange.js';
import { cummax, cummin, cumprod } from '../../../src/operations/order/index.js';
import { checkDerivatives, checkGradient, checkSecondDerivatives, tensor } from '../../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const OPTIONS = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })));

describe('cumprod', () => {
  const x = f64([1, 2, 3, 4, 5, 6], [2, 3]);

  it('multiplies along an axis, from either end, with the element or without', async () => {
    expect(await numbers(cumprod(x))).toEqual([1, 2, 3, 4, 10, 18]);
    expect(await numbers(cumprod(x, -1))).toEqual([1, 2, 6, 4, 20, 120]);
    expect(await numbers(cumprod(x, 1, { reverse: true }))).toEqual([6, 6, 3, 120, 30, 6]);
    expect(await numbers(cumprod(x, 1, { exclusive: true }))).toEqual([1, 1, 2, 1, 4, 20]);
    expect(await numbers(cumprod(x, 1, { exclusive: true, reverse: true }))).toEqual([6, 3, 1, 30, 6, 1]);
  });

  it('of nothing is nothing, wraps around for int32 as torch 2.13.0, and takes in what is not finite from where it comes', async () => {
    expect(cumprod(f64([], [3, 0]), 1).shape).toEqual([3, 0]);
    expect(await numbers(cumprod(f64([7]), 0, { exclusive: true }))).toEqual([1]);
    expect(await numbers(cumprod(literal([2 ** 16, 2 ** 16, 3], [3], 'int32')))).toEqual([65536, 0, 0]);
    expect(await numbers(cumprod(f64([2, Infinity, 0, 1])))).toEqual([2, Infinity, NaN, NaN]);
    expect(await numbers(cumprod(f64([0, 1e300, 1e300, -1])))).toEqual([0, 0, 0, -0]);
  });

  it("has torch 2.13.0's gradient and second gradient with zeros in it", async () => {
    const cases = [
      { at: [2, 0, 3, 0, 5], first: [1, 22, 0, 0, 0], second: [-11, 110, -6, -174, 0], by: [1, -1, 2, 0.5, 3] },
      { at: [2, 0, 3, 4], first: [1, 118, 0, 0], second: [-59, 147, -38, -24], by: [1, -1, 2, 0.5] },
    ];
    for (const { at, first, second, by } of cases) {
      const z = input('float64', [at.length], 'z');
      const g = grad(cumprod(z).mul(f64(at.map((_, k) => k + 1))).sum(), z);
      expect([...(await evaluate(g, [[z, at]])).data]).toEqual(first);
      expect([...(await evaluate(grad(g.mul(f64(by)).sum(), z), [[z, at]])).data]).toEqual(second);
    }
  });

  it.each(OPTIONS)('has gradients by differences, of %o', (options) => {
    const z = tensor([2, 4], [1.5, 0, -2, 0, 0.5, 2, 0, 3]);
    checkGradient((a) => cumprod(a, 1, options), [z]);
    checkSecondDerivatives((a) => cumprod(a, 1, options), [z]);
    checkDerivatives((a) => cumprod(a, 0, options), [[3, 2]]);
    checkGradient((a) => cumprod(a, 0, options), [tensor([1], [3])]);
  });

  it('keeps open dimensions', async () => {
    const rows = input('float64', ['n', 2], 'rows');
    const g = grad(cumprod(rows, 0, { reverse: true }).sum(), rows);
    expect(String(g.shape)).toBe('n,2');
    expect([...(await evaluate(g, [[rows, [[2, 3], [5, 7]]]])).data]).toEqual([5, 7, 3, 4]);
    expect([...(await evaluate(g, [[rows, { data: new Float64Array(0), shape: [0, 2] }]])).data]).toEqual([]);
  });

  it('refuses bool, and axes that there are not', () => {
    expect(() => cumprod(x.gt(0))).toThrow(new DTypeError("cumprod: takes numbers, and gt() bool[2, 3] is bool; cast it with .cast('float32')"));
    expect(() => cumprod(x, 2)).toThrow(ShapeError);
  });
});

describe('cummax and cummin', () => {
  const y = f64([1, 3, 3, 2, NaN, 5, NaN, 7]);

  it('are those of torch 2.13.0, the last of equal elements and of NaN', async () => {
    expect(await numbers(cummax(y).values)).toEqual([1, 3, 3, 3, NaN, NaN, NaN, NaN]);
    expect(await numbers(cummax(y).indices)).toEqual([0, 1, 2, 2, 4, 4, 6, 6]);
    expect(await numbers(cummin(y).values)).toEqual([1, 1, 1, 1, NaN, NaN, NaN, NaN]);
    expect(await numbers(cummin(y).indices)).toEqual([0, 0, 0, 0, 4, 4, 6, 6]);
    expect(await numbers(cummin(f64([3, 1, 1, 2, 0])).indices)).toEqual([0, 1, 2, 2, 4]);
  });

  it('go along any axis, and from the end', async () => {
    const x = literal([3, 1, 2, 0, 5, 4], [2, 3], 'int32');
    expect(await numbers(cummax(x, 1).values)).toEqual([3, 3, 3, 0, 5, 5]);
    expect(await numbers(cummin(x).values)).toEqual([3, 1, 2, 0, 1, 2]);
    expect(await numbers(cummax(x, 1, { reverse: true }).indices)).toEqual([0, 2, 2, 1, 1, 2]);
    expect([cummax(f64([], [3, 0]), 1).values.shape, await numbers(cummax(f64([], [0, 3])).indices), await numbers(cummin(f64([7])).values)]).toEqual([[3, 0], [], [7]]);
  });

  it.each([256, 257, 1000, 20000])('are right of %i elements, in which parts begin anywhere', async (n) => {
    for (const [kind, values] of Object.entries({
      rising: Array.from({ length: n }, (_, k) => k / 7 + 5 * Math.sin(k)),
      falling: Array.from({ length: n }, (_, k) => -k),
      equal: Array.from({ length: n }, () => 1),
      bad: Array.from({ length: n }, (_, k) => (k % 301 === 300 ? NaN : Math.sin(k))),
    })) {
      let best = 0;
      const expected = values.map((value, k) => {
        if (value >= (values[best] ?? NaN) || Number.isNaN(value)) best = k;
        return best;
      });
      const x = f64(values);
      expect(await numbers(cummax(x).indices), kind).toEqual(expected);
      expect(await numbers(cummin(x.neg()).indices), kind).toEqual(expected);
      expect((await numbers(cummax(flip(x, 0), 0, { reverse: true }).indices)).reverse().map((k) => n - 1 - k), kind).toEqual(expected);
    }
  });

  it('have gradients of the elements at their indices', async () => {
    checkDerivatives((a) => cummax(a, 1).values.square(), [[2, 5]]);
    checkDerivatives((a) => cummin(a, 0, { reverse: true }).values.square(), [[5, 2]]);
    const a = input('float64', [3], 'a');
    expect([...(await evaluate(grad(cummax(a).values.mul(f64([1, 10, 100])).sum(), a), [[a, [2, 2, 1]]])).data]).toEqual([1, 110, 0]);
  });
});
