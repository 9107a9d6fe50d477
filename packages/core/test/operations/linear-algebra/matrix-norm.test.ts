import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { matrixNorm } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { expectNumbers, f64, numbers } from './numbers.js';

/** By torch.linalg.matrix_norm and torch.autograd.grad. */
const BY_TORCH = [
  { order: 'fro', norm: 8.139410298049853, gradient: [0.12285902336679023, -0.24571804673358047, 0.3685770701003707, 0.49143609346716094, 0.06142951168339512, -0.7371541402007414] },
  { order: 1, norm: 9, gradient: [0, 0, 1, 0, 0, -1] },
  { order: -1, norm: 2.5, gradient: [0, -1, 0, 0, 1, 0] },
  { order: Infinity, norm: 10.5, gradient: [0, 0, 0, 1, 1, -1] },
  { order: -Infinity, norm: 6, gradient: [1, -1, 1, 0, 0, 0] },
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
    expect(() => matrixNorm(a, { order: 3 })).toThrow(new InputError("matrixNorm: the order must be 'fro', 1, -1, Infinity or -Infinity, not 3"));
    expect(() => matrixNorm(f64([1, 2]))).toThrow(ShapeError);
    expect(() => matrixNorm(f64([], [2, 0]), { order: 1 })).toThrow(ShapeError);
    expect(() => matrixNorm(eye(2, 2, { dtype: 'int32' }))).toThrow(DTypeError);
  });
});
