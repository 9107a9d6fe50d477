/** Random numbers of the exponential, gamma and beta distributions, as numbers of a step. */
import { isExpr } from '../graph/brand.js';
import { iota, scalar } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { formatShape, type Shape, type ShapeLike, toShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { abs, add, and, div, exp, ge, gt, log, lt, mul, neg, sigmoid, sqrt, square, sub, where } from './elementwise.js';
import { broadcastTo, stopGradient } from './movement.js';
import { insideUnits, keyOptions, type KeyWords, keyWords, type RandomKey, units } from './random-bits.js';
import { broadcasts, normalNumbers } from './random.js';
import { scan } from './scan.js';

interface FloatKey extends RandomKey {
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64';
}

function floatKeyOptions(): OptionTable<FloatKey> {
  return { dtype: ['float32', 'float64'], ...keyOptions() };
}

/** Options of `exponential`. */
export interface RandomExponentialOptions extends FloatKey {
  /** The mean, which is 1 divided by the rate: a number above 0, or an expression of the dtype that broadcasts to the shape. Default 1. */
  readonly scale?: number | Expr;
}

/**
 * Of the exponential distribution: `-scale log(1 - u)`, u uniform on [0, 1). In float32 at most 16.6 times the scale. As NumPy's, with
 * gradients by the scale.
 *
 * @throws {InputError} if the scale is a number that is not above 0, or the seed or the step is none that is whole
 * @throws {DTypeError} if the scale is of another dtype, or the seed or the step not int32
 * @throws {ShapeError} if the scale does not broadcast to the shape, or the seed or the step is no scalar
 */
export function exponential(shape: ShapeLike, options: RandomExponentialOptions): Expr {
  const { scale = 1, dtype = 'float32', ...key } = checkOptions('exponential', options, { scale: option.unchecked, ...floatKeyOptions() });
  const sizes = toShape(shape, 'exponential');
  const factor = parameter('exponential', 'scale', scale, sizes, dtype);
  const [u] = units(sizes, keyWords('exponential', key), dtype);
  return mul(neg(log(sub(1, u))), factor);
}

/** Options of `gamma`. */
export interface RandomGammaOptions extends FloatKey {
  /** The shape of the distribution, which is its mean for a scale of 1: a number above 0, or an expression of the dtype that broadcasts. */
  readonly alpha: number | Expr;
  /** What it is multiplied by: likewise. Default 1. */
  readonly scale?: number | Expr;
}

/**
 * Of the gamma distribution with the density `x^(alpha - 1) exp(-x / scale)`, up to a factor. By Marsaglia & Tsang (2000), "A simple method for
 * generating gamma variables", 8 tries for each number: each fails with a probability of at most 0.049, so that 3e-11 of the numbers at
 * most, which take `alpha - 1/3`, are of none. Below an alpha of 1 it is that of alpha + 1 times u^(1/alpha), which for a small alpha may be 0.
 * Where alpha is an expression, the number of an alpha of 0 is 0, and that of one below 0 NaN. Gradients flow by the scale alone.
 *
 * @throws {InputError} if alpha is missing, alpha or the scale is a number that is not above 0, or the seed or the step is none that is whole
 * @throws {DTypeError} if alpha or the scale is of another dtype, or the seed or the step not int32
 * @throws {ShapeError} if alpha or the scale does not broadcast to the shape, or the seed or the step is no scalar
 */
export function gamma(shape: ShapeLike, options: RandomGammaOptions): Expr {
  const { alpha, scale = 1, dtype = 'float32', ...key } = checkOptions('gamma', options, { alpha: option.unchecked, scale: option.unchecked, ...floatKeyOptions() });
  const sizes = toShape(shape, 'gamma');
  const of = parameter('gamma', 'alpha', alpha, sizes, dtype);
  const factor = parameter('gamma', 'scale', scale, sizes, dtype);
  const { base, logBoost } = gammaNumbers(of, keyWords('gamma', key), dtype, 0);
  return mul(stopGradient(mul(base, exp(logBoost))), factor);
}

/** Options of `beta`. */
export interface RandomBetaOptions extends FloatKey {
  /** The power of x: a number above 0, or an expression of the dtype that broadcasts. */
  readonly alpha: number | Expr;
  /** The power of 1 - x: likewise. */
  readonly beta: number | Expr;
}

/**
 * Of the beta distribution with the density `x^(alpha - 1) (1 - x)^(beta - 1)`, up to a factor: the first of two numbers of the gamma
 * distribution, divided by their sum, through their logarithms; NaN where one of the powers is below 0, or both are 0. No gradient flows. Errors as for `gamma`.
 */
export function beta(shape: ShapeLike, options: RandomBetaOptions): Expr {
  const { alpha, beta: other, dtype = 'float32', ...key } = checkOptions('beta', options, { alpha: option.unchecked, beta: option.unchecked, ...floatKeyOptions() });
  const sizes = toShape(shape, 'beta');
  const words = keyWords('beta', key);
  const logs = [parameter('beta', 'alpha', alpha, sizes, dtype), parameter('beta', 'beta', other, sizes, dtype)].map((of, k) => {
    const { base, logBoost } = gammaNumbers(of, words, dtype, k * BLOCKS);
    return add(log(base), logBoost);
  });
  const [first = scalar(0, dtype), second = first] = logs;
  return stopGradient(sigmoid(sub(first, second)));
}

/** A number of the distribution's, or an expression of its dtype, over the whole shape. */
function parameter(operation: string, what: string, value: number | Expr | undefined, sizes: Shape, dtype: 'float32' | 'float64'): Expr {
  if (value === undefined) throw new InputError(`${operation}: the option ${what} is missing; give a number above 0, or an expression`);
  if (!isExpr(value, operation)) {
    if (!(typeof value === 'number' && value > 0 && value < Infinity)) throw new InputError(`${operation}: ${what} must be above 0 and finite, not ${show(value)}`);
    return broadcastTo(scalar(value, dtype), sizes);
  }
  if (value.dtype !== dtype) throw new DTypeError(`${operation}: ${what}, ${describe(value)}, is ${value.dtype}, not ${dtype}; cast it with .cast('${dtype}')`);
  if (!broadcasts(value.shape, sizes)) throw new ShapeError(`${operation}: ${what}, ${describe(value)}, does not broadcast to ${formatShape(sizes)}`);
  return broadcastTo(value, sizes);
}

/** How often a number is tried, and how many blocks of the counter all tries and the boost take: three each, and one. */
const TRIES = 8;
const BLOCKS = 3 * TRIES + 1;

/** A number of the gamma distribution is `base exp(logBoost)`, both of alpha's shape; the boost is 0 from an alpha of 1 on. */
function gammaNumbers(power: Expr, key: KeyWords, dtype: 'float32' | 'float64', block: number): { readonly base: Expr; readonly logBoost: Expr } {
  // There is no distribution of a power below 0, though the formulas have numbers for some; -0 is 0.
  const alpha = where(ge(power, 0), abs(power), NaN);
  const small = lt(alpha, 1);
  const d = sub(where(small, add(alpha, 1), alpha), 1 / 3);
  const c = div(1, sqrt(mul(d, 9)));
  const shape = alpha.shape;
  const none = broadcastTo(scalar(0, dtype), shape);
  // What is found is above 0: 0 says that nothing is yet.
  const { carry: found } = scan((last: Expr, attempt: Expr) => {
    const at = add(mul(attempt, 3), block);
    const x = normalNumbers(shape, key, dtype, at);
    const u = insideUnits(shape, key, dtype, add(at, 2));
    const root = add(mul(c, x), 1);
    const v = mul(square(root), root);
    const positive = gt(v, 0);
    const logV = log(where(positive, v, 1));
    const accepted = and(positive, lt(log(u), add(mul(square(x), 0.5), mul(d, add(sub(1, v), logV)))));
    return { carry: where(and(accepted, last.eq(0)), v, last) };
  }, { carry: none, inputs: iota([TRIES], 0) });
  const v = where(gt(found, 0), found, 1);
  const u = insideUnits(shape, key, dtype, block + 3 * TRIES);
  return { base: mul(d, v), logBoost: where(small, div(log(u), alpha), 0) };
}
