import { describe, expect, it } from 'vitest';
import { DTypeError, ShapeError } from '../../../src/errors.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { determinant, slogdet } from '../../../src/operations/linear-algebra/index.js';
import { diag } from '../../../src/operations/diagonals.js';
import { eye } from '../../../src/operations/masks.js';
import type { Expr } from '../../../src/graph/expr.js';
import { checkDerivativesOnce, expectNumbers, f64, numbers, seeded } from './numbers.js';

const a = f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3]);
const five = eye(3, 3, { dtype: 'float64' }).mul(5);

describe('determinant', () => {
  it('is that of torch, and so is its gradient', async () => {
    // By torch.linalg.det and torch.autograd.grad
    await expectNumbers(determinant(a), [32.625]);
    await expectNumbers(grad(determinant(a), a), [14, -4.5, 0.25, 4.5, 7.875, -2.25, 0.5, 4.5, 7]);
  });

  it('tells an odd order of rows from an even one, exactly', async () => {
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    const matrices = orders.flatMap((order) => order.flatMap((column, row) => [0, 1, 2].map((k) => (k === column ? row + 2 : 0))));
    expect(await numbers(determinant(f64(matrices, [6, 3, 3])))).toEqual([24, -24, -24, 24, 24, -24]);
  });

  it('of a singular matrix is 0, of nothing 1, of one element that element', async () => {
    expect((await numbers(determinant(f64([1, 2, 2, 4, 0, 0, 0, 0], [2, 2, 2])))).map(Math.abs)).toEqual([0, 0]);
    expect(await numbers(determinant(f64([], [0, 0])))).toEqual([1]);
    expect(await numbers(determinant(f64([], [2, 0, 0])))).toEqual([1, 1]);
    expect(await numbers(determinant(f64([-3], [1, 1])))).toEqual([-3]);
    expect(await numbers(determinant(f64([1, NaN, 2, 1], [2, 2])))).toEqual([NaN]);
  });

  it('is a number where a product of some pivots alone overflows, or vanishes', async () => {
    // In the order of the pivots: 1e200, 1e200, 0; then 1e200, 1e-200 and so on, of which every other one is too many; then both at once, as torch has it.
    const diagonal = (...pivots: number[]): Expr => diag(f64(pivots, [pivots.length]));
    expect((await numbers(determinant(diagonal(1e200, 1e200, 0)))).map(Math.abs)).toEqual([0]);
    await expectNumbers(determinant(diagonal(1e200, 1e-200, 1e200, 1e-200, 1e200, 1e-200, 2e200, 1e-200)), [2], 1e-14);
    expect(await numbers(determinant(diagonal(1e200, 1e200, 1e-200, 1e-200)))).toEqual([Infinity]);
    expect(await numbers(determinant(diagonal(1e-200, 1e-200, 1e200, 1e200)))).toEqual([0]);
  });

  it('has the gradient of cofactors where a matrix is singular', async () => {
    // Rank 2 of 3: cofactors by hand.
    const singular = f64([1, 2, 3, 2, 4, 6, 1, 0, 1], [3, 3]);
    await expectNumbers(grad(determinant(singular), singular), [4, 4, -4, -2, -2, 2, 0, 0, 0]);
    const shift = f64([0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0], [4, 4]);
    await expectNumbers(grad(determinant(shift), shift), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0]);
    // Of rank n - 2 or less there are none.
    const none = f64(new Array<number>(9).fill(0), [3, 3]);
    expect((await numbers(grad(determinant(none), none))).map(Math.abs)).toEqual(new Array<number>(9).fill(0));
    const one = f64([0], [1, 1]);
    expect(await numbers(grad(determinant(one), one))).toEqual([1]);
  });

  it('has the gradient det(A) A^-T for any size, whatever its order', async () => {
    for (const n of [2, 5, 9]) {
      const x = f64(seeded(n, n * n), [n, n]);
      // Each row times its cofactors is the determinant; times those of another it is 0.
      const products = x.matmul(grad(determinant(x), x).transpose()).div(determinant(x));
      await expectNumbers(products, await numbers(eye(n, n, { dtype: 'float64' })), 1e-12);
    }
  });

  it('has gradients and second gradients as differences have', () => {
    checkDerivativesOnce((x) => determinant(x.mul(0.3).add(five)), [[3, 3]]);
    checkDerivativesOnce((x) => determinant(x), [[2, 2, 2]]);
  });

  it('keeps open sizes, and refuses what is no square matrix', () => {
    expect(String(determinant(input('float32', ['batch', 'n', 'n'], 'a')).shape)).toBe('batch');
    expect(() => determinant(f64([1, 2], [1, 2]))).toThrow(ShapeError);
    expect(() => determinant(eye(2, 2, { dtype: 'int32' }))).toThrow(DTypeError);
  });
});

describe('slogdet', () => {
  it('is that of torch, and so is its gradient', async () => {
    const { sign, logAbs } = slogdet(a);
    await expectNumbers(sign, [1]);
    await expectNumbers(logAbs, [3.4850788656428575]);
    // By torch.autograd.grad(torch.linalg.slogdet(a).logabsdet, a)
    await expectNumbers(grad(logAbs, a), [0.42911877394636017, -0.13793103448275862, 0.007662835249042144, 0.1379310344827586, 0.24137931034482757, -0.06896551724137931, 0.015325670498084297, 0.13793103448275865, 0.21455938697318008]);
  });

  it('neither overflows nor vanishes', async () => {
    const scales = f64([1e-200, 1e200], [2, 1, 1]);
    const { sign, logAbs } = slogdet(f64([1, 2, 3, 4], [2, 2]).mul(scales));
    expect(await numbers(sign)).toEqual([-1, -1]);
    await expectNumbers(logAbs, [Math.log(2) - 400 * Math.LN10, Math.log(2) + 400 * Math.LN10]);
  });

  it('of a singular matrix is 0 and -Infinity, of nothing 1 and 0', async () => {
    const singular = slogdet(f64([1, 2, 2, 4], [2, 2]));
    expect((await numbers(singular.sign)).map(Math.abs)).toEqual([0]);
    expect(await numbers(singular.logAbs)).toEqual([-Infinity]);
    const nothing = slogdet(f64([], [0, 0]));
    expect(await numbers(nothing.sign)).toEqual([1]);
    expect(await numbers(nothing.logAbs)).toEqual([0]);
  });

  it('has gradients and second gradients as differences have', () => {
    checkDerivativesOnce((x) => slogdet(x.add(five)).logAbs, [[3, 3]]);
    expect(String(slogdet(input('float32', ['batch', 'n', 'n'], 'a')).logAbs.shape)).toBe('batch');
    expect(() => slogdet(f64([1, 2]))).toThrow(ShapeError);
  });
});
