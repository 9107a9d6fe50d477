/** Gradients without their mean. */
import { checkOptions, type Expr, requireTensors } from '@pappus/core';
import { answeredAxes, axesOption, checkFloat, type Each } from './norms.js';

/** Options of `centralize`. */
export interface CentralizeOptions {
  /**
   * The axes over which the mean is taken; none leaves a gradient as it is. Default: those of the weights into one unit, 0 of a matrix
   * `[in, out]` and all but 0 of a convolution's `[out, in, ...window]`, and none of vectors and scalars. Optax and pytorch_optimizer take
   * all but 0 of matrices, too: `(g) => (g.rank > 1 ? g.shape.map((_, axis) => axis).slice(1) : [])`.
   */
  readonly axes?: (grad: Expr) => readonly number[];
}

/**
 * Gradient centralisation: from the gradient of the weights into one unit their mean is taken.
 *
 * Source: Yong, Huang, Hua & Zhang (2020), "Gradient centralization: a new optimization technique for deep neural networks",
 * arXiv:2004.01461; `optax.centralize`.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {ShapeError} if a tensor has no such axes
 * @throws {InputError} for an option that does not exist, or axes that are no function or answer no list
 * @example const updates = adam(centralize(grad(loss, params)), params);
 */
export function centralize<const T extends readonly Expr[]>(grads: T, options?: CentralizeOptions): Each<T>;
export function centralize(grads: readonly Expr[], options?: CentralizeOptions): readonly Expr[] {
  const { axes = unitAxes } = checkOptions('centralize', options, { axes: axesOption });
  requireTensors('centralize', grads, 'the gradients');
  return grads.map((g) => {
    checkFloat(g, 'centralize');
    const over = answeredAxes(axes, g, 'centralize');
    return over.length === 0 ? g : g.sub(g.mean(over, { keepdims: true }));
  });
}

function unitAxes({ rank, shape }: Expr): readonly number[] {
  if (rank === 2) return [0];
  return rank > 2 ? shape.map((_, axis) => axis).slice(1) : [];
}
