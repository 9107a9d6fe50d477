import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { print } from '../../src/graph/describe.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { cumsum } from '../../src/operations/cumulative.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('cumsum', () => {
  const x = f64([1, 2, 3, 4, 5, 6], [2, 3]);

  it('sums along an axis, from either end, with the element or without', async () => {
    expect(await numbers(cumsum(x))).toEqual([1, 2, 3, 5, 7, 9]);
    expect(await numbers(x.cumsum(-1))).toEqual([1, 3, 6, 4, 9, 15]);
    expect(await numbers(x.cumsum(1, { reverse: true }))).toEqual([6, 5, 3, 15, 11, 6]);
    expect(await numbers(x.cumsum(1, { exclusive: true }))).toEqual([0, 1, 3, 0, 4, 9]);
    expect(await numbers(x.cumsum(1, { exclusive: true, reverse: true }))).toEqual([5, 3, 0, 11, 6, 0]);
  });

  it('of nothing is nothing, of one element that element', async () => {
    expect(cumsum(f64([], [3, 0]), 1).shape).toEqual([3, 0]);
    expect(await numbers(cumsum(f64([], [0, 3])))).toEqual([]);
    expect(await numbers(cumsum(f64([7])))).toEqual([7]);
    expect(await numbers(cumsum(f64([7]), 0, { exclusive: true }))).toEqual([0]);
  });

  it('wraps around for int32, and takes in infinities and NaN from where they come', async () => {
    expect(await numbers(cumsum(literal([2 ** 31 - 1, 1, 1], [3], 'int32')))).toEqual([2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1]);
    expect(await numbers(cumsum(f64([1, Infinity, 2, -Infinity, 3])))).toEqual([1, Infinity, Infinity, NaN, NaN]);
    expect(await numbers(cumsum(f64([1, NaN, 2]), 0, { reverse: true }))).toEqual([NaN, NaN, 2]);
  });

  it('keeps what a large number would swallow', async () => {
    expect(await numbers(cumsum(f64([1, 1e100, 1, -1e100])))).toEqual([1, 1e100, 1e100, 2]);
  });

  it('sums gradients from the other end', async () => {
    const a = input('float64', [3], 'a');
    const g = grad(a.cumsum().mul(f64([1, 10, 100])).sum(), a);
    expect([...(await evaluate(g, [[a, [5, 6, 7]]])).data]).toEqual([111, 110, 100]);
  });

  it('keeps open dimensions, and is printed', async () => {
    const rows = input('float32', ['batch', 2], 'rows');
    const sums = rows.cumsum(0, { reverse: true });
    expect(String(sums.shape)).toBe('batch,2');
    expect([...(await evaluate(sums, [[rows, [[1, 2], [3, 4]]]])).data]).toEqual([4, 6, 3, 4]);
    expect(print(sums)).toBe('%0 = input rows : float32[batch, 2]\n%1 = cumsum axis=0 reverse %0 : float32[batch, 2]');
    expect(cumsum(rows, 0, { reverse: true })).toBe(sums);
    expect(cumsum(rows, 0, { reverse: true, exclusive: true })).not.toBe(sums);
  });

  it('refuses bool, and axes that there are not', () => {
    expect(() => cumsum(x.gt(0))).toThrow(new DTypeError("cumsum: takes numbers, and gt() bool[2, 3] is bool; cast it with .cast('float32')"));
    expect(() => cumsum(x, 2)).toThrow(new ShapeError('cumsum: axis 2 is not one of -2 to 1 of a tensor of 2 dimensions'));
    expect(() => cumsum(f64([1], []))).toThrow(new ShapeError('cumsum: a scalar has no axis 0'));
  });
});
