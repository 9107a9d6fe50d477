import { describe, expect, it } from 'vitest';
import { DTypeError, ShapeError } from '../../../src/errors.js';
import { print } from '../../../src/graph/describe.js';
import { input } from '../../../src/graph/input.js';
import { matrixPower } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { checkDerivativesOnce, expectNumbers, f64, numbers } from './numbers.js';

describe('matrixPower', () => {
  const a = f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3]);

  it('is that of torch', async () => {
    // By torch.linalg.matrix_power
    await expectNumbers(matrixPower(a, 7), [2167.3828125, 4662.193359375, 7032.5244140625, -4662.193359375, -8027.859375, -5997.90234375, 3516.26220703125, 2998.951171875, -347.09765625]);
    await expectNumbers(matrixPower(a, -3), [0.05851656459170777, 0.0428669269540154, 0.021341335321681653, -0.04286692695401539, -0.009626379834260436, 0.015738728601084582, 0.010670667660840825, -0.007869364300542291, 0.00389165526454195]);
  });

  it('counts: the n-th Fibonacci numbers, exactly', async () => {
    const one = f64([1, 1, 1, 0], [2, 2]);
    expect(await numbers(matrixPower(one, 0))).toEqual([1, 0, 0, 1]);
    expect(matrixPower(one, 1)).toBe(one);
    expect(await numbers(matrixPower(one, 40))).toEqual([165580141, 102334155, 102334155, 63245986]);
    expect(await numbers(matrixPower(one, 23))).toEqual([46368, 28657, 28657, 17711]);
  });

  it('takes about 2 log2(n) products', () => {
    expect(print(matrixPower(a, 1000)).match(/matmul/g)?.length).toBe(14);
  });

  it('keeps open sizes, and takes items one by one', async () => {
    const x = input('float32', ['batch', 'n', 'n'], 'x');
    for (const n of [-2, 0, 3]) expect(String(matrixPower(x, n).shape)).toBe('batch,n,n');
    expect(await numbers(matrixPower(f64([2, 0, 0, 3, 0, 1, 1, 0], [2, 2, 2]), 3))).toEqual([8, 0, 0, 27, 0, 1, 1, 0]);
    expect(await numbers(matrixPower(f64([], [0, 0]), 3))).toEqual([]);
    expect(await numbers(matrixPower(f64([0], [1, 1]), -1))).toEqual([NaN]);
  });

  it('has gradients and second gradients as differences have', () => {
    const five = eye(2, 2, { dtype: 'float64' }).mul(5);
    checkDerivativesOnce((x) => matrixPower(x, 3), [[2, 2]]);
    checkDerivativesOnce((x) => matrixPower(x.add(five), -2), [[2, 2]]);
  });

  it('refuses what is no whole number, and no square matrix of floats', () => {
    expect(() => matrixPower(a, 0.5)).toThrow(new ShapeError('matrixPower: n must be a whole number, not 0.5'));
    expect(() => matrixPower(f64([1, 2], [1, 2]), 2)).toThrow(ShapeError);
    expect(() => matrixPower(eye(2, 2, { dtype: 'int32' }), 2)).toThrow(DTypeError);
  });
});
