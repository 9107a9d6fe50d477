import { describe, expect, it } from 'vitest';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { literal } from '../../src/graph/construct.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { cbrt, exp2, hypot, logAddExp } from '../../src/operations/powers.js';
import { evaluate } from '../../src/run/evaluate.js';
import { checkDerivatives } from '../gradients/finite-differences.js';
import { at, gradientAt, gradientsAt } from './points.js';

const given = (a: Expr | undefined): Expr => a ?? input('float64');

describe('exp2', () => {
  it('is a power of two, exact of whole numbers', async () => {
    expect(await at(exp2, [0, -0, 10, -3, 1023, 1024, -1074, -1076, Infinity, -Infinity, NaN])).toEqual([1, 1, 1024, 0.125, 2 ** 1023, Infinity, 2 ** -1074, 0, Infinity, 0, NaN]);
  });

  it('has the derivatives of finite differences, and those of PyTorch 2.13 at infinity', async () => {
    checkDerivatives((a) => exp2(given(a)), [[3, 2]]);
    expect(await gradientAt(exp2, [0, Infinity, -Infinity])).toEqual([Math.LN2, Infinity, 0]);
  });
});

describe('cbrt', () => {
  it('has the sign of its operand, and keeps zeros, infinities and NaN', async () => {
    expect(await at(cbrt, [0, -0, Infinity, -Infinity, NaN])).toEqual([0, -0, Infinity, -Infinity, NaN]);
    const x = [8, -27, 2 ** -1074, -1e-320, 1e308, 1e-3, -2, Number.MAX_VALUE];
    for (const [k, y] of (await at(cbrt, x)).entries()) expect(Math.abs(y / Math.cbrt(x[k] ?? NaN) - 1)).toBeLessThan(2 ** -51);
  });

  it('has the derivatives of finite differences, and Infinity at 0', async () => {
    checkDerivatives((a) => cbrt(given(a)), [[3, 2]], { range: [0.5, 3] });
    checkDerivatives((a) => cbrt(given(a)), [[3, 2]], { range: [-3, -0.5] });
    expect(await gradientAt(cbrt, [0, -0, Infinity])).toEqual([Infinity, Infinity, 0]);
  });
});

it('cbrt of float32 is infinite where a sum has overflowed, and accurate before', async () => {
  const x = literal([Infinity, 3.4e38, 2 ** -149], [3], 'float32');
  expect([...(await evaluate(cbrt(x))).data].map(Math.fround)).toEqual([Infinity, Math.fround(Math.cbrt(Math.fround(3.4e38))), Math.fround(2 ** -49.666666666666664)]);
});

describe('hypot', () => {
  it('neither overflows nor vanishes, and is infinite beside NaN', async () => {
    const [a, b] = [[3, -3, 1e300, 1e-300, 5e-324, 0, -0, Infinity, NaN, -Infinity, NaN, 1], [4, 4, 1e300, 1e-300, 0, -0, 2, NaN, -Infinity, Infinity, 1, NaN]];
    expect(await at(hypot, a, b)).toEqual([5, 5, Math.SQRT2 * 1e300, Math.SQRT2 * 1e-300, 5e-324, 0, 2, Infinity, Infinity, Infinity, NaN, NaN]);
  });

  it('has the derivatives of finite differences, and broadcasts', () => {
    checkDerivatives((a, b) => hypot(given(a), given(b)), [[2, 3], [3]], { range: [0.5, 2] });
    checkDerivatives((a, b) => hypot(given(a), given(b).neg()), [[2, 1], [3]], { range: [0.5, 2] });
  });

  it('has gradients of 0 at zeros and of 1 by what is infinite, where PyTorch 2.13 has NaN', async () => {
    expect(await gradientsAt(hypot, [0, 3, Infinity, -Infinity, 1e300], [0, 4, 1, Infinity, 0])).toEqual([[0, 0.6, 1, -1, 1], [0, 0.8, 0, 1, 0]]);
  });
});

describe('logAddExp', () => {
  it('is log(exp(a) + exp(b)) without overflow, also of infinities', async () => {
    const found = await at(logAddExp, [0, 1000, -1000, Infinity, -Infinity, -Infinity, Infinity, NaN, NaN], [0, 1000, -1001, Infinity, -Infinity, 1, -Infinity, 1, Infinity]);
    expect(found).toEqual([Math.LN2, 1000 + Math.LN2, -1000 + Math.log1p(Math.exp(-1)), Infinity, -Infinity, 1, Infinity, NaN, NaN]);
  });

  it('has the derivatives of finite differences, at ties too, and broadcasts', async () => {
    checkDerivatives((a, b) => logAddExp(given(a), given(b)), [[2, 3], [3]]);
    expect(await gradientAt((a) => grad(logAddExp(a, 2).sum(), a), [2])).toEqual([0.25]);
  });

  it('shares its gradient as PyTorch 2.13 does, where that has no NaN', async () => {
    const found = await gradientsAt(logAddExp, [-Infinity, Infinity, -Infinity, 1, Infinity, 1000], [-Infinity, Infinity, 1, 1, -Infinity, -1000]);
    expect(found).toEqual([[0, 0.5, 0, 0.5, 1, 1], [0, 0.5, 1, 0.5, 0, 0]]);
  });
});

it('functions of two numbers take floats of one dtype that broadcast', () => {
  const [x, n] = [input('float64', [2], 'x'), input('int32', [2], 'n')];
  for (const [name, f] of Object.entries({ hypot, logAddExp })) {
    expect(() => f(n, 1)).toThrow(new DTypeError(`${name}: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)`));
    expect(() => f(x, input('float32', [2], 'y'))).toThrow(new DTypeError(`${name}: input x float64[2] is float64, input y float32[2] is float32; cast one of them with .cast(dtype)`));
    expect(() => f(x, input('float64', [3], 'y'))).toThrow(new ShapeError(`${name}: the shapes of input x float64[2] and input y float64[3] do not broadcast; aligned at the last axis, sizes must be equal or 1`));
    expect(() => f(1, 2)).toThrow(new GraphError(`${name}: none of the operands is an expression; make one with scalar(value, dtype)`));
    expect(f(input('float32', ['n', 1]), input('float32', [0])).shape.map(String)).toEqual(['n', '0']);
  }
  for (const f of [exp2, cbrt]) expect(() => f(n)).toThrow(/takes float32 or float64, and input n int32\[2\] is int32; cast it/);
});
