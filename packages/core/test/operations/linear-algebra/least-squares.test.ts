import { describe, expect, it } from 'vitest';
import { DTypeError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { leastSquares, solve } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { matmul } from '../../../src/operations/products.js';
import { swapLast } from '../../../src/operations/movement.js';
import { checkDerivativesOnce, expectNumbers, f64, largest, numbers, seeded } from './numbers.js';

describe('leastSquares', () => {
  const tall = f64([1, 2, 0.5, -1, 3, 1, -2, 0.25], [4, 2]);
  const wide = swapLast(tall);

  it('has the solution and gradients that torch has, with more equations than unknowns', async () => {
    const b = f64([1, 0, 2, -1, 0.5, 3, 1, 1], [4, 2]);
    const x = leastSquares(tall, b);
    const [ofA, ofB] = grad(x.mul(f64([1, -2, 0.5, 3], [2, 2])).sum(), [tall, b]);
    // By torch.linalg.lstsq(a, b, driver='gels'); gradients by torch.linalg.pinv(a) @ b
    await expectNumbers(x, [0.0865704772475028, 0.31831298557158727, 0.06659267480577134, 0.4910099889012208]);
    await expectNumbers(ofA, [0.12811435314812386, -1.452356328706173, 0.6311556649967172, 0.04729040737816287, -0.4436376895322869, 1.264504773953223, -0.7186381884230248, 0.7246879469229528]);
    await expectNumbers(ofB, [0.14650388457269697, 1.0992230854605993, -0.015538290788013345, -0.8923418423973365, 0.21753607103218642, -0.30721420643729197, -0.10432852386237512, 0.8657047724750278]);
  });

  it('has the solution and gradients that torch has, with fewer', async () => {
    const b = f64([1, 0, 2, -1], [2, 2]);
    const x = leastSquares(wide, b);
    const [ofA, ofB] = grad(x.mul(f64([1, -2, 0.5, 3, 1, 1, 2, -1], [4, 2])).sum(), [wide, b]);
    await expectNumbers(x, [0.6685904550499446, -0.3480577136514983, -0.3618201997780245, 0.23085460599334073, 0.26548279689234183, -0.03196448390677023, 0.14206437291897878, -0.16426193118756935]);
    await expectNumbers(ofA, [0.376126661583319, -0.1945486640198768, 0.05642269472444614, 0.14958739888223846, -0.9994961819460688, 0.7478798375463944, 0.03179104238600322, 0.031467810460937884]);
    await expectNumbers(ofB, [-0.1489456159822419, 0.7427302996670366, 0.5931187569367371, -1.5209766925638184]);
  });

  it('leaves what is orthogonal to the columns, for any sizes', async () => {
    for (const [m, n] of [[1, 1], [2, 1], [5, 5], [7, 3], [12, 9], [30, 13]] as const) {
      for (const columns of [1, 3]) {
        const a = f64(seeded(m, m * n), [m, n]);
        const b = f64(seeded(n, m * columns), [m, columns]);
        const rest = b.sub(matmul(a, leastSquares(a, b)));
        expect(largest(await numbers(matmul(swapLast(a), rest)))).toBeLessThan(1e-13 * m);
        // Of as many equations as unknowns and of fewer: they hold, and x is made of the rows.
        const right = f64(seeded(m, n * columns), [n, columns]);
        const x = leastSquares(swapLast(a), right);
        const size = largest(await numbers(x));
        expect(largest(await numbers(matmul(swapLast(a), x).sub(right)))).toBeLessThan(1e-14 * m * Math.max(1, size));
        const rows = matmul(a, leastSquares(a, x)).sub(x);
        expect(largest(await numbers(rows))).toBeLessThan(1e-13 * m * size);
      }
    }
  });

  it('of square matrices is solve', async () => {
    const a = f64(seeded(3, 36), [6, 6]);
    const b = f64(seeded(4, 6), [6]);
    await expectNumbers(leastSquares(a, b), await numbers(solve(a, b)), 1e-12);
  });

  it('squares no numbers that overflow or vanish', async () => {
    for (const scale of [1e-200, 1e200]) await expectNumbers(leastSquares(f64([1, 0, 1, 1, 1, 2], [3, 2]).mul(scale), f64([1, 3, 5]).mul(scale)), [1, 2]);
  });

  it('is all NaN where a matrix is not finite', async () => {
    for (const a of [[-1, Infinity, -1, 1], [1, Infinity, 0, 1], [Infinity, 1, 1, 2], [2, 1, -Infinity, 1]]) {
      expect(await numbers(leastSquares(f64(a, [2, 2]), [1, 2]))).toEqual([NaN, NaN]);
      expect(await numbers(leastSquares(f64([...a, 1, 3], [3, 2]), [1, 2, 3]))).toEqual([NaN, NaN]);
      expect(await numbers(leastSquares(f64([...a, 1, 3], [2, 3]), [1, 2]))).toEqual([NaN, NaN, NaN]);
    }
  });

  it('is all NaN where the rank is not full, exactly told', async () => {
    expect(await numbers(leastSquares(f64([1, 0, 2, 0, 3, 0], [3, 2]), [1, 2, 3]))).toEqual([NaN, NaN]);
    expect(await numbers(leastSquares(f64([1, 2, 0, 0], [2, 2]), [1, 2]))).toEqual([NaN, NaN]);
    expect(await numbers(leastSquares(f64([1, NaN, 0, 1], [2, 2]), [1, 2]))).toEqual([NaN, NaN]);
  });

  it('has gradients and second gradients as differences have', () => {
    const tallEye = eye(4, 2, { dtype: 'float64' }).mul(6);
    checkDerivativesOnce((x, y) => leastSquares(x.add(tallEye), y), [[4, 2], [4, 2]]);
    checkDerivativesOnce((x, y) => leastSquares(x.add(swapLast(tallEye)), y), [[2, 4], [2]]);
    checkDerivativesOnce((x, y) => leastSquares(x.add(tallEye), y), [[2, 4, 2], [4]]);
    checkDerivativesOnce((x, y) => leastSquares(x.add(tallEye), y), [[4, 2], [2, 4, 1]]);
  });

  it('of no equations is 0, of no unknowns nothing', async () => {
    expect(await numbers(leastSquares(f64([], [0, 2]), f64([], [0])))).toEqual([0, 0]);
    expect(await numbers(leastSquares(f64([], [2, 0]), [1, 2]))).toEqual([]);
    expect(leastSquares(f64([], [2, 0]), f64([1, 2, 3, 4], [2, 2])).shape).toEqual([0, 2]);
  });

  it('keeps open sizes, of gradients too', async () => {
    const [a, b] = [input('float64', ['m', 'n'], 'a'), input('float64', ['m', 'k'], 'b')];
    const x = leastSquares(a, b);
    expect(String(x.shape)).toBe('n,k');
    const [ofA] = grad(x.sum(), [a, b]);
    for (const [m, n] of [[3, 2], [2, 3], [2, 2]] as const) {
      const [values, right] = [f64(seeded(m, m * n), [m, n]), f64(seeded(n, m), [m, 1])];
      const rowsOf = (list: readonly number[], columns: number): number[][] => Array.from({ length: m }, (_, r) => list.slice(r * columns, (r + 1) * columns));
      const found = await evaluate(ofA, [[a, rowsOf(seeded(m, m * n), n)], [b, rowsOf(seeded(n, m), 1)]]);
      const wanted = await numbers(grad(leastSquares(values, right).sum(), values));
      expect(found.shape).toEqual([m, n]);
      for (const [k, w] of wanted.entries()) expect(found.data[k]).toBeCloseTo(w, 11);
    }
  });

  it('refuses sizes and dtypes that do not fit', () => {
    expect(() => leastSquares(tall, [1, 2])).toThrow(ShapeError);
    expect(() => leastSquares(f64([1, 2]), [1, 2])).toThrow(ShapeError);
    expect(() => leastSquares(tall.cast('float32'), f64([1, 2, 3, 4]))).toThrow(DTypeError);
  });
});
