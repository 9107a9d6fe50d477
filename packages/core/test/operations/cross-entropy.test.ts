import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { crossEntropy, type CrossEntropyOptions } from '../../src/operations/cross-entropy.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14));
};

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

  const x = [[0.5, -1, 2], [0, 0.25, -3], [1, 1, 1]];
  const labels = [2, 0, 1];
  const weights = [1, 2, 0.5];
  /** What each class would cost, by the definition. */
  const costOf = (row: readonly number[], c: number): number => Math.log(row.reduce((s, v) => s + Math.exp(v), 0)) - (row[c] ?? NaN);
  const logits = f64(x.flat(), [3, 3]);
  const ints = literal(labels, [3], 'int32');
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  it('takes one-hot labels and probabilities', async () => {
    const p = [[0, 0, 1], [0.5, 0.5, 0], [0.2, 0.3, 0.5]];
    const expected = x.map((row, i) => total((p[i] ?? []).map((q, c) => q * costOf(row, c))));
    close(await numbers(crossEntropy(logits, f64(p.flat(), [3, 3]), { reduction: 'none' })), expected);
    close(await numbers(crossEntropy(logits, f64(p.flat(), [3, 3]))), [total(expected) / 3]);
    const oneHot = [0, 0, 1, 1, 0, 0, 0, 1, 0];
    for (const dtype of ['int32', 'bool', 'float32'] as const) {
      close(await numbers(crossEntropy(logits, literal(oneHot, [3, 3], dtype), { reduction: 'sum' })), [total(x.map((row, i) => costOf(row, labels[i] ?? 0)))]);
    }
    expect(await numbers(crossEntropy(f64([0, -Infinity], [1, 2]), f64([1, 0], [1, 2])))).toEqual([0]);
  });

  it('smooths labels: a share of the probability goes to every class', async () => {
    const smooth = (row: readonly number[], label: number, w: readonly number[]): number =>
      total(row.map((_, c) => (0.3 / 3 + (c === label ? 0.7 : 0)) * (w[c] ?? 1) * costOf(row, c)));
    const plain = x.map((row, i) => smooth(row, labels[i] ?? 0, []));
    close(await numbers(crossEntropy(logits, ints, { labelSmoothing: 0.3, reduction: 'none' })), plain);
    close(await numbers(crossEntropy(logits, literal([0, 0, 1, 1, 0, 0, 0, 1, 0], [3, 3], 'int32'), { labelSmoothing: 0.3, reduction: 'none' })), plain);
    const weighted = x.map((row, i) => smooth(row, labels[i] ?? 0, weights));
    close(await numbers(crossEntropy(logits, ints, { labelSmoothing: 0.3, classWeights: weights, reduction: 'sum' })), [total(weighted)]);
    close(await numbers(crossEntropy(logits, ints, { labelSmoothing: 0.3, classWeights: weights })), [total(weighted) / (0.5 + 1 + 2)]);
  });

  it('weighs classes; the mean is over the weights', async () => {
    const weighted = x.map((row, i) => (weights[labels[i] ?? 0] ?? NaN) * costOf(row, labels[i] ?? 0));
    close(await numbers(crossEntropy(logits, ints, { classWeights: weights, reduction: 'none' })), weighted);
    close(await numbers(crossEntropy(logits, ints, { classWeights: f64(weights) })), [total(weighted) / 3.5]);
    expect(await numbers(crossEntropy(logits, ints, { classWeights: [0, 0, 0] }))).toEqual([0]);
  });

  it('ignores a label, be it a class or not', async () => {
    const [first = 0, second = 0] = x.map((row, i) => costOf(row, labels[i] ?? 0));
    close(await numbers(crossEntropy(logits, literal([2, 0, -100], [3], 'int32'), { ignoreLabel: -100 })), [(first + second) / 2]);
    close(await numbers(crossEntropy(logits, ints, { ignoreLabel: 1, reduction: 'none' })), [first, second, 0]);
    close(await numbers(crossEntropy(logits, ints, { ignoreLabel: 1, classWeights: weights })), [(0.5 * first + second) / 1.5]);
    expect(await numbers(crossEntropy(logits, ints, { ignoreLabel: 1, reduction: 'sum' }))).toHaveLength(1);
    expect(await numbers(crossEntropy(logits, literal([7, 7, 7], [3], 'int32'), { ignoreLabel: 7 }))).toEqual([0]);
  });

  it.each<[string, CrossEntropyOptions]>([
    ['smoothing', { labelSmoothing: 0.2 }],
    ['weights', { classWeights: weights }],
    ['an ignored label', { ignoreLabel: 0 }],
    ['all of them', { labelSmoothing: 0.2, classWeights: weights, ignoreLabel: 0, reduction: 'none' }],
  ])('has the derivatives of finite differences with %s', (_, options) => {
    checkDerivatives((a: Expr) => crossEntropy(a, ints, options), [[3, 3]]);
  });

  it('has the derivatives of finite differences for probabilities', () => {
    checkDerivatives((a: Expr) => crossEntropy(a, f64([0, 0, 1, 0.5, 0.5, 0], [2, 3]), { labelSmoothing: 0.1 }), [[2, 3]]);
  });

  it('refuses labels and logits that do not fit', () => {
    const logits = input('float32', ['batch', 10], 'logits');
    expect(() => crossEntropy(logits, input('float32', ['batch'], 'y'))).toThrow(
      new DTypeError("crossEntropy: the labels input y float32[batch] are float32, not int32; cast them with .cast('int32')"),
    );
    expect(() => crossEntropy(logits, input('int32', ['batch', 9], 'y'))).toThrow(
      new ShapeError('crossEntropy: the labels input y int32[batch, 9] should have the shape [batch], that of the logits input logits float32[batch, 10] without their last axis, or one for each class'),
    );
    expect(() => crossEntropy(input('int32', [2]), input('int32', []))).toThrow(new DTypeError('crossEntropy: takes float32 or float64, and an input int32[2] is int32; cast it with .cast(dtype)'));
    expect(() => crossEntropy(f64([1], []), literal([0], [], 'int32'))).toThrow(ShapeError);
    expect(() => crossEntropy(logits, input('int32', ['batch']), { labelSmoothing: 1.5 })).toThrow(new InputError('crossEntropy: labelSmoothing must be from 0 to 1, not 1.5'));
    expect(() => crossEntropy(logits, input('int32', ['batch']), { classWeights: [1, 2] })).toThrow(
      new ShapeError('crossEntropy: a constant float32[2] should have the shape [10], that of the classes of input logits float32[batch, 10]'),
    );
    expect(() => crossEntropy(logits, input('float32', ['batch', 10], 'p'), { ignoreLabel: 0 })).toThrow(
      new InputError('crossEntropy: ignoreLabel is for integer labels, and input p float32[batch, 10] has one for each class'),
    );
  });
});

