/** Sliding windows: views in which an axis becomes two, and the sum that undoes them. */
import { construct } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, type Dimension, divideDimensions, subtractDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { normalizeAxis, type Shape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add } from './elementwise.js';
import { padNode, sliceNode, squeeze } from './movement.js';
import { requireTensor } from './operand-checks.js';

/** Options of `window`. */
export interface WindowOptions {
  /** Elements from one window to the next. Default 1. */
  readonly stride?: number;
  /** Elements from one element of a window to its next. Default 1. */
  readonly dilation?: number;
}

/** How windows lie along an axis. */
export interface WindowPlan {
  readonly axis: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * Windows that slide along an axis: `[..., n, ...]` becomes `[..., count, size, ...]`, whose element `[i, j]` is element
 * `i * stride + j * dilation`. Nothing is copied where it is used; only whole windows count. The gradient adds what
 * overlaps.
 *
 * @throws {ShapeError} if the size, stride or dilation is no whole number of at least 1, the axis is shorter than one
 *   window (of an open axis: when called), or the stride is not 1 on an open dimension
 * @example window(signal, 0, 3).mean(1) // a moving average
 */
export function window(a: Expr, axis: number, size: number, options?: WindowOptions): Expr {
  requireTensor('window', a);
  const { stride = 1, dilation = 1 } = checkOptions('window', options, { stride: option.unchecked, dilation: option.unchecked });
  const along = normalizeAxis(axis, a.rank, 'window');
  for (const [what, value] of Object.entries({ size, stride, dilation })) {
    if (!Number.isInteger(value) || value < 1) throw new ShapeError(`window: the ${what} must be a whole number of at least 1, not ${show(value)}`);
  }
  const count = windowCount('window', a, along, size, stride, dilation);
  const shape = [...a.shape.slice(0, along), count, size, ...a.shape.slice(along + 1)];
  return construct({ kind: 'window', axis: along, stride, dilation }, [a], shape, a.dtype);
}

/** How many whole windows an axis holds. */
export function windowCount(operation: string, a: Expr, axis: number, size: number, stride: number, dilation: number): Dimension {
  const length = a.shape[axis] ?? 1;
  const span = dilation * (size - 1) + 1;
  if (typeof length === 'number') {
    if (length < span) throw new ShapeError(`${operation}: axis ${axis} of ${describe(a)} is shorter than one window of ${span}`);
    return Math.floor((length - span) / stride) + 1;
  }
  const count = subtractDimensions(length, span - 1);
  if (stride === 1) return count;
  // Windows that fill the axis: the count is that of strides.
  const whole = span <= stride ? divideDimensions(length, stride) : undefined;
  if (whole === undefined) throw new ShapeError(`${operation}: a stride of ${stride} on the open dimension ${length.toString()} of ${describe(a)} needs a known size`);
  return whole;
}

/** The adjoint of `window`: `[..., count, size, ...]` added up into zeros of `shape`. */
export function fold(g: Expr, { axis, stride, dilation }: WindowPlan, shape: Shape): Expr {
  const size = g.shape[axis + 1];
  if (typeof size !== 'number') throw new ShapeError('fold: the size of a window must be known');
  const reach = dilation * (size - 1);
  // Each window at the place of its last element, zeros around: element j of a window is `dilation * (size - 1 - j)` before that.
  const along = <T>(chosen: T, other: T): T[] => g.shape.map((_, k) => (k === axis ? chosen : other));
  const length = shape[axis] ?? 1;
  const spread = padNode(g, along(reach, 0), along(stride, 1), g.shape.map((d, k) => (k === axis ? addDimensions(length, reach) : d)));
  const part = spread.shape.map((d, k) => (k === axis ? length : k === axis + 1 ? 1 : d));
  const parts = Array.from({ length: size }, (_, j) => {
    const starts = spread.shape.map((_d, k) => (k === axis ? dilation * (size - 1 - j) : k === axis + 1 ? j : 0));
    return squeeze(sliceNode(spread, starts, starts.map(() => 1), part), axis + 1);
  });
  return parts.reduce(add);
}
