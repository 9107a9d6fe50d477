import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { absoluteError, binaryCrossEntropy, cosineSimilarity, hinge, huber, klDivergence, squaredError } from '../../src/operations/losses.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14));
};
const gradientAt = async (f: (x: Expr) => Expr, at: readonly number[]): Promise<number[]> => {
  const x = input('float64', [at.length]);
  return [...(await evaluate(grad(f(x), x), [[x, [...at]]])).data].map((g) => g + 0);
};
const [p, t] = [f64([1, -2, 0.5, 3], [2, 2]), f64([0, 1, 0.5, -1], [2, 2])];

describe('errors of predictions', () => {
  it('are squared, absolute, or both by size', async () => {
    expect(await numbers(squaredError(p, t, { reduction: 'none' }))).toEqual([1, 9, 0, 16]);
    expect(await numbers(squaredError(p, t))).toEqual([6.5]);
    expect(await numbers(squaredError(p, t, { reduction: 'sum' }))).toEqual([26]);
    expect(await numbers(squaredError(p, 1, { reduction: 'none' }))).toEqual([0, 9, 0.25, 4]);
    expect(await numbers(absoluteError(p, t, { reduction: 'none' }))).toEqual([1, 3, 0, 4]);
    expect(await numbers(absoluteError(p, t))).toEqual([2]);
    expect(await numbers(huber(p, t, { reduction: 'none' }))).toEqual([0.5, 2.5, 0, 3.5]);
    expect(await numbers(huber(p, t, { delta: 3, reduction: 'none' }))).toEqual([0.5, 4.5, 0, 7.5]);
    expect(await numbers(huber(f64([Infinity, -Infinity, NaN, 1e300]), 0, { reduction: 'none' }))).toEqual([Infinity, Infinity, NaN, 1e300]);
    expect(await numbers(squaredError(f64([]), f64([])))).toEqual([NaN]);
    expect(await numbers(squaredError(f64([]), f64([]), { reduction: 'sum' }))).toEqual([0]);
    expect(squaredError(f64([2], []), f64([1], []), { reduction: 'none' }).shape).toEqual([]);
  });

  it('refuse other shapes, dtypes, and a delta of 0', () => {
    expect(() => squaredError(p, f64([1, 2]))).toThrow(new ShapeError('squaredError: a constant float64[2] should have the shape [2, 2], that of a constant float64[2, 2]'));
    expect(() => absoluteError(p, t.cast('float32'))).toThrow(
      new DTypeError('absoluteError: a constant float64[2, 2] and cast() float32[2, 2] differ in dtype; cast one of them with .cast(dtype)'),
    );
    expect(() => huber(p, t, { delta: 0 })).toThrow(new InputError('huber: delta must be above 0, not 0'));
    expect(() => squaredError(p.cast('int32'), 1)).toThrow(/^squaredError: takes float32 or float64/);
  });
});

describe('binaryCrossEntropy', () => {
  const entropy = (x: number, z: number): number => z * Math.log1p(Math.exp(-x)) + (1 - z) * Math.log1p(Math.exp(x));

  it('weighs positive targets', async () => {
    const [x, z, w] = [[-3, -0.5, 0, 700, -700, 4], [0, 1, 0.5, 0, 1, 0.25], [2, 3]];
    const expected = x.map((v, i) => (w[i % 2] ?? NaN) * (z[i] ?? NaN) * (v < -30 ? -v : Math.log1p(Math.exp(-v))) + (1 - (z[i] ?? NaN)) * (v > 30 ? v : Math.log1p(Math.exp(v))));
    close(await numbers(binaryCrossEntropy(f64(x, [3, 2]), f64(z, [3, 2]), { reduction: 'none', posWeight: w })), expected);
    close(await numbers(binaryCrossEntropy(f64([1, 2]), 1, { reduction: 'none', posWeight: 2 })), [1, 2].map((v) => 2 * entropy(v, 1)));
    close(await numbers(binaryCrossEntropy(f64(x), f64(z), { posWeight: 1 })), await numbers(binaryCrossEntropy(f64(x), f64(z))));
    expect(await gradientAt((v) => binaryCrossEntropy(v, f64([1, 0]), { reduction: 'sum', posWeight: 3 }), [0, 0])).toEqual([-1.5, 0.5]);
    checkDerivatives((v, t) => binaryCrossEntropy(v, t.sigmoid(), { posWeight: [2, 0.5], reduction: 'none' }), [[2, 2], [2, 2]]);
    expect(() => binaryCrossEntropy(f64(x), f64(z), { posWeight: [1, 2] })).toThrow(ShapeError);
    expect(() => binaryCrossEntropy(f64([1]), f64([0]), { posWeight: [1, 2] })).toThrow('binaryCrossEntropy: the weight a constant float64[2] does not broadcast to [1], the shape of the logits a constant float64[1]');
    expect(() => binaryCrossEntropy(f64(x), f64(z), { posWeight: f64([1]).cast('float32') })).toThrow(DTypeError);
  });

  it('is that of the sigmoid', async () => {
    const [x, z] = [[-3, -0.5, 0, 0.5, 2, 4], [0, 1, 0.5, 0.25, 1, 0]];
    const expected = x.map((v, i) => entropy(v, z[i] ?? NaN));
    close(await numbers(binaryCrossEntropy(f64(x), f64(z), { reduction: 'none' })), expected);
    close(await numbers(binaryCrossEntropy(f64(x), f64(z))), [expected.reduce((a, b) => a + b) / 6]);
    close(await numbers(binaryCrossEntropy(f64(x), 1, { reduction: 'none' })), x.map((v) => entropy(v, 1)));
    for (const dtype of ['bool', 'int32', 'float32'] as const) {
      close(await numbers(binaryCrossEntropy(f64([1, -2]), literal([1, 0], [2], dtype), { reduction: 'none' })), [entropy(1, 1), entropy(-2, 0)]);
    }
  });

  it('neither overflows nor loses a small loss', async () => {
    expect(await numbers(binaryCrossEntropy(f64([1000, -1000, 40, -40]), f64([0, 1, 1, 0]), { reduction: 'none' }))).toEqual([1000, 1000, Math.exp(-40), Math.exp(-40)]);
    expect(await gradientAt((x) => binaryCrossEntropy(x, f64([0, 1, 1]), { reduction: 'sum' }), [1000, -1000, 0])).toEqual([1, -1, -0.5]);
    expect(() => binaryCrossEntropy(f64([1, 2]), f64([1]))).toThrow(ShapeError);
  });
});

