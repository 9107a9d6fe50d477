import { describe, expect, it } from 'vitest';
import { DTypeError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { literal } from '../../src/graph/construct.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { fmax, fmin, lerp, trunc } from '../../src/operations/choices.js';
import { evaluate } from '../../src/run/evaluate.js';
import { checkDerivatives } from '../gradients/finite-differences.js';
import { at, gradientAt, gradientsAt } from './points.js';

const given = (a: Expr | undefined): Expr => a ?? input('float64');

describe('trunc', () => {
  it('is Math.trunc, and nothing flows through', async () => {
    const x = [1.7, -1.7, 0.3, -0.3, 0, -0, 2 ** 52 + 1, -1e300, Infinity, -Infinity, NaN];
    expect(await at(trunc, x)).toEqual(x.map(Math.trunc));
    expect(await gradientAt((a) => trunc(a).mul(a), [2.5, -2.5])).toEqual([2, -2]);
    expect(() => trunc(input('int32', [2], 'n'))).toThrow(new DTypeError('trunc: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)'));
  });
});

describe('fmax and fmin', () => {
  const [a, b] = [[NaN, 1, NaN, 2, 2, 0, -Infinity], [1, NaN, NaN, 2, 3, -0, NaN]];

  it('take NaN for a missing value, as in NumPy and PyTorch', async () => {
    expect(await at(fmax, a, b)).toEqual([1, 1, NaN, 2, 3, 0, -Infinity]);
    expect(await at(fmin, a, b)).toEqual([1, 1, NaN, 2, 2, -0, -Infinity]);
  });

  it('have the gradient of what is chosen, half each at a tie', async () => {
    expect(await gradientsAt(fmax, a, b)).toEqual([[0, 1, 1, 0.5, 0, 0.5, 1], [1, 0, 0, 0.5, 1, 0.5, 0]]);
    expect(await gradientsAt(fmin, a, b)).toEqual([[0, 1, 1, 0.5, 1, 0.5, 1], [1, 0, 0, 0.5, 0, 0.5, 0]]);
    checkDerivatives((p, q) => fmax(given(p), given(q).mul(0.99)).add(fmin(given(p).mul(2), given(q))), [[2, 3], [3]], { smooth: false });
  });

  it('are maximum and minimum of int32, and refuse bool', async () => {
    const n = literal([1, -5], [2], 'int32');
    expect([...(await evaluate(fmax(n, 0))).data, ...(await evaluate(fmin(0, n))).data]).toEqual([1, 0, 0, -5]);
    expect(fmax(n, 0)).toBe(n.maximum(0));
    for (const [name, f] of Object.entries({ fmax, fmin })) {
      expect(() => f(n.gt(0), true)).toThrow(new DTypeError(`${name}: takes numbers, and gt() bool[2] is bool; cast it with .cast('float32')`));
      expect(() => f(n, input('float32', [2], 'x'))).toThrow(DTypeError);
      expect(() => f(n, input('int32', [3], 'x'))).toThrow(ShapeError);
      expect(f(input('float32', ['n', 1]), [1, 2]).shape.map(String)).toEqual(['n', '2']);
    }
  });
});

describe('lerp', () => {
  it('is exact at both ends, and goes on beyond them', async () => {
    // As PyTorch 2.13 has them.
    expect(await at((a, t) => lerp(a, 5, t), [1, 1, 1, 1, 1], [0, 0.25, 1, 1.5, -0.5])).toEqual([1, 2, 5, 7, -1]);
    // 1 / 3 - 1e20 loses the third.
    expect(await at((a, b) => lerp(a, b, 1), [1e20], [1 / 3])).toEqual([1 / 3]);
    expect(await at((a, b) => lerp(a, b, 0.1), [0.3, NaN, 1], [0.3, 1, NaN])).toEqual([0.3, NaN, NaN]);
  });

  it('has the derivatives of finite differences, and broadcasts', async () => {
    checkDerivatives((a, b, t) => lerp(given(a), given(b), given(t).mul(0.2)), [[2, 3], [3], [2, 1]], { smooth: false });
    checkDerivatives((a, b, t) => lerp(given(a), given(b), given(t)), [[3], [], [3]], { range: [0.6, 2], smooth: false });
    const [a, b, t] = [input('float64', [5]), input('float64', [5]), input('float64', [5])];
    const feeds = [[a, [1, 1, 1, 2, -3]], [b, [5, 5, 5, 8, 4]], [t, [0, 0.25, 1, 1.5, -0.5]]] as const;
    const found = await Promise.all(grad(lerp(a, b, t).sum(), [a, b, t]).map(async (g) => [...(await evaluate(g, feeds)).data]));
    // As PyTorch 2.13 has them.
    expect(found).toEqual([[1, 0.75, 0, -0.5, 1.5], [0, 0.25, 1, 1.5, -0.5], [4, 4, 4, 6, 7]]);
  });

  it('takes floats of one dtype that broadcast', () => {
    const [x, n] = [input('float64', [2], 'x'), input('int32', [2], 'n')];
    expect(() => lerp(n, 1, 2)).toThrow(new DTypeError('lerp: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)'));
    expect(() => lerp(x, 1, n)).toThrow(DTypeError);
    expect(() => lerp(x, 1, input('float64', [3], 't'))).toThrow(/^lerp: the shapes of input x float64\[2\] and the number 1 float64\[\] and input t float64\[3\] do not broadcast/);
    expect(lerp(x, 1, 0.5).shape).toEqual([2]);
  });
});
