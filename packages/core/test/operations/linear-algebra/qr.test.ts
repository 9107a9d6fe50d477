import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { qr } from '../../../src/operations/linear-algebra/index.js';
import { eye, triu } from '../../../src/operations/masks.js';
import { swapLast } from '../../../src/operations/movement.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, largest, numbers, numbersTogether, recorded, seeded, tensor } from './numbers.js';

const EPSILON = 2 ** -52;

/** Fails unless q r is the matrix, the columns of q are orthonormal, and r has zeros below its diagonal. */
function expectFactors(a: Expr): void {
  const { q, r } = qr(a);
  const [rows = 1, columns = 1] = a.shape.slice(-2).map(Number);
  const tolerance = 10 * Math.max(rows, columns) * EPSILON;
  const common = Math.min(rows, columns);
  const [given, product, products, below] = numbersTogether(a, q.matmul(r), swapLast(q).matmul(q).sub(eye(common, common, { dtype: 'float64' })), r.sub(triu(r)));
  expectClose(product, given, tolerance);
  expect(largest(products)).toBeLessThanOrEqual(tolerance);
  expect(largest(below)).toBe(0);
}

describe('qr', () => {
  for (const one of recorded('qr')) {
    it(`has the factors that torch has, signs included: ${one.name}`, () => {
      const a = tensor(one.tensor('a'));
      const { q, r } = qr(a);
      const [foundQ, foundR] = numbersTogether(q, r);
      expectClose(foundQ, one.tensor('q').data, one.tolerance);
      expectClose(foundR, one.tensor('r').data, one.tolerance);
      expectFactors(a);
    });
  }

  it('gives back what it factorizes, of any shape', () => {
    for (const [m, n] of [[1, 1], [2, 1], [1, 4], [4, 4], [5, 5], [6, 4], [4, 7], [12, 9], [9, 13], [30, 17], [17, 40]] as const) {
      expectFactors(f64(seeded(m * n, 2 * m * n), [2, m, n]));
    }
  });

  it('gives back matrices whose columns depend on each other, are 0, or very large or small', () => {
    expectFactors(f64(new Array<number>(20).fill(0), [5, 4]));
    expectFactors(f64(new Array<number>(20).fill(1), [4, 5]));
    expectFactors(f64(seeded(7, 25).map((x) => x * 1e300), [5, 5]));
    expectFactors(f64(seeded(7, 25).map((x) => x * 1e-300), [5, 5]));
    expectFactors(eye(5, 5, { dtype: 'float64' }));
  });

  it('of an upper triangle changes nothing', async () => {
    const a = f64([2, 3, -1, 0, -4, 5, 0, 0, 6], [3, 3]);
    expect(await numbers(qr(a).r)).toEqual([2, 3, -1, 0, -4, 5, 0, 0, 6]);
    expect(await numbers(qr(a).q)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('is the example, and of nothing nothing', async () => {
    const { q, r } = qr(f32([3, 1, 4, 2], [2, 2]));
    await expectNumbers(r, [-5, -2.2, 0, 0.4]);
    await expectNumbers(q, [-0.6, -0.8, -0.8, 0.6]);
    for (const [m, n] of [[0, 0], [3, 0], [0, 3]] as const) {
      expect(String(qr(f64([], [2, m, n])).q.shape)).toBe(`2,${m},0`);
      expect(await numbers(qr(f64([], [2, m, n])).r)).toEqual([]);
    }
  });

  it('is all NaN where a matrix is not finite, or too large for its norms, and only there', async () => {
    for (const [rows, columns] of [[2, 2], [1, 4], [4, 1]] as const) {
      const { q, r } = qr(f64([1, 2, 3, 4, NaN, 1, 1, 1, 1, Infinity, 1, 1, 1, 1, 1, -Infinity], [4, rows, columns]));
      for (const factor of [q, r]) {
        const found = await numbers(factor);
        const size = found.length / 4;
        expect(found.slice(0, size).every(Number.isFinite)).toBe(true);
        expect(found.slice(size, 4 * size)).toEqual(new Array<number>(3 * size).fill(NaN));
      }
    }
    expect(await numbers(qr(f64([1.7e308, 1.7e308], [2, 1])).q)).toEqual([NaN, NaN]);
  });

  it('keeps open sizes, of whichever there are fewer', async () => {
    const x = input('float64', ['batch', 'm', 'n'], 'x');
    const { q, r } = qr(x);
    expect(q.shape[0]).toBe(x.shape[0]);
    expect(q.shape[1]).toBe(x.shape[1]);
    expect(q.shape[2]).toBe(r.shape[1]);
    for (const [m, n] of [[3, 2], [2, 3], [2, 2]] as const) {
      const values = [Array.from({ length: m }, (_, i) => seeded(i, n))];
      const found = await evaluate(q.matmul(r), [[x, values]]);
      expectClose([...found.data], values.flat(2), 1e-14);
      // The gradient of the norm of all elements of q r.
      const gradient = await evaluate(grad(q.matmul(r).square().sum().div(2), x), [[x, values]]);
      expectClose([...gradient.data], values.flat(2), 1e-13);
    }
  });

  it('has the gradient that torch has', async () => {
    // By torch.autograd.grad((q * wq).sum() + (r * wr).sum(), a) with q, r = torch.linalg.qr(a)
    const tall = f64([2, -1, 0.5, 1, 3, -2], [3, 2]);
    const ofTall = qr(tall);
    await expectNumbers(grad(ofTall.q.mul(f64([1, 2, -1, 0.5, 3, 1], [3, 2])).sum().add(ofTall.r.mul(f64([1, -2, 5, 3], [2, 2])).sum()), tall), [-0.7985211965260955, 0.15038148203850904, -0.07171389009480851, -2.4686320555868124, -0.6690518688468867, 2.737887650998971], 1e-12);
    const wide = f64([2, -1, 0.5, 1, 3, -2], [2, 3]);
    const ofWide = qr(wide);
    await expectNumbers(grad(ofWide.q.mul(f64([1, 2, -1, 0.5], [2, 2])).sum().add(ofWide.r.mul(f64([1, -2, 5, 3, 1, 2], [2, 3])).sum()), wide), [-4.114365078599613, 1.3416407864998736, -5.3665631459994945, 5.992662179699437, 1.7888543819998317, -0.4472135954999581], 1e-12);
  });

  it('has gradients and second gradients as differences have', () => {
    const shifted = (x: Expr): Expr => x.mul(0.3).add(eye(x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1, { dtype: 'float64' }).mul(3));
    for (const shape of [[3, 3], [4, 2], [2, 4]]) {
      checkDerivativesOnce((x) => qr(shifted(x)).q, [shape]);
      checkDerivativesOnce((x) => qr(shifted(x)).r, [shape]);
    }
  });

  it('refuses what is no matrix of floats', () => {
    expect(() => qr(f64([1, 2]))).toThrow(new ShapeError('qr: takes a matrix, [..., rows, columns], and a constant float64[2] is none'));
    expect(() => qr(f64([1], [1, 1]).cast('int32'))).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(qr, undefined, [1])).toThrow(InputError);
  });
});
