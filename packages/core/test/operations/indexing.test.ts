import { describe, expect, it } from 'vitest';
import { literal } from '../../src/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/evaluate.js';
import type { Expr } from '../../src/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/input.js';
import { gather, scatterAdd, take } from '../../src/operations/indexing.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'int32');
const x = literal([1, 2, 3, 4, 5, 6], [2, 3], 'float64');
const table = input('float32', ['vocabulary', 4], 'table');

describe('take', () => {
  it('reads parts along an axis, the nearest where there is none', async () => {
    expect(await numbers(take(x, ints([1, 0, 1])))).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expect(await numbers(x.take(ints([2, -5, 9]), -1))).toEqual([3, 1, 3, 6, 4, 6]);
    expect(take(x, ints([0, 1, 1, 0], [2, 2]), 1).shape).toEqual([2, 2, 2]);
    expect(take(x, ints([1], []), 1).shape).toEqual([2]);
    expect(take(x, ints([], [0]), 1).shape).toEqual([2, 0]);
    expect(String(take(table, input('int32', ['batch', 'time'])).shape)).toBe('batch,time,4');
  });

  it('refuses indices that are not int32, axes that there are not, and empty ones', () => {
    expect(() => take(x, x)).toThrow(new DTypeError("take: the indices a constant float64[2, 3] are float64, not int32; cast them with .cast('int32')"));
    expect(() => take(x, ints([0]), 2)).toThrow(/^take: axis 2 is not one of -2 to 1/);
    expect(() => take(literal([], [0, 2], 'float32'), ints([0]))).toThrow(new ShapeError('take: axis 0 of a constant float32[0, 2] has no parts to take'));
  });
});

describe('gather', () => {
  it('reads an element for each index', async () => {
    // The example of PyTorch's documentation.
    expect(await numbers(gather(literal([1, 2, 3, 4], [2, 2], 'float32'), ints([0, 0, 1, 0], [2, 2]), 1))).toEqual([1, 1, 4, 3]);
    expect(await numbers(x.gather(ints([1, 0, 1], [1, 3]), 0))).toEqual([4, 2, 6]);
    expect(await numbers(gather(x, ints([2, 0, -7, 7], [2, 2]), -1))).toEqual([3, 1, 4, 6]);
    const cube = literal(Array.from({ length: 24 }, (_, k) => k), [2, 3, 4], 'int32');
    expect(await numbers(gather(cube, ints([2, 1, 0, 2, 0, 0, 1, 1], [2, 1, 4]), 1))).toEqual([8, 5, 2, 11, 12, 13, 18, 19]);
  });

  it('broadcasts the other axes, of either side', async () => {
    expect(await numbers(gather(x, ints([1], [1, 1]), 1))).toEqual([2, 5]);
    expect(await numbers(gather(x.slice([0, 1]), ints([0, 2, 1, 1], [2, 2]), 1))).toEqual([1, 3, 2, 2]);
    expect(await numbers(gather(x.slice([0, 1], [0, 1]), ints([3, -1, 0], [3, 1]), 1))).toEqual([1, 1, 1]);
  });

  it('is empty where there is nothing to gather', async () => {
    expect(gather(x, ints([], [2, 0]), 1).shape).toEqual([2, 0]);
    const none = literal([], [0, 3], 'float64');
    expect(gather(none, ints([], [0, 5]), 1).shape).toEqual([0, 5]);
    expect(await numbers(gather(none, ints([], [0, 5]), 1))).toEqual([]);
  });

  it('adds gradients up where an element is read several times, over open dimensions too', async () => {
    const rows = input('float64', ['batch', 3], 'rows');
    const indices = input('int32', ['batch', 2], 'indices');
    const read = gather(rows, indices, 1);
    expect(String(read.shape)).toBe('batch,2');
    const g = grad(read.mul(literal([1, 10], [2], 'float64')).sum(), rows);
    const given = [[rows, [[1, 2, 3], [4, 5, 6]]], [indices, [[0, 2], [1, 1]]]] as const;
    expect([...(await evaluate(read, given)).data]).toEqual([1, 3, 5, 5]);
    expect([...(await evaluate(g, given)).data]).toEqual([1, 0, 10, 0, 11, 0]);
  });

  it('refuses other ranks, other sizes, other dtypes, and an empty axis', () => {
    expect(() => gather(x, ints([0]), 0)).toThrow(new ShapeError('gather: the indices a constant int32[1] must have the 2 axes of a constant float64[2, 3]; take reads whole parts'));
    expect(() => gather(x, ints([0, 0, 0], [3, 1]), 1)).toThrow(
      new ShapeError('gather: a constant float64[2, 3] and the indices a constant int32[3, 1] may differ in axis 1 only; axis 0 has sizes 2 and 3'),
    );
    expect(() => gather(x, x, 0)).toThrow(DTypeError);
    expect(() => gather(x, ints([0, 0], [2, 1]), 2)).toThrow(/^gather: axis 2 is not one of -2 to 1/);
    expect(() => gather(literal([], [2, 0], 'float32'), ints([0, 0], [2, 1]), 1)).toThrow(new ShapeError('gather: axis 1 of a constant float32[2, 0] has no elements to take'));
  });
});

describe('scatterAdd', () => {
  it('adds parts where the indices say, as often as they come', async () => {
    const zeros = literal([0, 0, 0], [3], 'float64');
    expect(await numbers(scatterAdd(zeros, ints([2, 0, 2]), literal([1, 2, 4], [3], 'float64')))).toEqual([2, 0, 5]);
    expect(await numbers(x.scatterAdd(ints([1, -1]), literal([10, 20, 30, 40], [2, 2], 'float64'), 1))).toEqual([21, 12, 3, 44, 35, 6]);
    expect(await numbers(scatterAdd(ints([2 ** 31 - 1]), ints([0]), ints([1])))).toEqual([-(2 ** 31)]);
    expect(await numbers(scatterAdd(zeros, ints([], [0]), literal([], [0], 'float64')))).toEqual([0, 0, 0]);
  });

  it('refuses updates of another shape or dtype', () => {
    expect(() => scatterAdd(x, ints([0]), literal([1, 2], [2], 'float64'))).toThrow(new ShapeError('scatterAdd: the updates a constant float64[2] should have the shape [1, 3]'));
    expect(() => scatterAdd(x, ints([0]), ints([1, 2, 3], [1, 3]))).toThrow(/^scatterAdd: a constant int32\[1, 3\] is int32, a constant float64\[2, 3\] float64; they must have one dtype/);
    const flags = literal([1], [1], 'bool');
    expect(() => scatterAdd(flags, ints([0]), flags)).toThrow(DTypeError);
  });
});
