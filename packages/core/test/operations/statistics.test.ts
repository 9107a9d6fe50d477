import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { categorical } from '../../src/operations/random.js';
import { argMax, argMin, norm, std, variance } from '../../src/operations/statistics.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const gradientAt = async (f: (x: Expr) => Expr, at: readonly number[]): Promise<number[]> => {
  const x = input('float64', [at.length]);
  return [...(await evaluate(grad(f(x), x), [[x, [...at]]])).data].map((g) => g + 0);
};

describe('argMax and argMin', () => {
  it('are named where an open axis has size 0 in a call', async () => {
    const rows = input('float64', ['n', 2], 'rows');
    const none = { data: new Float64Array(0), shape: [0, 2] };
    await expect(evaluate(argMax(rows, 0), [[rows, none]])).rejects.toThrow(new ShapeError('argMax: input rows float64[n, 2] has no elements to choose from: its axis 0 has size 0 here'));
    await expect(evaluate(argMin(rows), [[rows, none]])).rejects.toThrow(/^argMin: /);
    await expect(evaluate(categorical(rows, { axis: 0, seed: 1, step: 0 }), [[rows, none]])).rejects.toThrow(/^categorical: /);
  });

  const x = f64([1, 5, 5, -2, -2, 0], [2, 3]);

  it('are the first index of the extreme, along an axis or of all', async () => {
    expect(String(argMax(x, 1))).toMatch(/int32\[2\]$/);
    expect(await numbers(argMax(x, 1))).toEqual([1, 2]);
    expect(await numbers(x.argMax(-2))).toEqual([0, 0, 0]);
    expect(await numbers(x.argMin(1))).toEqual([0, 0]);
    expect(await numbers(argMin(x))).toEqual([3]);
    expect(await numbers(argMax(x))).toEqual([1]);
    expect([argMax(x, 0, { keepdims: true }).shape, argMin(x, undefined, { keepdims: true }).shape, argMax(f64([7], [])).shape]).toEqual([[1, 3], [1, 1], []]);
    expect(await numbers(argMax(literal([3, 9, 9], [3], 'int32'), 0))).toEqual([1]);
    expect(await numbers(argMax(f64([7], [1]), 0))).toEqual([0]);
  });

  it('take the first NaN, infinities for what they are, and the two zeros for equal', async () => {
    expect(await numbers(argMax(f64([1, NaN, Infinity, NaN])))).toEqual([1]);
    expect(await numbers(argMin(f64([1, NaN, -Infinity, NaN])))).toEqual([1]);
    expect(await numbers(argMax(f64([-Infinity, -Infinity])))).toEqual([0]);
    expect(await numbers(argMin(f64([Infinity, 3, -Infinity])))).toEqual([2]);
    expect([await numbers(argMax(f64([-0, 0]))), await numbers(argMin(f64([0, -0])))]).toEqual([[0], [0]]);
  });

  it('work along open dimensions', async () => {
    const rows = input('float64', ['batch', 2], 'rows');
    const given = new Map([[rows, [[1, 2], [3, 0], [3, 9]]]]);
    expect([...(await evaluate(argMax(rows, 0), given)).data]).toEqual([1, 2]);
    expect([...(await evaluate(argMax(rows), given)).data]).toEqual([5]);
  });

  it('pass no gradient, and refuse bool and nothing', () => {
    const w = input('float64', [3], 'w');
    expect(() => grad(argMax(w).cast('float64'), w)).toThrow(GraphError);
    expect(() => argMax(w.gt(0))).toThrow(new DTypeError("argMax: takes numbers, and gt(w) bool[3] is bool; cast it with .cast('float32')"));
    expect(() => argMin(f64([], [2, 0]), 1)).toThrow(new ShapeError('argMin: a constant float64[2, 0] has no elements to choose from'));
    expect(argMin(f64([], [2, 0]), 0).shape).toEqual([0]);
    expect(() => argMax(w, 1)).toThrow(/^argMax: axis 1 is not one of -1 to 0/);
  });
});

