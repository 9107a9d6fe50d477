import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { triangularSolve, type TriangularSolveOptions } from '../../../src/operations/linear-algebra/index.js';
import { eye, tril, triu } from '../../../src/operations/masks.js';
import { swapLast } from '../../../src/operations/movement.js';
import { matmul } from '../../../src/operations/products.js';
import { checkDerivativesOnce, expectNumbers, f64, largest, numbers, seeded } from './numbers.js';

const KINDS: readonly Required<TriangularSolveOptions>[] = [false, true].flatMap((lower) => [false, true].flatMap((unitDiagonal) => [false, true].map((transpose) => ({ lower, transpose, unitDiagonal }))));

/** X and the gradients of sum(X * weights), by torch.linalg.solve_triangular of `a` or `a.mT`, in the order of KINDS. */
const BY_TORCH = [
  { x: [0.39583333333333337, 1.0416666666666665, 0.16666666666666666, -0.16666666666666666, 0.75, -0.5], a: [0.8437499999999998, -0.25, -0.875, 0, 0.05555555555555555, 0.08333333333333331, 0, 0, -0.09895833333333337], b: [0.5, -1, 0.3333333333333333, 0.6666666666666666, 0.6041666666666666, 0.7083333333333333] },
  { x: [0.5, 1, -0.16666666666666666, 0.5, 0.6041666666666666, -0.375], a: [0.16666666666666674, -1.4166666666666665, -0.5, 0, -0.49999999999999994, -0.04166666666666667, 0, 0, -0.20833333333333331], b: [0.625, -0.47916666666666674, 0.5, 1.1666666666666665, 0.5, 0.25] },
  { x: [4.5, -0.5, 5, -3.5, 3, -2], a: [0, -12, -7, 0, 0, -2.5, 0, 0, 0], b: [1, -2, 1.5, 1, 4.5, 4] },
  { x: [1, 2, 0, 2.5, 2.5, 2], a: [0, -14.5, -4, 0, 0, -2.5, 0, 0, 0], b: [4.5, 2.5, 4.5, 5, 2, 1] },
  { x: [0.5, 1, -0.5, -0.16666666666666666, 0.84375, -0.5208333333333334], a: [1.2708333333333333, 0, 0, -0.9166666666666666, 0.15277777777777776, 0, -0.5, 0.2916666666666667, -0.29166666666666663], b: [0.4375, -1.4895833333333333, 0, 0.9166666666666666, 0.5, 0.25] },
  { x: [0.6979166666666666, 0.8958333333333334, -0.5833333333333333, 0.3333333333333333, 0.75, -0.5], a: [0.546875, 0, 0, 0.625, -0.4444444444444444, 0, -0.875, 0.6666666666666666, -0.36197916666666663], b: [0.5, -1, 0, 1.3333333333333333, 0.46875, -0.020833333333333315] },
  { x: [1, 2, -2, -1.5, 4.75, -1], a: [0, 0, 0, -2.5, 0, 0, -4, 5.5, 0], b: [2, -4.25, -1.5, 2, 2, 1] },
  { x: [4.25, 0, -4, 2.5, 3, -2], a: [0, 0, 0, 9, 0, 0, -7, 11.5, 0], b: [1, -2, -0.5, 5, 2.25, -3.5] },
] as const;

