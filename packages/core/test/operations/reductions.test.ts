import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const x = f64([1, -2, 3, 4, 5, -6], [2, 3]);

describe('reductions', () => {
  it('run over all axes, or those named, which are dropped or kept', async () => {
    expect(await numbers(x.sum())).toEqual([5]);
    expect(await numbers(x.sum(0))).toEqual([5, 3, -3]);
    expect(await numbers(x.sum(-1))).toEqual([2, 3]);
    expect([x.sum([0, 1]).shape, x.sum(1, { keepdims: true }).shape, x.sum(undefined, { keepdims: true }).shape]).toEqual([[], [2, 1], [1, 1]]);
    expect(await numbers(x.prod(1))).toEqual([-6, -120]);
    expect(await numbers(x.max(0))).toEqual([4, 5, 3]);
    expect(await numbers(x.min(1))).toEqual([-2, -6]);
    expect(await numbers(x.mean(1))).toEqual([2 / 3, 1]);
    expect(await numbers(x.gt(0).all(0))).toEqual([1, 0, 0]);
    expect(await numbers(x.gt(3).any(1))).toEqual([0, 1]);
    expect(x.sum([])).toBe(x);
  });

  it('over the middle axis keep the others in order', async () => {
    const cube = f64(Array.from({ length: 24 }, (_, k) => k), [2, 3, 4]);
    expect(await numbers(cube.sum(1))).toEqual([12, 15, 18, 21, 48, 51, 54, 57]);
    expect(await numbers(cube.sum([0, 2]))).toEqual([60, 92, 124]);
  });

  it('of nothing are the neutral elements', async () => {
    const none = f64([], [2, 0]);
    expect(await numbers(none.sum(1))).toEqual([0, 0]);
    expect(await numbers(none.prod(1))).toEqual([1, 1]);
    expect(await numbers(none.mean(1))).toEqual([NaN, NaN]);
    expect(await numbers(none.gt(0).all())).toEqual([1]);
    expect(await numbers(none.gt(0).any())).toEqual([0]);
    expect(await numbers(none.sum(0))).toEqual([]);
  });

  it('sum without loss in the last places', async () => {
    expect(await numbers(f64([1, 1e100, 1, -1e100]).sum())).toEqual([2]);
    expect(await numbers(f64(new Array<number>(10).fill(0.1)).sum())).toEqual([1]);
  });

  it('pass NaN and infinities on', async () => {
    for (const y of [x.max(), x.min(), x.sum(), x.prod()]) expect(String(y)).toMatch(/float64\[\]$/);
    const bad = f64([1, NaN, 2]);
    expect(await numbers(bad.max())).toEqual([NaN]);
    expect(await numbers(bad.min())).toEqual([NaN]);
    expect(await numbers(bad.sum())).toEqual([NaN]);
    expect(await numbers(f64([1, Infinity]).sum())).toEqual([Infinity]);
    expect(await numbers(f64([-Infinity, Infinity]).sum())).toEqual([NaN]);
    expect(await numbers(f64([1e308, 1e308]).sum())).toEqual([Infinity]);
    expect(await numbers(f64([-Infinity, 1]).max())).toEqual([1]);
  });

  it('wrap around on int32', async () => {
    const n = literal([2 ** 31 - 1, 1, 1], [3], 'int32');
    expect(await numbers(n.sum())).toEqual([-(2 ** 31) + 1]);
    expect(await numbers(n.prod())).toEqual([2 ** 31 - 1]);
    expect(await numbers(literal([65536, 65536], [2], 'int32').prod())).toEqual([0]);
    expect(await numbers(literal([-5, -7], [2], 'int32').max())).toEqual([-5]);
    expect(await numbers(literal([5, 7], [2], 'int32').min())).toEqual([5]);
    expect(await numbers(literal([], [0], 'int32').sum())).toEqual([0]);
  });

  it('mean divides by the size of an open dimension', async () => {
    const rows = input('float64', ['batch', 2]);
    expect((await evaluate(rows.mean(0), new Map([[rows, [[1, 2], [3, 6]]]]))).data).toEqual(Float64Array.of(2, 4));
  });

  it('logSumExp neither overflows nor underflows', async () => {
    expect(await numbers(f64([1000, 1000]).logSumExp())).toEqual([1000 + Math.log(2)]);
    expect(await numbers(f64([-1000, -1000]).logSumExp())).toEqual([-1000 + Math.log(2)]);
    expect(await numbers(f64([-Infinity, -Infinity]).logSumExp())).toEqual([-Infinity]);
    expect(await numbers(f64([Infinity, 0]).logSumExp())).toEqual([Infinity]);
    expect(await numbers(f64([NaN, 0]).logSumExp())).toEqual([NaN]);
    expect(await numbers(f64([0, 0, 0, 0], [2, 2]).logSumExp(0))).toEqual([Math.log(2), Math.log(2)]);
    expect(x.logSumExp(1, { keepdims: true }).shape).toEqual([2, 1]);
    expect(await numbers(f64([3], []).logSumExp())).toEqual([3]);
  });

  it('refuse dtypes and empty choices', async () => {
    expect(() => x.gt(0).sum()).toThrow(new DTypeError("sum: takes numbers, and gt() bool[2, 3] is bool; cast it with .cast('float32')"));
    expect(() => x.all()).toThrow(new DTypeError('all: takes bool, and a constant float64[2, 3] is float64; compare it, as in x.gt(0)'));
    expect(() => x.cast('int32').mean()).toThrow(new DTypeError("mean: takes float32 or float64, and cast() int32[2, 3] is int32; cast it with .cast('float32')"));
    expect(() => f64([], [0, 2]).max(0)).toThrow(new ShapeError('max: a constant float64[0, 2] has no elements to choose from'));
    expect(f64([], [0, 2]).min(1).shape).toEqual([0]);
    expect(() => x.sum(2)).toThrow(/^sum: axis 2 is not one of -2 to 1/);
    const rows = input('float64', ['batch'], 'rows');
    await expect(evaluate(rows.max(), new Map([[rows, new Float64Array(0)]]))).rejects.toThrow(
      new ShapeError('max: input rows float64[batch] has no elements to choose from: its axis 0 has size 0 here'),
    );
  });
});
