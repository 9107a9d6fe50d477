/** Normalisation to mean 0 and variance 1 (or to a root mean square of 1, or by neighbouring channels), and the scale and bias after it. */
import { describe } from '../graph/describe.js';
import { divideDimensions } from '../graph/dimension.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import type { Axes, Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { normalizeAxes, normalizeAxis } from '../graph/shape.js';
import { pad } from './arrange.js';
import { add, div, mul, pow, rsqrt, square, sub } from './elementwise.js';
import { reshape, sliceNode } from './movement.js';
import { requireFloat, requireShape, requireWhole } from './operand-checks.js';
import { mean, sum } from './reductions.js';
import { LONGEST_TABLE } from './spatial.js';
import { variance } from './statistics.js';
import { window } from './windows.js';

interface ScaleOptions {
  /** What the result is multiplied by. Default none. */
  readonly scale?: Expr;
  /** Added to every mean square before its root is taken. */
  readonly epsilon?: number;
}

interface AffineOptions extends ScaleOptions {
  /** What is added to the result, of the scale's shape. Default none. */
  readonly bias?: Expr;
}

function affineOptions(): OptionTable<AffineOptions> {
  return { scale: option.expression, bias: option.expression, epsilon: option.finite };
}

/** A parameter of the sizes of some axes, shaped to broadcast over the others. */
function along(operation: string, parameter: Expr, a: Expr, axes: readonly number[]): Expr {
  requireShape(operation, parameter, axes.map((axis) => a.shape[axis] ?? 1), `the axes [${axes.join(', ')}] of ${describe(a)}`);
  if (parameter.dtype !== a.dtype) {
    throw new DTypeError(`${operation}: ${describe(parameter)} should have the dtype of ${describe(a)}; cast it with .cast(dtype)`);
  }
  return reshape(parameter, a.shape.map((d, k) => (axes.includes(k) ? d : 1)));
}

/** Scale and bias of what `a` became. */
function affine(operation: string, normalized: Expr, a: Expr, axes: readonly number[], { scale, bias }: AffineOptions): Expr {
  const scaled = scale === undefined ? normalized : mul(normalized, along(operation, scale, a, axes));
  return bias === undefined ? scaled : add(scaled, along(operation, bias, a, axes));
}

/** Mean 0 and variance 1 over the axes. */
function standardize(a: Expr, axes: readonly number[], epsilon: number): Expr {
  const centred = sub(a, mean(a, axes, { keepdims: true }));
  return mul(centred, rsqrt(add(mean(square(centred), axes, { keepdims: true }), epsilon)));
}

