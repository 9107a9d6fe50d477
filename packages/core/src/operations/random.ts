/** Random numbers in the graph: other ones in each step, the same on every backend. Nothing of them is stored; they fuse into their users. */
import { isExpr } from '../graph/brand.js';
import { checkOptions, option } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { broadcastShapes, formatShape, normalizeAxis, sameShape, type Shape, type ShapeLike, toShape } from '../graph/shape.js';
import { describe } from '../graph/describe.js';
import { type DType, DTYPES, isFloat } from '../graph/dtype.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { add, cast, ceil, clip, cos, div, ge, le, log, lt, mul, neg, sqrt, sub, where } from './elementwise.js';
import { erfInv } from './erf-inv.js';
import { insideUnits, keyOptions, type KeyWords, keyWords, type RandomKey, randomWords, topBits, units } from './random-bits.js';
import { requireFloat } from './operand-checks.js';
import { argExtreme } from './statistics.js';

type FloatDType = 'float32' | 'float64';

/** Uniform on [low, high). */
export function uniformNumbers(shape: Shape, key: KeyWords, dtype: FloatDType, low: number, high: number): Expr {
  return add(mul(units(shape, key, dtype)[0], high - low), low);
}

/** Of the standard normal distribution (Box & Muller 1958). */
export function normalNumbers(shape: Shape, key: KeyWords, dtype: FloatDType, block: number | Expr = 0): Expr {
  const [u, v] = units(shape, key, dtype, block);
  return mul(sqrt(mul(log(sub(1, u)), -2)), cos(mul(v, 2 * Math.PI)));
}

/** erf(2 / sqrt(2)): the part of the standard normal distribution that lies between -2 and 2. */
const INSIDE = 0.9544997361036416;

/** Of the standard normal distribution between -2 and 2, by the inverse of its distribution function. */
export function truncatedNormalNumbers(shape: Shape, key: KeyWords, dtype: FloatDType): Expr {
  const [u] = units(shape, key, dtype);
  return clip(mul(erfInv(mul(sub(mul(u, 2), 1), INSIDE)), Math.SQRT2), -2, 2);
}

/** Options of `bernoulli`. */
export interface BernoulliOptions extends RandomKey {
  /** The probability of true: a number, or a float expression that broadcasts to the shape. Default 0.5. */
  readonly p?: number | Expr;
  /** 0 and 1 of that dtype. Default bool. */
  readonly dtype?: DType;
}

/**
 * True with probability p, in steps of 2^-24, element by element. The same seed, step and shape give the same answer, on every
 * backend.
 *
 * @throws {InputError} if p is a number outside of 0 to 1, or the seed or the step is none that is whole
 * @throws {DTypeError} if p is not of floats, or the seed or the step not int32
 * @throws {ShapeError} if p does not broadcast to the shape, or the seed or the step is no scalar
 * @example bernoulli(['batch', 8], { p: 0.1, seed: 1, step })
 */
export function bernoulli(shape: ShapeLike, options: BernoulliOptions): Expr {
  const { p = 0.5, dtype = 'bool', ...key } = checkOptions('bernoulli', options, { p: option.unchecked, dtype: DTYPES, ...keyOptions() });
  const sizes = toShape(shape, 'bernoulli');
  const below = threshold('bernoulli', 'p', p);
  if (p instanceof Expr && !broadcasts(p.shape, sizes)) throw new ShapeError(`bernoulli: p, ${describe(p)}, does not broadcast to ${formatShape(sizes)}`);
  return cast(lt(topBits(randomWords(sizes, keyWords('bernoulli', key))[0], 24), below), dtype);
}

/** Whether a shape broadcasts to another one. */
export function broadcasts(shape: Shape, into: Shape): boolean {
  const common = broadcastShapes(shape, into);
  return common !== undefined && sameShape(common, into);
}

