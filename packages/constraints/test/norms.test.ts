import { DTypeError, evaluate, type Expr, grad, OptimizerError, ShapeError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { clipByGlobalNorm, clipByNorm, clipByValue, normConstraint, simplex, totalNormConstraint, unitNorm } from '../src/index.js';

const f64 = (value: number | number[] | number[][], name = 'x'): Expr => variable(value, { name, dtype: 'float64' });
const values = async (expr: Expr): Promise<number[]> => Array.from((await evaluate(expr)).data);

describe('normConstraint', () => {
  it('takes the norms of columns, of a matrix [in, out]', async () => {
    const x = f64([[3, 0.3], [4, 0.4]]);
    expect(await values(normConstraint(x, 1, { epsilon: 0 }))).toEqual([3 * (1 / 5), 0.3, 4 * (1 / 5), 0.4]);
  });

  it('adds epsilon to the norm that divides, also of one that is small enough', async () => {
    expect(await values(normConstraint(f64([3, 4]), 10, { normAxes: [0], epsilon: 5 }))).toEqual([1.5, 2]);
    expect(await values(normConstraint(f64([0, 0]), 10, { normAxes: [0] }))).toEqual([0, 0]);
  });

  it('takes a limit that is an expression', async () => {
    const limit = variable(2, { name: 'limit', dtype: 'int32' });
    expect(await values(normConstraint(f64([3, 4]), limit, { normAxes: [-1], epsilon: 0 }))).toEqual([3 * (2 / 5), 4 * (2 / 5)]);
  });

  it('says to name the axes where none are usual', () => {
    expect(() => normConstraint(f64([1, 2]), 1)).toThrow(
      new ShapeError('normConstraint: variable x float64[2] has 1 dimensions, for which no axes are usual; name them, as in { normAxes: [0] }'),
    );
    expect(() => normConstraint(f64(1), 1)).toThrow(ShapeError);
    expect(() => normConstraint(variable({ data: new Float64Array(64), shape: [2, 2, 2, 2, 2, 2] }), 1)).toThrow('has 6 dimensions');
  });

  it('refuses a limit that is none', () => {
    expect(() => normConstraint(f64([[1]]), -1)).toThrow(new OptimizerError('normConstraint: maxNorm must be a finite number of at least 0, not -1'));
    expect(() => normConstraint(f64([[1]]), 1, { epsilon: NaN })).toThrow('normConstraint: epsilon must be');
    expect(() => normConstraint(f64([[1]]), f64([1]))).toThrow('normConstraint: maxNorm must be a scalar');
    expect(() => normConstraint(variable([[1]], { name: 'n', dtype: 'int32' }), 1)).toThrow(new DTypeError("normConstraint: variable n int32[1, 1] is no float; cast it with .cast('float32')"));
  });
});

describe('totalNormConstraint', () => {
  it('answers a tuple for a tuple, and the norm when asked', async () => {
    const [a, b] = totalNormConstraint([f64(3), f64([4, 0], 'y')], 1, { epsilon: 0 });
    expect([await values(a), await values(b)]).toEqual([[3 * (1 / 5)], [4 * (1 / 5), 0]]);
    const [list, norm] = totalNormConstraint([f64(3), f64(4, 'y')], 10, { returnNorm: true });
    expect([list.length, await values(norm)]).toEqual([2, [5]]);
  });

  it('takes tensors of both float dtypes, and keeps them', async () => {
    const [single, double] = totalNormConstraint([variable(3, { name: 'x' }), f64(4, 'y')], 1, { epsilon: 0 });
    expect([single.dtype, double.dtype]).toEqual(['float32', 'float64']);
    expect(await values(double)).toEqual([4 * (1 / 5)]);
  });

  it('of nothing is nothing, with the norm 0', async () => {
    const [list, norm] = totalNormConstraint([], 1, { returnNorm: true });
    expect([list, await values(norm)]).toEqual([[], [0]]);
  });

  it('refuses integers', () => {
    const n = variable([1, 2], { name: 'n', dtype: 'int32' });
    expect(() => totalNormConstraint([n], 1)).toThrow(new DTypeError("totalNormConstraint: variable n int32[2] is no float; cast it with .cast('float32')"));
  });
});

describe('clipByValue', () => {
  it('keeps each element between the bounds, and NaN', async () => {
    const x = f64([-3, -1, -0.5, NaN, 0.5, 7, Infinity]);
    expect(await values(clipByValue(x, 1))).toEqual([-1, -1, -0.5, NaN, 0.5, 1, 1]);
    const [a, b] = clipByValue([x, f64(-9, 'y')], f64(2, 'limit'));
    expect([(await values(a))[5], await values(b)]).toEqual([2, [-2]]);
  });

  it('refuses a negative limit', () => {
    expect(() => clipByValue(f64(1), -1)).toThrow(new OptimizerError('clipByValue: maxValue must be a finite number of at least 0, not -1'));
  });
});

describe('clipByNorm', () => {
  it("scales each tensor by itself, with PyTorch's epsilon", async () => {
    const [a, b] = clipByNorm([f64([3, 4]), f64([0.3, 0.4], 'y')], 1);
    const factor = 1 / (5 + 1e-6);
    expect([await values(a), await values(b)]).toEqual([[3 * factor, 4 * factor], [0.3, 0.4]]);
    expect(await values(clipByNorm(f64([[3], [4]]), 2, { epsilon: 0 }))).toEqual([3 * (2 / 5), 4 * (2 / 5)]);
  });
});

describe('clipByGlobalNorm', () => {
  const xs = [f64([3, 0]), f64([[4]], 'y')] as const;

  it("is PyTorch's by default: max_norm / (norm + 1e-6), at most 1", async () => {
    const factor = 2 / (5 + 1e-6);
    const [a, b] = clipByGlobalNorm(xs, 2);
    expect([await values(a), await values(b)]).toEqual([[3 * factor, 0], [4 * factor]]);
  });

  it("is Optax's with an epsilon of 0", async () => {
    const [a, b] = clipByGlobalNorm(xs, 2, { epsilon: 0 });
    expect([await values(a), await values(b)]).toEqual([[3 * (2 / 5), 0], [4 * (2 / 5)]]);
  });

  it.each([undefined, 0])('leaves what is small enough as it is, to the last bit; epsilon %s', async (epsilon) => {
    const odd = f64([1 / 3, Math.PI, 0]);
    expect(await values(clipByGlobalNorm([odd], 4, epsilon === undefined ? {} : { epsilon })[0])).toEqual([1 / 3, Math.PI, 0]);
    expect(await values(clipByGlobalNorm([f64([0, 0], 'z')], 4, epsilon === undefined ? {} : { epsilon })[0])).toEqual([0, 0]);
  });
});

describe('where all elements are 0', () => {
  const zeros = (): Expr => f64([0, 0, 0]);
  const slopes = async (f: (x: Expr) => Expr, x = zeros()): Promise<number[]> => values(grad(f(x).sum(), x));

  it('clipping is the identity, and so is its gradient', async () => {
    for (const epsilon of [undefined, 0, 1e-3]) {
      const options = epsilon === undefined ? {} : { epsilon };
      expect(await slopes((x) => clipByNorm(x, 1, options))).toEqual([1, 1, 1]);
      expect(await slopes((x) => clipByGlobalNorm([x], 1, options)[0])).toEqual([1, 1, 1]);
      const x = zeros();
      expect(await values(grad(grad(clipByNorm(x, 1, options).square().sum(), x).sum(), x))).toEqual([2, 2, 2]);
    }
    expect(await slopes((x) => clipByValue(x, 1))).toEqual([1, 1, 1]);
  });

  it('clipping to 0 or to Infinity gives numbers', async () => {
    expect(await values(clipByNorm(zeros(), 0, { epsilon: 0 }))).toEqual([0, 0, 0]);
    expect(await values(clipByNorm(f64([3, 4]), f64(Infinity, 'limit')))).toEqual([3, 4]);
    expect(await values(clipByNorm(f64([3, NaN]), 1))).toEqual([NaN, NaN]);
  });

  it('constraints are 0, and their gradient is that of their formula', async () => {
    // x min(norm, limit) / (epsilon + norm) is x norm / epsilon near 0, which is flat there; x / (norm + epsilon) has the slope 1 / epsilon.
    const normAxes = [0];
    expect(await slopes((x) => normConstraint(x, 1, { normAxes }))).toEqual([0, 0, 0]);
    expect(await slopes((x) => totalNormConstraint([x], 1)[0])).toEqual([0, 0, 0]);
    expect(await slopes((x) => unitNorm(x, { normAxes, epsilon: 0.5 }))).toEqual([2, 2, 2]);
    for (const f of [(x: Expr): Expr => normConstraint(x, 1, { normAxes, epsilon: 0 }), (x: Expr): Expr => totalNormConstraint([x], 1, { epsilon: 0 })[0], (x: Expr): Expr => unitNorm(x, { normAxes, epsilon: 0 })]) {
      expect(await values(f(zeros()))).toEqual([0, 0, 0]);
      expect((await slopes(f)).every(Number.isFinite)).toBe(true);
    }
  });

  it('the projection onto the simplex has the gradient of its one face', async () => {
    // Of three equal numbers each is 1/3, and what is added to one is taken from all in equal parts.
    const x = zeros();
    (await values(grad(simplex(x).slice(0), x))).forEach((g, k) => expect(g).toBeCloseTo([2 / 3, -1 / 3, -1 / 3][k] ?? NaN, 12));
  });
});
