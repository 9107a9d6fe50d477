import { describe, expect, it } from 'vitest';
import { literal } from '../../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { input } from '../../../src/graph/input.js';
import { searchSorted } from '../../../src/operations/order/index.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('searchSorted', () => {
  const sorted = f64([1, 2, 2, 5, NaN, NaN]);
  const values = [0, 1, 2, 3, 5, 6, NaN];

  it("is NumPy 2.4.6's, NaN behind all numbers", async () => {
    expect(await numbers(searchSorted(sorted, values))).toEqual([0, 0, 1, 3, 3, 4, 4]);
    expect(await numbers(searchSorted(sorted, values, { side: 'right' }))).toEqual([0, 1, 3, 3, 4, 4, 6]);
  });

  it('searches rows of their own, as torch 2.13.0 does, and one row for values of any shape', async () => {
    expect(await numbers(searchSorted(f64([1, 3, 5, 2, 4, 6], [2, 3]), f64([3, 6, 3, 6], [2, 2]), { side: 'right' }))).toEqual([2, 3, 1, 3]);
    const grid = searchSorted(literal([1, 3, 5], [3], 'int32'), literal([0, 1, 2, 3, 4, 9], [3, 2], 'int32'));
    expect([grid.shape, grid.dtype, await numbers(grid)]).toEqual([[3, 2], 'int32', [0, 0, 1, 1, 2, 3]]);
    expect([searchSorted(sorted, 2).shape, await numbers(searchSorted(sorted, 2, { side: 'right' }))]).toEqual([[], [3]]);
  });

  it('of nothing finds the first place, of any size that is open', async () => {
    expect(await numbers(searchSorted(f64([]), [1, NaN]))).toEqual([0, 0]);
    expect(await numbers(searchSorted(sorted, f64([])))).toEqual([]);
    const [edges, given] = [input('float32', ['n'], 'edges'), input('float32', ['b', 2], 'given')];
    const found = searchSorted(edges, given);
    expect([...(await evaluate(found, [[edges, [0, 1, 2]], [given, [[0.5, 7], [1, -1]]]])).data]).toEqual([1, 3, 1, 0]);
  });

  it('refuses values of another dtype, leading axes that differ, and sides that there are not', () => {
    expect(() => searchSorted(sorted, literal([1], [1], 'float32'))).toThrow(DTypeError);
    expect(() => searchSorted(f64([1, 2, 3, 4], [2, 2]), f64([1, 2, 3], [3, 1]))).toThrow(
      new ShapeError('searchSorted: a constant float64[2, 2] and the values a constant float64[3, 1] may differ in their last axes only; in one row, [n], values of any shape are searched'),
    );
    expect(() => searchSorted(f64([1, 2], [2, 1]), 1)).toThrow(ShapeError);
    expect(() => searchSorted(f64([1], []), 1)).toThrow(ShapeError);
    expect(() => Reflect.apply(searchSorted, undefined, [sorted, [1], { side: 'middle' }])).toThrow(new InputError("searchSorted: the option side must be 'left' or 'right', not 'middle'"));
  });
});
