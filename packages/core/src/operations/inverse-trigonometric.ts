/**
 * The arc tangent and what is made of it. The angle between 0 and a quarter turn whose tangent is n / d is 0, an eighth or a quarter of a turn
 * and atan q, with |q| at most the tangent of an eighth of pi; atan q = q + q^3 p(q^2). Coefficients are minimax by Remez, from
 * packages/compiler/test/minimax.py.
 */
import { customNode } from '../gradients/custom.js';
import { scalar } from '../graph/construct.js';
import type { DType } from '../graph/dtype.js';
import type { Expr, Operand } from '../graph/expr.js';
import { abs, add, and, div, eq, gt, le, lt, mul, neg, or, reciprocal, sign, sqrt, square, sub, where } from './elementwise.js';
import { requireFloat } from './operand-checks.js';
import { floatPair } from './broadcast.js';
import { polynomial } from './polynomial.js';
import { hypot } from './powers.js';

/** (atan(q) / q - 1) / z in z = q^2, the highest power first. Fits `atan float32` and `atan float64`. */
const TAIL32 = [0.0805605798959732, -0.13878630101680756, 0.1997782289981842, -0.33332952857017517];
const TAIL64 = [
  0.02126421877031862, -0.043595378516582135, 0.05692724296468419, -0.06641163255111139, 0.07690073969426994, -0.09090782877581854,
  0.11111106676413302, -0.14285714195889967, 0.1999999999909739, -0.3333333333333019,
];

const tail = (dtype: DType): readonly number[] => (dtype === 'float64' ? TAIL64 : TAIL32);

/** What pi lacks in the dtype, over pi as the dtype has it. */
const lack = (dtype: DType): number => (dtype === 'float64' ? 3.8981718325193755e-17 : -2.782753437848454e-8);

/** Of n and d from 0 to Infinity, which are not both 0 or both infinite, and whose sum is not infinite if they are not. NaN if either is. */
function angle(n: Expr, d: Expr): Expr {
  const low = le(n, mul(d, Math.SQRT2 - 1));
  const high = gt(n, mul(d, Math.SQRT2 + 1));
  const q = div(where(low, n, where(high, neg(d), sub(n, d))), where(low, d, where(high, n, add(n, d))));
  const z = square(q);
  const nearest = where(low, 0, where(high, scalar(Math.PI / 2, n.dtype), Math.PI / 4));
  return add(nearest, add(q, add(mul(nearest, lack(n.dtype)), mul(mul(q, z), polynomial(tail(n.dtype), z)))));
}

/**
 * The arc tangent, an angle in radians from -π/2 to π/2; floats only. `atan2` is that of a quotient, in all four quadrants.
 *
 * Its gradient is `1 / (x² + 1)`.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function atan(x: Expr): Expr {
  requireFloat('atan', x);
  const value = mul(angle(abs(x), scalar(1, x.dtype)), sign(x));
  return customNode(value, [x], (g, [a = x]) => [div(g, add(square(a), 1))], 'atan');
}

/**
 * The arc sine, an angle in radians from -π/2 to π/2; floats only. NaN outside of -1 to 1.
 *
 * Its gradient, `1 / √(1 - x²)`, is Infinity at -1 and 1.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function asin(x: Expr): Expr {
  requireFloat('asin', x);
  return customNode(mul(angle(abs(x), leg(x)), sign(x)), [x], (g, [a = x]) => [div(g, leg(a))], 'asin');
}

/**
 * The arc cosine, an angle in radians from 0 to π; floats only. NaN outside of -1 to 1.
 *
 * Its gradient, `-1 / √(1 - x²)`, is -Infinity at -1 and 1.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function acos(x: Expr): Expr {
  requireFloat('acos', x);
  // The tangent of half the angle loses nothing where the angle is small.
  const value = mul(angle(sqrt(sub(1, x)), sqrt(add(x, 1))), 2);
  return customNode(value, [x], (g, [a = x]) => [neg(div(g, leg(a)))], 'acos');
}

/** √(1 - x²). */
function leg(x: Expr): Expr {
  return sqrt(mul(sub(1, x), add(x, 1)));
}

/**
 * The angle in radians from -π to π between the first axis and the point `(x, y)`, broadcast; floats only. Of zeros, infinities and
 * their signs as in C99, so `atan2(0, -1)` is π and `atan2(-0, -1)` is -π; NaN if either is.
 *
 * Its gradients, `x / (x² + y²)` by y and `-y / (x² + y²)` by x, are 0 where both are 0, as in torch, and where either is infinite,
 * where torch has NaN.
 *
 * @throws {DTypeError} if the operands are not of one float dtype
 * @throws {ShapeError} if the shapes do not broadcast
 */
export function atan2(y: Operand, x: Operand): Expr {
  const [b, a] = floatPair('atan2', y, x);
  const value = signed(b, where(negative(a), sub(Math.PI, quadrant(b, a)), quadrant(b, a)));
  return customNode(value, [b, a], (g, [d = b, c = a]) => [mul(g, over(c, hypot(c, d))), neg(mul(g, over(d, hypot(c, d))))], 'atan2');
}

/** The angle of the point whose coordinates are the magnitudes. */
function quadrant(y: Expr, x: Expr): Expr {
  const [n, d] = [abs(y), abs(x)];
  const sum = add(n, d);
  const infinite = and(eq(n, Infinity), eq(d, Infinity));
  // Where a coordinate is so large, the other is no less exact for it, or does not count.
  const scale = where(gt(sum, 2 ** 64), scalar(0.25, y.dtype), 1);
  return angle(where(infinite, 1, mul(n, scale)), where(or(infinite, eq(sum, 0)), 1, mul(d, scale)));
}

/** Whether it is below 0, or -0. */
function negative(a: Expr): Expr {
  return or(lt(a, 0), lt(reciprocal(a), 0));
}

/** A magnitude with the sign of `a`, that of a zero too. */
function signed(a: Expr, magnitude: Expr): Expr {
  return where(negative(a), neg(magnitude), magnitude);
}

/** a / length², and 0 where the length is 0 or infinite. */
function over(a: Expr, length: Expr): Expr {
  const flat = or(eq(length, 0), eq(length, Infinity));
  const divisor = where(flat, 1, length);
  return where(flat, 0, div(div(a, divisor), divisor));
}