describe('a label of crossEntropy that is no class', () => {
  const logits = f64([1, 2, 3, 0.5, 0.5, 1], [2, 3]);

  it('is an error where it is a constant, or given to the call', async () => {
    for (const label of [3, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const wanted = new InputError(`crossEntropy: a constant int32[2] has the label ${label}, which is not from 0 to 2; a label that does not count is the option ignoreLabel`);
      expect(() => crossEntropy(logits, literal([0, label], [2], 'int32'))).toThrow(wanted);
      expect(() => crossEntropy(logits, literal([0, label], [2], 'int32'), { labelSmoothing: 0.1, classWeights: [1, 2, 3], ignoreLabel: -100 })).toThrow(wanted);
      const labels = input('int32', [2], 'labels');
      const message = new RegExp(`^crossEntropy: input labels int32\\[2\\] has the label ${label}, which is not from 0 to 2`);
      await expect(evaluate(crossEntropy(logits, labels), [[labels, [0, label]]])).rejects.toThrow(message);
      await expect(evaluate(crossEntropy(logits, labels, { ignoreLabel: 7 }), [[labels, [7, label]]])).rejects.toThrow(message);
      expect([...(await evaluate(crossEntropy(logits, labels, { ignoreLabel: label, reduction: 'none' }), [[labels, [label, label]]])).data]).toEqual([0, 0]);
    }
  });

  it.each<[string, CrossEntropyOptions]>([
    ['plainly', {}],
    ['with smoothing', { labelSmoothing: 0.2 }],
    ['smoothed away', { labelSmoothing: 1 }],
    ['with weights', { classWeights: [1, 2, 3] }],
    ['with an ignored label', { ignoreLabel: -100 }],
    ['with all of them', { labelSmoothing: 0.2, classWeights: [1, 2, 3], ignoreLabel: -100 }],
  ])('makes the loss and the gradient of its row NaN where it is computed, %s', async (_, options) => {
    const x = input('float64', [3, 3]);
    const labels = literal([1, 3, -100], [3], 'int32').add(0);
    const given = [[x, [[1, 2, 3], [0.5, 0.5, 1], [1, 0, 2]]]] as const;
    const rows = [...(await evaluate(crossEntropy(x, labels, { ...options, reduction: 'none' }), given)).data];
    expect(rows[0]).toBeGreaterThan(0);
    expect(rows.slice(1)).toEqual([NaN, options.ignoreLabel === undefined ? NaN : 0]);
    for (const reduction of ['mean', 'sum'] as const) {
      const loss = crossEntropy(x, labels, { ...options, reduction });
      expect([...(await evaluate(loss, given)).data]).toEqual([NaN]);
      const g = [...(await evaluate(grad(loss, x), given)).data];
      expect(g.slice(0, 3).every(Number.isFinite)).toBe(true);
      expect(g.slice(3, 6)).toEqual([NaN, NaN, NaN]);
      expect(g.slice(6)).toEqual(options.ignoreLabel === undefined ? [NaN, NaN, NaN] : [0, 0, 0]);
    }
  });

  it('has no classes to be of where there are none', async () => {
    expect(() => crossEntropy(literal([], [2, 0], 'float64'), literal([0, 0], [2], 'int32'))).toThrow(ShapeError);
    const open = input('float64', [2, 'classes'], 'logits');
    const loss = crossEntropy(open, literal([0, 0], [2], 'int32'));
    await expect(evaluate(loss, [[open, { data: new Float64Array(0), shape: [2, 0] }]])).rejects.toThrow(ShapeError);
  });
});
