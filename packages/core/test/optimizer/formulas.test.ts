// Formulas that many rules share, against the same in exact arithmetic.
import { describe, expect, it } from 'vitest';
import { DTypeError, OptimizerError, ShapeError } from '../../src/errors.js';
import { scalar } from '../../src/graph/construct.js';
import { addScaled, averageLength } from '../../src/optimizer/formulas.js';
import { evaluate } from '../../src/run/evaluate.js';
import { variable } from '../../src/values/variable.js';

const STEPS = [1, 2, 3, 4, 5, 6, 7, 10, 30, 100, 249, 250, 251, 300, 1000, 3000];

/** `n - 2 t beta^t / (1 - beta^t)` of beta = p / q in whole numbers, to 30 digits. */
function exactly(p: bigint, q: bigint, t: number): number {
  const [pt, qt] = [p ** BigInt(t), q ** BigInt(t)];
  // (q + p) / (q - p) - 2 t pt / (qt - pt)
  const numerator = (q + p) * (qt - pt) - 2n * BigInt(t) * pt * (q - p);
  return Number((numerator * 10n ** 30n) / ((q - p) * (qt - pt))) / 1e30;
}

describe('averageLength', () => {
  it.each([[0.9, 9n, 10n], [0.99, 99n, 100n], [0.999, 999n, 1000n], [0.9999, 9999n, 10000n], [0, 0n, 1n], [0.5, 1n, 2n]])('is right at beta %s', async (beta, p, q) => {
    const { data } = await evaluate(averageLength(beta, variable(STEPS, { dtype: 'float64' })));
    STEPS.forEach((t, k) => {
      // beta itself is off by 6e-17, and so 1 / (1 - beta) by 6e-13.
      expect(Math.abs((data[k] ?? NaN) / exactly(p, q, t) - 1), `${t}`).toBeLessThan(4e-11);
    });
  });

  it('refuses a beta that is no part', () => {
    expect(() => averageLength(1, variable(1))).toThrow(new OptimizerError('averageLength: beta must be from 0 to 1 (excluded), not 1'));
  });
});

describe('addScaled', () => {
  const [a, b] = [variable([1, 2], { name: 'a', dtype: 'float64' }), variable([3, Infinity], { name: 'b', dtype: 'float64' })];

  it('is the sum, and a itself where the scale is 0 by its definition', async () => {
    expect(Array.from((await evaluate(addScaled(a, scalar(2, 'float64'), b))).data)).toEqual([7, Infinity]);
    expect(addScaled(a, scalar(0, 'float64'), b)).toBe(a);
    expect(addScaled(a, variable(3, { dtype: 'float64' }).mul(0), b)).toBe(a);
    // A variable may be 0 now, and something else later.
    expect(Array.from((await evaluate(addScaled(a, variable(0, { dtype: 'float64' }), b))).data)).toEqual([1, NaN]);
  });

  it('refuses integers, another dtype and another shape', () => {
    const n = variable([1, 2], { name: 'n', dtype: 'int32' });
    expect(() => addScaled(n, scalar(2, 'int32'), n)).toThrow(/^addScaled: /);
    expect(() => addScaled(a, scalar(2, 'float32'), b)).toThrow(new DTypeError('addScaled: takes one dtype, and has float64, the scale float32 and float64'));
    expect(() => addScaled(a, scalar(2, 'float64'), b.sum())).toThrow(new ShapeError('addScaled: takes one shape and a scalar, and has [2], the scale [] and []'));
    expect(() => addScaled(a, b, b)).toThrow(new ShapeError('addScaled: takes one shape and a scalar, and has [2], the scale [2] and [2]'));
  });
});