/** Options of `layerNorm`. */
export interface LayerNormOptions extends AffineOptions {
  /** Which axes are normalised together; scale and bias have their sizes. Default -1, the last. */
  readonly axes?: Axes;
  /** Default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
}

/**
 * `(a - mean) / sqrt(variance + epsilon) * scale + bias`, the mean and variance being those of each element's features. Ba et
 * al. (2016), arXiv:1607.06450.
 *
 * @param a `[..., features]`, float
 * @throws {ShapeError} if the scale or the bias has not the sizes of the axes
 * @throws {DTypeError} if `a` is no float, or the scale or the bias is of another dtype
 * @example layerNorm(x, { scale, bias }) // x [batch, time, 64], scale and bias [64]
 */
export function layerNorm(a: Expr, given?: LayerNormOptions): Expr {
  const { axes = -1, epsilon = 1e-5, ...options } = checkOptions('layerNorm', given, { ...affineOptions(), axes: option.unchecked });
  requireFloat('layerNorm', a);
  const chosen = normalizeAxes(axes, a.rank, 'layerNorm');
  return affine('layerNorm', standardize(a, chosen, epsilon), a, chosen, options);
}

/** Options of `rmsNorm`. */
export interface RmsNormOptions extends ScaleOptions {
  /** Which axes are normalised together; the scale has their sizes. Default -1, the last. */
  readonly axes?: Axes;
  /** Default 1e-6, as in T5. */
  readonly epsilon?: number;
}

/**
 * `a / sqrt(mean(a²) + epsilon) * scale`. Zhang & Sennrich (2019), arXiv:1910.07467. Errors as for `layerNorm`.
 *
 * @param a `[..., features]`, float
 */
export function rmsNorm(a: Expr, given?: RmsNormOptions): Expr {
  const { axes = -1, epsilon = 1e-6, ...options } = checkOptions('rmsNorm', given, { scale: option.expression, epsilon: option.finite, axes: option.unchecked });
  requireFloat('rmsNorm', a);
  const chosen = normalizeAxes(axes, a.rank, 'rmsNorm');
  const normalized = mul(a, rsqrt(add(mean(square(a), chosen, { keepdims: true }), epsilon)));
  return affine('rmsNorm', normalized, a, chosen, options);
}

/** Options of `groupNorm`. */
export interface GroupNormOptions extends AffineOptions {
  /** How many groups of neighbouring channels; as many as channels is instance normalisation. */
  readonly groups: number;
  /** The axis of the channels; scale and bias have its size. Default 1. */
  readonly axis?: number;
  /** Default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
}

/**
 * As `layerNorm`, over each group of channels and everything beside them but the batch, which is axis 0. Wu & He (2018),
 * arXiv:1803.08494.
 *
 * @param a `[batch, channels, ...]`, float
 * @throws {ShapeError} if the channels do not divide into the groups, or the scale or the bias has not their number
 * @throws {DTypeError} if `a` is no float, or the scale or the bias is of another dtype
 */
export function groupNorm(a: Expr, given: GroupNormOptions): Expr {
  const { groups = NaN, axis = 1, epsilon = 1e-5, ...options } = checkOptions('groupNorm', given, { ...affineOptions(), groups: option.finite, axis: option.unchecked });
  requireFloat('groupNorm', a);
  const channels = normalizeAxis(axis, a.rank, 'groupNorm');
  if (channels === 0) throw new ShapeError('groupNorm: axis 0 is the batch, and cannot be that of the channels');
  if (Number.isNaN(groups)) throw new ShapeError('groupNorm: the number of groups is missing; give the option { groups }');
  const inGroup = Number.isInteger(groups) && groups > 0 ? divideDimensions(a.shape[channels] ?? 1, groups) : undefined;
  if (inGroup === undefined) {
    throw new ShapeError(`groupNorm: axis ${channels} of ${describe(a)}, the channels, does not divide into ${groups} groups`);
  }
  const apart = reshape(a, [...a.shape.slice(0, channels), groups, inGroup, ...a.shape.slice(channels + 1)]);
  const together = apart.shape.map((_, k) => k).filter((k) => k !== 0 && k !== channels);
  return affine('groupNorm', reshape(standardize(apart, together, epsilon), a.shape), a, [channels], options);
}

/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** The axis of the channels; mean, variance, scale and bias have its size. Default 1. */
  readonly axis?: number;
  /** What to normalise by, both or neither: running averages at inference. Default `batchStatistics(a)`. */
  readonly mean?: Expr;
  /** `[channels]`; given beside `mean`, or not at all. */
  readonly variance?: Expr;
  /** Default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
}

/**
 * `(a - mean) / sqrt(variance + epsilon) * scale + bias` for each channel, by the batch's own statistics or by given ones.
 * Ioffe & Szegedy (2015), arXiv:1502.03167. Averages that run along are variables of the caller:
 * `[running, running.mul(0.9).add(batchStatistics(a).mean.mul(0.1))]` among the updates.
 *
 * @param a `[batch, channels, ...]`, float
 * @throws {GraphError} if only one of mean and variance is given
 * @throws {ShapeError} if an option has not the size of the channels
 * @throws {DTypeError} if `a` is no float, or an option is of another dtype
 */
export function batchNorm(a: Expr, given?: BatchNormOptions): Expr {
  const { axis = 1, epsilon = 1e-5, ...options } = checkOptions('batchNorm', given, { ...affineOptions(), axis: option.unchecked, mean: option.expression, variance: option.expression });
  requireFloat('batchNorm', a);
  const channels = [normalizeAxis(axis, a.rank, 'batchNorm')];
  if ((options.mean === undefined) !== (options.variance === undefined)) {
    throw new GraphError('batchNorm: give both mean and variance, or neither for those of the batch');
  }
  const statistics = options.mean === undefined || options.variance === undefined ? batchStatistics(a, axis) : { mean: options.mean, variance: options.variance };
  const centred = sub(a, along('batchNorm', statistics.mean, a, channels));
  const factor = rsqrt(add(along('batchNorm', statistics.variance, a, channels), epsilon));
  return affine('batchNorm', mul(centred, factor), a, channels, options);
}

/** What `batchStatistics` answers. */
export interface BatchStatistics {
  /** `[channels]`: the mean of every channel. */
  readonly mean: Expr;
  /** `[channels]`: the mean of the squared deviations from it. */
  readonly variance: Expr;
}

/**
 * `[channels]` each: the mean and the variance (divided by n, not n - 1) of every channel over all other axes.
 *
 * @param axis of the channels; 1 by default
 * @throws {DTypeError} if `a` is no float
 */
export function batchStatistics(a: Expr, axis = 1): BatchStatistics {
  requireFloat('batchStatistics', a);
  const channels = normalizeAxis(axis, a.rank, 'batchStatistics');
  const others = a.shape.map((_, k) => k).filter((k) => k !== channels);
  return { mean: mean(a, others), variance: variance(a, others) };
}

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** What the mean square counts, in PyTorch's way. Default 1e-4. */
  readonly alpha?: number;
  /** The power of the denominator. Default 0.75. */
  readonly beta?: number;
  /** What is added to the mean square. Default 1. */
  readonly k?: number;
  /** The axis of the channels. Default 1. */
  readonly axis?: number;
}

/**
 * `a / (k + alpha m)^beta`, m the mean of the squares of `size` neighbouring channels, those that are not there counting as 0: of channel c,
 * from `c - floor(size / 2)` on. As PyTorch's; TensorFlow's `local_response_normalization` has the sum in place of the mean, `size = 2
 * depth_radius + 1` and `alpha` by so much smaller. Krizhevsky et al. (2012), section 3.3.
 *
 * @param a `[batch, channels, ...]`, float
 * @throws {ShapeError} if there is no such axis, or the size is no whole number of at least 1
 * @throws {DTypeError} if `a` is no float
 */
export function localResponseNorm(a: Expr, size: number, options?: LocalResponseNormOptions): Expr {
  const { alpha = 1e-4, beta = 0.75, k = 1, axis = 1 } = checkOptions('localResponseNorm', options, { alpha: option.finite, beta: option.finite, k: option.finite, axis: option.unchecked });
  requireFloat('localResponseNorm', a);
  const channels = normalizeAxis(axis, a.rank, 'localResponseNorm');
  requireWhole('localResponseNorm', size, 'the size', 1);
  if (size > LONGEST_TABLE) throw new ShapeError(`localResponseNorm: the size must be at most ${LONGEST_TABLE}, not ${size}`);
  const before = Math.floor(size / 2);
  // One more behind, and the last window away again, so that there is one where there are no channels.
  const padded = pad(square(a), a.shape.map((_, at) => (at === channels ? [before, size - before] : 0)));
  const windows = window(padded, channels, size);
  const own = sliceNode(windows, windows.shape.map(() => 0), windows.shape.map(() => 1), [...a.shape.slice(0, channels + 1), size, ...a.shape.slice(channels + 1)]);
  const means = div(sum(own, channels + 1), size);
  return div(a, pow(add(mul(means, alpha), k), beta));
}
