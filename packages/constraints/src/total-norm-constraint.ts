import { checkOptions, type Expr, type Hyperparameter, hyperparameter, minimum, option, range } from '@pappus/core';
import { type Each, overNorm, scaleAll, totalNorm } from './norms.js';

/** Options of `totalNormConstraint`. */
export interface TotalNormOptions {
  /** Added to the norm that divides. Default 1e-7. */
  readonly epsilon?: Hyperparameter;
  /** Answer the norm of the tensors as they were, too. Default false. */
  readonly returnNorm?: boolean;
}

/**
 * Rescales tensors together so that the norm of all their elements does not exceed `maxNorm`: keeps the direction of a
 * gradient that explodes, as those of recurrent networks do.
 *
 * ```text
 * norm = sqrt(sum of x^2 over all elements of all tensors)
 * x min(norm, maxNorm) / (epsilon + norm)        for each tensor
 * ```
 *
 * `maxNorm` is a number of at least 0 or a scalar expression; `epsilon`, default 1e-7. Answers the rescaled tensors, or with
 * `returnNorm` those and the norm before, to watch the training by. As in Lasagne, epsilon makes a norm that is small
 * enough a little smaller still; `clipByGlobalNorm` leaves those as they are.
 *
 * Source: Lasagne's `updates.total_norm_constraint`; Pascanu, Mikolov & Bengio (2013), "On the difficulty of training
 * recurrent neural networks", arXiv:1211.5063; Sutskever, Vinyals & Le (2014), arXiv:1409.3215, section 3.4.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if `maxNorm` or epsilon is no number of at least 0 and no scalar expression
 * @example const updates = adam(totalNormConstraint(grad(loss, params), 5), params);
 * @example const [grads, norm] = totalNormConstraint(grad(loss, params), 5, { returnNorm: true });
 */
export function totalNormConstraint<const T extends readonly Expr[]>(
  xs: T,
  maxNorm: Hyperparameter,
  options: TotalNormOptions & { readonly returnNorm: true },
): [tensors: Each<T>, norm: Expr];
export function totalNormConstraint<const T extends readonly Expr[]>(
  xs: T,
  maxNorm: Hyperparameter,
  options?: TotalNormOptions & { readonly returnNorm?: false },
): Each<T>;
export function totalNormConstraint(
  xs: readonly Expr[],
  maxNorm: Hyperparameter,
  options?: TotalNormOptions,
): readonly Expr[] | [readonly Expr[], Expr] {
  const given = checkOptions('totalNormConstraint', options, { epsilon: option.unchecked, returnNorm: option.flag });
  const norm = totalNorm(xs, 'totalNormConstraint');
  const limit = hyperparameter(maxNorm, norm.dtype, 'totalNormConstraint: maxNorm', range.nonNegative);
  const epsilon = hyperparameter(given.epsilon ?? 1e-7, norm.dtype, 'totalNormConstraint: epsilon', range.nonNegative);
  const scaled = scaleAll(xs, overNorm(minimum(norm, limit), epsilon.add(norm)));
  return given.returnNorm === true ? [scaled, norm] : scaled;
}
