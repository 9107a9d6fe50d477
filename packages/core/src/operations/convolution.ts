/**
 * Convolutions (cross-correlations, as networks mean them) and their transposes, in one to three dimensions. A convolution is a
 * product over windows, which are views: nothing is unfolded in memory. Its gradients are convolutions and products again.
 */
import { describe } from '../graph/describe.js';
import { addDimensions, type Dimension, multiplyDimensions, subtractDimensions } from '../graph/dimension.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { CustomVjp } from '../graph/node.js';
import { customNode } from '../gradients/custom.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { flip } from './arrange.js';
import { broadcastTo, padNode, reshape, transpose } from './movement.js';
import { requireNumbers } from './operand-checks.js';
import { productNode } from './products.js';
import { type PerAxis, type Padding, padWidths, perAxis, type Widths } from './spatial.js';
import { window, windowCount } from './windows.js';

/** Options of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvolutionOptions {
  /** Elements from one window to the next; one number, or one an axis. Default 1. */
  readonly stride?: PerAxis;
  /** Zeros around the operand. Default `valid`: none. */
  readonly padding?: Padding;
  /** Elements from one element of a window to its next; one number, or one an axis. Default 1. */
  readonly dilation?: PerAxis;
  /** Channels in groups that do not see each other. Default 1. */
  readonly groups?: number;
}

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`: those of the convolution that is transposed, and one more. */
export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Elements added behind the result, which a stride leaves open: one number, or one an axis. Default 0. */
  readonly outputPadding?: PerAxis;
}

/**
 * Cross-correlation along one axis: `[batch, channels, n]` with weights `[filters, channels / groups, size]` gives
 * `[batch, filters, m]`: `out[b, f, i] = sum over c, j of x[b, c, i stride + j dilation] w[f, c, j]`.
 *
 * @throws {ShapeError} if the ranks or channels do not fit, the axis is shorter than a window, or an option is out of its range
 * @throws {DTypeError} if the dtypes differ, or are bool
 */
export function conv1d(x: Expr, weights: Expr, options: ConvolutionOptions = {}): Expr {
  return convolution('conv1d', 1, x, weights, options);
}

/**
 * Cross-correlation over two axes: `[batch, channels, height, width]` with weights `[filters, channels / groups, ...size]`
 * gives `[batch, filters, ...]`; otherwise as `conv1d`. As PyTorch's conv2d.
 *
 * @example conv2d(images, w, { padding: 'same' }).add(b.reshape([-1, 1, 1])).relu()
 */
export function conv2d(x: Expr, weights: Expr, options: ConvolutionOptions = {}): Expr {
  return convolution('conv2d', 2, x, weights, options);
}

/**
 * Cross-correlation over three axes: `[batch, channels, depth, height, width]` with weights `[filters, channels / groups, ...size]`
 * gives `[batch, filters, ...]`; otherwise as `conv1d`. As PyTorch's conv3d.
 */
export function conv3d(x: Expr, weights: Expr, options: ConvolutionOptions = {}): Expr {
  return convolution('conv3d', 3, x, weights, options);
}

/**
 * The transpose of `conv1d`, which makes of `[batch, filters, m]` with the same weights `[filters, channels / groups, size]` the
 * `[batch, channels, n]` that `conv1d` would have come from: every element adds its filter, times itself, at its place.
 * `n = (m - 1) stride + dilation (size - 1) + 1 + outputPadding`, less the padding; with padding `same`, `n = m stride`.
 *
 * @throws {ShapeError} as `conv1d`, and if the padding takes away more than a window, or leaves nothing
 * @throws {DTypeError} if the dtypes differ, or are bool
 */
export function convTranspose1d(x: Expr, weights: Expr, options: TransposedConvolutionOptions = {}): Expr {
  return transposedConvolution('convTranspose1d', 1, x, weights, options);
}

/** The transpose of `conv2d`; otherwise as `convTranspose1d`. As PyTorch's conv_transpose2d. */
export function convTranspose2d(x: Expr, weights: Expr, options: TransposedConvolutionOptions = {}): Expr {
  return transposedConvolution('convTranspose2d', 2, x, weights, options);
}

/** The transpose of `conv3d`; otherwise as `convTranspose1d`. As PyTorch's conv_transpose3d. */
export function convTranspose3d(x: Expr, weights: Expr, options: TransposedConvolutionOptions = {}): Expr {
  return transposedConvolution('convTranspose3d', 3, x, weights, options);
}

// What they hold is checked where it is used, beside what it is used with.
function optionTable(): OptionTable<ConvolutionOptions> {
  return { stride: option.unchecked, padding: option.unchecked, dilation: option.unchecked, groups: option.unchecked };
}

function convolution(operation: string, spatial: number, x: Expr, weights: Expr, options: ConvolutionOptions): Expr {
  const { groups, strides, dilations, sizes } = readPlan(operation, spatial, x, weights, checkOptions(operation, options, optionTable()));
  const channels = weights.shape[1] ?? 1;
  if (x.shape[1] !== multiplyDimensions(channels, groups)) {
    throw new ShapeError(
      `${operation}: ${describe(x)} has ${String(x.shape[1])} channels, and the weights ${describe(weights)} take ${String(channels)} in each of ${groups} groups`,
    );
  }
  const spans = sizes.map((size, k) => (dilations[k] ?? 1) * (size - 1) + 1);
  const widths = padWidths(operation, options.padding, x.shape.slice(2), spans, strides);
  const padded = padNode(x, [0, 0, ...widths.map(([before]) => before)], x.shape.map(() => 1), [
    ...x.shape.slice(0, 2),
    ...x.shape.slice(2).map((d, k) => addDimensions(addDimensions(d, widths[k]?.[0] ?? 0), widths[k]?.[1] ?? 0)),
  ]);
  for (const [k, size] of sizes.entries()) windowCount(operation, padded, 2 + k, size, strides[k] ?? 1, dilations[k] ?? 1);
  return convolve(operation, padded, weights, { groups, strides, dilations });
}

function transposedConvolution(operation: string, spatial: number, x: Expr, weights: Expr, options: TransposedConvolutionOptions): Expr {
  checkOptions(operation, options, { ...optionTable(), outputPadding: option.unchecked });
  const { groups, strides, dilations, sizes } = readPlan(operation, spatial, x, weights, options);
  if (x.shape[1] !== weights.shape[0]) {
    throw new ShapeError(`${operation}: ${describe(x)} has ${String(x.shape[1])} filters, and the weights ${describe(weights)} are of ${String(weights.shape[0])}`);
  }
  const extra = perAxis(operation, 'outputPadding', options.outputPadding ?? 0, spatial, 0);
  const reach = sizes.map((size, k) => (dilations[k] ?? 1) * (size - 1));
  const widths: readonly Widths[] =
    options.padding === 'same'
      ? reach.map((r, k) => {
          const total = r + 1 - (strides[k] ?? 1);
          const before = Math.floor(Math.max(total, 0) / 2);
          return [before, total - before];
        })
      : padWidths(operation, options.padding, x.shape.slice(2), reach.map((r) => r + 1), strides);
  const outputs = x.shape.slice(2).map((m, k): Dimension => {
    const [before, after] = widths[k] ?? [0, 0];
    const most = reach[k] ?? 0;
    for (const width of [before, after]) {
      if (typeof width !== 'number' || width > most) {
        throw new ShapeError(`${operation}: a padding of ${String(width)} takes away more than a window of ${most + 1} reaches over; use at most ${most}`);
      }
    }
    if ((extra[k] ?? 0) > 0 && (extra[k] ?? 0) >= Math.max(strides[k] ?? 1, dilations[k] ?? 1)) {
      throw new ShapeError(`${operation}: an outputPadding of ${extra[k]} must be less than the stride or the dilation`);
    }
    const full = addDimensions(multiplyDimensions(addDimensions(m, -1), strides[k] ?? 1), most + 1 + (extra[k] ?? 0));
    const length = subtractDimensions(subtractDimensions(full, before), after);
    if (typeof length === 'number' && length < 1) {
      throw new ShapeError(`${operation}: axis ${2 + k} of the result has a size of ${length}; use less padding, or more elements than the ${String(m)} of ${describe(x)}`);
    }
    return length;
  });
  return transposed(operation, x, weights, { groups, strides, dilations }, widths.map(([before]) => Number(before)), outputs);
}

/** How windows lie and channels are grouped, one number an axis. */
interface Plan {
  readonly groups: number;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** Without padding: `[n, c, ...]` and `[f, c / groups, ...]` to `[n, f, ...]`. */
function convolve(operation: string, x: Expr, weights: Expr, plan: Plan): Expr {
  const { groups, strides, dilations } = plan;
  const spatial = strides.length;
  const { windows, places, offsets } = windowsOf(x, weights, plan);
  const grouped = reshape(weights, [groups, dividedBy(weights.shape[0] ?? 1, groups), ...weights.shape.slice(1)]);
  const left = broadcastTo(reshape(grouped, [1, ...grouped.shape]), [x.shape[0] ?? 1, ...grouped.shape]);
  const product = productNode(left, transpose(windows, [0, 1, 2, ...offsets, ...places]), { rows: 1, columns: spatial, depth: 1 + spatial });
  const value = reshape(product, [x.shape[0] ?? 1, weights.shape[0] ?? 1, ...product.shape.slice(3)]);
  const vjp: CustomVjp = (g, [a = x, w = weights]) => [
    transposed(operation, g, w, plan, strides.map(() => 0), a.shape.slice(2)),
    ofWeights(g, a, w, plan),
  ];
  const spans = weights.shape.slice(2).map((extent, k) => [2 + k, (dilations[k] ?? 1) * (Number(extent) - 1) + 1] as const);
  return customNode(value, [x, weights], vjp, `${operation} ${strides.join()} ${dilations.join()} ${groups}`, { operation, spans });
}

/** The view `[n, g, c, o1, k1, o2, k2]` of the windows, the axes of their places and those within them. */
function windowsOf(x: Expr, weights: Expr, { groups, strides, dilations }: Plan): { readonly windows: Expr; readonly places: readonly number[]; readonly offsets: readonly number[] } {
  const [, channels = 1, ...size] = weights.shape;
  let windows = reshape(x, [x.shape[0] ?? 1, groups, channels, ...x.shape.slice(2)]);
  for (const [k, extent] of size.entries()) {
    windows = window(windows, 3 + 2 * k, typeof extent === 'number' ? extent : 1, { stride: strides[k] ?? 1, dilation: dilations[k] ?? 1 });
  }
  return { windows, places: strides.map((_, k) => 3 + 2 * k), offsets: strides.map((_, k) => 4 + 2 * k) };
}

/** The cotangent of the weights: `[g, f, n, o...]` times `[g, n, o..., c, k...]`, summed over images and places. */
function ofWeights(g: Expr, x: Expr, weights: Expr, plan: Plan): Expr {
  const { groups, strides } = plan;
  const spatial = strides.length;
  const { windows, places, offsets } = windowsOf(x, weights, plan);
  const split = reshape(g, [g.shape[0] ?? 1, groups, dividedBy(weights.shape[0] ?? 1, groups), ...g.shape.slice(2)]);
  const rows = transpose(split, [1, 2, 0, ...strides.map((_, k) => 3 + k)]);
  const byPlace = transpose(windows, [1, 0, ...places, 2, ...offsets]);
  return reshape(productNode(rows, byPlace, { rows: 1, columns: 1 + spatial, depth: 1 + spatial }), weights.shape);
}

/** The operand of `convolve` that gives zeros but for g's part: a convolution of g, spread by the stride, with flipped weights. */
function transposed(operation: string, g: Expr, weights: Expr, { groups, strides, dilations }: Plan, before: readonly number[], outputs: readonly Dimension[]): Expr {
  const [filters = 1, channels = 1, ...size] = weights.shape;
  const reach = size.map((extent, k) => (dilations[k] ?? 1) * ((typeof extent === 'number' ? extent : 1) - 1));
  const starts = reach.map((r, k) => r - (before[k] ?? 0));
  const spread = padNode(g, [0, 0, ...starts], [1, 1, ...strides], [...g.shape.slice(0, 2), ...outputs.map((d, k) => addDimensions(d, reach[k] ?? 0))]);
  const perGroup = dividedBy(filters, groups);
  const grouped = reshape(weights, [groups, perGroup, channels, ...size]);
  const swapped = transpose(grouped, [0, 2, 1, ...size.map((_, k) => 3 + k)]);
  const turned = flip(reshape(swapped, [multiplyDimensions(channels, groups), perGroup, ...size]), size.map((_, k) => 2 + k));
  return convolve(operation, spread, turned, { groups, strides: strides.map(() => 1), dilations });
}

function readPlan(operation: string, spatial: number, x: Expr, weights: Expr, options: ConvolutionOptions): Plan & { readonly sizes: readonly number[] } {
  for (const operand of [x, weights]) {
    requireNumbers(operation, operand);
    if (operand.rank !== spatial + 2) throw new ShapeError(`${operation}: ${describe(operand)} should have ${spatial + 2} dimensions`);
  }
  if (x.dtype !== weights.dtype) {
    throw new DTypeError(`${operation}: ${describe(x)} and ${describe(weights)} must have one dtype; cast them with .cast(dtype)`);
  }
  const { groups = 1 } = options;
  const [filters] = weights.shape;
  if (!Number.isInteger(groups) || groups < 1 || typeof filters !== 'number' || filters % groups !== 0) {
    throw new ShapeError(`${operation}: the ${String(filters)} filters of ${describe(weights)} do not fall into ${show(groups)} groups`);
  }
  const sizes = weights.shape.slice(2).map((size) => {
    if (typeof size !== 'number') throw new ShapeError(`${operation}: the size of the windows of ${describe(weights)} must be known`);
    if (size === 0) throw new ShapeError(`${operation}: the windows of ${describe(weights)} hold nothing; their size must be at least 1`);
    return size;
  });
  return {
    groups,
    strides: perAxis(operation, 'stride', options.stride ?? 1, spatial, 1),
    dilations: perAxis(operation, 'dilation', options.dilation ?? 1, spatial, 1),
    sizes,
  };
}

function dividedBy(filters: Dimension, groups: number): Dimension {
  return typeof filters === 'number' ? filters / groups : filters;
}
