/**
 * Gradient clipping as PyTorch and Optax do it. What is small enough stays as it is, to the last bit, unlike with Lasagne's
 * constraints.
 */
import { cast, checkOptions, type Expr, type Hyperparameter, hyperparameter, onesLike, option, range, requireTensor, requireTensors, where } from '@pappus/core';
import { checkFloat, type Each, scaleAll, totalNorm } from './norms.js';

/** Options of `clipByNorm` and `clipByGlobalNorm`. */
export interface ClipNormOptions {
  /** Added to the norm that divides. Default 1e-6, as in PyTorch; 0 is Optax's form. */
  readonly epsilon?: Hyperparameter;
}

/**
 * Each element between `-maxValue` and `maxValue`; NaN stays NaN. Takes a tensor or a list.
 *
 * Source: `torch.nn.utils.clip_grad_value_`; `optax.clip`.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if `maxValue` is no number of at least 0 and no scalar expression
 * @example const updates = adam(clipByValue(grad(loss, params), 1), params);
 */
export function clipByValue(x: Expr, maxValue: Hyperparameter): Expr;
export function clipByValue<const T extends readonly Expr[]>(xs: T, maxValue: Hyperparameter): Each<T>;
export function clipByValue(xs: Expr | readonly Expr[], maxValue: Hyperparameter): Expr | readonly Expr[] {
  return each(xs, 'clipByValue', (x) => {
    checkFloat(x, 'clipByValue');
    const limit = hyperparameter(maxValue, x.dtype, 'clipByValue: maxValue', range.nonNegative);
    return x.clip(limit.neg(), limit);
  });
}

/**
 * Each tensor by itself rescaled so that its norm does not exceed `maxNorm`: `x min(1, maxNorm / (norm + epsilon))`, the
 * norm over all elements. Takes a tensor or a list. For norms over some axes see `normConstraint`.
 *
 * Source: `torch.nn.utils.clip_grad_norm_` of one tensor; `tf.clip_by_norm` where epsilon is 0.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if `maxNorm` or epsilon is no number of at least 0 and no scalar expression
 * @example const updates = sgd(clipByNorm(grad(loss, params), 1), params);
 */
export function clipByNorm(x: Expr, maxNorm: Hyperparameter, options?: ClipNormOptions): Expr;
export function clipByNorm<const T extends readonly Expr[]>(xs: T, maxNorm: Hyperparameter, options?: ClipNormOptions): Each<T>;
export function clipByNorm(xs: Expr | readonly Expr[], maxNorm: Hyperparameter, options?: ClipNormOptions): Expr | readonly Expr[] {
  return each(xs, 'clipByNorm', (x) => x.mul(clippingFactor([x], maxNorm, options, 'clipByNorm')));
}

/**
 * All tensors rescaled together so that the norm of all their elements does not exceed `maxNorm`:
 * `x min(1, maxNorm / (norm + epsilon))` for each tensor.
 *
 * PyTorch's epsilon is 1e-6, the default. Optax has none, and leaves tensors alone whose norm is below `maxNorm`, which is
 * the same with an epsilon of 0.
 *
 * Source: `torch.nn.utils.clip_grad_norm_`; `optax.clip_by_global_norm`; Pascanu, Mikolov & Bengio (2013),
 * arXiv:1211.5063.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if `maxNorm` or epsilon is no number of at least 0 and no scalar expression
 * @example const updates = adam(clipByGlobalNorm(grad(loss, params), 1), params);
 */
export function clipByGlobalNorm<const T extends readonly Expr[]>(xs: T, maxNorm: Hyperparameter, options?: ClipNormOptions): Each<T>;
export function clipByGlobalNorm(xs: readonly Expr[], maxNorm: Hyperparameter, options?: ClipNormOptions): readonly Expr[] {
  return scaleAll(xs, clippingFactor(xs, maxNorm, options, 'clipByGlobalNorm'));
}

/**
 * Each tensor by itself rescaled so that the root of the mean of its squares does not exceed the threshold: `x / max(1, rms / threshold)`.
 * Takes a tensor or a list.
 *
 * Source: Shazeer & Stern (2018), "Adafactor", arXiv:1804.04235, section 6; `optax.clip_by_block_rms`.
 *
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if the threshold is no number above 0 and no scalar expression
 * @example const updates = adam(clipByBlockRms(grad(loss, params), 1), params);
 */
export function clipByBlockRms(x: Expr, threshold: Hyperparameter): Expr;
export function clipByBlockRms<const T extends readonly Expr[]>(xs: T, threshold: Hyperparameter): Each<T>;
export function clipByBlockRms(xs: Expr | readonly Expr[], threshold: Hyperparameter): Expr | readonly Expr[] {
  return each(xs, 'clipByBlockRms', (x) => {
    checkFloat(x, 'clipByBlockRms');
    const size = cast(onesLike(x).sum(), x.dtype).maximum(1);
    const limit = hyperparameter(threshold, x.dtype, 'clipByBlockRms: threshold', range.positive);
    return x.mul(factorTo(totalNorm([x], 'clipByBlockRms').div(size.sqrt()), limit));
  });
}

function clippingFactor(xs: readonly Expr[], maxNorm: Hyperparameter, options: ClipNormOptions | undefined, what: string): Expr {
  const given = checkOptions(what, options, { epsilon: option.unchecked });
  const norm = totalNorm(xs, what);
  const limit = hyperparameter(maxNorm, norm.dtype, `${what}: maxNorm`, range.nonNegative);
  const epsilon = hyperparameter(given.epsilon ?? 1e-6, norm.dtype, `${what}: epsilon`, range.nonNegative);
  return factorTo(norm.add(epsilon), limit);
}

/** What brings a norm down to the limit; 1 where it is small enough. */
function factorTo(total: Expr, limit: Expr): Expr {
  // Not the smaller of 1 and the quotient, whose gradient at a norm of 0 would be that of a division by 0. NaN is not small enough.
  const excessive = total.le(limit).not();
  return where(excessive, limit.div(where(excessive, total, 1)), 1);
}

function each(xs: Expr | readonly Expr[], what: string, change: (x: Expr) => Expr): Expr | readonly Expr[] {
  if (!isList(xs)) {
    requireTensor(what, xs);
    return change(xs);
  }
  requireTensors(what, xs, 'the tensors');
  return xs.map(change);
}

function isList(xs: Expr | readonly Expr[]): xs is readonly Expr[] {
  try {
    return Array.isArray(xs);
  } catch {
    // A proxy that was revoked.
    return false;
  }
}
