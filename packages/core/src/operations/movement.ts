/** Operations that move elements and compute nothing: reshape, transpose, broadcast, slice, pad, concat. */
import { construct } from '../construct.js';
import {
  addDimensions,
  type Dimension,
  type DimensionLike,
  dimension,
  divideDimensions,
  OpenDimension,
  productOfDimensions,
  subtractDimensions,
} from '../dimension.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import { describe } from '../describe.js';
import type { Axes, Expr } from '../expr.js';
import { asList, broadcastShapes, formatShape, isList, normalizeAxes, normalizeAxis, sameShape, type Shape, type ShapeLike, toShape } from '../shape.js';
import { show } from '../show.js';
import { requireTensor, requireTensors } from './operand-checks.js';

/**
 * The same elements in row-major order under another shape, given as a list or as arguments; one size may be -1, and is worked out.
 *
 * @throws {ShapeError} if the elements do not fill the shape, or more than one size is -1
 * @example reshape(x, [-1, 28, 28])
 */
export function reshape(a: Expr, ...given: ListOrEntries<DimensionLike>): Expr {
  requireTensor('reshape', a);
  const shape = listOf('reshape', 'the shape', given);
  const unknown = shape.indexOf(-1);
  const target = Array.from(shape, (d): Dimension => (d === -1 ? 1 : dimension(d, 'reshape')));
  if (unknown !== shape.lastIndexOf(-1)) throw new ShapeError(`reshape: [${shape.map(String).join(', ')}] leaves more than one size to be worked out; only one may be -1`);
  const known = target.filter((_, k) => k !== unknown);
  const size = productOfDimensions(a.shape);
  if (unknown >= 0) {
    const rest = divideDimensions(size, productOfDimensions(known));
    if (rest === undefined) throw reshapeError(a, shape);
    target[unknown] = rest;
  } else if (productOfDimensions(target) !== size) {
    throw reshapeError(a, shape);
  }
  return sameShape(a.shape, target) ? a : construct({ kind: 'reshape' }, [a], target, a.dtype);
}

function reshapeError(a: Expr, shape: readonly DimensionLike[]): ShapeError {
  return new ShapeError(
    `reshape: ${describe(a)} has ${String(productOfDimensions(a.shape))} elements, which do not fill [${shape.map(String).join(', ')}]`,
  );
}

/** One list, or what stands in the place of its entries. */
function listOf<T>(operation: string, what: string, given: ListOrEntries<T>): readonly T[] {
  return areEntries(given) ? given : asList(given[0], operation, what);
}

/** One list, or its entries as arguments. */
export type ListOrEntries<T> = readonly T[] | readonly [list: readonly T[]];

function isNothing(given: readonly unknown[] | readonly [undefined]): given is readonly [undefined] {
  return given.length === 0 || (given.length === 1 && given[0] === undefined);
}

function areEntries<T>(given: ListOrEntries<T>): given is readonly T[] {
  const [first] = given;
  return given.length !== 1 || typeof first === 'number' || typeof first === 'string' || first instanceof OpenDimension;
}

/**
 * Axis k of the result is axis `permutation[k]`, given as a list or as arguments; without one, the axes are reversed.
 *
 * @throws {ShapeError} if it is no permutation of the axes
 */
export function transpose(a: Expr, ...given: ListOrEntries<number> | readonly [undefined]): Expr {
  requireTensor('transpose', a);
  const permutation = isNothing(given) ? a.shape.map((_, k) => a.rank - 1 - k) : listOf('transpose', 'the permutation', given);
  const axes = Array.from(permutation, (axis) => normalizeAxis(axis, a.rank, 'transpose'));
  if (axes.length !== a.rank || new Set(axes).size !== a.rank) {
    throw new ShapeError(`transpose: [${axes.join(', ')}] is no permutation of the ${a.rank} axes of ${describe(a)}`);
  }
  if (axes.every((axis, k) => axis === k)) return a;
  const shape = axes.map((axis) => a.shape[axis] ?? 1);
  return construct({ kind: 'transpose', permutation: axes }, [a], shape, a.dtype);
}

/** The last two axes swapped. */
export function swapLast(a: Expr): Expr {
  const axes = a.shape.map((_, k) => k);
  return transpose(a, [...axes.slice(0, -2), a.rank - 1, a.rank - 2]);
}

/** Repeats along new leading axes and axes of size 1, by NumPy's rule. */
export function broadcastTo(a: Expr, shape: ShapeLike): Expr {
  requireTensor('broadcastTo', a);
  const target = toShape(shape, 'broadcastTo');
  if (sameShape(a.shape, target)) return a;
  const common = broadcastShapes(a.shape, target);
  if (common === undefined || !sameShape(common, target)) {
    throw new ShapeError(`broadcastTo: ${describe(a)} does not broadcast to ${formatShape(target)}`);
  }
  return construct({ kind: 'broadcast' }, [a], target, a.dtype);
}

/** An axis of size 1 put in at `axis` of the result. */
export function expandDims(a: Expr, axis: number): Expr {
  requireTensor('expandDims', a);
  const at = normalizeAxis(axis, a.rank + 1, 'expandDims');
  return reshape(a, [...a.shape.slice(0, at), 1, ...a.shape.slice(at)]);
}

/** Axes of size 1 taken out: those named, or all. */
export function squeeze(a: Expr, axes?: Axes): Expr {
  requireTensor('squeeze', a);
  const chosen =
    axes === undefined ? a.shape.flatMap((d, k) => (d === 1 ? [k] : [])) : normalizeAxes(axes, a.rank, 'squeeze');
  for (const axis of chosen) {
    if (a.shape[axis] !== 1) throw new ShapeError(`squeeze: axis ${axis} of ${describe(a)} has not size 1`);
  }
  return reshape(a, a.shape.filter((_, k) => !chosen.includes(k)));
}

