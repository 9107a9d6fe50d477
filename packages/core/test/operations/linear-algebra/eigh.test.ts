import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { eigh } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { expandDims, swapLast } from '../../../src/operations/movement.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, largest, numbers, numbersTogether, recorded, seeded, tensor } from './numbers.js';

const EPSILON = 2 ** -52;
const symmetric = (a: Expr): Expr => a.add(swapLast(a)).div(2);
const rebuilt = (a: Expr): Expr => {
  const { values, vectors } = eigh(a);
  return vectors.mul(expandDims(values, -2)).matmul(swapLast(vectors));
};

/** Fails unless the matrix comes out again, the vectors are orthonormal, and the values ascend. */
function expectEigen(a: Expr): void {
  const n = Number(a.shape.at(-1));
  const { values, vectors } = eigh(a);
  const tolerance = 10 * n * EPSILON;
  const [given, product, products, found] = numbersTogether(a, rebuilt(a), swapLast(vectors).matmul(vectors).sub(eye(n, n, { dtype: 'float64' })), values);
  expectClose(product, given, tolerance);
  expect(largest(products)).toBeLessThanOrEqual(tolerance);
  for (const [k, value] of found.entries()) if (k % n > 0) expect(value).toBeGreaterThanOrEqual(found[k - 1] ?? NaN);
}

/** Columns with the sign by which their largest element is positive. */
function withSigns(columns: readonly number[], n: number): number[] {
  const items = columns.length / (n * n);
  const at = (item: number, i: number, j: number): number => columns[(item * n + i) * n + j] ?? NaN;
  const signs = Array.from({ length: items * n }, (_, c) => {
    const column = Array.from({ length: n }, (__, i) => at(Math.floor(c / n), i, c % n));
    return Math.sign(column.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most)));
  });
  return columns.map((x, k) => x * (signs[Math.floor(k / (n * n)) * n + (k % n)] ?? NaN));
}

