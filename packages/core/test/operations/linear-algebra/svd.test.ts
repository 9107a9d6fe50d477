import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { qr, svd } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { expandDims, swapLast } from '../../../src/operations/movement.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, largest, numbers, numbersTogether, recorded, seeded, tensor } from './numbers.js';

const EPSILON = 2 ** -52;
const rebuilt = (a: Expr): Expr => {
  const { u, s, vt } = svd(a);
  return u.mul(expandDims(s, -2)).matmul(vt);
};
const polar = (a: Expr): Expr => svd(a).u.matmul(svd(a).vt);

/** Fails unless the matrix comes out again, the vectors are orthonormal, and the values are none below 0 and descend. */
function expectSvd(a: Expr): void {
  const [rows = 1, columns = 1] = a.shape.slice(-2).map(Number);
  const common = Math.min(rows, columns);
  const { u, s, vt } = svd(a);
  const tolerance = 10 * Math.max(rows, columns) * EPSILON;
  const gram = (vectors: Expr): Expr => vectors.matmul(swapLast(vectors)).sub(eye(common, common, { dtype: 'float64' }));
  const [given, product, left, right, found] = numbersTogether(a, rebuilt(a), gram(swapLast(u)), gram(vt), s);
  expectClose(product, given, tolerance);
  expect(largest([...left, ...right])).toBeLessThanOrEqual(tolerance);
  for (const [k, value] of found.entries()) {
    expect(value).toBeGreaterThanOrEqual(0);
    if (k % common > 0) expect(value).toBeLessThanOrEqual(found[k - 1] ?? NaN);
  }
}

