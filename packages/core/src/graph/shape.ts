/** Shapes: lists of dimensions, NumPy broadcasting, axes. */
import { type Dimension, type DimensionLike, dimension, fits } from './dimension.js';
import { ShapeError } from '../errors.js';
import { reading } from '../arguments/fields.js';
import { show } from '../arguments/show.js';

/** The sizes of a tensor's axes; of a scalar none. */
export type Shape = readonly Dimension[];

/** What a user writes for a shape; a number is a vector of that length. */
export type ShapeLike = number | readonly DimensionLike[];

/** @param operation the function that was called, for messages */
export function toShape(like: ShapeLike, operation?: string): Shape {
  return Array.from(typeof like === 'number' ? [like] : asList(like, operation, 'a shape'), (size) => dimension(size, operation));
}

/** As `Array.isArray`, for arrays that nobody changes; a proxy that was revoked is none. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * The entries of an array, read once.
 *
 * @throws {ShapeError} unless it is an array that can be read
 */
export function asList<T>(value: readonly T[], operation: string | undefined, what: string): readonly T[] {
  if (isList(value)) return reading(operation ?? what, ShapeError, () => Array.from(value));
  throw new ShapeError(`${operation === undefined ? '' : `${operation}: `}${what} must be a list, such as [1, 2], not ${show(value)}`);
}

/** The entries in an array that cannot be changed: the one given, if it is such. */
export function frozen<T>(list: readonly T[]): readonly T[] {
  return Object.isFrozen(list) ? list : Object.freeze([...list]);
}

/** A shape for messages, as in `[batch, 784]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.map(String).join(', ')}]`;
}

/** Whether two shapes are equal where no slice is cut short; `checkSizes` finds where they are not. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, k) => fits(d, b[k] ?? 1));
}

/** Whether two shapes are equal in every call. */
export function identicalShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, k) => d === b[k]);
}

/** The common shape of NumPy's rule: aligned at the last axis, a size of 1 stretches. Undefined if there is none. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dimension[] = [];
  for (let k = 0; k < rank; k++) {
    const x = a[k - rank + a.length] ?? 1;
    const y = b[k - rank + b.length] ?? 1;
    if (!fits(x, y) && !fits(x, 1) && !fits(y, 1)) return undefined;
    // Beside 1 a size stays what it is, also one that is 1 where nothing is cut: a call may make it 0.
    result.push(y !== 1 && fits(x, 1) ? y : x);
  }
  return result;
}

/** An axis counted from 0, from one that may count from the end (-1 is the last). */
export function normalizeAxis(axis: number, rank: number, operation: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      rank === 0
        ? `${operation}: a scalar has no axis ${show(axis)}`
        : `${operation}: axis ${show(axis)} is not one of -${rank} to ${rank - 1} of a tensor of ${rank} dimensions`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from 0, sorted, each once; all of them where none is named. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  operation: string,
): readonly number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, k) => k);
  const list = Array.from(typeof axes === 'number' ? [axes] : asList(axes, operation, 'the axes, before the options,'), (axis) => normalizeAxis(axis, rank, operation));
  if (new Set(list).size !== list.length) {
    throw new ShapeError(`${operation}: an axis is named twice in [${list.join(', ')}]`);
  }
  return list.sort((a, b) => a - b);
}

/** Elements of a shape of numbers. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = (strides[k + 1] ?? 1) * (shape[k + 1] ?? 1);
  return strides;
}
