/** What networks put between their layers, composed so that no value or gradient overflows on the way. */
import { Expr, type Operand } from '../graph/expr.js';
import { describe } from '../graph/describe.js';
import { normalizeAxis } from '../graph/shape.js';
import { checkOptions } from '../arguments/options.js';
import { add, clip, div, erf, exp, expm1, ge, le, log1p, mul, neg, or, relu, sigmoid, square, tanh, where } from './elementwise.js';
import { reshape } from './movement.js';
import { liftBeside, requireFloat, requireShape } from './operand-checks.js';

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
 * @param slope a number or an expression that broadcasts (`prelu` has one to be learned for each channel); 0.01 by default, as in the paper
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

/**
 * x where positive, `slope * x` elsewhere, with a slope that is learned: `leakyRelu` with one slope for all, or one for each channel. The
 * gradient at 0 is the slope. He et al. (2015), arXiv:1502.01852, begin with a slope of 0.25. As PyTorch's prelu.
 *
 * @param slope a scalar, `[1]`, or `[channels]`: one for each element of the axis
 * @param axis of the channels; 1 by default
 * @throws {DTypeError} if the operand is no float, or the slope of another dtype
 * @throws {ShapeError} if there is neither one slope nor one for each channel, or there is no such axis
 * @example prelu(conv2d(images, w), slopes)   // [batch, 16, height, width] and [16]
 */
export function prelu(a: Expr, slope: Expr, axis = 1): Expr {
  requireFloat('prelu', a);
  requireFloat('prelu', slope, 'the slope');
  if (slope.rank === 0 || (slope.rank === 1 && slope.shape[0] === 1)) return leakyRelu(a, liftBeside('prelu', a, reshape(slope, [])));
  const along = normalizeAxis(axis, a.rank, 'prelu');
  requireShape('prelu', slope, [a.shape[along] ?? 1], `axis ${along} of ${describe(a)}`);
  return leakyRelu(a, liftBeside('prelu', a, reshape(slope, a.shape.map((size, k) => (k === along ? size : 1)))));
}

/** Of SELU, such that mean 0 and variance 1 are kept: Klambauer et al. (2017), arXiv:1706.02515, equation 14. */
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 } as const;

/**
 * `1.0507 x` where positive, `1.0507 * 1.6733 (exp(x) - 1)` elsewhere: the `elu` that keeps mean 0 and variance 1 from layer to layer, with
 * weights of `lecunNormal`. The gradient at 0 is 1.758, the greater of the two. Klambauer et al. (2017), arXiv:1706.02515.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function selu(a: Expr): Expr {
  requireFloat('selu', a);
  return mul(elu(a, SELU.alpha), SELU.scale);
}

/**
 * `min(max(x, 0), 6)`; the gradient at 0 and at 6 is 0. Krizhevsky (2010).
 *
 * @throws {DTypeError} if the operand is no float
 */
export function relu6(a: Expr): Expr {
  requireFloat('relu6', a);
  return where(ge(a, 6), 6, relu(a));
}

/**
 * `relu6(x + 3) / 6`, a sigmoid of straight lines; the gradient at -3 and at 3 is 0. As PyTorch's; that of Keras before version 3 has the
 * slope 1/5.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function hardSigmoid(a: Expr): Expr {
  requireFloat('hardSigmoid', a);
  return div(relu6(add(a, 3)), 6);
}

/**
 * `x relu6(x + 3) / 6`: 0 up to -3, x from 3 on; the gradient at -3 is 0, at 3 it is 1. 0 at minus infinity, where PyTorch has NaN. Howard et
 * al. (2019), arXiv:1905.02244.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function hardSwish(a: Expr): Expr {
  requireFloat('hardSwish', a);
  const [below, above] = [le(a, -3), ge(a, 3)];
  const between = where(or(below, above), 0, a);
  return where(below, 0, where(above, a, mul(between, div(add(between, 3), 6))));
}

/**
 * `x tanh(softplus(x))`. NaN at minus infinity. Misra (2019), arXiv:1908.08681.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function mish(a: Expr): Expr {
  requireFloat('mish', a);
  return mul(a, tanh(softplus(a)));
}
