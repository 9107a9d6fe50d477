// The distributions are in packages/backend-cpu/test/distributions.test.ts, on a backend that is quick.
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { beta, exponential, gamma } from '../../src/operations/random-gamma.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const key = { seed: 3, step: 1 } as const;

describe('gamma', () => {
  it('has an alpha and a scale for each element, and a gradient by the scale', async () => {
    const [alpha, scale] = [literal([0.3, 1, 30], [3], 'float64'), input('float64', ['n', 1])];
    const drawn = gamma(['n', 3], { alpha, scale, dtype: 'float64', ...key });
    const bound: [Expr, number[][]][] = [[scale, [[1], [2]]]];
    const values = await evaluate(drawn, bound);
    expect(values.shape).toEqual([2, 3]);
    const g = await evaluate(grad(drawn.sum(), scale), bound);
    const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN, f = NaN] = values.data;
    expect(g.data[0]).toBeCloseTo(a + b + c, 12);
    expect(g.data[1]).toBeCloseTo((d + e + f) / 2, 12);
    const alphas = input('float32', [2], 'alphas');
    expect(() => grad(gamma([2], { alpha: alphas, ...key }).sum(), alphas)).toThrow('grad: no gradient flows to input alphas');
  });

  it('has other numbers for each seed, step and element, and none that is not finite', async () => {
    const list = [
      ...(await numbers(gamma([50], { alpha: 2, ...key }))), ...(await numbers(gamma([50], { alpha: 2, seed: 3, step: 2 }))), ...(await numbers(gamma([50], { alpha: 2, seed: 4, step: 1 }))),
    ];
    expect(new Set(list).size).toBe(150);
    for (const alpha of [1e-3, 0.1, 1e4]) expect((await numbers(gamma([50], { alpha, ...key }))).every((x) => x >= 0 && Number.isFinite(x))).toBe(true);
    expect(await numbers(gamma([0, 2], { alpha: 1, ...key }))).toEqual([]);
  });

  it('is NaN of an alpha below 0, and 0 of one that is 0, of either sign', async () => {
    const alpha = literal([-3, -1, -0.5, -0, 0, NaN], [6], 'float32');
    expect(await numbers(gamma([6], { alpha, ...key }))).toEqual([NaN, NaN, NaN, 0, 0, NaN]);
    expect(await numbers(beta([6], { alpha, beta: 2, ...key }))).toEqual([NaN, NaN, NaN, 0, 0, NaN]);
    expect(await numbers(beta([6], { alpha: 2, beta: alpha, ...key }))).toEqual([NaN, NaN, NaN, 1, 1, NaN]);
    expect(await numbers(beta([1], { alpha: literal([0], [1], 'float32'), beta: literal([-0], [1], 'float32'), ...key }))).toEqual([NaN]);
  });
});

describe('what does not fit', () => {
  it('is said', () => {
    expect(() => exponential([2], { scale: 0, ...key })).toThrow(new InputError('exponential: scale must be above 0 and finite, not 0'));
    expect((): unknown => Reflect.apply(gamma, undefined, [[2], key])).toThrow('gamma: the option alpha is missing; give a number above 0, or an expression');
    expect(() => beta([2], { alpha: 1, beta: literal([1], [1], 'float64'), ...key })).toThrow(DTypeError);
    expect(() => gamma([2], { alpha: literal([1, 2, 3], [3], 'float32'), ...key })).toThrow(ShapeError);
  });
});
