/** Projections: the nearest point of a set, in the Euclidean sense. Laid over an update, they keep a variable in the set. */
import { cast, checkOptions, describe, Expr, formatShape, type Hyperparameter, hyperparameter, liftBeside, option, OptimizerError, range, requireNumbers, ShapeError, show } from '@pappus/core';
import { checkFloat, normAxesOf, normOver, overNorm } from './norms.js';

/**
 * The elements below 0 become 0.
 *
 * @throws {DTypeError} if `x` is bool
 * @example updates.modify(w, nonNegative);
 */
export function nonNegative(x: Expr): Expr {
  requireNumbers('nonNegative', x);
  return x.maximum(0);
}

/**
 * Each element between `low` and `high`: numbers, scalars, or tensors that broadcast to the shape of `x`; either may be
 * infinite. Bounds in another dtype are cast.
 *
 * @throws {OptimizerError} if both are numbers and `low` is not at most `high`
 * @throws {ShapeError} if a bound does not broadcast to the shape of `x`
 * @example updates.modify(w, (next) => box(next, -1, 1));
 */
export function box(x: Expr, low: number | Expr, high: number | Expr): Expr {
  requireNumbers('box', x);
  if (typeof low === 'number' && typeof high === 'number' && !(low <= high)) {
    throw new OptimizerError(`box: low must be at most high, and ${low} is not at most ${high}`);
  }
  const bounded = x.maximum(asBound(low, 'low', x)).minimum(asBound(high, 'high', x));
  if (formatShape(bounded.shape) !== formatShape(x.shape)) {
    throw new ShapeError(`box: a bound of ${describe(x)} is larger than it; the bounded tensor would have the shape ${formatShape(bounded.shape)}`);
  }
  return bounded;
}

function asBound(bound: number | Expr, what: string, x: Expr): Expr {
  if (!(bound instanceof Expr) && (typeof bound !== 'number' || Number.isNaN(bound))) throw new OptimizerError(`box: ${what} must be a number or an expression, not ${show(bound)}`);
  return liftBeside('box', x, bound instanceof Expr ? cast(bound, x.dtype) : bound);
}

/** Options of `unitNorm`. */
export interface UnitNormOptions {
  /** The axes over which a norm is taken. Default: 0 of a matrix, all but 0 of 3 to 5 dimensions. */
  readonly normAxes?: readonly number[];
  /** Added to the norm that divides, at least 0; it shortens the result by `epsilon / norm`. Default 1e-7. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Divides by the norms over the axes, so that each is 1: `x / (norm + epsilon)`. Zeros stay zeros.
 *
 * `normAxes` are by default those of the weights into one unit: 0 of a matrix, all but 0 of 3 to 5 dimensions. `epsilon`,
 * default 1e-7, shortens the norm by `epsilon / norm`.
 *
 * Source: Keras's `UnitNorm`.
 *
 * @throws {DTypeError} if `x` is no float
 * @throws {ShapeError} if no axes are named for a tensor of another number of dimensions
 * @example updates.modify(w, unitNorm);
 */
export function unitNorm(x: Expr, options?: UnitNormOptions): Expr {
  checkFloat(x, 'unitNorm');
  const given = checkOptions('unitNorm', options, { normAxes: option.unchecked, epsilon: option.unchecked });
  const epsilon = hyperparameter(given.epsilon ?? 1e-7, x.dtype, 'unitNorm: epsilon', range.nonNegative);
  return overNorm(x, normOver(x, normAxesOf(x, given.normAxes, 'unitNorm')).add(epsilon));
}