describe('triangularSolve', () => {
  const a = f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3]);
  const b = f64([1, 2, -1, 0.5, 3, -2], [3, 2]);
  const weights = f64([1, -2, 0.5, 3, 2, 1], [3, 2]);

  for (const [k, kind] of KINDS.entries()) {
    const torch = BY_TORCH[k];
    if (torch === undefined) throw new Error('a kind has no numbers');

    it(`has the solution and gradients that torch has: ${JSON.stringify(kind)}`, async () => {
      const x = triangularSolve(a, b, kind);
      await expectNumbers(x, torch.x);
      const [ofA, ofB] = grad(x.mul(weights).sum(), [a, b]);
      await expectNumbers(ofA, torch.a);
      await expectNumbers(ofB, torch.b);
    });

    it(`solves, for one column and for several: ${JSON.stringify(kind)}`, async () => {
      for (const n of [1, 3, 4, 7, 17]) {
        const whole = f64(seeded(n, n * n), [n, n]).add(eye(n, n, { dtype: 'float64' }).mul(4));
        const ones = eye(n, n, { dtype: 'float64' });
        const side = kind.lower ? tril(whole) : triu(whole);
        const triangle = kind.unitDiagonal ? side.sub(side.mul(ones)).add(ones) : side;
        const meant = kind.transpose ? swapLast(triangle) : triangle;
        for (const columns of [1, 2, 5]) {
          const right = f64(seeded(n + columns, n * columns), [n, columns]);
          const x = triangularSolve(whole, right, kind);
          const scale = largest(await numbers(meant)) * largest(await numbers(x)) * n;
          expect(largest(await numbers(matmul(meant, x).sub(right)))).toBeLessThan(10 * 2 ** -52 * scale);
        }
      }
    });
  }

  it('has gradients and second gradients as differences have', () => {
    const five = eye(3, 3, { dtype: 'float64' }).mul(5);
    for (const kind of KINDS.filter((_, k) => k % 3 === 0)) {
      checkDerivativesOnce((x, y) => triangularSolve(x.add(five), y, kind), [[3, 3], [3, 2]]);
    }
    checkDerivativesOnce((x, y) => triangularSolve(x.add(five), y, { lower: true }), [[2, 3, 3], [3]]);
  });

  it('never reads the other side, nor a diagonal that counts as ones', async () => {
    expect(await numbers(triangularSolve(f64([2, NaN, 1, 4], [2, 2]), [2, 9], { lower: true }))).toEqual([1, 2]);
    expect(await numbers(triangularSolve(f64([NaN, NaN, 1, NaN], [2, 2]), [2, 9], { lower: true, unitDiagonal: true }))).toEqual([2, 7]);
    const x = f64([2, NaN, 1, 4], [2, 2]);
    expect((await numbers(grad(triangularSolve(x, [2, 9], { lower: true }).sum(), x)))[1]).toBe(0);
  });

  it('divides by a zero of the diagonal, as torch does', async () => {
    expect(await numbers(triangularSolve(f64([1, 1, 0, 0], [2, 2]), [1, 1]))).toEqual([-Infinity, Infinity]);
  });

  it('of nothing is nothing, of one equation a quotient', async () => {
    expect(triangularSolve(f64([], [0, 0]), f64([], [0, 3])).shape).toEqual([0, 3]);
    expect(await numbers(triangularSolve(f64([], [0, 0]), f64([], [0])))).toEqual([]);
    expect(await numbers(triangularSolve(f64([1, 2, 3, 4], [2, 2]), f64([], [2, 0])))).toEqual([]);
    expect(await numbers(triangularSolve(f64([4], [1, 1]), [2]))).toEqual([0.5]);
  });

  it('keeps open sizes', async () => {
    const t = input('float32', ['batch', 'n', 'n'], 't');
    const x = triangularSolve(t, input('float32', ['n', 'k'], 'right'));
    expect(String(x.shape)).toBe('batch,n,k');
    const rights = input('float32', ['n'], 'right');
    expect([...(await evaluate(triangularSolve(t, rights), [[t, [[[2, 1], [0, 4]], [[1, 1], [0, 1]]]], [rights, [3, 4]]])).data]).toEqual([1, 1, -1, 4]);
  });

  it('refuses sizes, dtypes and options that do not fit', () => {
    expect(() => triangularSolve(f64([1, 2], [1, 2]), [1])).toThrow(ShapeError);
    expect(() => triangularSolve(a, [1, 2])).toThrow(new ShapeError('triangularSolve: a constant float64[3, 3] has 3 rows, the right side a constant float64[2] has 2'));
    expect(() => triangularSolve(a, b.cast('float32'))).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(triangularSolve, undefined, [a, b, { upper: true }])).toThrow(InputError);
  });
});
