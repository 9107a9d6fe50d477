import { describe, expect, it } from 'vitest';
import { literal, scalar } from '../../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { median, quantile, type QuantileOptions } from '../../../src/operations/order/index.js';
import { checkDerivatives, checkGradient, tensor } from '../../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = async (expr: Expr, expected: readonly number[]): Promise<void> => {
  const found = await numbers(expr);
  expect(found).toHaveLength(expected.length);
  for (const [k, value] of expected.entries()) expect(found[k]).toBeCloseTo(value, 13);
};

const a = [3, 1, 4, 1, 5, 9, 2, 6];
const q = [0, 0.1, 0.25, 0.5, 0.77, 1];
/** Of NumPy 2.4.6; torch 2.13.0 has the same. */
const RECORDED: readonly (readonly [QuantileOptions['method'] & string, readonly number[]])[] = [
  ['linear', [1, 1, 1.75, 3.5, 5.390000000000001, 9]],
  ['lower', [1, 1, 1, 3, 5, 9]],
  ['higher', [1, 1, 2, 4, 6, 9]],
  ['nearest', [1, 1, 2, 4, 5, 9]],
  ['midpoint', [1, 1, 1.5, 3.5, 5.5, 9]],
];

describe('quantile', () => {
  it.each(RECORDED)("is NumPy's by the method %s, of known and of open sizes, of numbers and of expressions", async (method, expected) => {
    await close(quantile(f64(a), q, 0, { method }), expected);
    await close(quantile(f64(a), f64(q), 0, { method }), expected);
    const x = input('float64', ['n'], 'x');
    const { data } = await evaluate(quantile(x, q, 0, { method }), [[x, a]]);
    for (const [k, value] of expected.entries()) expect(data[k]).toBeCloseTo(value, 13);
    await close(quantile(f64(a), 0.77, 0, { method }), expected.slice(4, 5));
    await close(quantile(f64(a), scalar(0.77, 'float64'), undefined, { method }), expected.slice(4, 5));
  });

  it('takes the even rank half way, as NumPy 2.4.6', async () => {
    const nearest = async (n: number): Promise<number[]> => numbers(quantile(f64([...Array(n).keys()]), [0.1, 0.5, 0.9], 0, { method: 'nearest' }));
    expect([await nearest(2), await nearest(4), await nearest(6)]).toEqual([[0, 0, 1], [0, 2, 3], [0, 2, 4]]);
  });

  it('goes over any axes, and keeps them if it is told to', async () => {
    const x = f64([1, 2, 3, 4, 50, 60, 70, 80, 9, 10, 11, 12], [3, 2, 2]);
    expect([quantile(x, 0.5, [0, 2]).shape, quantile(x, [0.1, 0.5, 1], [0, 2]).shape]).toEqual([[2], [3, 2]]);
    expect([quantile(x, 0.5, [0, 2], { keepdims: true }).shape, quantile(x, [0.1, 0.5], [0, 2], { keepdims: true }).shape]).toEqual([[1, 2, 1], [2, 1, 2, 1]]);
    expect(await numbers(quantile(x, [0, 1], [0, 2]))).toEqual([1, 3, 60, 80]);
    expect(await numbers(quantile(x, [0, 1], [-2], { keepdims: true }))).toEqual([1, 2, 50, 60, 9, 10, 3, 4, 70, 80, 11, 12]);
    expect(await numbers(quantile(scalar(3, 'float64'), 0.2))).toEqual([3]);
    expect(await numbers(quantile(f64([7, 5], [2, 1]), 0.3, 1))).toEqual([7, 5]);
    expect(quantile(x, [], 0).shape).toEqual([0, 2, 2]);
  });

  it('is NaN where an element is, or where q is none, and what infinities come to', async () => {
    expect(await numbers(quantile(f64([1, NaN, 2, 3, 4, 5], [2, 3]), 0, 1))).toEqual([NaN, 3]);
    expect(await numbers(quantile(f64([1, 2, 3]), f64([-0.1, 0.5, 1.1, NaN]), 0, { method: 'lower' }))).toEqual([NaN, 2, NaN, NaN]);
    // NumPy has NaN for all of these but 1.5, for it takes their differences.
    expect(await numbers(quantile(f64([1, 2, Infinity]), [0.25, 0.5, 0.6, 1]))).toEqual([1.5, 2, Infinity, Infinity]);
    expect(await numbers(quantile(f64([-Infinity, -Infinity, 1, Infinity, Infinity]), [0, 0.1, 0.5, 0.9, 1]))).toEqual([-Infinity, -Infinity, 1, Infinity, Infinity]);
    expect(await numbers(quantile(f64([-Infinity, Infinity]), 0.5))).toEqual([NaN]);
    expect(await numbers(quantile(f64([-1.5e308, 1.5e308]), 0.75))).toEqual([7.5e307]);
    expect(await numbers(quantile(f64([0.1, 0.1, 0.1]), [0.3, 0.7]))).toEqual([0.1, 0.1]);
  });

  it("has torch 2.13.0's gradients, by the elements and by q", async () => {
    const x = input('float64', [8], 'x');
    const g = grad(quantile(x, [0.1, 0.5, 0.77]).mul(f64([1, 10, 100])).sum(), x);
    const { data } = await evaluate(g, [[x, [3, 1, 4, 1.5, 5, 9, 2, 6]]]);
    for (const [k, value] of [5, 0.29999999999999993, 5, 0.7000000000000001, 60.99999999999994, 0, 0, 39.00000000000006].entries()) expect(data[k]).toBeCloseTo(value, 12);
    for (const method of ['linear', 'midpoint', 'nearest'] as const) checkDerivatives((e) => quantile(e, [0.13, 0.5], 1, { method }).square(), [[2, 4]]);
    checkGradient((e, by) => quantile(e, by, 0).square(), [tensor([4, 2], [1, 7, 5, 2, 3, 8, 0.5, 4]), tensor([2], [0.2, 0.55])]);
  });

  it('has no NaN in its gradients where elements are infinite', async () => {
    const [x, by] = [input('float64', [3], 'x'), input('float64', [], 'by')];
    const value = quantile(x, by);
    for (const e of grad(value, [x, by])) expect([...(await evaluate(e, [[x, [1, 2, Infinity]], [by, 0.25]])).data].some(Number.isNaN)).toBe(false);
    expect([...(await evaluate(grad(value, x), [[x, [2, Infinity, 1]], [by, 0.5]])).data]).toEqual([1, 0, 0]);
  });

  it('refuses what it cannot choose from, and shares that are none', () => {
    const x = f64(a);
    expect(() => quantile(x, 1.5)).toThrow(new InputError('quantile: q must be from 0 to 1, not 1.5'));
    expect(() => quantile(x, [0.5, NaN])).toThrow(new InputError('quantile: q must be from 0 to 1, not NaN'));
    expect(() => quantile(x, scalar(0.5, 'float32'))).toThrow(DTypeError);
    expect(() => quantile(x, f64([0.5], [1, 1]))).toThrow(ShapeError);
    expect(() => quantile(literal([1], [1], 'int32'), 0.5)).toThrow(DTypeError);
    expect(() => quantile(f64([], [2, 0]), 0.5, 1)).toThrow(new ShapeError('quantile: a constant float64[2, 0] has no elements to choose from'));
    expect(() => Reflect.apply(quantile, undefined, [x, 'half'])).toThrow(new InputError("quantile: q must be a number, a list of numbers or an expression, not 'half'"));
  });
});