describe('eigh', () => {
  for (const one of recorded('eigh')) {
    it(`has the eigenvalues that torch has, and vectors of them: ${one.name}`, () => {
      const a = tensor(one.tensor('a'));
      const { values, vectors } = eigh(a);
      const [foundValues, foundVectors] = numbersTogether(values, vectors);
      expectClose(foundValues, one.tensor('w').data, one.tolerance);
      expectEigen(a);
      // Vectors of eigenvalues that are equal are anybody's choice.
      if (/repeated|singular|\*I/.test(one.name)) return;
      const n = Number(a.shape.at(-1));
      expectClose(withSigns(foundVectors, n), withSigns(one.tensor('v').data, n), one.name.startsWith('ill') ? 1e-7 : one.tolerance);
    });
  }

  it('gives back what it takes apart, of any size', () => {
    for (const n of [1, 2, 3, 4, 5, 6, 9, 14, 21, 40]) expectEigen(symmetric(f64(seeded(n, 2 * n * n), [2, n, n])));
  });

  it('gives back matrices that are diagonal, of small rank, with clusters, or very large or small', () => {
    expectEigen(f64(new Array<number>(25).fill(0), [5, 5]));
    expectEigen(f64(new Array<number>(64).fill(1), [8, 8]));
    expectEigen(eye(6, 6, { dtype: 'float64' }).mul(f64([3, -1, 2, 2, 0, 5])));
    const narrow = f64(seeded(3, 20), [10, 2]);
    expectEigen(narrow.matmul(swapLast(narrow)));
    expectEigen(eye(7, 7, { dtype: 'float64' }).add(symmetric(f64(seeded(4, 49), [7, 7])).mul(1e-9)));
    const any = symmetric(f64(seeded(5, 36), [6, 6]));
    expectEigen(any.mul(1e300));
    expectEigen(any.mul(1e-300));
    // Wilkinson's W21+, with pairs of eigenvalues that agree in 15 digits.
    expectEigen(f64(Array.from({ length: 441 }, (_, k) => (k % 22 === 0 ? Math.abs(k / 22 - 10) : Math.abs((k % 21) - Math.floor(k / 21)) === 1 ? 1 : 0)), [21, 21]));
  });

  it('reads the lower triangle alone, and has a convention of signs', async () => {
    const { values, vectors } = eigh(f32([2, NaN, 1, 2], [2, 2]));
    await expectNumbers(values, [1, 3]);
    // Both elements are equally large: the first one is positive, whichever rounding makes larger.
    await expectNumbers(vectors, [Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2, Math.SQRT1_2]);
  });

  it('is all NaN where a matrix is not finite, and only there', async () => {
    const a = f64([2, 0, 0, 3, NaN, 0, 1, 1, 1, 0, Infinity, 1], [3, 2, 2]);
    expect(await numbers(eigh(a).values)).toEqual([2, 3, NaN, NaN, NaN, NaN]);
    expect(await numbers(eigh(a).vectors)).toEqual([1, 0, 0, 1, ...new Array<number>(8).fill(NaN)]);
  });

  it('of nothing is nothing', async () => {
    expect(await numbers(eigh(f64([], [2, 0, 0])).vectors)).toEqual([]);
    expect(await numbers(eigh(f64([], [0, 2, 2])).values)).toEqual([]);
  });

  it('keeps open sizes', async () => {
    const x = input('float64', ['batch', 'n', 'n'], 'x');
    expect(String(eigh(x).values.shape)).toBe('batch,n');
    expect(String(eigh(x).vectors.shape)).toBe('batch,n,n');
    expect([...(await evaluate(eigh(x).values, [[x, [[[2, 1], [1, 2]]]]])).data].map((value) => Math.round(value * 1e12) / 1e12)).toEqual([1, 3]);
  });

  it('has the gradient that torch has', async () => {
    const a = f64([4, 1, 0.5, 1, 3, -0.25, 0.5, -0.25, 2], [3, 3]);
    const { values, vectors } = eigh(a);
    // By torch.autograd.grad((w * weights).sum() + (v * v * v2).sum(), a): the signs of vectors do not count.
    await expectNumbers(grad(values.mul(f64([1, -2, 3])).sum().add(vectors.square().mul(f64([1, 0, 0, 2, -1, 0, 0.5, 3, 2], [3, 3])).sum()), a), [1.3440279117656895, 2.719039056126279, -0.26756171530055245, 2.719039056126279, -1.4021938328302315, 0.44402053763300975, -0.26756171530055245, 0.44402053763300975, 2.0581659210645413], 1e-12);
  });

  it('has gradients and second gradients as differences have', () => {
    const apart = (x: Expr): Expr => symmetric(x).mul(0.2).add(eye(3, 3, { dtype: 'float64' }).mul(f64([1, 3, 6])));
    checkDerivativesOnce((x) => eigh(apart(x)).values, [[3, 3]]);
    checkDerivativesOnce((x) => eigh(apart(x)).vectors, [[2, 3, 3]]);
  });

  it('has gradients where eigenvalues are equal, of what does not tell them apart', async () => {
    const identity = eye(3, 3, { dtype: 'float64' });
    const a = f64([2, 0, 0, 0, 2, 0, 0, 0, 5], [3, 3]);
    // The sum of squares, and the projection on the space of the two that are equal.
    await expectNumbers(grad(eigh(a).values.square().sum(), a), await numbers(a.mul(2)));
    const { vectors } = eigh(a);
    const two = vectors.slice(null, [0, 2]);
    const weights = f64([0, 0, 1, 0, 0, 2, 1, 2, 0], [3, 3]);
    // P's change for a change E of A is off the diagonal E[i, 2] / (2 - 5).
    await expectNumbers(grad(two.matmul(swapLast(two)).mul(weights).sum(), a), [0, 0, -1 / 3, 0, 0, -2 / 3, -1 / 3, -2 / 3, 0]);
    await expectNumbers(grad(rebuilt(identity).sum(), identity).mul(identity), await numbers(identity));
  });

  it('refuses what is no square matrix of floats', () => {
    expect(() => eigh(f64([1, 2]))).toThrow(new ShapeError('eigh: takes a matrix, [..., rows, columns], and a constant float64[2] is none'));
    expect(() => eigh(f64([1, 2], [1, 2]))).toThrow(ShapeError);
    expect(() => eigh(f64([1], [1, 1]).cast('int32'))).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(eigh, undefined, [1])).toThrow(InputError);
  });
});
