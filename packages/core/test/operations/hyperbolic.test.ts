import { describe, expect, it } from 'vitest';
import { DTypeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { acosh, asinh, atanh, cosh, sinh } from '../../src/operations/hyperbolic.js';
import { checkDerivatives } from '../gradients/finite-differences.js';
import { at, gradientAt } from './points.js';

const given = (a: Expr | undefined): Expr => a ?? input('float64');
const FUNCTIONS = { sinh, cosh, asinh, acosh, atanh };

describe('hyperbolic functions and their inverses', () => {
  const points = [0, -0, 1e-300, -1e-10, 0.1, -0.3, 0.999, 1, -1, 1 + 2 ** -52, 1.5, -2, 39.5, 40.5, -300, 709.9, 710.4, -711, 1e9, -1e18, 1e19, 1e200, Infinity, -Infinity, NaN];
  it.each([['sinh', Math.sinh], ['cosh', Math.cosh], ['asinh', Math.asinh], ['acosh', Math.acosh], ['atanh', Math.atanh]] as const)('%s is that of JavaScript to four units', async (name, exact) => {
    for (const [k, y] of (await at(FUNCTIONS[name], points)).entries()) {
      const wanted = exact(points[k] ?? NaN);
      if (wanted === 0 || !Number.isFinite(wanted)) expect(y, `${points[k]}`).toBe(wanted);
      else expect(Math.abs(y / wanted - 1), `${points[k]}`).toBeLessThan(2 ** -50);
    }
  });

  it('have the derivatives of finite differences', () => {
    for (const f of [sinh, cosh, asinh]) checkDerivatives((a) => f(given(a)), [[3, 2]]);
    checkDerivatives((a) => acosh(given(a)), [[3, 2]], { range: [1.5, 4] });
    checkDerivatives((a) => atanh(given(a)), [[3, 2]], { range: [-0.6, 0.6] });
  });

  it('have the gradients of PyTorch 2.13 at the ends, and NaN where acosh is', async () => {
    expect(await gradientAt(acosh, [1, 0.5, -3, Infinity])).toEqual([Infinity, NaN, NaN, 0]);
    expect(await gradientAt(atanh, [1, -1, 2, 0])).toEqual([Infinity, Infinity, -1 / 3, 1]);
    expect(await gradientAt(asinh, [0, 1e200, -Infinity])).toEqual([1, 0, 0]);
    expect(await gradientAt(sinh, [0, 800])).toEqual([1, Infinity]);
    expect(await gradientAt(cosh, [0, -800])).toEqual([0, -Infinity]);
  });

  it('take floats only, of any sizes', () => {
    const n = input('int32', [2], 'n');
    for (const [name, f] of Object.entries(FUNCTIONS)) {
      expect(() => f(n)).toThrow(new DTypeError(`${name}: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)`));
      expect(f(input('float32', ['n', 0])).shape.map(String)).toEqual(['n', '0']);
    }
  });
});