describe('median', () => {
  it("is NumPy's: the middle one, or the mean of two, NaN if any is", async () => {
    expect(await numbers(median(f64([1, 4, 2, 10])))).toEqual([3]);
    expect(await numbers(median(f64([5, 1, 3])))).toEqual([3]);
    expect(await numbers(median(f64([1, NaN, 2, 3], [2, 2]), 1))).toEqual([NaN, 2.5]);
    expect(median(f64([1, 2, 3, 4], [2, 2]), 0, { keepdims: true }).shape).toEqual([1, 2]);
  });

  it('has an open size, none in a call being an error there', async () => {
    const x = input('float32', ['n', 2], 'x');
    const value = median(x, 0);
    expect([...(await evaluate(value, [[x, [[3, 1], [1, 4], [2, 0], [7, 9]]]])).data]).toEqual([2.5, 2.5]);
    await expect(evaluate(value, [[x, { data: new Float32Array(0), shape: [0, 2] }]])).rejects.toThrow(ShapeError);
    expect(() => median(f64([]))).toThrow(new ShapeError('median: a constant float64[0] has no elements to choose from'));
  });

  it('has a gradient of one or of two elements', async () => {
    const x = input('float64', [4], 'x');
    expect([...(await evaluate(grad(median(x), x), [[x, [9, 1, 4, 2]]])).data]).toEqual([0, 0, 0.5, 0.5]);
    checkDerivatives((e) => median(e, 0).square(), [[5, 2]]);
  });
});