describe('variance', () => {
  const x = f64([1, 2, 3, 4, 10, 10], [2, 3]);

  it('is the mean squared deviation, or that of a sample', async () => {
    expect(await numbers(x.variance())).toEqual([80 / 6]);
    expect(await numbers(variance(x, 1))).toEqual([2 / 3, 8]);
    expect(await numbers(variance(x, -1, { correction: 1 }))).toEqual([1, 12]);
    expect(variance(x, 0, { keepdims: true }).shape).toEqual([1, 3]);
    expect(variance(x, 0, { keepdims: true, correction: 1 }).shape).toEqual([1, 3]);
    expect(await numbers(variance(f64([5], [])))).toEqual([0]);
    const rows = input('float64', ['batch'], 'rows');
    expect((await evaluate(variance(rows, 0, { correction: 1 }), [[rows, [1, 2, 3, 4]]])).data[0]).toBeCloseTo(5 / 3, 14);
  });

  it('keeps its accuracy beside a large mean', async () => {
    expect(await numbers(variance(f64([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]), 0, { correction: 1 }))).toEqual([30]);
  });

  it('of too few is as in NumPy, and NaN spreads', async () => {
    expect(await numbers(variance(f64([])))).toEqual([NaN]);
    expect(await numbers(variance(f64([3]), 0, { correction: 1 }))).toEqual([NaN]);
    expect(await numbers(variance(f64([3, 5]), 0, { correction: 3 }))).toEqual([Infinity]);
    expect(await numbers(variance(f64([1, NaN])))).toEqual([NaN]);
    expect(await numbers(variance(f64([1, Infinity])))).toEqual([NaN]);
    expect(() => variance(x.cast('int32'))).toThrow(/^variance: takes float32 or float64, and cast\(\) int32\[2, 3\] is int32/);
  });

  it('has the derivatives of finite differences', () => {
    checkDerivatives((a: Expr) => variance(a, 0), [[3, 2]]);
    checkDerivatives((a: Expr) => variance(a, undefined, { correction: 1 }), [[4]]);
  });
});

describe('std', () => {
  const x = f64([1, 2, 3, 4, 10, 10], [2, 3]);

  it('is the root of the variance, with its options', async () => {
    expect(await numbers(std(x))).toEqual([Math.sqrt(80 / 6)]);
    expect(await numbers(std(x, -1, { correction: 1 }))).toEqual([1, Math.sqrt(12)]);
    expect(std(x, 0, { keepdims: true }).shape).toEqual([1, 3]);
    const rows = input('float64', ['batch', 2], 'rows');
    expect((await evaluate(std(rows, 0), [[rows, [[1, 3], [3, 3]]]])).data).toEqual(Float64Array.of(1, 0));
    // PyTorch 2.13.
    expect((await numbers(std(f64([1, 2, 4, 9]), 0, { correction: 1 })))[0]).toBeCloseTo(3.559026084010437, 14);
  });

  it('of too few is as in NumPy, and NaN spreads', async () => {
    expect(await numbers(std(f64([])))).toEqual([NaN]);
    expect(await numbers(std(f64([3]), 0, { correction: 1 }))).toEqual([NaN]);
    expect(await numbers(std(f64([3, 5]), 0, { correction: 3 }))).toEqual([Infinity]);
    expect(await numbers(std(f64([1, NaN])))).toEqual([NaN]);
    expect(() => std(x.cast('int32'))).toThrow(/^std: takes float32 or float64, and cast\(\) int32\[2, 3\] is int32/);
    // @ts-expect-error NumPy's name of the option
    expect(() => std(x, 0, { ddof: 1 })).toThrow(/^std: /);
  });

  it('has the derivatives of finite differences, and the gradient 0 where all are equal', async () => {
    checkDerivatives((a: Expr) => std(a, 0), [[3, 2]]);
    checkDerivatives((a: Expr) => std(a, undefined, { correction: 1 }), [[4]]);
    expect(await gradientAt((a) => std(a), [2, 2, 2])).toEqual([0, 0, 0]);
  });
});

