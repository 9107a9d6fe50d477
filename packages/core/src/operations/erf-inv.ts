/** The inverse of the error function. */
import { scalar } from '../graph/construct.js';
import type { Expr } from '../graph/expr.js';
import { customNode } from '../gradients/custom.js';
import { abs, add, div, erf, eq, exp, gt, log, lt, mul, neg, sqrt, square, sub, where } from './elementwise.js';
import { requireFloat } from './operand-checks.js';
import { polynomial } from './polynomial.js';

/** In w - 2.5, for w = -log(1 - x^2) below 5; the highest power first. */
const CENTRAL = [2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941];
/** In sqrt(w) - 3, above. */
const TAIL = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682];

/**
 * The number whose error function is x: infinite at -1 and 1, NaN outside. Giles (2012), "Approximating the erfinv function",
 * single precision; in float64 three of Halley's steps follow, which leave the error that x itself has near the ends.
 *
 * Its gradient, exp(y²) sqrt(pi) / 2, is infinite at the ends.
 *
 * @throws {DTypeError} if x is not of floats
 * @example erfInv(u.mul(2).sub(1)).mul(Math.SQRT2) // normal numbers from uniform ones
 */
export function erfInv(x: Expr): Expr {
  requireFloat('erfInv', x);
  // By the derivative of the function, rather than that of its approximation: exp(y²) sqrt(pi) / 2.
  return customNode(approximation(x), [x], (g, [a = x]) => [mul(g, slope(erfInv(a)))], 'erfInv');
}

function slope(y: Expr): Expr {
  return mul(exp(square(y)), Math.sqrt(Math.PI) / 2);
}

function approximation(x: Expr): Expr {
  const w = neg(log(mul(sub(1, x), add(x, 1))));
  const central = lt(w, 5);
  // The root keeps away from 0, where it has no derivative.
  const tail = polynomial(TAIL, sub(sqrt(where(central, scalar(5, x.dtype), w)), 3));
  let y = mul(where(central, polynomial(CENTRAL, sub(w, 2.5)), tail), x);
  for (let step = 0; step < (x.dtype === 'float64' ? 3 : 0); step++) {
    const newton = mul(sub(erf(y), x), slope(y));
    y = sub(y, div(newton, add(mul(y, newton), 1)));
  }
  return where(eq(abs(x), 1), where(gt(x, 0), scalar(Infinity, x.dtype), -Infinity), y);
}
