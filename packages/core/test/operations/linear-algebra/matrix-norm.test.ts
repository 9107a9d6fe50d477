import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { conditionNumber, matrixNorm } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { checkDerivativesOnce, expectNumbers, f64, numbers } from './numbers.js';

/** By torch.linalg.matrix_norm and torch.autograd.grad. */
const BY_TORCH = [
  { order: 'fro', norm: 8.139410298049853, gradient: [0.12285902336679023, -0.24571804673358047, 0.3685770701003707, 0.49143609346716094, 0.06142951168339512, -0.7371541402007414] },
  { order: 1, norm: 9, gradient: [0, 0, 1, 0, 0, -1] },
  { order: -1, norm: 2.5, gradient: [0, -1, 0, 0, 1, 0] },
  { order: Infinity, norm: 10.5, gradient: [0, 0, 0, 1, 1, -1] },
  { order: 2, norm: 7.578302622266295, gradient: [-0.14880727720304668, -0.04848467852943702, 0.2864941910778654, 0.430853322949621, 0.14038147360258524, -0.8295089900961827] },
  { order: -2, norm: 2.9697355716211162, gradient: [0.7164633105292555, -0.5497352859161949, 0.2791023983452151, 0.24745069557745006, -0.18986649683839768, 0.09639583994446274] },
  { order: 'nuc', norm: 10.548038193887411, gradient: [0.5676560333262088, -0.598219964445632, 0.5655965894230806, 0.678304018527071, -0.04948502323581244, -0.73311315015172] },
  { order: -Infinity, norm: 6, gradient: [1, -1, 1, 0, 0, 0] },
] as const;

/** Of the matrix below. */
const CONDITIONS = [
  [2, 2.087561834489113],
  [-2, 0.47902772673784255],
  [1, 3.735632183908046],
  [-1, 1.1954022988505746],
  [Infinity, 3.4942528735632186],
  [-Infinity, 1.0191570881226055],
  ['fro', 3.5679094331923094],
  ['nuc', 9.84246522833747],
] as const;

describe('matrixNorm', () => {
  const a = f64([1, -2, 3, 4, 0.5, -6], [2, 3]);

  for (const { order, norm, gradient } of BY_TORCH) {
    it(`${order} is that of torch, and so is its gradient`, async () => {
      await expectNumbers(matrixNorm(a, { order }), [norm]);
      await expectNumbers(grad(matrixNorm(a, { order }), a), gradient);
      const both = a.mul(f64([1, -2], [2, 1, 1]));
      await expectNumbers(matrixNorm(both, { order }), [norm, 2 * norm]);
      expect(matrixNorm(both, { order, keepdims: true }).shape).toEqual([2, 1, 1]);
    });
  }

  it("is 'fro' by default, of which the gradient is 0 at 0", async () => {
    expect(matrixNorm(a)).toBe(matrixNorm(a, { order: 'fro' }));
    const zero = f64([0, 0], [1, 2]);
    expect(await numbers(grad(matrixNorm(zero), zero))).toEqual([0, 0]);
    expect(await numbers(matrixNorm(f64([], [0, 2])))).toEqual([0]);
  });

  it('keeps open sizes, and refuses orders and shapes that it has none of', () => {
    const open = input('float32', ['batch', 'm', 'n'], 'x');
    for (const { order } of BY_TORCH) expect(String(matrixNorm(open, { order }).shape)).toBe('batch');
    expect(() => matrixNorm(a, { order: 3 })).toThrow(new InputError("matrixNorm: the order must be 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, not 3"));
    expect(() => matrixNorm(f64([1, 2]))).toThrow(ShapeError);
    expect(() => matrixNorm(f64([], [2, 0]), { order: 1 })).toThrow(ShapeError);
    expect(() => matrixNorm(eye(2, 2, { dtype: 'int32' }))).toThrow(DTypeError);
  });
});

describe('conditionNumber', () => {
  const a = f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3]);

  it('is that of torch', async () => {
    // By torch.linalg.cond
    for (const [order, condition] of CONDITIONS) await expectNumbers(conditionNumber(a, { order }), [condition]);
    expect(conditionNumber(a)).toBe(conditionNumber(a, { order: 2 }));
    await expectNumbers(conditionNumber(f64([1, 0, 0, 2, 0, 0], [3, 2])), [2]);
  });

  it('is Infinity for singular matrices', async () => {
    expect(await numbers(conditionNumber(f64([1, 0, 0, 0], [2, 2])))).toEqual([Infinity]);
    expect(await numbers(conditionNumber(f64([1, 0, 0, 0], [2, 2]), { order: -2 }))).toEqual([0]);
    expect(await numbers(conditionNumber(f64([1, 0, 0, 0], [2, 2]), { order: 1 }))).toEqual([NaN]);
    const zeros = f64([0, 0, 0, 0, 0, 0], [2, 3]);
    expect(await numbers(conditionNumber(zeros))).toEqual([Infinity]);
    expect(await numbers(conditionNumber(zeros, { order: -2 }))).toEqual([0]);
    expect(await numbers(conditionNumber(f64([NaN, 0, 0, 0], [2, 2])))).toEqual([NaN]);
  });

  it('has gradients and second gradients as differences have', () => {
    const away = f64([4, 0, 0, 8], [2, 2]);
    checkDerivativesOnce((x) => conditionNumber(x.add(away)), [[2, 2]]);
    checkDerivativesOnce((x) => conditionNumber(x.add(away), { order: 'fro' }), [[2, 2]]);
    checkDerivativesOnce((x) => matrixNorm(x.add(away), { order: 2 }).add(matrixNorm(x.add(away), { order: 'nuc' })), [[2, 2]]);
  });

  it('keeps open sizes, and refuses orders and shapes that it has none of', () => {
    const open = input('float32', ['batch', 'n', 'n'], 'x');
    for (const [order] of CONDITIONS) expect(String(conditionNumber(open, { order }).shape)).toBe('batch');
    expect(() => conditionNumber(a, { order: 3 })).toThrow(new InputError("conditionNumber: the order must be 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, not 3"));
    expect(() => conditionNumber(f64([1, 2], [1, 2]), { order: 1 })).toThrow(ShapeError);
    expect(() => conditionNumber(f64([1, 2]))).toThrow(ShapeError);
    const told = (name: string, what: string, order: string, shape: string): ShapeError =>
      new ShapeError(`${name}: a constant float64[${shape}] has no ${what} to choose, as the order ${order} does; by the orders 'fro' and 'nuc' there is a norm, 0`);
    expect(() => conditionNumber(f64([], [0, 3]))).toThrow(told('conditionNumber', 'singular value', '2', '0, 3'));
    expect(() => conditionNumber(f64([], [0, 0]), { order: 1 })).toThrow(told('conditionNumber', 'column', '1', '0, 0'));
    expect(() => matrixNorm(f64([], [0, 3]), { order: Infinity })).toThrow(told('matrixNorm', 'row', 'Infinity', '0, 3'));
    expect(() => matrixNorm(f64([], [3, 0]), { order: -1 })).toThrow(told('matrixNorm', 'column', '-1', '3, 0'));
  });
});
