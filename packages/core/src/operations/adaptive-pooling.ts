/** Pools to a given size: axes cut into bins as even as they can be, whose means or largest elements are taken. */
import { literal } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { customNode } from '../gradients/custom.js';
import { cast, div, eq, where } from './elementwise.js';
import { reshape } from './movement.js';
import { requireFloat } from './operand-checks.js';
import { max, mean, sum } from './reductions.js';
import { rowsAlong, weightedSums, widthOf } from './resampling.js';
import { LONGEST_TABLE, type PerAxis, perAxis } from './spatial.js';

/**
 * The means of `size` bins of the last axis: `[batch, channels, n]` gives `[batch, channels, size]`. Bin i has the elements from
 * `floor(i n / size)` up to `ceil((i + 1) n / size)`, the last excluded; bins may share an element. As PyTorch's. With a size of 1 it is the
 * mean of all, of an axis of any size; otherwise the size of the axis must be known.
 *
 * @throws {ShapeError} if the rank does not fit, the axis has no elements or an open size, or the size is no whole number of at least 1
 * @throws {DTypeError} if the operand is no float
 * @example adaptiveAvgPool2d(features, 1).reshape([-1, 512])
 */
export function adaptiveAvgPool1d(x: Expr, size: PerAxis): Expr {
  return adaptiveAvgPool('adaptiveAvgPool1d', 1, x, size);
}

/** The means of bins: `[batch, channels, height, width]`, each bin a rectangle; otherwise as `adaptiveAvgPool1d`. */
export function adaptiveAvgPool2d(x: Expr, size: PerAxis): Expr {
  return adaptiveAvgPool('adaptiveAvgPool2d', 2, x, size);
}

/** The means of bins: `[batch, channels, depth, height, width]`; otherwise as `adaptiveAvgPool1d`. */
export function adaptiveAvgPool3d(x: Expr, size: PerAxis): Expr {
  return adaptiveAvgPool('adaptiveAvgPool3d', 3, x, size);
}

/** The largest element of each bin, NaN if any is; elements that tie share the gradient. Bins and errors as for `adaptiveAvgPool1d`. */
export function adaptiveMaxPool1d(x: Expr, size: PerAxis): Expr {
  return adaptiveMaxPool('adaptiveMaxPool1d', 1, x, size);
}

/** The largest elements of bins: `[batch, channels, height, width]`; otherwise as `adaptiveMaxPool1d`. */
export function adaptiveMaxPool2d(x: Expr, size: PerAxis): Expr {
  return adaptiveMaxPool('adaptiveMaxPool2d', 2, x, size);
}

/** The largest elements of bins: `[batch, channels, depth, height, width]`; otherwise as `adaptiveMaxPool1d`. */
export function adaptiveMaxPool3d(x: Expr, size: PerAxis): Expr {
  return adaptiveMaxPool('adaptiveMaxPool3d', 3, x, size);
}

/** An axis that is cut. */
interface Cut {
  /** Of the operand. */
  readonly axis: number;
  /** The positions in each bin. */
  readonly bins: readonly (readonly number[])[];
}

function adaptiveAvgPool(operation: string, spatial: number, x: Expr, size: PerAxis): Expr {
  const sizes = sizesOf(operation, spatial, x, size);
  if (sizes.every((bins) => bins === 1)) return mean(x, spatialAxes(x), { keepdims: true });
  const cuts = cutsOf(operation, x, sizes);
  const sums = cuts.reduce((part, { axis, bins }) => sumsAlong(operation, part, axis, bins), x);
  return cuts.reduce((part, { axis, bins }) => {
    const lengths = bins.map((bin) => bin.length);
    return div(part, isEven(bins) ? widthOf(bins) : literal(lengths, [lengths.length, ...x.shape.slice(axis + 1).map(() => 1)], x.dtype));
  }, sums);
}

function sumsAlong(operation: string, x: Expr, axis: number, bins: Cut['bins']): Expr {
  if (isEven(bins)) return sum(apart(x, axis, bins), axis + 1);
  return weightedSums(operation, x, axis, bins.map((bin) => bin.map((index) => ({ index, weight: 1 }))));
}

