/** Operations that move elements and compute nothing: reshape, transpose, broadcast, slice, pad, concat. */
import { brandOf } from '../graph/brand.js';
import { construct } from '../graph/construct.js';
import {
  addDimensions,
  atLeastZero,
  type Dimension,
  type DimensionLike,
  dimension,
  divideDimensions,
  fits,
  floorDivide,
  productOfDimensions,
  smaller,
  subtractDimensions,
} from '../graph/dimension.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import { describe } from '../graph/describe.js';
import type { Axes, Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { asList, broadcastShapes, formatShape, identicalShape, isList, normalizeAxes, normalizeAxis, sameShape, type Shape, type ShapeLike, toShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
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
  } else if (!fits(productOfDimensions(target), size)) {
    throw reshapeError(a, shape);
  }
  return identicalShape(a.shape, target) ? a : construct({ kind: 'reshape' }, [a], target, a.dtype);
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
  return given.length !== 1 || typeof first === 'number' || typeof first === 'string' || brandOf(first)?.kind === 'dimension';
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

/**
 * Repeats along new leading axes and axes of size 1, by NumPy's rule. Nothing is copied where it is used.
 *
 * @throws {ShapeError} if the operand does not broadcast to the shape
 */
export function broadcastTo(a: Expr, shape: ShapeLike): Expr {
  requireTensor('broadcastTo', a);
  const target = toShape(shape, 'broadcastTo');
  if (identicalShape(a.shape, target)) return a;
  const common = broadcastShapes(a.shape, target);
  if (common === undefined || !sameShape(common, target)) {
    throw new ShapeError(`broadcastTo: ${describe(a)} does not broadcast to ${formatShape(target)}`);
  }
  return construct({ kind: 'broadcast' }, [a], target, a.dtype);
}

/**
 * An axis of size 1 put in at `axis` of the result.
 *
 * @throws {ShapeError} if the result has no such axis
 */
export function expandDims(a: Expr, axis: number): Expr {
  requireTensor('expandDims', a);
  const at = normalizeAxis(axis, a.rank + 1, 'expandDims');
  return reshape(a, [...a.shape.slice(0, at), 1, ...a.shape.slice(at)]);
}

/**
 * Axes of size 1 taken out.
 *
 * @param axes all of size 1 by default
 * @throws {ShapeError} if there is no such axis, or it has another size
 */
export function squeeze(a: Expr, axes?: Axes): Expr {
  requireTensor('squeeze', a);
  const chosen =
    axes === undefined ? a.shape.flatMap((d, k) => (d === 1 ? [k] : [])) : normalizeAxes(axes, a.rank, 'squeeze');
  for (const axis of chosen) {
    if (!fits(a.shape[axis] ?? 1, 1)) throw new ShapeError(`squeeze: axis ${axis} of ${describe(a)} has not size 1`);
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

/**
 * Part of a tensor, one range an axis; axes without a range are taken whole. A range that reaches outside is cut short, as in Python,
 * whether the size is known or open. Of an open axis its size is what a call makes of it, `n - max(0, n - 5)` for `[0, 5]`; where
 * the graph compares sizes it counts as if nothing were cut (5), and a call in which the sizes then differ is a `ShapeError`.
 *
 * @throws {ShapeError} if there is no such element, an end or a step is no whole number, the step is 0, or there are too many ranges
 * @example x.slice([null, -1]).sub(x.slice([1, null])) // differences of neighbours
 */
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

/** Part of a tensor along one axis, counted from 0; the others are taken whole. */
export function sliceAlong(a: Expr, axis: number, range: Range): Expr {
  return slice(a, ...a.shape.map((_, k) => (k === axis ? range : null)));
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
  const parts = isList(range) ? reading('slice', ShapeError, (): readonly (number | null | undefined)[] => Array.from(range)) : [];
  if (parts.length < 2 || parts.length > 3) {
    throw new ShapeError(`slice: a range must be [start, end] or [start, end, step], a number or null, not ${show(range)}`);
  }
  const [first, last, step = 1] = parts;
  // A side that is not there is one left out.
  const [from, to] = [first ?? null, last ?? null];
  if (step === null || !Number.isInteger(step) || step === 0) throw new ShapeError(`slice: a step must be a whole number, not 0; got ${show(step)}`);
  for (const end of [from, to]) {
    if (end !== null && !Number.isInteger(end)) throw new ShapeError(`slice: the ends of a range must be whole numbers, not ${show(end)}`);
  }
  const stride = Math.abs(step);
  const { start, length } = step > 0 ? forwards(from, to, size) : backwards(from, to, size);
  return { start, step, size: stride === 1 ? length : floorDivide(addDimensions(length, stride - 1), stride) };
}

/** Where a range starts and the elements until its end, cut short at the ends of the axis. */
interface Stretch {
  readonly start: Dimension;
  readonly length: Dimension;
}

function forwards(from: number | null, to: number | null, size: Dimension): Stretch {
  const clamped = (i: number): Dimension => (i < 0 ? atLeastZero(addDimensions(size, i)) : smaller(size, i));
  const start = clamped(from ?? 0);
  const end = to === null ? size : clamped(to);
  // As short a polynomial as there is: one slice of a size is often written in two ways.
  if (from === null || from >= 0) {
    if (to === null || to < 0) return { start, length: atLeastZero(addDimensions(size, (to ?? 0) - (from ?? 0))) };
    return { start, length: to < (from ?? 0) ? 0 : subtractDimensions(end, start) };
  }
  if (to === null || (to < 0 && from <= to)) return { start, length: subtractDimensions(end, start) };
  return { start, length: to < 0 ? 0 : atLeastZero(subtractDimensions(end, start)) };
}

/** The same in reverse, where the ends are from -1 to the size - 1. */
function backwards(from: number | null, to: number | null, size: Dimension): Stretch {
  const last = addDimensions(size, -1);
  const clamped = (i: number): Dimension => (i < 0 ? addDimensions(atLeastZero(addDimensions(size, i + 1)), -1) : smaller(last, i));
  const start = from === null ? last : clamped(from);
  if (to === null) return { start, length: addDimensions(start, 1) };
  return { start, length: atLeastZero(subtractDimensions(start, clamped(to))) };
}

export function sliceNode(a: Expr, starts: readonly Dimension[], steps: readonly number[], shape: Shape): Expr {
  const whole = starts.every((s) => s === 0) && steps.every((s) => s === 1) && identicalShape(shape, a.shape);
  return whole ? a : construct({ kind: 'slice', starts, steps }, [a], shape, a.dtype);
}

/** The adjoint of a slice: zeros of `shape` with a's elements at `starts + i * steps`. */
export function padNode(a: Expr, starts: readonly Dimension[], steps: readonly number[], shape: Shape): Expr {
  const whole = starts.every((s) => s === 0) && steps.every((s) => s === 1) && identicalShape(shape, a.shape);
  return whole ? a : construct({ kind: 'pad', starts, steps }, [a], shape, a.dtype);
}

/**
 * Tensors of one dtype one behind the other along an axis; the other sizes are equal.
 *
 * @param axis 0 by default
 * @throws {GraphError} if there is none
 * @throws {ShapeError} if they differ in another axis
 * @throws {DTypeError} if their dtypes differ
 */
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
    if (part.rank !== first.rank || part.shape.some((d, k) => k !== at && !fits(d, first.shape[k] ?? 1))) {
      throw new ShapeError(`concat: ${describe(first)} and ${describe(part)} may differ in axis ${at} only`);
    }
    size = addDimensions(size, part.shape[at] ?? 0);
  }
  if (rest.length === 0) return first;
  return construct({ kind: 'concat', axis: at }, parts, first.shape.map((d, k) => (k === at ? size : d)), first.dtype);
}

/**
 * The value itself, a constant to `grad`: no gradient flows through.
 *
 * @throws {InputError} if it is no expression
 */
export function stopGradient(a: Expr): Expr {
  requireTensor('stopGradient', a);
  return construct({ kind: 'stopGradient' }, [a], a.shape, a.dtype);
}