describe('hinge', () => {
  it('grows below a margin of 1', async () => {
    const x = f64([0.5, 2, -0.25, -3]);
    expect(await numbers(hinge(x, f64([1, 1, -1, 1]), { reduction: 'none' }))).toEqual([0.5, 0, 0.75, 4]);
    expect(await numbers(hinge(x, literal([1, 1, 0, 1], [4], 'bool')))).toEqual([5.25 / 4]);
    expect(await gradientAt((a) => hinge(a, f64([1, -1, 1]), { reduction: 'sum' }), [0.5, 0.5, 1])).toEqual([-1, 1, 0]);
    expect(() => hinge(x, literal([1, 1, -1, 1], [4], 'int32'))).toThrow(DTypeError);
  });
});

describe('klDivergence', () => {
  it('is that of the softmax of logits from probabilities', async () => {
    const [logits, q] = [f64([0, Math.log(3), 0, 0], [2, 2]), f64([0.5, 0.5, 1, 0], [2, 2])];
    const expected = [0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75), Math.log(2)];
    close(await numbers(klDivergence(logits, q, { reduction: 'none' })), expected);
    close(await numbers(klDivergence(logits, q)), [((expected[0] ?? 0) + (expected[1] ?? 0)) / 2]);
    close(await numbers(klDivergence(logits, logits.softmax(), { reduction: 'sum' })), [0]);
    expect(await numbers(klDivergence(f64([0, -Infinity]), f64([1, 0])))).toEqual([0]);
    expect(await numbers(klDivergence(f64([0, 0]), f64([NaN, 0])))).toEqual([NaN]);
    expect(() => klDivergence(f64([1], []), f64([1], []))).toThrow(new ShapeError('klDivergence: a scalar has no axis -1'));
  });
});

describe('cosineSimilarity', () => {
  it('is the cosine of the angle', async () => {
    const [a, b] = [f64([3, 4, 1, 0], [2, 2]), f64([4, 3, -5, 0], [2, 2])];
    close(await numbers(cosineSimilarity(a, b, { reduction: 'none' })), [24 / 25, -1]);
    close(await numbers(cosineSimilarity(a, b)), [-0.02]);
    close(await numbers(cosineSimilarity(a, b, { axis: 0, reduction: 'none' })), [(12 - 5) / Math.sqrt(10 * 41), 1]);
    expect(await numbers(cosineSimilarity(f64([0, 0]), f64([1, 2])))).toEqual([0]);
    expect(await gradientAt((x) => cosineSimilarity(x, x), [0, 0])).toEqual([0, 0]);
    expect(() => cosineSimilarity(a, f64([1, 2]))).toThrow(ShapeError);
  });
});

describe('gradients', () => {
  it.each<[string, (a: Expr, b: Expr) => Expr]>([
    ['squaredError', (a, b) => squaredError(a, b)],
    ['huber', (a, b) => huber(a, b, { delta: 10 })],
    ['binaryCrossEntropy', (a, b) => binaryCrossEntropy(a, b)],
    ['klDivergence', (a, b) => klDivergence(a, b.softmax())],
    ['cosineSimilarity', (a, b) => cosineSimilarity(a, b, { reduction: 'none' })],
  ])('of %s agree with finite differences', (_, f) => {
    checkDerivatives(f, [[2, 3], [2, 3]]);
  });

  it('of those with kinks are the formulas', async () => {
    expect(await gradientAt((x) => absoluteError(x, f64([1, 1, 1]), { reduction: 'sum' }), [0, 1, 2])).toEqual([-1, 0, 1]);
    expect(await gradientAt((x) => huber(x, 0, { reduction: 'sum' }), [-5, -1, -0.5, 0, 0.5, 1, 5])).toEqual([-1, -1, -0.5, 0, 0.5, 1, 1]);
  });
});