describe('svd', () => {
  for (const one of recorded('svdvals')) {
    it(`has the singular values that torch has: ${one.name}`, async () => {
      const a = tensor(one.tensor('a'));
      expectClose(await numbers(svd(a).s), one.tensor('s').data, one.tolerance);
      expectSvd(a);
    });
  }

  for (const one of recorded('polar')) {
    it(`has the orthogonal factor that torch has: ${one.name}`, async () => {
      expectClose(await numbers(polar(tensor(one.tensor('a')))), one.tensor('x').data, one.tolerance);
    });
  }

  it('gives back what it takes apart, of any shape', () => {
    for (const [m, n] of [[1, 1], [2, 1], [1, 4], [2, 2], [3, 3], [6, 4], [4, 7], [12, 9], [9, 13], [25, 16]] as const) expectSvd(f64(seeded(m * n, 2 * m * n), [2, m, n]));
  });

  it('gives back matrices that are diagonal, of small rank, or very large or small', () => {
    expectSvd(f64(new Array<number>(20).fill(0), [5, 4]));
    expectSvd(f64(new Array<number>(35).fill(1), [5, 7]));
    expectSvd(eye(6, 6, { dtype: 'float64' }).mul(f64([3, -1, 2, 2, 0, 5])));
    expectSvd(f64(seeded(3, 20), [10, 2]).matmul(f64(seeded(4, 14), [2, 7])));
    expectSvd(f64(seeded(7, 25).map((x) => x * 1e300), [5, 5]));
    expectSvd(f64(seeded(7, 25).map((x) => x * 1e-300), [5, 5]));
    expectSvd(f64([1, 0, 0, 1e-250], [2, 2]));
  });

  it('has the digits of small singular values, where columns differ in size', async () => {
    // Singular values of Q D are the elements of D, whatever their sizes.
    const sizes = [1e-12, 1, 1e-7, 1e-14, 1e-3, 1e-10];
    const { q } = qr(f64(seeded(11, 48), [8, 6]));
    const found = await numbers(svd(q.mul(f64(sizes))).s);
    for (const [k, size] of [...sizes].sort((a, b) => b - a).entries()) expect(Math.abs((found[k] ?? NaN) / size - 1)).toBeLessThan(1e-13);
  });

  it('is the example, and of nothing nothing', async () => {
    await expectNumbers(svd(f32([3, 0, 4, 5], [2, 2])).s, [Math.sqrt(45), Math.sqrt(5)]);
    for (const [m, n] of [[0, 0], [3, 0], [0, 3]] as const) {
      expect(String(svd(f64([], [2, m, n])).u.shape)).toBe(`2,${m},0`);
      expect(await numbers(svd(f64([], [2, m, n])).vt)).toEqual([]);
    }
  });

  it('is all NaN where a matrix is not finite, and only there', async () => {
    const { u, s } = svd(f64([0, 2, 3, 0, NaN, 1, 1, 1, 1, Infinity, 1, 1], [3, 2, 2]));
    expect(await numbers(s)).toEqual([3, 2, NaN, NaN, NaN, NaN]);
    expect((await numbers(u)).slice(4)).toEqual(new Array<number>(8).fill(NaN));
  });

  it('keeps open sizes, of whichever there are fewer', async () => {
    const x = input('float64', ['m', 'n'], 'x');
    const product = rebuilt(x);
    for (const [m, n] of [[3, 2], [2, 3], [2, 2]] as const) {
      const values = Array.from({ length: m }, (_, i) => seeded(i, n));
      expectClose([...(await evaluate(product, [[x, values]])).data], values.flat(), 1e-14);
      const gradient = await evaluate(grad(product.square().sum().div(2), x), [[x, values]]);
      expectClose([...gradient.data], values.flat(), 1e-13);
      // As where the sizes are known.
      const known = f64(values.flat(), [m, n]);
      const weighed = (a: Expr): Expr => svd(a).u.square().square().sum().sub(svd(a).vt.square().square().sum().mul(2));
      expectClose([...(await evaluate(grad(weighed(x), x), [[x, values]])).data], await numbers(grad(weighed(known), known)), 1e-12);
    }
  });

  it('has the gradient that torch has', async () => {
    // By torch.autograd.grad((s * ws).sum() + (u * u * wu).sum() + (vt * vt * wv).sum(), a) with u, s, vt = torch.linalg.svd(a, full_matrices=False): signs do not count
    const loss = (a: Expr): Expr => {
      const { u, s, vt } = svd(a);
      const weights = f64([1, 2, -1, 0.5, 3, 1, 2, -2], [4, 2]);
      const [m = 1, n = 1] = a.shape.map(Number);
      return s.mul(f64([1, -2])).sum().add(u.square().mul(weights.slice([0, m])).sum()).add(vt.square().mul(swapLast(weights.slice([0, n]))).sum());
    };
    for (const [shape, wanted] of [[[3, 2], [0.15935218103766974, -0.0492910652817319, -1.1019213202380078, -1.7314704891809731, 0.9180132062068209, -0.5609360207047994]], [[2, 3], [-1.9467516911090388, 0.22214444801090133, 0.3439119267931957, -0.3678193861595038, 0.37598628895796404, -1.2972745185037098]], [[2, 2], [1.0010938576665827, -0.23388026216662494, -0.7877605243332493, -1.842187715333165]]] as const) {
      const a = f64([2, -1, 0.5, 1, 3, -2].slice(0, shape[0] * shape[1]), shape);
      await expectNumbers(grad(loss(a), a), wanted, 1e-12);
    }
  });

  it('has gradients and second gradients as differences have', () => {
    for (const [m, n] of [[3, 3], [4, 2], [2, 3]] as const) {
      const apart = (x: Expr): Expr => x.mul(0.15).add(eye(m, n, { dtype: 'float64' }).mul(f64([2, 4, 7].slice(0, n))));
      checkDerivativesOnce((x) => svd(apart(x)).u, [[m, n]]);
      checkDerivativesOnce((x) => svd(apart(x)).s, [[m, n]]);
      checkDerivativesOnce((x) => svd(apart(x)).vt, [[m, n]]);
    }
  });

  it('has gradients of singular values that are equal, or 0', async () => {
    const a = f64([2, 0, 0, 2, 0, 0], [3, 2]);
    await expectNumbers(grad(svd(a).s.sum(), a), [1, 0, 0, 1, 0, 0]);
    await expectNumbers(grad(svd(a).s.square().sum(), a), [4, 0, 0, 4, 0, 0]);
    const none = f64([0, 0, 0, 0, 0, 0], [3, 2]);
    expect((await numbers(grad(svd(none).s.square().sum(), none))).map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses what is no matrix of floats', () => {
    expect(() => svd(f64([1, 2]))).toThrow(new ShapeError('svd: takes a matrix, [..., rows, columns], and a constant float64[2] is none'));
    expect(() => svd(f64([1], [1, 1]).cast('int32'))).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(svd, undefined, [1])).toThrow(InputError);
  });
});
