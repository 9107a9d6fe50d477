/** Powers, roots and logarithms of sums that are composed of other functions, so that nothing overflows or is lost on the way. */
import { customNode } from '../gradients/custom.js';
import { scalar } from '../graph/construct.js';
import type { DType } from '../graph/dtype.js';
import type { Expr, Operand } from '../graph/expr.js';
import { abs, add, and, div, eq, exp, log, log1p, lt, maximum, minimum, mul, neg, or, pow, sigmoid, sign, sqrt, square, sub, where } from './elementwise.js';
import { requireFloat } from './operand-checks.js';
import { floatPair } from './broadcast.js';

/**
 * `2^x`, exact of whole numbers; floats only. Infinity from 128 on in float32 and from 1024 on in float64.
 *
 * @throws {DTypeError} if x is not of floats
 * @example exp2(log2(x).ceil()) // the next power of two
 */
export function exp2(x: Expr): Expr {
  requireFloat('exp2', x);
  return customNode(pow(scalar(2, x.dtype), x), [x], (g, [a = x]) => [mul(g, mul(exp2(a), Math.LN2))], 'exp2');
}

/** More than the cube root of any finite number, and less than its square of any positive one: that of 0 is divided by something, and that of infinity is. */
const limits = (dtype: DType): readonly [most: number, leastSquare: number] => (dtype === 'float64' ? [1e125, 1e-250] : [1e18, 1e-36]);

/**
 * The cube root, of negative numbers too: `cbrt(-8)` is -2, where `pow(-8, 1 / 3)` is NaN; floats only. By a logarithm and an exponential,
 * and a step of Newton's method, which makes up for their roundings: faster than `pow`.
 *
 * Its gradient, `1 / (3 cbrt(x)²)`, is Infinity at 0, as that of `sqrt`.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function cbrt(x: Expr): Expr {
  requireFloat('cbrt', x);
  const [most, leastSquare] = limits(x.dtype);
  const size = abs(x);
  const near = minimum(exp(mul(log(size), 1 / 3)), most);
  const quotient = div(size, maximum(square(near), leastSquare));
  // A quotient is 0 of 0, and of a subnormal number that a GPU takes for 0 here, but not in the logarithm.
  const root = where(eq(quotient, 0), near, add(near, mul(sub(quotient, near), 1 / 3)));
  return customNode(mul(root, sign(x)), [x], (g, [a = x]) => [div(g, mul(square(cbrt(a)), 3))], 'cbrt');
}

/**
 * `√(a² + b²)`, broadcast; floats only. Neither overflows nor vanishes unless the result does. Infinity if either is infinite, also beside NaN, as
 * in C99 and NumPy.
 *
 * Its gradients, `a / hypot(a, b)` and `b / hypot(a, b)`, are 0 where both are 0, and 1 or -1 by an infinite operand, where torch has NaN.
 *
 * @throws {DTypeError} if the operands are not of one float dtype
 * @throws {ShapeError} if the shapes do not broadcast
 */
export function hypot(a: Operand, b: Operand): Expr {
  const [x, y] = floatPair('hypot', a, b);
  const [p, q] = [abs(x), abs(y)];
  const swapped = lt(p, q);
  const [large, small] = [where(swapped, q, p), where(swapped, p, q)];
  const length = mul(large, sqrt(add(square(div(small, where(eq(large, 0), 1, large))), 1)));
  const value = where(or(eq(p, Infinity), eq(q, Infinity)), Infinity, length);
  return customNode(value, [x, y], (g, [c = x, d = y]) => [mul(g, share(c, hypot(c, d))), mul(g, share(d, hypot(c, d)))], 'hypot');
}

/** a / length. */
function share(a: Expr, length: Expr): Expr {
  const zero = eq(length, 0);
  return where(eq(abs(a), Infinity), sign(a), where(zero, 0, div(a, where(zero, 1, length))));
}

/**
 * `log(exp(a) + exp(b))`, broadcast; floats only. Computed as `max(a, b) + log1p(exp(-|a - b|))`, which neither overflows nor underflows: its
 * error is a few units in the last place of the larger operand or the result, whichever is larger. Two of one infinity give that.
 *
 * The gradients are the shares `sigmoid(a - b)` and `sigmoid(b - a)`; where both are -Infinity they are 0, as those of `logSumExp`.
 *
 * @throws {DTypeError} if the operands are not of one float dtype
 * @throws {ShapeError} if the shapes do not broadcast
 */
export function logAddExp(a: Operand, b: Operand): Expr {
  const [x, y] = floatPair('logAddExp', a, b);
  const value = add(where(lt(x, y), y, x), log1p(exp(neg(abs(apart(x, y))))));
  return customNode(value, [x, y], (g, [c = x, d = y]) => [mul(g, odds(c, d)), mul(g, odds(d, c))], 'logAddExp');
}

/** a - b, and 0 of infinities that are equal; of equal numbers it is a difference, which has derivatives. */
function apart(a: Expr, b: Expr): Expr {
  return where(and(eq(a, b), eq(abs(a), Infinity)), 0, sub(a, b));
}

/** exp(a) / (exp(a) + exp(b)), and 0 of nothing. */
function odds(a: Expr, b: Expr): Expr {
  return where(and(eq(a, -Infinity), eq(b, -Infinity)), 0, sigmoid(apart(a, b)));
}
