/** Reductions composed of others: positions of extremes, variance, norms. */
import { construct, iota, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { productOfDimensions } from '../graph/dimension.js';
import { isFloat } from '../graph/dtype.js';
import { InputError, ShapeError } from '../errors.js';
import type { Axes, Expr } from '../graph/expr.js';
import { checkOptions, option, REDUCE } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { normalizeAxes, normalizeAxis } from '../graph/shape.js';
import { abs, cast, div, eq, isNan, maximum, ne, or, pow, sqrt, square, sub, where } from './elementwise.js';
import { reshape, restoreAxes } from './movement.js';
import { requireFloat, requireNumbers } from './operand-checks.js';
import { max, mean, min, type ReduceOptions, sum } from './reductions.js';

/** The position of the largest or smallest element, for the function that was called. */
export function argExtreme(operation: string, op: 'max' | 'min', a: Expr, axis: number | undefined, options: ReduceOptions | undefined): Expr {
  requireNumbers(operation, a);
  const { keepdims } = checkOptions(operation, options, REDUCE);
  if (a.shape.includes(0) && axis === undefined) throw new ShapeError(`${operation}: ${describe(a)} has no elements to choose from`);
  if (axis === undefined) {
    const flat = argExtreme(operation, op, reshape(a, [-1]), 0, {});
    return keepdims === true ? reshape(flat, a.shape.map(() => 1)) : flat;
  }
  const along = normalizeAxis(axis, a.rank, operation);
  if (a.shape[along] === 0) throw new ShapeError(`${operation}: ${describe(a)} has no elements to choose from`);
  // An extreme is NaN if any element is, and NaN equals nothing: then the NaNs themselves are what is looked for.
  const kept = a.shape.filter((_, k) => k !== along);
  const extreme = construct({ kind: 'reduce', op, axes: [along], operation }, [a], kept, a.dtype);
  const equal = a.eq(restoreAxes(extreme, [along], a.rank));
  const found = isFloat(a.dtype) ? or(equal, isNan(a)) : equal;
  return min(where(found, iota(a.shape, along), 2 ** 31 - 1), along, options);
}

/**
 * The index of the largest element along an axis, or in row-major order of all elements: the first one of several, and
 * the first NaN if there is any, as in NumPy. int32; no gradient flows through.
 *
 * @param axis all axes by default
 * @throws {ShapeError} if there are no elements along the axis
 * @throws {DTypeError} if the operand is bool
 * @example argMax(logits, -1) // the classes chosen, int32 [batch]
 */
export function argMax(a: Expr, axis?: number, options?: ReduceOptions): Expr {
  return argExtreme('argMax', 'max', a, axis, options);
}

/** The index of the smallest element; otherwise as `argMax`. */
export function argMin(a: Expr, axis?: number, options?: ReduceOptions): Expr {
  return argExtreme('argMin', 'min', a, axis, options);
}

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken from the number of elements that the sum of squares is divided by: 1 for a sample's. Default 0, as in NumPy. */
  readonly correction?: number;
}

/**
 * The mean of the squared deviations from the mean over the axes (all by default), in two passes, so that a large mean
 * costs no accuracy: `sum((a - mean(a))²) / (n - correction)`. As in NumPy, NaN or infinite where n is not above the correction.
 *
 * @throws {DTypeError} if the operand is no float
 */
export function variance(a: Expr, axes?: Axes, given?: VarianceOptions): Expr {
  requireFloat('variance', a);
  return spread('variance', a, axes, given);
}

/** The variance, for the function that was called. */
function spread(operation: string, a: Expr, axes: Axes | undefined, given: VarianceOptions | undefined): Expr {
  const { correction = 0, ...options } = checkOptions(operation, given, { ...REDUCE, correction: option.finite });
  const chosen = normalizeAxes(axes, a.rank, operation);
  const squares = square(sub(a, mean(a, chosen, { keepdims: true })));
  if (correction === 0) return mean(squares, chosen, options);
  const count = size(productOfDimensions(chosen.map((axis) => a.shape[axis] ?? 1)), a.dtype);
  return div(sum(squares, chosen, options), maximum(sub(count, correction), 0));
}

/**
 * The standard deviation over the axes (all by default): the root of `variance`, with its options. Its gradient is 0 where all elements are
 * equal, a subgradient, as in torch, whose correction is 1 by default.
 *
 * @throws {DTypeError} if the operand is no float
 * @example std(x, 0, { correction: 1 }) // of each column, as a sample's
 */
export function std(a: Expr, axes?: Axes, options?: VarianceOptions): Expr {
  requireFloat('std', a);
  return rootOf(spread('std', a, axes, options));
}

/** The root of what is not negative, with the gradient 0 at 0. */
function rootOf(a: Expr): Expr {
  const zero = a.eq(0);
  return where(zero, 0, sqrt(where(zero, scalar(1, a.dtype), a)));
}

/** Options of `norm`. */
export interface NormOptions extends ReduceOptions {
  /**
   * p of `(sum |a|^p)^(1/p)`: 1 is the sum of magnitudes, 2 the Euclidean norm; Infinity the largest magnitude, -Infinity the smallest; 0 how
   * many elements are not 0. Default 2.
   */
  readonly order?: number;
}

/**
 * The norm of the elements over the axes (all by default), of any order, as vectors. Its gradient is 0 where all elements are 0, a
 * subgradient for every order from 1 on, and in an element that is 0 for other orders; order 0 has none. Elements that tie for the
 * largest or smallest magnitude share the gradient. Powers are not scaled: in float32 those of order 2 overflow above magnitudes of
 * 1.8e19 and vanish below 1e-23.
 *
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if the order is Infinity or -Infinity and there are no elements; the other norms of none are 0, of negative orders Infinity
 * @throws {InputError} if the order is no number
 * @example norm(w, 0) // of each column
 */
export function norm(a: Expr, axes?: Axes, given?: NormOptions): Expr {
  requireFloat('norm', a);
  const { order = 2, ...options } = checkOptions('norm', given, { ...REDUCE, order: option.unchecked });
  const chosen = normalizeAxes(axes, a.rank, 'norm');
  if (typeof order !== 'number' || Number.isNaN(order)) throw new InputError(`norm: the order must be a number, which may be infinite, not ${show(order)}`);
  switch (order) {
    case 0:
      return sum(cast(ne(a, 0), a.dtype), chosen, options);
    case 1:
      return sum(abs(a), chosen, options);
    case 2:
      return rootOf(sum(square(a), chosen, options));
    case Infinity:
    case -Infinity:
      if (chosen.some((axis) => a.shape[axis] === 0)) throw new ShapeError(`norm: ${describe(a)} has no elements to choose from`);
      return order > 0 ? max(abs(a), chosen, options) : min(abs(a), chosen, options);
    default:
      return ofPowers(a, chosen, order, options);
  }
}

/** `(sum |a|^p)^(1/p)`, with no derivative where the base of a power is 0. */
function ofPowers(a: Expr, axes: readonly number[], p: number, options: ReduceOptions): Expr {
  const power = (base: Expr, exponent: number): Expr => {
    const zero = eq(base, 0);
    return where(zero, exponent > 0 ? 0 : Infinity, pow(where(zero, 1, base), exponent));
  };
  return power(sum(power(abs(a), p), axes, options), 1 / p);
}