function adaptiveMaxPool(operation: string, spatial: number, x: Expr, size: PerAxis): Expr {
  const sizes = sizesOf(operation, spatial, x, size);
  if (sizes.every((bins) => bins === 1)) return max(x, spatialAxes(x), { keepdims: true });
  const cuts = cutsOf(operation, x, sizes);
  // Every cut puts in an axis of its own, behind that of the bins.
  const within = cuts.map(({ axis }, k) => axis + k + 1);
  const parts = cuts.reduce((part, { bins }, k) => {
    const axis = (within[k] ?? 1) - 1;
    return isEven(bins) ? apart(part, axis, bins) : rowsAlong(operation, part, axis, bins);
  }, x);
  if (cuts.every(({ bins }) => isEven(bins))) return max(parts, within);
  const masks = cuts.flatMap(({ bins }, k) => (isEven(bins) ? [] : [maskOf(bins, parts.rank - (within[k] ?? 1) - 1)]));
  const masked = (a: Expr, other: number): Expr => masks.reduce((kept, mask) => where(mask, kept, other), a);
  const value = max(masked(parts, -Infinity), within);
  return customNode(value, [parts], (g, [a = parts]) => {
    const largest = max(masked(a, -Infinity), within, { keepdims: true });
    // Elements beyond a bin are none that tie, also where the largest is -Infinity.
    const equal = (yes: Expr): Expr => masked(where(eq(a, largest), yes, 0), 0);
    const ties = sum(equal(cast(eq(a, a), a.dtype)), within, { keepdims: true });
    return [equal(div(reshape(g, largest.shape), where(eq(ties, 0), 1, ties)))];
  }, `${operation} ${within.join()}`);
}

/** bool: which of the rows' elements there are, with `behind` axes after them. */
function maskOf(bins: Cut['bins'], behind: number): Expr {
  const width = widthOf(bins);
  const there = bins.flatMap((bin) => Array.from({ length: width }, (_, k) => (k < bin.length ? 1 : 0)));
  return cast(literal(there, [bins.length, width, ...new Array<number>(behind).fill(1)], 'int32'), 'bool');
}

/** Whether the bins are equally long and share nothing. */
function isEven(bins: Cut['bins']): boolean {
  const width = widthOf(bins);
  return bins.every((bin, k) => bin.length === width && bin[0] === k * width);
}

/** `[..., n, ...]` as `[..., bins, n / bins, ...]`. */
function apart(x: Expr, axis: number, bins: Cut['bins']): Expr {
  return reshape(x, [...x.shape.slice(0, axis), bins.length, widthOf(bins), ...x.shape.slice(axis + 1)]);
}

function spatialAxes(x: Expr): number[] {
  return x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
}

function sizesOf(operation: string, spatial: number, x: Expr, size: PerAxis): readonly number[] {
  requireFloat(operation, x);
  if (x.rank !== spatial + 2) throw new ShapeError(`${operation}: ${describe(x)} should have ${spatial + 2} dimensions`);
  const empty = x.shape.indexOf(0, 2);
  if (empty >= 0) throw new ShapeError(`${operation}: axis ${empty} of ${describe(x)} has no elements to put into bins`);
  return perAxis(operation, 'size', size, spatial, 1, LONGEST_TABLE);
}

function cutsOf(operation: string, x: Expr, sizes: readonly number[]): readonly Cut[] {
  return sizes.map((count, k) => {
    const axis = 2 + k;
    const n = x.shape[axis];
    if (typeof n !== 'number') throw new ShapeError(`${operation}: axis ${axis} of ${describe(x)} has the open size ${String(n)}, and bins need a known one; a size of 1 for all axes takes any`);
    // In whole numbers: quotients would be rounded.
    const start = (i: number): number => (i * n - ((i * n) % count)) / count;
    const end = (i: number): number => start(i + 1) + ((i + 1) * n % count === 0 ? 0 : 1);
    const bins = Array.from({ length: count }, (_, i) => Array.from({ length: end(i) - start(i) }, (_, j) => start(i) + j));
    return { axis, bins };
  });
}
