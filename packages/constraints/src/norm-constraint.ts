import { checkOptions, type Expr, type Hyperparameter, hyperparameter, minimum, option, range } from '@pappus/core';
import { checkFloat, normAxesOf, normOver, overNorm } from './norms.js';

/** Options of `normConstraint`. */
export interface NormConstraintOptions {
  /** The axes over which a norm is taken. Default: 0 of a matrix, all but 0 of 3 to 5 dimensions. */
  readonly normAxes?: readonly number[];
  /** Added to the norm that divides. Default 1e-7. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Rescales a tensor so that no norm over the axes exceeds `maxNorm`: as a constraint on weights in place of their decay, or
 * on a gradient or an update.
 *
 * ```text
 * norm = sqrt(sum(x^2))        over the axes
 * x min(norm, maxNorm) / (epsilon + norm)
 * ```
 *
 * `maxNorm` is a number of at least 0 or a scalar expression; `normAxes` and `epsilon` are in {@link NormConstraintOptions}.
 * The default axes are those of the weights into one unit, of a dense layer `[in, out]` and of a convolution
 * `[out, in, ...window]`. As in Lasagne, epsilon makes a norm that is small enough a little smaller still, by
 * `epsilon / norm` of itself.
 *
 * Source: Lasagne's `updates.norm_constraint`; Srebro & Shraibman (2005), "Rank, trace-norm and max-norm"; Hinton et al.
 * (2012), arXiv:1207.0580, section A.1.
 *
 * @throws {DTypeError} if `x` is no float
 * @throws {ShapeError} if no axes are named for a tensor of another number of dimensions
 * @example updates.modify(w, (next) => normConstraint(next, 3));
 */
export function normConstraint(x: Expr, maxNorm: Hyperparameter, options?: NormConstraintOptions): Expr {
  checkFloat(x, 'normConstraint');
  const given = checkOptions('normConstraint', options, { normAxes: option.unchecked, epsilon: option.unchecked });
  const limit = hyperparameter(maxNorm, x.dtype, 'normConstraint: maxNorm', range.nonNegative);
  const epsilon = hyperparameter(given.epsilon ?? 1e-7, x.dtype, 'normConstraint: epsilon', range.nonNegative);
  const norm = normOver(x, normAxesOf(x, given.normAxes, 'normConstraint'));
  return x.mul(overNorm(minimum(norm, limit), epsilon.add(norm)));
}