/** The shape with the axes put back as size 1, where a reduction dropped them. */
export function restoreAxes(a: Expr, axes: readonly number[], rank: number): Expr {
  let next = 0;
  const shape: Dimension[] = [];
  for (let k = 0; k < rank; k++) shape.push(axes.includes(k) ? 1 : (a.shape[next++] ?? 1));
  return reshape(a, shape);
}

/**
 * A range of one axis: `[start, end]` or `[start, end, step]` as in Python (`end` excluded, negative numbers count from
 * the end, null leaves a side out); a number takes that element and drops the axis; null takes all.
 */
export type Range = number | null | readonly [start: number | null, end: number | null, step?: number];

/** Part of a tensor, one range an axis; axes without a range are taken whole. */
export function slice(a: Expr, ...ranges: readonly Range[]): Expr {
  requireTensor('slice', a);
  if (ranges.length > a.rank) {
    throw new ShapeError(`slice: ${ranges.length} ranges for the ${a.rank} axes of ${describe(a)}`);
  }
  const resolved = a.shape.map((size, k) => resolveRange(ranges[k] ?? null, size, a, k));
  const shape = resolved.map((r) => r.size);
  const sliced = sliceNode(a, resolved.map((r) => r.start), resolved.map((r) => r.step), shape);
  return reshape(sliced, shape.filter((_, k) => typeof ranges[k] !== 'number'));
}

interface ResolvedRange {
  readonly start: Dimension;
  readonly step: number;
  readonly size: Dimension;
}

function resolveRange(range: Range, size: Dimension, a: Expr, axis: number): ResolvedRange {
  if (range === null) return { start: 0, step: 1, size };
  if (typeof range === 'number') {
    if (!Number.isInteger(range) || (typeof size === 'number' && (range < -size || range >= size))) {
      throw new ShapeError(`slice: ${describe(a)} has no element ${show(range)} on axis ${axis}`);
    }
    return { start: range < 0 ? addDimensions(size, range) : range, step: 1, size: 1 };
  }
  if (!isList(range) || range.length > 3) {
    throw new ShapeError(`slice: a range must be [start, end] or [start, end, step], a number or null, not ${show(range)}`);
  }
  const [first, last, step = 1] = range;
  // A side that is not there is one left out.
  const [from, to] = [first ?? null, last ?? null];
  if (!Number.isInteger(step) || step === 0) throw new ShapeError(`slice: a step must be a whole number, not 0; got ${show(step)}`);
  for (const end of [from, to]) {
    if (end !== null && !Number.isInteger(end)) throw new ShapeError(`slice: the ends of a range must be whole numbers, not ${show(end)}`);
  }
  if (typeof size === 'number') {
    const clamp = (i: number): number => Math.min(Math.max(i < 0 ? i + size : i, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
    const start = from === null ? (step < 0 ? size - 1 : 0) : clamp(from);
    const end = to === null ? (step < 0 ? -1 : size) : clamp(to);
    return { start, step, size: Math.max(0, Math.ceil((end - start) / step)) };
  }
  if (step !== 1) {
    if (step === -1 && from === null && to === null) return { start: addDimensions(size, -1), step, size };
    throw new ShapeError(`slice: a step of ${step} on the open dimension ${size.toString()} of ${describe(a)} needs a known size`);
  }
  const absolute = (i: number): Dimension => (i < 0 ? addDimensions(size, i) : i);
  const start = from === null ? 0 : absolute(from);
  const end = to === null ? size : absolute(to);
  const length = subtractDimensions(end, start);
  return { start, step, size: typeof length === 'number' ? Math.max(0, length) : length };
}

export function sliceNode(a: Expr, starts: readonly Dimension[], steps: readonly number[], shape: Shape): Expr {
  const whole = starts.every((s) => s === 0) && steps.every((s) => s === 1) && sameShape(shape, a.shape);
  return whole ? a : construct({ kind: 'slice', starts, steps }, [a], shape, a.dtype);
}

/** The adjoint of a slice: zeros of `shape` with a's elements at `starts + i * steps`. */
export function padNode(a: Expr, starts: readonly Dimension[], steps: readonly number[], shape: Shape): Expr {
  const whole = starts.every((s) => s === 0) && steps.every((s) => s === 1) && sameShape(shape, a.shape);
  return whole ? a : construct({ kind: 'pad', starts, steps }, [a], shape, a.dtype);
}

/** Tensors joined along an axis; the other sizes are equal. */
export function concat(parts: readonly Expr[], axis = 0): Expr {
  requireTensors('concat', parts, 'the tensors');
  const [first, ...rest] = parts;
  if (first === undefined) throw new GraphError('concat: needs at least one tensor');
  const at = normalizeAxis(axis, first.rank, 'concat');
  let size = first.shape[at] ?? 0;
  for (const part of rest) {
    if (part.dtype !== first.dtype) {
      throw new DTypeError(`concat: ${describe(first)} and ${describe(part)} differ in dtype; cast one of them`);
    }
    if (part.rank !== first.rank || part.shape.some((d, k) => k !== at && d !== first.shape[k])) {
      throw new ShapeError(`concat: ${describe(first)} and ${describe(part)} may differ in axis ${at} only`);
    }
    size = addDimensions(size, part.shape[at] ?? 0);
  }
  if (rest.length === 0) return first;
  return construct({ kind: 'concat', axis: at }, parts, first.shape.map((d, k) => (k === at ? size : d)), first.dtype);
}

/** The value itself, a constant to `grad`. */
export function stopGradient(a: Expr): Expr {
  requireTensor('stopGradient', a);
  return construct({ kind: 'stopGradient' }, [a], a.shape, a.dtype);
}
