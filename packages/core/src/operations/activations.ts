/** What networks put between their layers, composed so that no value or gradient overflows on the way. */
import { Expr, type Operand } from '../graph/expr.js';
import { add, clip, erf, exp, expm1, log1p, mul, neg, relu, sigmoid, square, tanh, where } from './elementwise.js';
import { checkOptions } from '../arguments/options.js';
import { liftBeside, requireFloat } from './operand-checks.js';

/**
 * log(1 + exp(-|x|)): what softplus has above max(x, 0). The sign of x chooses a branch, so that every derivative is
 * right at 0 too, where that of |x| would be lost.
 */
export function softplusTail(a: Expr): Expr {
  return log1p(exp(where(a.gt(0), neg(a), a)));
}

/**
 * log(1 + exp(x)), computed as `max(x, 0) + log1p(exp(-|x|))`, which neither overflows nor loses small results.
 *
 * @throws {DTypeError} if the operand is no float
 * @example softplus(x) // 0.693 at 0, x for large x
 */
export function softplus(a: Expr): Expr {
  requireFloat('softplus', a);
  return add(relu(a), softplusTail(a));
}

/**
 * log(sigmoid(x)) = -softplus(-x), without the underflow of the sigmoid.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function logSigmoid(a: Expr): Expr {
  requireFloat('logSigmoid', a);
  return neg(softplus(neg(a)));
}

/**
 * x where positive, `slope * x` elsewhere; the gradient at 0 is the slope. Maas et al. (2013).
 *
 * @param slope a number or an expression that broadcasts (one to be learned makes it PReLU); 0.01 by default, as in the paper
 * @throws {DTypeError} if the operand is no float
 */
export function leakyRelu(a: Expr, slope: Operand = 0.01): Expr {
  requireFloat('leakyRelu', a);
  const factor = liftBeside('leakyRelu', a, slope);
  const positive = a.gt(0);
  // A slope that is learned has the gradient 0 where it does not count, also beside infinity.
  return where(positive, a, mul(slope instanceof Expr ? where(positive, 0, a) : a, factor));
}

/**
 * x where positive, `alpha * (exp(x) - 1)` elsewhere; the gradient at 0 is alpha. Clevert et al. (2015), arXiv:1511.07289.
 *
 * @param alpha 1 by default, as in the paper
 * @throws {DTypeError} if the operand is no float
 */
export function elu(a: Expr, alpha: Operand = 1): Expr {
  requireFloat('elu', a);
  const factor = liftBeside('elu', a, alpha);
  const positive = a.gt(0);
  // Without the inner choice the branch not taken would overflow, and its gradient be 0 times infinity.
  return where(positive, a, mul(expm1(where(positive, 0, a)), factor));
}

/** Options of `gelu`. */
export interface GeluOptions {
  /** `'tanh'`: by the hyperbolic tangent, off by at most 5e-4. Default `'none'`: by the error function. */
  readonly approximate?: 'none' | 'tanh';
}

/**
 * x Φ(x), Φ the standard normal distribution: `x (1 + erf(x / √2)) / 2`, or with `approximate: 'tanh'`
 * `x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`. NaN at minus infinity. Hendrycks & Gimpel (2016), arXiv:1606.08415.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function gelu(a: Expr, options?: GeluOptions): Expr {
  requireFloat('gelu', a);
  const { approximate = 'none' } = checkOptions('gelu', options, { approximate: ['none', 'tanh'] });
  const inner = approximate === 'tanh' ? tanhOfCubic(clip(a, -SATURATED, SATURATED)) : erf(mul(a, Math.SQRT1_2));
  return mul(mul(a, 0.5), add(inner, 1));
}

/** Beyond this tanh(√(2/π) (x + 0.044715 x³)) is ±1 in every dtype, and flat; the square of a large x would be infinite. */
const SATURATED = 10;

function tanhOfCubic(a: Expr): Expr {
  return tanh(mul(mul(a, add(mul(square(a), 0.044715), 1)), Math.sqrt(2 / Math.PI)));
}

/**
 * x sigmoid(x), also called swish. NaN at minus infinity. Elfwing et al. (2017), arXiv:1702.03118.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function silu(a: Expr): Expr {
  requireFloat('silu', a);
  return mul(a, sigmoid(a));
}
