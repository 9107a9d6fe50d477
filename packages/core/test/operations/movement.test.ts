import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { dimension } from '../../src/graph/dimension.js';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { broadcastTo, concat, padNode, type Range } from '../../src/operations/movement.js';
import { CASES } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const count = (shape: readonly number[]): Expr =>
  literal(Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, k) => k), shape, 'float64');
const open = input('float32', ['batch', 'time', 8], 'x');
const batch = dimension('batch');

describe('reshape', () => {
  it('keeps the elements in row-major order, and works out -1', async () => {
    const x = count([2, 6]).reshape([3, -1]);
    expect(x.shape).toEqual([3, 4]);
    expect(await numbers(x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(count([0, 3]).reshape([-1, 3]).shape).toEqual([0, 3]);
    expect(count([1, 1]).reshape([]).shape).toEqual([]);
  });

  it('works -1 out over open dimensions', () => {
    expect(String(open.reshape([-1, 8]).shape)).toBe('batch*time,8');
    expect(String(open.reshape([-1, 'time', 4, 2]).shape)).toBe('batch,time,4,2');
    expect(String(open.reshape(['batch', -1]).shape)).toBe('batch,8*time');
    expect(String(open.reshape([-1, 8]).reshape(['batch', -1, 8]).shape)).toBe('batch,time,8');
    expect(open.reshape([-1]).reshape(open.shape).shape).toEqual(open.shape);
  });

  it('of its own shape is the expression itself', () => {
    expect(open.reshape(['batch', 'time', 8])).toBe(open);
  });

  it('refuses sizes that do not fill the shape', () => {
    expect(() => count([2, 3]).reshape([4, 2])).toThrow(new ShapeError('reshape: a constant float64[2, 3] has 6 elements, which do not fill [4, 2]'));
    expect(() => count([2, 3]).reshape([-1, 4])).toThrow(/6 elements, which do not fill \[-1, 4\]/);
    expect(() => open.reshape(['batch', 8])).toThrow(new ShapeError('reshape: input x float32[batch, time, 8] has 8*batch*time elements, which do not fill [batch, 8]'));
    expect(() => open.reshape([-1, 16])).toThrow(/which do not fill \[-1, 16\]/);
    expect(() => count([4]).reshape([-1, -1])).toThrow(ShapeError);
  });
});

describe('transpose', () => {
  it('permutes axes, and reverses them without a permutation', async () => {
    expect(await numbers(count([2, 3]).transpose())).toEqual([0, 3, 1, 4, 2, 5]);
    const x = count([2, 3, 2]).transpose([2, -3, 1]);
    expect(x.shape).toEqual([2, 2, 3]);
    expect(await numbers(x)).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
    expect(open.transpose([0, 1, 2])).toBe(open);
  });

  it('refuses what is no permutation', () => {
    expect(() => count([2, 3]).transpose([0, 0])).toThrow(new ShapeError('transpose: [0, 0] is no permutation of the 2 axes of a constant float64[2, 3]'));
    expect(() => count([2, 3]).transpose([0])).toThrow(/\[0\] is no permutation of the 2 axes/);
    expect(() => count([2, 3]).transpose([0, 2])).toThrow(/^transpose: axis 2 is not one of -2 to 1/);
  });
});

describe('broadcastTo, expandDims, squeeze', () => {
  it('repeat, put in and take out axes', async () => {
    expect(await numbers(count([2, 1]).broadcastTo([2, 2, 3]))).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
    expect(count([3]).broadcastTo(3)).toHaveProperty('shape', [3]);
    expect([count([2, 3]).expandDims(0).shape, count([2, 3]).expandDims(-1).shape, count([2, 3]).expandDims(1).shape]).toEqual([[1, 2, 3], [2, 3, 1], [2, 1, 3]]);
    expect([count([1, 2, 1]).squeeze().shape, count([1, 2, 1]).squeeze(-1).shape, count([1, 2, 1]).squeeze([0]).shape]).toEqual([[2], [1, 2], [2, 1]]);
    expect(String(open.squeeze().shape)).toBe('batch,time,8');
  });

  it('refuse what does not fit', () => {
    expect(() => broadcastTo(open, ['batch', 8])).toThrow(new ShapeError('broadcastTo: input x float32[batch, time, 8] does not broadcast to [batch, 8]'));
    expect(() => count([3]).broadcastTo([1])).toThrow(/does not broadcast to \[1\]/);
    expect(() => open.squeeze(0)).toThrow(new ShapeError('squeeze: axis 0 of input x float32[batch, time, 8] has not size 1'));
    expect(() => count([2]).expandDims(2)).toThrow(/^expandDims: axis 2 is not one of -2 to 1/);
  });
});

describe('slice', () => {
  /** Python's own rules for a range of an axis, over plain arrays. */
  const python = (values: readonly number[], start: number | null, end: number | null, step: number): number[] => {
    const n = values.length;
    const clamp = (i: number, low: number, high: number): number => Math.min(Math.max(i < 0 ? i + n : i, low), high);
    const from = start === null ? (step > 0 ? 0 : n - 1) : step > 0 ? clamp(start, 0, n) : clamp(start, -1, n - 1);
    const to = end === null ? (step > 0 ? n : -1) : step > 0 ? clamp(end, 0, n) : clamp(end, -1, n - 1);
    const picked: number[] = [];
    for (let i = from; step > 0 ? i < to : i > to; i += step) picked.push(values[i] ?? NaN);
    return picked;
  };

  it("takes Python's ranges, negative steps included", async () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }));
    const cases = fc.tuple(fc.integer({ min: 0, max: 5 }), bound, bound, fc.constantFrom(1, 2, 3, -1, -2, -3));
    await fc.assert(
      fc.asyncProperty(cases, async ([size, start, end, step]) => {
        const values = Array.from({ length: size }, (_, k) => k);
        const x = count([size]).slice([start, end, step]);
        const expected = python(values, start, end, step);
        expect(x.shape).toEqual([expected.length]);
        expect(await numbers(x)).toEqual(expected);
      }),
      { ...CASES, numRuns: 300 },
    );
  });

  it('takes a number for one element, and drops the axis; null and nothing take all', async () => {
    const x = count([2, 3]);
    expect(x.slice(1, -1).shape).toEqual([]);
    expect(await numbers(x.slice(1, -1))).toEqual([5]);
    expect(await numbers(x.slice(null, 0))).toEqual([0, 3]);
    expect(await numbers(x.slice([1, null]))).toEqual([3, 4, 5]);
    expect(x.slice()).toBe(x);
    expect(x.slice([0, 2], null)).toBe(x);
  });

  it('keeps what it can of an open dimension', async () => {
    const x = input('float64', ['batch', 2], 'x');
    expect(String(x.slice([1, -1]).shape)).toBe('max(0, batch - 2),2');
    expect(String(x.slice(-1).shape)).toBe('2');
    expect(String(x.slice([0, 2]).shape)).toBe('batch - max(0, batch - 2),2');
    const given = new Map([[x, [[0, 1], [2, 3], [4, 5]]]]);
    expect([...(await evaluate(x.slice([1, -1]), given)).data]).toEqual([2, 3]);
    expect([...(await evaluate(x.slice(-1), given)).data]).toEqual([4, 5]);
    expect([...(await evaluate(x.slice([null, null, -1]), given)).data]).toEqual([4, 5, 2, 3, 0, 1]);
  });

  it('refuses, once sizes are bound, what lies outside of an open dimension', async () => {
    const x = input('float64', [2, 'time'], 'x');
    const given = new Map([[x, [[0, 1, 2], [3, 4, 5]]]]);
    await expect(evaluate(x.slice(null, 3), given)).rejects.toThrow(
      new ShapeError('slice: input x float64[2, time] has no element 3 on axis 1, whose size is 3 here'),
    );
    expect([...(await evaluate(x.slice(null, [0, 4]), given)).data]).toEqual([0, 1, 2, 3, 4, 5]);
    await expect(evaluate(x.slice(null, -4), given)).rejects.toThrow(
      new ShapeError('slice: input x float64[2, time] has no element -1 on axis 1, whose size is 3 here'),
    );
    const none = await evaluate(x.slice(null, [null, null, -1]), [[x, { data: new Float64Array(0), shape: [2, 0] }]]);
    expect(none.shape).toEqual([2, 0]);
    expect((await evaluate(x.slice(null, [0, 3]), given)).shape).toEqual([2, 3]);
    expect(x.slice(null, [3, 1]).shape).toEqual([2, 0]);
    expect(x.slice(null, [-1, -3]).shape).toEqual([2, 0]);
  });

  it('refuses elements, steps and ranges that are not there', () => {
    expect(() => count([3]).slice(3)).toThrow(new ShapeError('slice: a constant float64[3] has no element 3 on axis 0'));
    expect(() => count([3]).slice(-4)).toThrow(/no element -4/);
    expect(() => count([3]).slice([0, 2, 0])).toThrow(new ShapeError('slice: a step must be a whole number, not 0; got 0'));
    expect(() => count([3]).slice(null, null)).toThrow(new ShapeError('slice: 2 ranges for the 1 axes of a constant float64[3]'));
    const halves: Range = [0.5, 2];
    expect(() => count([3]).slice(halves)).toThrow(new ShapeError('slice: the ends of a range must be whole numbers, not 0.5'));
  });
});