describe('norm', () => {
  const x = f64([3, -4, 0, 1, -2, 2], [2, 3]);

  it('is the sum of magnitudes, the root of squares, or the largest magnitude', async () => {
    expect(await numbers(norm(x, 1))).toEqual([5, 3]);
    expect(await numbers(x.norm(1, { order: 1 }))).toEqual([7, 5]);
    expect(await numbers(x.norm(1, { order: Infinity }))).toEqual([4, 2]);
    expect(await numbers(norm(x))).toEqual([Math.sqrt(34)]);
    expect(norm(x, 0, { order: Infinity, keepdims: true }).shape).toEqual([1, 3]);
    expect(await numbers(norm(f64([-2], [])))).toEqual([2]);
    expect(await numbers(norm(f64([], [0, 2]), 0))).toEqual([0, 0]);
    expect(await numbers(norm(f64([], [0, 2]), 0, { order: 1 }))).toEqual([0, 0]);
    expect(await numbers(norm(f64([], [0, 2]), 0, { order: 3 }))).toEqual([0, 0]);
    expect(await numbers(norm(f64([], [0, 2]), 0, { order: -1 }))).toEqual([Infinity, Infinity]);
    expect(await numbers(norm(f64([0, NaN, -0, 3]), 0, { order: 0 }))).toEqual([2]);
    expect(await numbers(norm(f64([3, NaN]), 0, { order: 3 }))).toEqual([NaN]);
    expect(await numbers(norm(f64([3, -Infinity]), 0, { order: 3 }))).toEqual([Infinity]);
  });

  it('spreads NaN and infinities', async () => {
    for (const order of [1, 2, Infinity]) {
      expect(await numbers(norm(f64([1, NaN]), 0, { order }))).toEqual([NaN]);
      expect(await numbers(norm(f64([1, -Infinity]), 0, { order }))).toEqual([Infinity]);
      expect(await numbers(norm(f64([-0]), 0, { order }))).toEqual([0]);
    }
  });

  it('has the derivatives of finite differences, and the gradient 0 where all is 0', async () => {
    checkDerivatives((a: Expr) => norm(a, 1), [[2, 3]]);
    checkDerivatives((a: Expr) => norm(a, 0, { order: 1 }), [[2, 3]], { smooth: false });
    checkDerivatives((a: Expr) => norm(a, 1, { order: Infinity }), [[2, 3]], { smooth: false, range: [0.5, 2] });
    for (const order of [0.5, 1.5, 3, -1]) checkDerivatives((a: Expr) => norm(a, 1, { order }), [[1, 3]], { range: [0.5, 2] });
    checkDerivatives((a: Expr) => norm(a, 1, { order: -Infinity }), [[2, 3]], { smooth: false, range: [0.5, 2] });
    for (const order of [0.5, 1, 1.5, 2, 3, Infinity, -1, -Infinity]) expect(await gradientAt((a) => norm(a, 0, { order }), [0, 0])).toEqual([0, 0]);
    expect(await gradientAt((a) => norm(a), [0, -5])).toEqual([0, -1]);
  });

  it('refuses other orders, integers, and the largest of nothing', () => {
    expect(() => norm(x, 0, { order: NaN })).toThrow(new InputError('norm: the order must be a number, which may be infinite, not NaN'));
    for (const order of [Infinity, -Infinity]) expect(() => norm(f64([], [0, 2]), 0, { order })).toThrow('norm: a constant float64[0, 2] has no elements to choose from');
    expect(() => norm(x.cast('int32'))).toThrow(DTypeError);
    expect(() => norm(f64([]), 0, { order: Infinity })).toThrow(new ShapeError('norm: a constant float64[0] has no elements to choose from'));
  });
});
