/** Hyperbolic functions and their inverses, composed so that no value overflows before its time and small ones keep their digits. */
import { customNode } from '../gradients/custom.js';
import { scalar } from '../graph/construct.js';
import type { Expr } from '../graph/expr.js';
import { abs, add, div, exp, expm1, gt, log1p, mul, reciprocal, rsqrt, sign, sqrt, square, sub, where } from './elementwise.js';
import { requireFloat } from './operand-checks.js';

/** From here on e^-x is nothing beside e^x, and x - 1 is exact: half of e^x is e^(x - 1) e / 2, which overflows when it should. */
const FAR = 40;

const half = (x: Expr, far: Expr): Expr => where(far, scalar(Math.E / 2, x.dtype), 0.5);

/**
 * The hyperbolic sine `(e^x - e^-x) / 2`; floats only.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function sinh(x: Expr): Expr {
  requireFloat('sinh', x);
  const size = abs(x);
  const far = gt(size, FAR);
  const u = expm1(where(far, sub(size, 1), size));
  const twice = add(u, where(far, 0, div(u, add(u, 1))));
  return customNode(mul(mul(twice, half(x, far)), sign(x)), [x], (g, [a = x]) => [mul(g, cosh(a))], 'sinh');
}

/**
 * The hyperbolic cosine `(e^x + e^-x) / 2`; floats only.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function cosh(x: Expr): Expr {
  requireFloat('cosh', x);
  const size = abs(x);
  const far = gt(size, FAR);
  const e = exp(where(far, sub(size, 1), size));
  return customNode(mul(add(e, reciprocal(e)), half(x, far)), [x], (g, [a = x]) => [mul(g, sinh(a))], 'cosh');
}

/** From here on 1 is nothing beside x: the inverse functions are log 2x. Its square is no infinity. */
const LARGE = 2 ** 60;

/** log(1 + inner), and log 2x where x is large. */
function logarithm(x: Expr, inner: Expr): Expr {
  const large = gt(x, LARGE);
  return add(log1p(where(large, x, inner)), where(large, scalar(Math.LN2, x.dtype), 0));
}

/**
 * The inverse of `sinh`: `log(x + √(x² + 1))`; floats only.
 *
 * Its gradient is `1 / √(x² + 1)`.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function asinh(x: Expr): Expr {
  requireFloat('asinh', x);
  const size = abs(x);
  const squared = square(size);
  const inner = add(size, div(squared, add(sqrt(add(squared, 1)), 1)));
  return customNode(mul(logarithm(size, inner), sign(x)), [x], (g, [a = x]) => [mul(g, rsqrt(add(square(a), 1)))], 'asinh');
}

/**
 * The inverse of `cosh`, from 0 on: `log(x + √(x² - 1))`; floats only. NaN below 1.
 *
 * Its gradient, `1 / √(x² - 1)`, is Infinity at 1.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function acosh(x: Expr): Expr {
  requireFloat('acosh', x);
  const above = sub(x, 1);
  // Of two roots, lest it be a number for x below -1.
  const inner = add(above, mul(sqrt(above), sqrt(add(x, 1))));
  return customNode(logarithm(x, inner), [x], (g, [a = x]) => [mul(g, mul(rsqrt(sub(a, 1)), rsqrt(add(a, 1))))], 'acosh');
}

/**
 * The inverse of `tanh`: `log((1 + x) / (1 - x)) / 2`; floats only. Infinite at -1 and 1, NaN outside.
 *
 * Its gradient is `1 / ((1 - x) (1 + x))`.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function atanh(x: Expr): Expr {
  requireFloat('atanh', x);
  const size = abs(x);
  const value = mul(mul(log1p(div(mul(size, 2), sub(1, size))), 0.5), sign(x));
  return customNode(value, [x], (g, [a = x]) => [div(g, mul(sub(1, a), add(a, 1)))], 'atanh');
}
