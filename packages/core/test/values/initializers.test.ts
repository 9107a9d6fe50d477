import { describe, expect, it } from 'vitest';
import { GraphError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { constant, glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform, normal, ones, onesLike, orthogonal, truncatedNormal, uniform, zeros, zerosLike } from '../../src/values/initializers.js';
import { input } from '../../src/graph/input.js';

const numbers = async (expr: Expr): Promise<Float64Array> => (await evaluate(expr)).data;
const mean = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length;
const deviation = (x: Float64Array): number => {
  const center = mean(x);
  return Math.sqrt(mean(x.map((v) => (v - center) ** 2)));
};
const extent = (x: Float64Array): number => x.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

describe('initializers', () => {
  it('fill with one number', async () => {
    expect([...(await numbers(zeros([2, 2])))]).toEqual([0, 0, 0, 0]);
    expect([...(await numbers(ones(3, { dtype: 'int32' })))]).toEqual([1, 1, 1]);
    expect([...(await numbers(constant(0.25, [2])))]).toEqual([0.25, 0.25]);
    const x = input('float64', ['batch', 2]);
    expect([String(zerosLike(x)), String(onesLike(x))]).toEqual(['broadcast float64[batch, 2]', 'broadcast float64[batch, 2]']);
    expect(() => constant(0.5, [2], { dtype: 'int32' })).toThrow(new InputError('constant: 0.5 is no int32 value'));
  });

  it('give the same values for the same seed, others for another or for none', async () => {
    for (const init of [uniform, normal, glorotUniform, glorotNormal, heUniform, heNormal, lecunUniform, lecunNormal, truncatedNormal, orthogonal]) {
      const [a, b, c] = [await numbers(init([3, 4], { seed: 7 })), await numbers(init([3, 4], { seed: 7 })), await numbers(init([3, 4], { seed: 8 }))];
      expect(a).toEqual(b);
      expect(a).not.toEqual(c);
      expect(await numbers(init([3, 4]))).not.toEqual(await numbers(init([3, 4])));
      expect(String(init([3, 4], { dtype: 'float64' }))).toBe('data float64[3, 4]');
    }
  });

  // 40,000 values: the mean's standard error is 1/200 of the deviation, that of the deviation below 1/280 of it; 5 of either are allowed.
  it.each([
    ['uniform', uniform([100, 400], { seed: 1, low: -1, high: 3 }), 1, 4 / Math.sqrt(12), 3],
    ['uniform by default', uniform([100, 400], { seed: 2 }), 0, 0.1 / Math.sqrt(12), 0.05],
    ['normal', normal([100, 400], { seed: 3, mean: 2, std: 0.5 }), 2, 0.5, Infinity],
    ['normal by default', normal([100, 400], { seed: 4 }), 0, 0.05, Infinity],
    ['glorotUniform', glorotUniform([100, 400], { seed: 5 }), 0, Math.sqrt(2 / 500), Math.sqrt(6 / 500)],
    ['glorotNormal', glorotNormal([100, 400], { seed: 6 }), 0, Math.sqrt(2 / 500), Infinity],
    ['heUniform', heUniform([100, 400], { seed: 7 }), 0, Math.sqrt(2 / 100), Math.sqrt(6 / 100)],
    ['heNormal', heNormal([100, 400], { seed: 8 }), 0, Math.sqrt(2 / 100), Infinity],
    ['lecunUniform', lecunUniform([100, 400], { seed: 11 }), 0, Math.sqrt(1 / 100), Math.sqrt(3 / 100)],
    ['lecunNormal', lecunNormal([100, 400], { seed: 12 }), 0, Math.sqrt(1 / 100), Infinity],
    // The deviation of a standard normal distribution cut at 2: sqrt(1 - 4 φ(2) / (2 Φ(2) - 1)).
    ['truncatedNormal', truncatedNormal([100, 400], { seed: 13, mean: 1, std: 0.5 }), 1, 0.5 * 0.8796256610342398, 2],
    ['truncatedNormal by default', truncatedNormal([100, 400], { seed: 14 }), 0, 0.05 * 0.8796256610342398, 0.1],
    ['orthogonal', orthogonal([100, 400], { seed: 15 }), 0, Math.sqrt(1 / 400), 1],
    ['glorotNormal of a convolution', glorotNormal([20, 80, 5, 5], { seed: 9 }), 0, Math.sqrt(2 / (25 * 100)), Infinity],
    ['heNormal of a convolution', heNormal([20, 80, 5, 5], { seed: 10 }), 0, Math.sqrt(2 / (25 * 80)), Infinity],
  ])('%s: has the mean, deviation and bounds of its distribution', async (_, expr, expectedMean, expectedDeviation, bound) => {
    const x = await numbers(expr);
    expect(Math.abs(mean(x) - expectedMean)).toBeLessThan((5 / 200) * expectedDeviation);
    expect(Math.abs(deviation(x) / expectedDeviation - 1)).toBeLessThan(5 / 280);
    expect(extent(x)).toBeLessThanOrEqual(Math.fround(bound));
    expect(new Set(x).size).toBeGreaterThan(0.98 * x.length);
  });

  it.each([[[3, 3]], [[2, 5]], [[5, 2]], [[4, 3, 2]], [[1, 1]], [[40, 30]]])('orthogonal of %j: its rows or columns are orthonormal', async (shape) => {
    const values = await numbers(orthogonal(shape, { seed: 1, gain: 2, dtype: 'float64' }));
    const rows = shape[0] ?? 1;
    const columns = values.length / rows;
    const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
    const entry = (vector: number, i: number): number => values[rows <= columns ? vector * columns + i : i * columns + vector] ?? NaN;
    for (let a = 0; a < few; a++) {
      for (let b = 0; b < few; b++) {
        let product = 0;
        for (let i = 0; i < many; i++) product += entry(a, i) * entry(b, i);
        expect(Math.abs(product - (a === b ? 4 : 0))).toBeLessThan(1e-14);
      }
    }
  });

  it('orthogonal prefers no sign, and takes empty shapes', async () => {
    const signs = await Promise.all(Array.from({ length: 64 }, async (_, seed) => Math.sign((await numbers(orthogonal([2, 2], { seed })))[0] ?? 0)));
    expect(Math.abs(signs.reduce((a, b) => a + b))).toBeLessThan(32);
    expect(orthogonal([0, 3]).shape).toEqual([0, 3]);
    expect(() => orthogonal([3])).toThrow(new ShapeError('orthogonal: takes at least 2 dimensions, not [3]; use uniform or normal'));
  });

  it('refuse open dimensions, and fans of a vector', () => {
    expect(() => uniform(['batch'])).toThrow(GraphError);
    expect(() => glorotUniform([3])).toThrow(new ShapeError('glorotUniform: fans are those of a weight of at least 2 dimensions, not [3]; use uniform or normal'));
    expect(() => heNormal([])).toThrow(ShapeError);
  });
});
