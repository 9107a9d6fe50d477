import { describe, expect, it } from 'vitest';
import { literal } from '../../src/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/evaluate.js';
import type { Expr } from '../../src/expr.js';
import { input } from '../../src/input.js';
import { crossEntropy, logSoftmax, softmax } from '../../src/operations/networks.js';

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

describe('crossEntropy', () => {
  it('is the mean of minus the log probability of the labels', async () => {
    const logits = f64([0, Math.log(3), 0, 0], [2, 2]);
    close(await numbers(crossEntropy(logits, literal([1, 0], [2], 'int32'))), [-(Math.log(0.75) + Math.log(0.5)) / 2]);
    close(await numbers(crossEntropy(f64([0, Math.log(3)]), literal([0], [], 'int32'))), [-Math.log(0.25)]);
  });

  it('is finite for a certain and wrong answer, and ignores infinities elsewhere', async () => {
    expect(await numbers(crossEntropy(f64([1e4, 0], [1, 2]), literal([1], [1], 'int32')))).toEqual([1e4]);
    expect(await numbers(crossEntropy(f64([0, -Infinity], [1, 2]), literal([0], [1], 'int32')))).toEqual([0]);
  });

  it('takes sequences with open dimensions', async () => {
    const logits = input('float64', ['batch', 'time', 2]);
    const labels = input('int32', ['batch', 'time']);
    const loss = crossEntropy(logits, labels);
    expect(loss.shape).toEqual([]);
    const value = await evaluate(loss, new Map([[logits, [[[0, 0], [0, 0]]]], [labels, [[0, 1]]]]));
    close([...value.data], [Math.log(2)]);
  });

  it('refuses labels and logits that do not fit', () => {
    const logits = input('float32', ['batch', 10], 'logits');
    expect(() => crossEntropy(logits, input('float32', ['batch'], 'y'))).toThrow(
      new DTypeError("crossEntropy: the labels input y float32[batch] are float32, not int32; cast them with .cast('int32')"),
    );
    expect(() => crossEntropy(logits, input('int32', ['batch', 10], 'y'))).toThrow(
      new ShapeError('crossEntropy: the labels input y int32[batch, 10] should have the shape [batch], that of the logits input logits float32[batch, 10] without their last axis'),
    );
    expect(() => crossEntropy(input('int32', [2]), input('int32', []))).toThrow(new DTypeError('crossEntropy: the logits an input int32[2] are no floats'));
  });
});
