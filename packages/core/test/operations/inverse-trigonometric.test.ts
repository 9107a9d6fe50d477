import { describe, expect, it } from 'vitest';
import { DTypeError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { acos, asin, atan, atan2 } from '../../src/operations/inverse-trigonometric.js';
import { checkDerivatives } from '../gradients/finite-differences.js';
import { at, gradientAt, gradientsAt } from './points.js';

const given = (a: Expr | undefined): Expr => a ?? input('float64');

describe('asin, acos and atan', () => {
  const points = [0, -0, 1e-300, 0.1, -0.3, 0.41, 0.42, 0.7, -0.92, 0.93, 1, -1, 1 - 2 ** -53, 1.5, -2, Infinity, -Infinity, NaN];
  it.each([['asin', asin, Math.asin], ['acos', acos, Math.acos], ['atan', atan, Math.atan]] as const)('%s is that of JavaScript to two units', async (_, f, exact) => {
    const x = [...points, 2.3, -2.5, 1e10, -1e200];
    for (const [k, y] of (await at(f, x)).entries()) {
      const wanted = exact(x[k] ?? NaN);
      if (wanted === 0 || !Number.isFinite(wanted)) expect(y, `${x[k]}`).toBe(wanted);
      else expect(Math.abs(y / wanted - 1), `${x[k]}`).toBeLessThan(2 ** -51);
    }
  });

  it('have the derivatives of finite differences', () => {
    checkDerivatives((a) => asin(given(a)), [[3, 2]], { range: [-0.7, 0.7] });
    checkDerivatives((a) => acos(given(a)), [[3, 2]], { range: [-0.7, 0.7] });
    checkDerivatives((a) => atan(given(a)), [[3, 2]]);
  });

  it('have the gradients of PyTorch 2.13 at the ends and outside', async () => {
    expect(await gradientAt(asin, [1, -1, 2, 0])).toEqual([Infinity, Infinity, NaN, 1]);
    expect(await gradientAt(acos, [1, -1, 2, 0])).toEqual([-Infinity, -Infinity, NaN, -1]);
    expect(await gradientAt(atan, [0, 1, Infinity, -1e200])).toEqual([1, 0.5, 0, 0]);
  });

  it('take floats only', () => {
    const n = input('int32', [2], 'n');
    for (const [name, f] of Object.entries({ asin, acos, atan })) {
      expect(() => f(n)).toThrow(new DTypeError(`${name}: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)`));
    }
  });
});

describe('atan2', () => {
  it('is that of C99 for every pair of zeros, infinities, NaN and numbers', async () => {
    const values = [0, -0, 1, -1, 3, -1e300, 1e300, 1e-300, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity, NaN];
    const pairs = values.flatMap((y) => values.map((x) => [y, x] as const));
    const found = await at(atan2, pairs.map(([y]) => y), pairs.map(([, x]) => x));
    for (const [k, [y, x]] of pairs.entries()) {
      const [angle = NaN, wanted] = [found[k], Math.atan2(y, x)];
      if (Object.is(angle, wanted)) continue;
      expect(Math.abs(angle / wanted - 1), `atan2(${y}, ${x}): ${angle}, not ${wanted}`).toBeLessThan(2 ** -51);
    }
  });

  it('has the derivatives of finite differences, and broadcasts', () => {
    checkDerivatives((y, x) => atan2(given(y), given(x)), [[2, 3], [3]], { range: [0.5, 2] });
    checkDerivatives((y, x) => atan2(given(y).neg(), given(x).neg()), [[3], [2, 1]], { range: [0.5, 2] });
    expect(atan2(input('float32', ['n', 1]), input('float32', [3])).shape.map(String)).toEqual(['n', '3']);
    expect(atan2(input('float32', [0]), 1).shape).toEqual([0]);
  });

  it('has the gradients of PyTorch 2.13 at the axes, and 0 where it has NaN', async () => {
    expect(await gradientsAt(atan2, [0, -0, 0, 1, -0, 1], [0, 0, -1, 0, -1, Infinity])).toEqual([[0, 0, -1, 0, -1, 0], [-0, -0, -0, -1, 0, -0]]);
    expect(await gradientsAt(atan2, [Infinity, Infinity, NaN], [1, Infinity, 1])).toEqual([[0, 0, NaN], [-0, -0, NaN]]);
    // Squares would overflow or vanish.
    expect(await gradientsAt(atan2, [0, 1e300], [1e-200, 0])).toEqual([[1e200, 0], [-0, -1e-300]]);
  });

  it('takes floats of one dtype that broadcast', () => {
    const [x, n] = [input('float64', [2], 'x'), input('int32', [2], 'n')];
    expect(() => atan2(n, n)).toThrow(/^atan2: takes float32 or float64, and input n int32\[2\] is int32/);
    expect(() => atan2(x, n)).toThrow(new DTypeError('atan2: input x float64[2] is float64, input n int32[2] is int32; cast one of them with .cast(dtype)'));
    expect(() => atan2(x, input('float64', [3], 'y'))).toThrow(ShapeError);
  });
});
