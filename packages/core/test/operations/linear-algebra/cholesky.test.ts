import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { cholesky } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { swapLast } from '../../../src/operations/movement.js';
import { matmul } from '../../../src/operations/products.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, numbers, recorded, tensor } from './numbers.js';

describe('cholesky', () => {
  for (const one of recorded('cholesky')) {
    it(`has the factor that torch has: ${one.name}`, async () => {
      expectClose(await numbers(cholesky(tensor(one.tensor('a')))), one.tensor('l').data, one.tolerance);
    });
  }

  it('reads the lower triangle alone, as NumPy does, and has zeros above the diagonal', async () => {
    expect(await numbers(cholesky(f32([4, NaN, 2, 5], [2, 2])))).toEqual([2, 0, 1, 2]);
  });

  it('is all NaN where a diagonal has an infinity, of whose root no product is the matrix', async () => {
    expect(await numbers(cholesky(f64([Infinity, 0, 1, 1, 1, 0, 1, Infinity], [2, 2, 2])))).toEqual(new Array<number>(8).fill(NaN));
  });

  it('is all NaN where a matrix is not positive definite, and only there', async () => {
    const found = await numbers(cholesky(f64([4, 0, 2, 5, 4, 0, 2, 1, 1, 0, 0, -1, 0, 0, 0, 0, NaN, 0, 0, 1], [5, 2, 2])));
    expect(found).toEqual([2, 0, 1, 2, ...new Array<number>(16).fill(NaN)]);
  });

  it('of nothing is nothing', async () => {
    expect(cholesky(f64([], [0, 0])).shape).toEqual([0, 0]);
    expect(await numbers(cholesky(f64([], [2, 0, 0])))).toEqual([]);
    expect(await numbers(cholesky(f64([], [0, 2, 2])))).toEqual([]);
  });

  it('keeps open sizes', async () => {
    const x = input('float64', ['batch', 'n', 'n'], 'x');
    expect(String(cholesky(x).shape)).toBe('batch,n,n');
    const found = await evaluate(cholesky(x), [[x, [[[9]], [[4]]]]]);
    expect([...found.data]).toEqual([3, 2]);
  });

  it('has the gradient that torch has', async () => {
    const a = f64([4, 1, 0.5, 1, 3, -0.25, 0.5, -0.25, 2], [3, 3]);
    const weights = f64([1, 0, 0, 2, -1, 0, 0.5, 3, 2], [3, 3]);
    // By torch.autograd.grad((torch.linalg.cholesky(a) * weights).sum(), a)
    await expectNumbers(grad(cholesky(a).mul(weights).sum(), a), [
      0.17320100712321626, 0.4156792725519271, -0.2169666020895844, 0.4156792725519271, -0.16462686149846614, 1.0038195425815153, -0.21696660208958435, 1.003819542581515, 0.7280937315536448,
    ]);
    // What stands above the diagonal of the factor is constant: its cotangent does not count, and here it is infinite.
    const diagonal = eye(3, 3, { dtype: 'float64' });
    await expectNumbers(grad(cholesky(a).log().mul(diagonal).sum(), a), await numbers(grad(cholesky(a).mul(diagonal).sum(-1).log().sum(), a)));
  });

  it('has gradients and second gradients as differences have', () => {
    const definite = (x: Expr): Expr => matmul(x, swapLast(x)).add(eye(3, 3, { dtype: 'float64' }).mul(4));
    checkDerivativesOnce((x) => cholesky(definite(x)), [[3, 3]]);
  });

  it('refuses what is no square matrix of floats', () => {
    expect(() => cholesky(f64([1, 2]))).toThrow(new ShapeError('cholesky: takes a matrix, [..., rows, columns], and a constant float64[2] is none'));
    expect(() => cholesky(f64([1, 2], [1, 2]))).toThrow(ShapeError);
    expect(() => cholesky(f64([1], [1, 1]).cast('int32'))).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(cholesky, undefined, [1])).toThrow(InputError);
  });
});