/** A probability times 2^24, rounded up: a comparison of whole numbers is the same everywhere. */
function threshold(operation: string, what: string, p: number | Expr): number | Expr {
  if (!isExpr(p, operation)) {
    if (typeof p !== 'number' || !(p >= 0 && p <= 1)) throw new InputError(`${operation}: ${what} must be from 0 to 1, not ${show(p)}`);
    return Math.ceil(p * 2 ** 24);
  }
  if (!isFloat(p.dtype)) throw new DTypeError(`${operation}: ${what}, ${describe(p)}, is ${p.dtype}; cast it with .cast('float32')`);
  return cast(ceil(mul(p, 2 ** 24)), 'int32');
}

/** Options of `categorical`. */
export interface CategoricalOptions extends RandomKey {
  /** The axis of the categories. Default -1, the last. */
  readonly axis?: number;
}

/**
 * int32: an index along an axis of logits, drawn with the probabilities softmax(logits), for each place on the other axes. By
 * Gumbel's maximum: argMax(logits - log(-log u)), u uniform on (0, 1). A logit of -Infinity is never drawn.
 *
 * @param logits `[..., classes]`, floats, not normalized
 * @throws {DTypeError} if the logits are not of floats
 * @throws {ShapeError} if there is no such axis, or it has size 0
 * @example const next = categorical(logits.div(temperature), { seed: 3, step });   // [batch, vocabulary] gives [batch]
 */
export function categorical(logits: Expr, options: CategoricalOptions): Expr {
  requireFloat('categorical', logits, 'the logits');
  const { axis = -1, ...key } = checkOptions('categorical', options, { axis: option.unchecked, ...keyOptions() });
  const along = normalizeAxis(axis, logits.rank, 'categorical');
  if (logits.shape[along] === 0) throw new ShapeError(`categorical: ${describe(logits)} has no categories to choose from`);
  const u = insideUnits(logits.shape, keyWords('categorical', key), logits.dtype === 'float64' ? 'float64' : 'float32');
  return argExtreme('categorical', 'max', sub(logits, log(neg(log(u)))), along, undefined);
}

/**
 * Inverted dropout: each element is 0 with probability `rate`, and a / (1 - rate) otherwise, so that the expected value stays.
 * The mask changes with the step; the gradient flows through the same mask. A rate of 0 is the identity: for predictions, leave
 * dropout out, or make the rate a variable. Srivastava et al. (2014), JMLR 15.
 *
 * @param rate a number from 0 to 1, or a float scalar
 * @throws {InputError} if the rate is a number outside of 0 to 1, or the seed or the step is none that is whole
 * @throws {DTypeError} if `a` or the rate is not of floats, or the seed or the step not int32
 * @throws {ShapeError} if the rate, the seed or the step is no scalar
 * @example const hidden = dropout(x.matmul(w).relu(), 0.5, { seed: 1, step });
 */
export function dropout(a: Expr, rate: number | Expr, key: RandomKey): Expr {
  requireFloat('dropout', a);
  const from = threshold('dropout', 'the rate', rate);
  const words = keyWords('dropout', checkOptions('dropout', key, keyOptions()));
  if (rate instanceof Expr && rate.rank !== 0) throw new ShapeError(`dropout: the rate must be a scalar, and ${describe(rate)} is none`);
  if (rate === 0) return a;
  // At a rate of 1 nothing is kept: a factor of 0 and not infinity keeps the gradient 0.
  const scale = rate instanceof Expr ? inverseOrZero(sub(1, cast(rate, a.dtype))) : rate < 1 ? 1 / (1 - rate) : 0;
  return where(ge(topBits(randomWords(a.shape, words)[0], 24), from), mul(a, scale), 0);
}

/** 1 / x, and 0 where x is not above 0, in the derivatives too. */
function inverseOrZero(x: Expr): Expr {
  const none = le(x, 0);
  return where(none, 0, div(1, where(none, 1, x)));
}