describe('pad and concat', () => {
  it('pad puts elements where a slice would take them from, zeros elsewhere', async () => {
    expect(await numbers(padNode(count([2, 2]).add(1), [1, 4], [1, -2], [3, 5]))).toEqual([0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 4, 0, 3]);
  });

  it('concat joins along an axis', async () => {
    const joined = concat([count([2, 1]), count([2, 2]), count([2, 0])], -1);
    expect(joined.shape).toEqual([2, 3]);
    expect(await numbers(joined)).toEqual([0, 0, 1, 1, 2, 3]);
    expect(String(concat([open, open.slice([0, 2])]).shape)).toBe('2*batch - max(0, batch - 2),time,8');
    expect(concat([open])).toBe(open);
  });

  it('concat refuses other sizes, dtypes, and nothing', () => {
    expect(() => concat([count([2, 1]), count([3, 1])], 1)).toThrow(new ShapeError('concat: a constant float64[2, 1] and a constant float64[3, 1] may differ in axis 1 only'));
    expect(() => concat([count([2]), open])).toThrow(DTypeError);
    expect(() => concat([count([2]), count([2]).cast('int32')])).toThrow(/differ in dtype; cast one of them/);
    expect(() => concat([])).toThrow(new GraphError('concat: needs at least one tensor'));
    expect(() => concat([count([2])], 1)).toThrow(/^concat: axis 1 is not one of -1 to 0/);
  });

  it('an open dimension may be given as taken from another shape', () => {
    expect(input('float32', [batch, 3]).shape).toEqual(input('float32', ['batch', 3]).shape);
  });
});
