import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { grad } from '../../src/gradients/grad.js';
import { diag, diagonal, trace } from '../../src/operations/diagonals.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const counted = (shape: readonly number[], dtype: 'float64' | 'int32' = 'float64'): Expr => literal(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => k), shape, dtype);

describe('diagonal', () => {
  // What numpy.diagonal of NumPy 2.4 gives.
  it('is what NumPy gives, on and beside the main diagonal', async () => {
    const x = counted([3, 4]);
    expect(await numbers(diagonal(x))).toEqual([0, 5, 10]);
    expect(await numbers(diagonal(x, { offset: 1 }))).toEqual([1, 6, 11]);
    expect(await numbers(diagonal(x, { offset: -1 }))).toEqual([4, 9]);
    expect(await numbers(diagonal(x, { offset: -2 }))).toEqual([8]);
    expect(diagonal(x, { offset: 5 }).shape).toEqual([0]);
    expect(await numbers(diagonal(x, { offset: 5 }))).toEqual([]);
  });

  it('is of any two axes, and the last axis of the result', async () => {
    const x = counted([2, 3, 4], 'int32');
    const first = await evaluate(diagonal(x, { axis1: 0, axis2: 2 }));
    expect([first.shape, [...first.data]]).toEqual([[3, 2], [0, 13, 4, 17, 8, 21]]);
    const second = await evaluate(diagonal(x, { offset: 1, axis1: 1, axis2: 0 }));
    expect([second.shape, [...second.data]]).toEqual([[4, 1], [12, 13, 14, 15]]);
    expect(diagonal(x).shape).toEqual([2, 3]);
  });

  it('is the same of open sizes, whatever they are in a call', async () => {
    const x = input('float64', ['batch', 'rows', 'columns'], 'x');
    const of = async (y: Expr, values: number[][][]): Promise<number[]> => [...(await evaluate(y, [[x, values]])).data];
    const matrix = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]];
    for (const offset of [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5]) {
      const expected = matrix.flatMap((row, i) => (row[i + offset] === undefined ? [] : [row[i + offset]]));
      expect(await of(diagonal(x, { offset }), [matrix, matrix])).toEqual([...expected, ...expected]);
      expect(await of(trace(x, { offset }), [matrix])).toEqual([expected.reduce<number>((sum, value) => sum + (value ?? NaN), 0)]);
    }
    expect(await of(diagonal(x), [[[3]]])).toEqual([3]);
    expect(await of(grad(diagonal(x, { offset: 1 }).square().sum(), x), [matrix])).toEqual([0, 2, 0, 0, 0, 0, 12, 0, 0, 0, 0, 22]);
    // A known number of columns, and as many rows as there are.
    const tall = input('float64', ['rows', 2], 'tall');
    expect([...(await evaluate(diagonal(tall, { offset: -1 }), [[tall, [[0, 1], [2, 3], [4, 5], [6, 7]]]])).data]).toEqual([2, 5]);
    expect([...(await evaluate(diagonal(tall, { offset: -1 }), [[tall, [[0, 1]]]])).data]).toEqual([]);
  });

  it('has gradients that agree with finite differences', () => {
    checkDerivatives((a) => diagonal(a).square(), [[3, 2]]);
    checkDerivatives((a) => diagonal(a, { offset: -1, axis1: 0, axis2: 2 }).square(), [[3, 2, 4]]);
    checkDerivatives((a) => diag(a, { offset: 2 }).square(), [[2, 3]]);
    checkDerivatives((a) => trace(a.matmul(a)), [[2, 3, 3]]);
  });

  it('says what is wrong', () => {
    expect(() => diagonal(counted([3]))).toThrow(new ShapeError('diagonal: takes matrices, and a constant float64[3] has 1 axes'));
    expect(() => diagonal(counted([3, 3]), { axis1: 1 })).toThrow(new ShapeError('diagonal: axis1 and axis2 are both axis 1 of a constant float64[3, 3], and a matrix has two'));
    expect(() => trace(counted([3, 3]), { offset: 0.5 })).toThrow(new ShapeError('trace: the offset must be a whole number below 2^31, not 0.5'));
    expect(() => trace(literal([1], [1, 1], 'bool'))).toThrow(DTypeError);
    expect(() => diag(counted([]))).toThrow(new ShapeError('diag: takes vectors, and a constant float64[] has no axis; diag(x.reshape([1])) is a matrix of one element'));
  });
});

describe('trace', () => {
  it('is what NumPy gives', async () => {
    const x = counted([2, 3, 4], 'int32');
    expect(await numbers(trace(x))).toEqual([15, 51]);
    expect(await numbers(trace(x, { offset: 1, axis1: 2, axis2: 1 }))).toEqual([13, 37]);
    expect(await numbers(trace(counted([0, 3])))).toEqual([0]);
  });
});

describe('diag', () => {
  it('is what NumPy gives of a vector, and torch of a batch', async () => {
    expect(await numbers(diag(literal([1, 2], [2], 'float64')))).toEqual([1, 0, 0, 2]);
    expect(await numbers(diag(literal([1, 2], [2], 'float64'), { offset: 1 }))).toEqual([0, 1, 0, 0, 0, 2, 0, 0, 0]);
    expect(await numbers(diag(literal([1, 2], [2], 'int32'), { offset: -2 }))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0]);
    expect(await numbers(diag(literal([1, 2, 3, 4], [2, 2], 'float64'), { offset: 1 }))).toEqual([0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
    const flags = diag(literal([1, 0], [2], 'bool'));
    expect(flags.dtype).toBe('bool');
    expect(await numbers(flags)).toEqual([1, 0, 0, 0]);
  });

  it('is undone by diagonal, of open sizes too, of one element and of none', async () => {
    const x = input('float64', ['n'], 'x');
    for (const offset of [-2, 0, 3]) {
      const back = diagonal(diag(x, { offset }), { offset });
      for (const values of [[1, 2, 3], [4], []]) expect([...(await evaluate(back, [[x, values]])).data]).toEqual(values);
    }
  });
});
