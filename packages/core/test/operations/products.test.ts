import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { CASES, tensorOf } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('matmul', () => {
  it('multiplies matrices', async () => {
    const y = f64([1, 2, 3, 4, 5, 6], [2, 3]).matmul(f64([1, 0, 0, 1, 2, 2], [3, 2]));
    expect(y.shape).toEqual([2, 2]);
    expect(await numbers(y)).toEqual([7, 8, 16, 17]);
  });

  it('takes a vector for a row on the left and for a column on the right', async () => {
    const m = f64([1, 2, 3, 4], [2, 2]);
    const v = f64([10, 100]);
    expect([await numbers(v.matmul(m)), await numbers(m.matmul(v))]).toEqual([[310, 420], [210, 430]]);
    expect([v.matmul(m).shape, m.matmul(v).shape, v.matmul(v).shape]).toEqual([[2], [2], []]);
    expect(await numbers(v.matmul(v))).toEqual([10100]);
    expect(f64([1, 2, 3, 4], [2, 1, 2]).matmul(v).shape).toEqual([2, 1]);
    expect(v.matmul(f64([1, 2, 3, 4], [1, 2, 2])).shape).toEqual([1, 2]);
  });

  it('broadcasts the leading axes: each product is that of the matrices there', async () => {
    const cases = fc.constantFrom<readonly [number[], number[]]>(
      [[2, 3], [2, 1]], [[3], [2, 1]], [[2], []], [[], [2, 2]], [[1], [4]],
    ).chain(([a, b]) => fc.tuple(tensorOf([...a, 2, 3], [-2, 2]), tensorOf([...b, 3, 2], [-2, 2])));
    await fc.assert(
      fc.asyncProperty(cases, async ([left, right]) => {
        const [a, b] = [f64([...left.data], left.shape), f64([...right.data], right.shape)];
        const product = a.matmul(b);
        // The same by broadcasting, multiplying and summing.
        const expected = a.expandDims(-1).mul(b.expandDims(-3)).sum(-2);
        expect(product.shape).toEqual(expected.shape);
        const [found, wanted] = [await numbers(product), await numbers(expected)];
        found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 12));
      }),
      CASES,
    );
  });

  it('of an empty inner axis is zeros, and empty where a size is 0', async () => {
    expect(await numbers(f64([], [2, 0]).matmul(f64([], [0, 2])))).toEqual([0, 0, 0, 0]);
    expect(await numbers(f64([], [2, 1, 0]).matmul(f64([], [0, 2])))).toEqual([0, 0, 0, 0]);
    expect(f64([], [0, 2]).matmul(f64([1, 2], [2, 1])).shape).toEqual([0, 1]);
    expect(f64([], [0, 3, 2]).matmul(f64([1, 2], [2, 1])).shape).toEqual([0, 3, 1]);
  });

  it('keeps open dimensions', () => {
    const x = input('float32', ['batch', 'time', 4]);
    expect(String(x.matmul(input('float32', [4, 3])).shape)).toBe('batch,time,3');
    expect(String(x.matmul(x.transpose([0, 2, 1])).shape)).toBe('batch,time,time');
    expect(String(input('float32', ['batch']).matmul(input('float32', ['batch', 2])).shape)).toBe('2');
  });

  it('wraps around on int32', async () => {
    const n = literal([65536, 65537], [1, 2], 'int32');
    expect(await numbers(n.matmul(n.transpose()))).toEqual([131073]);
  });

  it('refuses inner axes, leading axes, dtypes and scalars that do not fit', () => {
    const x = input('float32', ['batch', 4], 'x');
    const w = input('float32', [3, 2], 'w');
    expect(() => x.matmul(w)).toThrow(new ShapeError('matmul: the last axis of input x float32[batch, 4] and the last but one of input w float32[3, 2] differ: 4 and 3'));
    expect(() => f64([1, 2]).matmul(f64([1, 2, 3]))).toThrow(/differ: 2 and 3/);
    const [a, b] = [input('float32', [2, 3, 4], 'a'), input('float32', [3, 4, 3], 'b')];
    expect(() => a.matmul(b)).toThrow(new ShapeError('matmul: the leading axes of input a float32[2, 3, 4] and input b float32[3, 4, 3] do not broadcast'));
    expect(() => x.matmul(w.cast('float64'))).toThrow(new DTypeError('matmul: input x float32[batch, 4] and cast(w) float64[3, 2] must have one dtype, and not bool; cast them with .cast(dtype)'));
    expect(() => w.sum().matmul(w)).toThrow(new ShapeError('matmul: takes no scalar: sum(w) float32[], input w float32[3, 2]; use mul'));
  });
});
