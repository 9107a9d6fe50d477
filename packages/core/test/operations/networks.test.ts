import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { logSoftmax, softmax } from '../../src/operations/networks.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14));
};

describe('softmax and logSoftmax', () => {
  it('are powers of e over their sum, along any axis', async () => {
    const x = f64([0, Math.log(3), 0, 0], [2, 2]);
    close(await numbers(softmax(x)), [0.25, 0.75, 0.5, 0.5]);
    close(await numbers(softmax(x, 0)), [0.5, 0.75, 0.5, 0.25]);
    close(await numbers(logSoftmax(x)), [Math.log(0.25), Math.log(0.75), Math.log(0.5), Math.log(0.5)]);
    close(await numbers(x.logSoftmax(0)), [0.5, 0.75, 0.5, 0.25].map((p) => Math.log(p)));
  });

  it('do not overflow', async () => {
    expect(await numbers(softmax(f64([1e4, -1e4, 1e4])))).toEqual([0.5, 0, 0.5]);
    expect(await numbers(logSoftmax(f64([1e4, -1e4])))).toEqual([0, -2e4]);
  });

  it('refuse scalars and integers', () => {
    expect(() => softmax(f64([1], []))).toThrow(new ShapeError('softmax: a scalar has no axis -1'));
    expect(() => logSoftmax(f64([1]), 1)).toThrow(/^logSoftmax: axis 1/);
    expect(() => softmax(literal([1], [1], 'int32'))).toThrow(DTypeError);
  });
});
