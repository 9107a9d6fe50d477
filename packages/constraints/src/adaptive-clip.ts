/** Gradients clipped by the size of the weights that they move. */
import { checkOptions, type Expr, type Hyperparameter, hyperparameter, maximum, option, OptimizerError, range, requireTensors, where, describe, DTypeError, formatShape, ShapeError } from '@pappus/core';
import { answeredAxes, axesOption, checkFloat, type Each, incomingAxes, normOver } from './norms.js';

/** Options of `adaptiveClip`. */
export interface AdaptiveClipOptions {
  /** The largest share of a unit's weights that its gradient may be, at least 0. Default 0.01, the paper's. */
  readonly clipping?: Hyperparameter;
  /** The least norm of weights that counts, at least 0: else weights that are 0 would stay so. Default 1e-3, the paper's. */
  readonly epsilon?: Hyperparameter;
  /**
   * The axes over which the weights into one unit lie. Default: 0 of a matrix, all but 0 of a convolution's `[out, in, ...window]`, all
   * of a vector or a scalar. Optax's are those of its layouts: 0 of 3 axes, too, and the first three of 4.
   */
  readonly axes?: (param: Expr) => readonly number[];
}

/**
 * Adaptive gradient clipping: the gradient of the weights into one unit is rescaled where its norm exceeds a share of theirs.
 *
 * ```text
 * limit = clipping max(|w|, epsilon)
 * g min(1, limit / |g|)        norms over the weights into one unit
 * ```
 *
 * Source: Brock, De, Smith & Simonyan (2021), "High-performance large-scale image recognition without normalization",
 * arXiv:2102.06171, section 4; `optax.adaptive_grad_clip`.
 *
 * @param grads a gradient for each parameter
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if the lists differ in length, or options are out of their range
 * @throws {ShapeError} if no axes are usual for a tensor and none are given, or it has none such
 * @throws {InputError} for an option that does not exist, or axes that are no function or answer no list
 * @example const updates = sgd(adaptiveClip(grad(loss, params), params, { clipping: 0.02 }), params, { learningRate: 0.1 });
 */
export function adaptiveClip<const T extends readonly Expr[]>(grads: T, params: readonly Expr[], options?: AdaptiveClipOptions): Each<T>;
export function adaptiveClip(grads: readonly Expr[], params: readonly Expr[], options?: AdaptiveClipOptions): readonly Expr[] {
  const { clipping = 0.01, epsilon = 1e-3, axes = unitAxes } = checkOptions('adaptiveClip', options, { clipping: option.unchecked, epsilon: option.unchecked, axes: axesOption });
  return beside('adaptiveClip', grads, params, (g, param) => {
    const over = answeredAxes(axes, param, 'adaptiveClip');
    const least = hyperparameter(epsilon, g.dtype, 'adaptiveClip: epsilon', range.nonNegative);
    const limit = maximum(normOver(param, over), least).mul(hyperparameter(clipping, g.dtype, 'adaptiveClip: clipping', range.nonNegative));
    const norm = normOver(g, over);
    const excessive = norm.lt(limit).not();
    // Optax keeps the norm that divides above 1e-6; where it is excessive and smaller, the limit is, too.
    return where(excessive, g.mul(limit.div(where(excessive, norm.maximum(1e-6), 1))), g);
  });
}

function unitAxes(param: Expr): readonly number[] {
  return param.rank < 2 ? param.shape.map((_, axis) => axis) : incomingAxes(param, 'adaptiveClip');
}

/** A gradient and its parameter at a time. */
export function beside(what: string, grads: readonly Expr[], params: readonly Expr[], change: (g: Expr, param: Expr) => Expr): readonly Expr[] {
  requireTensors(what, grads, 'the gradients');
  requireTensors(what, params, 'the parameters');
  if (grads.length !== params.length) throw new OptimizerError(`${what}: ${grads.length} gradients are given for ${params.length} parameters; give one for each, in their order`);
  return params.map((param, k) => {
    const g = grads[k] ?? param;
    checkFloat(g, what);
    checkFloat(param, what);
    if (g.dtype !== param.dtype) throw new DTypeError(`${what}: the gradient of ${describe(param)} is ${g.dtype}; cast it with .cast('${param.dtype}')`);
    if (formatShape(g.shape) !== formatShape(param.shape)) throw new ShapeError(`${what}: the gradient of ${describe(param)} has the shape ${formatShape(g.shape)}; is the order that of the parameters?`);
    return change(g, param);
  });
}
