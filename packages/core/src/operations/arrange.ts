/** Movement composed of other movement: stack, split, flip, tile, pad. */
import { iota, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, dimension, type Dimension, type DimensionLike, divideDimensions, multiplyDimensions } from '../graph/dimension.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../errors.js';
import type { Axes, Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { asList, formatShape, normalizeAxes, normalizeAxis, sameShape, type Shape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { and, lt, ge, where } from './elementwise.js';
import { broadcastTo, concat, expandDims, padNode, type Range, reshape, slice, sliceNode } from './movement.js';
import { lift, requireTensor, requireTensors, requireWhole } from './operand-checks.js';
import { extended, type ExtensionMode, type Width } from './padding.js';

/**
 * Tensors of one shape and dtype side by side along a new axis of the result.
 *
 * @param axis of the result; 0 by default
 * @throws {GraphError} if there is none
 * @throws {ShapeError} if their shapes differ
 * @throws {DTypeError} if their dtypes differ
 * @example stack([a, b]) // [2, ...a.shape]
 */
export function stack(parts: readonly Expr[], axis = 0): Expr {
  requireTensors('stack', parts, 'the tensors');
  const [first] = parts;
  if (first === undefined) throw new GraphError('stack: needs at least one tensor');
  for (const part of parts) {
    if (!sameShape(part.shape, first.shape)) throw new ShapeError(`stack: ${describe(first)} and ${describe(part)} differ in shape`);
    if (part.dtype !== first.dtype) throw new DTypeError(`stack: ${describe(first)} and ${describe(part)} differ in dtype; cast one of them`);
  }
  const at = normalizeAxis(axis, first.rank + 1, 'stack');
  return concat(parts.map((part) => expandDims(part, at)), at);
}

/**
 * The parts of a tensor along an axis.
 *
 * @param sections how many parts of equal size, or the sizes of the parts, which sum up to that of the axis
 * @param axis 0 by default
 * @throws {ShapeError} if the parts do not make up the axis
 * @example const [query, key, value] = split(x.matmul(w), 3, -1);
 */
export function split(a: Expr, sections: number | readonly DimensionLike[], axis = 0): Expr[] {
  requireTensor('split', a);
  const along = normalizeAxis(axis, a.rank, 'split');
  const whole = a.shape[along] ?? 1;
  const sizes = typeof sections === 'number' ? equalParts(a, along, whole, sections) : Array.from(asList(sections, 'split', 'the sections'), (part) => dimension(part, 'split'));
  const total = sizes.reduce(addDimensions, 0);
  if (total !== whole) {
    throw new ShapeError(`split: the sizes ${formatShape(sizes)} sum up to ${String(total)}, and axis ${along} of ${describe(a)} has ${String(whole)}`);
  }
  return sizes.map((part, n) => {
    const start = sizes.slice(0, n).reduce(addDimensions, 0);
    return sliceNode(a, a.shape.map((_, k) => (k === along ? start : 0)), a.shape.map(() => 1), a.shape.map((d, k) => (k === along ? part : d)));
  });
}

function equalParts(a: Expr, axis: number, whole: Dimension, count: number): Dimension[] {
  if (!Number.isInteger(count) || count < 1) throw new ShapeError(`split: the number of parts must be a whole number of at least 1, not ${show(count)}`);
  const part = divideDimensions(whole, count);
  if (part === undefined) throw new ShapeError(`split: axis ${axis} of ${describe(a)} does not divide into ${count} equal parts; give their sizes`);
  return Array.from({ length: count }, () => part);
}

/**
 * The elements in reverse order along the axes.
 *
 * @param axes all by default
 * @throws {ShapeError} if there is no such axis
 */
export function flip(a: Expr, axes?: Axes): Expr {
  requireTensor('flip', a);
  const chosen = normalizeAxes(axes, a.rank, 'flip');
  return slice(a, ...a.shape.map((_, k): Range => (chosen.includes(k) ? [null, null, -1] : null)));
}

/**
 * The whole tensor repeated along its axes, as NumPy's `tile`.
 *
 * @param repeats how often along each axis; a shorter list is of the last axes, a longer one makes new axes in front
 * @throws {ShapeError} if a number of repeats is no whole number of at least 0
 * @example tile(row, [3, 1]) // three rows
 */
export function tile(a: Expr, repeats: readonly number[]): Expr {
  requireTensor('tile', a);
  for (const count of asList(repeats, 'tile', 'the repeats')) requireWhole('tile', count, 'the number of repeats', 0);
  const rank = Math.max(a.rank, repeats.length);
  const counts = Array.from({ length: rank }, (_, k) => repeats[k - rank + repeats.length] ?? 1);
  const sizes = Array.from({ length: rank }, (_, k) => a.shape[k - rank + a.rank] ?? 1);
  // An axis of its own for the repeats, in front of each axis that has any.
  const axesOf = (k: number, count: number): Dimension[] => (counts[k] === 1 ? [] : [count]);
  const apart = reshape(a, sizes.flatMap((d, k) => [...axesOf(k, 1), d]));
  const repeated = broadcastTo(apart, sizes.flatMap((d, k) => [...axesOf(k, counts[k] ?? 1), d]));
  return reshape(repeated, sizes.map((d, k) => multiplyDimensions(d, counts[k] ?? 1)));
}

/** Options of `pad`. */
export interface PadOptions {
  /** What the new elements are by the mode `'constant'`; one of the dtype's values. Default 0. */
  readonly value?: number;
  /**
   * Whose elements the new ones are, as of NumPy's `pad`; of 1, 2, 3 and widths of 2: `'constant'`, the default: nobody's, but a value. `'edge'`: the
   * nearest, 1 1 1 2 3 3 3; torch's `replicate`. `'reflect'`: mirrored about the element at the edge, 3 2 1 2 3 2 1. `'symmetric'`: mirrored about the edge
   * behind it, 2 1 1 2 3 3 2. `'wrap'`: from the other end, 2 3 1 2 3 1 2; torch's `circular`.
   */
  readonly mode?: 'constant' | ExtensionMode;
}

const PAD = { value: option.unchecked, mode: ['constant', 'edge', 'reflect', 'symmetric', 'wrap'] } as const satisfies OptionTable<PadOptions>;

/**
 * New elements around a tensor: of one value, or its own ones as the mode says. Where more are wanted than there are, they go on and on: mirrored there
 * and back, or around again, as in NumPy; torch refuses that. One element reflected is itself. Of several axes the new elements at the
 * corners are those of both. The gradient of an element is the sum of those of all that repeat it.
 *
 * @param widths how many before and after on each axis, one entry an axis: `[before, after]`, or one number for both
 * @param options `mode`, default `'constant'`; `value`, default 0, of that mode
 * @throws {ShapeError} if there is not one entry an axis, or a width is no whole number of at least 0; `slice` takes away; or if an axis that is
 *   padded by its own elements has none, from a call if its size is open
 * @throws {DTypeError} if the value is none of the dtype
 * @throws {InputError} if a mode is none, or there is a value beside one that has its own elements
 * @example pad(images, [0, [1, 1], [1, 1]])
 * @example pad(signal, [0, 3], { mode: 'reflect' })
 */
export function pad(a: Expr, widths: readonly (number | readonly [before: number, after: number])[], options?: PadOptions): Expr {
  requireTensor('pad', a);
  const { value, mode = 'constant' } = checkOptions('pad', options, PAD);
  if (asList(widths, 'pad', 'the widths').length !== a.rank) throw new ShapeError(`pad: ${widths.length} widths for the ${a.rank} axes of ${describe(a)}`);
  const pairs = Array.from(widths, (width) => (typeof width === 'number' ? ([width, width] as const) : width));
  for (const pair of pairs) {
    if (asList(pair, 'pad', 'a width').length !== 2) throw new ShapeError(`pad: a width must be a number or [before, after], not ${show(pair)}`);
    for (const width of pair) {
      if (!Number.isInteger(width) || width < 0) throw new ShapeError(`pad: a width must be a whole number of at least 0, not ${show(width)}; slice takes elements away`);
    }
  }
  const shape = a.shape.map((size, k) => addDimensions(size, (pairs[k]?.[0] ?? 0) + (pairs[k]?.[1] ?? 0)));
  if (shape.some((d) => typeof d === 'number' && d >= 2 ** 31)) throw new ShapeError(`pad: the result ${formatShape(shape)} would be larger than int32 can count`);
  if (mode !== 'constant') {
    if (value !== undefined) throw new InputError(`pad: the option value is what the mode 'constant' pads with; the mode '${mode}' pads with elements of the tensor`);
    return extended(a, pairs, mode);
  }
  return filled(a, pairs, shape, value);
}

/** With a value around. */
function filled(a: Expr, pairs: readonly Width[], shape: Shape, value = 0): Expr {
  if (typeof value !== 'number' && typeof value !== 'boolean') throw new InputError(`pad: the option value must be a number, not ${show(value)}`);
  const filling = lift(value, a.dtype, 'pad');
  const padded = padNode(a, pairs.map(([before]) => before), pairs.map(() => 1), shape);
  if (Object.is(value, 0)) return padded;
  const bounds = pairs.flatMap(([before, after], axis) => {
    const index = iota(shape, axis);
    const end = size(addDimensions(a.shape[axis] ?? 1, before), 'int32');
    return [...(before > 0 ? [ge(index, before)] : []), ...(after > 0 ? [lt(index, end)] : [])];
  });
  return bounds.length === 0 ? a : where(bounds.reduce((one, other) => and(one, other)), padded, filling);
}
