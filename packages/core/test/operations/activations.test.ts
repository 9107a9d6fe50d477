import erfOf from '@stdlib/math-base-special-erf';
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { elu, gelu, hardSigmoid, hardSwish, leakyRelu, logSigmoid, mish, prelu, relu6, selu, silu, softplus } from '../../src/operations/activations.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const derivativeAt = async (f: (x: Expr) => Expr, at: readonly number[], order = 1): Promise<number[]> => {
  const x = input('float64', [at.length]);
  let y = f(x);
  for (let k = 0; k < order; k++) y = grad(y.sum(), x);
  return [...(await evaluate(y, [[x, [...at]]])).data];
};
const closeTo = (found: readonly number[], expected: readonly number[], tolerance = 4e-16): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    const wanted = expected[i] ?? NaN;
    expect(Object.is(value, wanted) || value === wanted || Math.abs(value - wanted) <= tolerance * Math.abs(wanted), `[${i}]: ${value}, not ${wanted}`).toBe(true);
  });
};

const points = [-700, -40, -3.25, -1, -0.125, -1e-9, 0, 1e-9, 0.125, 1, 3.25, 40, 700];

describe('activations', () => {
  it('softplus is log(1 + exp(x)), and keeps small results and large arguments', async () => {
    closeTo(await numbers(softplus(f64(points))), points.map((x) => (x > 30 ? x + Math.exp(-x) : Math.log1p(Math.exp(x)))));
    expect(await numbers(f64([-Infinity, Infinity, NaN, -0, 1e308]).softplus())).toEqual([0, Infinity, NaN, Math.LN2, 1e308]);
  });

  it('logSigmoid is the logarithm of the sigmoid where that underflows too', async () => {
    closeTo(await numbers(logSigmoid(f64(points))), points.map((x) => (x < -30 ? x - Math.exp(x) : -Math.log1p(Math.exp(-x)))));
    expect((await numbers(f64([-Infinity, Infinity, NaN, -1e308]).logSigmoid())).map((x) => x + 0)).toEqual([-Infinity, 0, NaN, -1e308]);
  });

  it('leakyRelu scales what is negative, by a number or by a tensor', async () => {
    closeTo(await numbers(leakyRelu(f64([-3, -0, 0, 2, -Infinity, Infinity, NaN]))), [-0.03, -0, 0, 2, -Infinity, Infinity, NaN]);
    expect(await numbers(f64([-1, -2, 4, -4], [2, 2]).leakyRelu(f64([0.5, 0.25])))).toEqual([-0.5, -0.5, 4, -1]);
  });

  it('elu approaches -alpha', async () => {
    closeTo(await numbers(elu(f64(points))), points.map((x) => (x > 0 ? x : Math.expm1(x))));
    expect(await numbers(f64([-Infinity, -1000, 0, Infinity, NaN]).elu(2))).toEqual([-2, -2, 0, Infinity, NaN]);
  });

  it('gelu is x times the normal distribution of x', async () => {
    const moderate = points.filter((x) => Math.abs(x) < 4);
    closeTo(await numbers(gelu(f64(moderate))), moderate.map((x) => 0.5 * x * (1 + erfOf(x / Math.SQRT2))), 1e-12);
    closeTo(await numbers(f64(moderate).gelu({ approximate: 'tanh' })), moderate.map((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))), 1e-12);
    expect(await numbers(gelu(f64([-700, -0, 0, 700, Infinity, -Infinity, NaN])))).toEqual([-0, -0, 0, 700, Infinity, NaN, NaN]);
    expect(await numbers(gelu(f64([-700, 700, Infinity]), { approximate: 'tanh' }))).toEqual([-0, 700, Infinity]);
    const grid = Array.from({ length: 801 }, (_, k) => k / 80 - 5);
    const [exact, near] = [await numbers(gelu(f64(grid))), await numbers(gelu(f64(grid), { approximate: 'tanh' }))];
    expect(Math.max(...exact.map((y, k) => Math.abs(y - (near[k] ?? NaN))))).toBeLessThan(5e-4);
  });

  it('silu is x times its sigmoid', async () => {
    closeTo(await numbers(silu(f64(points))), points.map((x) => (x < 0 ? (x * Math.exp(x)) / (1 + Math.exp(x)) : x / (1 + Math.exp(-x)))));
    expect(await numbers(f64([-1000, -0, Infinity, -Infinity, NaN]).silu())).toEqual([-0, -0, Infinity, NaN, NaN]);
  });

  it('selu, relu6, hardSigmoid, hardSwish and mish are their formulas, far out too', async () => {
    closeTo(await numbers(selu(f64(points))), points.map((x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))));
    closeTo(await numbers(mish(f64(points.filter((x) => x > -30)))), points.filter((x) => x > -30).map((x) => x * Math.tanh(x > 30 ? x : Math.log1p(Math.exp(x)))));
    const far = [-Infinity, -1e308, -3, -0, 0, 3, 6, 7, Infinity, NaN];
    expect((await numbers(relu6(f64(far)))).map((x) => x + 0)).toEqual([0, 0, 0, 0, 0, 3, 6, 6, 6, NaN]);
    expect(await numbers(hardSigmoid(f64(far)))).toEqual([0, 0, 0, 0.5, 0.5, 1, 1, 1, 1, NaN]);
    expect((await numbers(hardSwish(f64(far)))).map((x) => x + 0)).toEqual([0, 0, 0, 0, 0, 3, 6, 7, Infinity, NaN]);
    closeTo(await numbers(selu(f64([-Infinity, Infinity, NaN]))), [-1.0507009873554805 * 1.6732632423543772, Infinity, NaN]);
    expect(await numbers(mish(f64([-1000, Infinity, -Infinity, NaN])))).toEqual([-0, Infinity, NaN, NaN]);
  });

  it('prelu takes one slope, or one for each channel of an axis', async () => {
    const x = f64([-1, 2, -3, -4, 5, -6], [2, 3]);
    expect(await numbers(prelu(x, f64([0.5], [])))).toEqual([-0.5, 2, -1.5, -2, 5, -3]);
    expect(await numbers(prelu(x, f64([0.5])))).toEqual([-0.5, 2, -1.5, -2, 5, -3]);
    expect(await numbers(prelu(x, f64([1, 2, 3])))).toEqual([-1, 2, -9, -4, 5, -18]);
    expect(await numbers(prelu(x, f64([1, 2]), -2))).toEqual([-1, 2, -3, -8, 5, -12]);
    expect(() => prelu(x, f64([1, 2]))).toThrow('prelu: a constant float64[2] should have the shape [3], that of axis 1 of a constant float64[2, 3]');
    expect(() => prelu(x, f64([1, 2, 3]).cast('float32'))).toThrow(DTypeError);
  });

  it('take scalars and empty tensors', async () => {
    for (const f of [softplus, logSigmoid, leakyRelu, elu, gelu, silu, selu, relu6, hardSigmoid, hardSwish, mish]) {
      expect(f(f64([], [0, 3])).shape).toEqual([0, 3]);
      expect(await numbers(f(f64([], [0, 3])))).toEqual([]);
      expect(f(f64([1], [])).shape).toEqual([]);
    }
  });

  it.each<[string, (a: Expr) => Expr, boolean]>([
    ['softplus', (a) => softplus(a), true],
    ['logSigmoid', (a) => logSigmoid(a), true],
    ['leakyRelu', (a) => leakyRelu(a, 0.2), false],
    ['elu', (a) => elu(a, 1.5), true],
    ['gelu', (a) => gelu(a), true],
    ['gelu by tanh', (a) => gelu(a, { approximate: 'tanh' }), true],
    ['silu', (a) => silu(a), true],
    ['selu', (a) => selu(a), true],
    ['hardSwish', (a) => hardSwish(a.mul(2)), false],
    ['mish', (a) => mish(a), true],
  ])('%s: the derivatives agree with finite differences', (_, f, smooth) => {
    checkDerivatives(f, [[2, 3]], { smooth });
  });

  it('leakyRelu: the slope has a gradient', () => {
    checkDerivatives((a: Expr, slope: Expr) => leakyRelu(a, slope), [[3, 2], [2]]);
  });

  it('have derivatives that stay finite far out, and are those of the formulas at 0', async () => {
    closeTo(await derivativeAt(softplus, [-Infinity, -1000, 0, 1000, Infinity]), [0, 0, 0.5, 1, 1]);
    closeTo(await derivativeAt(softplus, [0], 2), [0.25]);
    closeTo(await derivativeAt(logSigmoid, [-1000, 0, 1000]), [1, 0.5, 0]);
    closeTo(await derivativeAt(logSigmoid, [0], 2), [-0.25]);
    closeTo(await derivativeAt(leakyRelu, [-1, 0, 1]), [0.01, 0.01, 1]);
    closeTo(await derivativeAt(elu, [-1000, 0, 1000, Infinity]), [0, 1, 1, 1]);
    closeTo(await derivativeAt(gelu, [-1000, 0, 1000]), [0, 0.5, 1]);
    closeTo(await derivativeAt(silu, [-1000, 0, 1000]), [0, 0.5, 1]);
    // At the corners what torch 2.13.0 has.
    closeTo(await derivativeAt(relu6, [-1, 0, 3, 6, 7, Infinity]), [0, 0, 1, 0, 0, 0]);
    closeTo(await derivativeAt(hardSigmoid, [-3, 0, 3, Infinity, -Infinity]), [0, 1 / 6, 0, 0, 0]);
    closeTo(await derivativeAt(hardSwish, [-Infinity, -3, 0, 3, Infinity]), [0, 0, 0.5, 1, 1]);
    closeTo(await derivativeAt(selu, [-1000, 0, 1000]), [0, 1.7580993408473766, 1.0507009873554805]);
    closeTo(await derivativeAt(mish, [-1000, 0, 1000]), [0, 0.6, 1]);
  });

  it('refuse integers, and slopes that do not fit', () => {
    const n = input('int32', [2], 'n');
    for (const [name, f] of Object.entries({ softplus, logSigmoid, leakyRelu, elu, gelu, silu, selu, relu6, hardSigmoid, hardSwish, mish })) {
      expect(() => f(n)).toThrow(new DTypeError(`${name}: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)`));
    }
    expect(() => leakyRelu(f64([1, 2]), f64([1, 2, 3]))).toThrow(ShapeError);
  });
});
