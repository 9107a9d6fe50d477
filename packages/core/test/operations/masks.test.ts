import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { arange, eye, oneHot, tri, tril, triu } from '../../src/operations/masks.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('arange', () => {
  it('counts from start to below stop', async () => {
    expect([arange(4).dtype, await numbers(arange(4))]).toEqual(['int32', [0, 1, 2, 3]]);
    expect(await numbers(arange(1, 7, 2))).toEqual([1, 3, 5]);
    expect(await numbers(arange(3, -1, -2))).toEqual([3, 1]);
    expect([arange(0, 1, 0.25).dtype, await numbers(arange(0, 1, 0.25))]).toEqual(['float32', [0, 0.25, 0.5, 0.75]]);
    expect([await numbers(arange(0)), await numbers(arange(2, 1)), await numbers(arange(1, 2))]).toEqual([[], [], [1]]);
    expect(String(arange(3, { dtype: 'float64' }))).toBe('cast float64[3]');
    expect(await numbers(arange(0.5, 3, 1, { dtype: 'float64' }))).toEqual([0.5, 1.5, 2.5]);
  });

  it('refuses a step of 0, and numbers outside the dtype', () => {
    expect(() => arange(0, 3, 0)).toThrow(new ShapeError('arange: the bounds must be finite and the step not 0; got 0, 3 and 0'));
    expect(() => arange(Infinity)).toThrow(ShapeError);
    expect(() => arange(0, 3, 0.5, { dtype: 'int32' })).toThrow(DTypeError);
  });
});

describe('eye and triangles', () => {
  it('eye has ones on the diagonal', async () => {
    expect([eye(2).dtype, await numbers(eye(2))]).toEqual(['float32', [1, 0, 0, 1]]);
    expect(await numbers(eye(2, 3, { dtype: 'bool' }))).toEqual([1, 0, 0, 0, 1, 0]);
    expect([eye(0).shape, await numbers(eye(1)), String(eye('n', 4).shape)]).toEqual([[0, 0], [1], 'n,4']);
  });

  it('tri is true up to a diagonal', async () => {
    expect([tri(2, 3).dtype, await numbers(tri(2, 3))]).toEqual(['bool', [1, 0, 0, 1, 1, 0]]);
    expect(await numbers(tri(2, 3, 1))).toEqual([1, 1, 0, 1, 1, 1]);
    expect(await numbers(tri(3, 2, -1))).toEqual([0, 0, 1, 0, 1, 1]);
    expect(() => tri(2, 2, 0.5)).toThrow(DTypeError);
    // Rows and columns are counted in int32: the furthest diagonals, too, have everything or nothing on one side.
    const far = 2 ** 31 - 1;
    expect([await numbers(tri(2, 2, far)), await numbers(tri(2, 2, -far))]).toEqual([[1, 1, 1, 1], [0, 0, 0, 0]]);
    const whole = literal([1, 2, 3, 4], [2, 2], 'float32');
    expect([await numbers(tril(whole, far)), await numbers(triu(whole, -far))]).toEqual([[1, 2, 3, 4], [1, 2, 3, 4]]);
    expect([await numbers(tril(whole, -far)), await numbers(triu(whole, far))]).toEqual([[0, 0, 0, 0], [0, 0, 0, 0]]);
    expect(() => triu(whole, -far - 1)).toThrow('triu: the diagonal must be a whole number of a magnitude below 2^31, not -2147483648');
  });

  it('tril and triu keep a triangle, and no NaN of the other', async () => {
    const x = f64([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
    expect(await numbers(tril(x))).toEqual([1, 0, 0, 4, 5, 0, 7, 8, 9]);
    expect(await numbers(triu(x))).toEqual([1, 2, 3, 0, 5, 6, 0, 0, 9]);
    expect(await numbers(tril(x, -1))).toEqual([0, 0, 0, 4, 0, 0, 7, 8, 0]);
    expect(await numbers(triu(x, 1))).toEqual([0, 2, 3, 0, 0, 6, 0, 0, 0]);
    expect(await numbers(tril(f64([NaN, NaN, 1, 2, -0, NaN, Infinity, 5], [2, 2, 2])))).toEqual([NaN, 0, 1, 2, -0, 0, Infinity, 5]);
    expect(await numbers(triu(x.cast('int32').gt(4)))).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 1]);
    expect(() => tril(f64([1]))).toThrow(new ShapeError('tril: takes matrices, and a constant float64[1] has 1 axes'));
    const w = input('float64', [2, 2]);
    expect([...(await evaluate(grad(triu(w).square().sum(), w), [[w, [[1, 2], [3, 4]]]])).data]).toEqual([2, 4, 0, 8]);
  });
});

describe('oneHot', () => {
  it('is 1 at the label', async () => {
    const labels = literal([2, 0, -1, 3], [4], 'int32');
    expect([oneHot(labels, 3).dtype, await numbers(oneHot(labels, 3))]).toEqual(['float32', [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]]);
    expect([oneHot(labels, 3, { axis: 0 }).shape, await numbers(oneHot(labels, 3, { axis: 0, dtype: 'bool' }))]).toEqual([[3, 4], [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]]);
    expect(await numbers(oneHot(literal([1], [], 'int32'), 2))).toEqual([0, 1]);
    expect([oneHot(labels, 0).shape, String(oneHot(input('int32', ['batch']), 10).shape)]).toEqual([[4, 0], 'batch,10']);
    expect(() => oneHot(f64([1]), 2)).toThrow(new DTypeError("oneHot: the labels a constant float64[1] are float64, not int32; cast them with .cast('int32')"));
    expect(() => oneHot(labels, 2, { axis: 2 })).toThrow(/^oneHot: axis 2/);
  });
});
