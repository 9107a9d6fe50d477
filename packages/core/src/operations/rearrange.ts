/** Elements in other places along an axis, or there several times; differences of neighbours. */
import { iota, literal, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { multiplyDimensions, productOfDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Axes, Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { asList, normalizeAxis } from '../graph/shape.js';
import { mod, sub } from './elementwise.js';
import { gatherNode } from './indexing.js';
import { broadcastTo, concat, expandDims, reshape, sliceAlong } from './movement.js';
import { requireNumbers, requireTensor, requireWhole } from './operand-checks.js';

/**
 * Elements moved along axes by so many places; what leaves at one end comes in at the other, as in NumPy and torch.
 *
 * @param x any dtype
 * @param shift how far: a whole number, below 0 towards the beginning; one for every axis, or a list with one for each
 * @param axes one or several; without them the elements are rolled as one row and take their shape again
 * @throws {ShapeError} if there is no such axis, one is named twice, a shift is no whole number below 2^31, or there are not as many shifts as axes
 * @example roll(literal([1, 2, 3, 4], [4], 'int32'), 1)   // 4, 1, 2, 3
 */
export function roll(x: Expr, shift: number | readonly number[], axes?: Axes): Expr {
  requireTensor('roll', x);
  if (axes === undefined) {
    if (typeof shift !== 'number') throw new ShapeError('roll: of a list of shifts, each is for an axis of its own; say which axes, as in roll(x, [1, 2], [0, 1])');
    return reshape(rolled(reshape(x, [productOfDimensions(x.shape)]), checkedShift(shift), 0), x.shape);
  }
  const chosen = Array.from(typeof axes === 'number' ? [axes] : asList(axes, 'roll', 'the axes'), (axis) => normalizeAxis(axis, x.rank, 'roll'));
  const shifts = typeof shift === 'number' ? chosen.map(() => shift) : asList(shift, 'roll', 'the shifts');
  if (shifts.length !== chosen.length) throw new ShapeError(`roll: ${shifts.length} shifts for ${chosen.length} axes; give one for each, or one number for all`);
  if (new Set(chosen).size !== chosen.length) throw new ShapeError(`roll: an axis is named twice in [${chosen.join(', ')}]; add its shifts up`);
  const moves = chosen.map((axis, k) => ({ axis, by: checkedShift(shifts[k]) }));
  return moves.reduce((moved, { axis, by }) => rolled(moved, by, axis), x);
}

function checkedShift(shift: number | undefined): number {
  if (shift === undefined || !Number.isInteger(shift) || Math.abs(shift) >= 2 ** 31) throw new ShapeError(`roll: a shift must be a whole number below 2^31, not ${show(shift)}`);
  return shift;
}

function rolled(x: Expr, shift: number, axis: number): Expr {
  const n = x.shape[axis] ?? 1;
  if (n === 0 || shift === 0) return x;
  if (typeof n === 'number') {
    const split = n - (((shift % n) + n) % n);
    return split === n ? x : concat([sliceAlong(x, axis, [split, null]), sliceAlong(x, axis, [0, split])], axis);
  }
  const count = size(n, 'int32');
  return gatherNode(x, mod(sub(iota([n], 0), mod(shift, count)), count), axis, 'missing', 'roll');
}

/**
 * Each element so many times, one after the other, as NumPy's `repeat` and torch's `repeat_interleave`. `tile` repeats the whole; torch's `repeat` is that.
 *
 * @param x any dtype
 * @param count how often: a whole number of at least 0, or a list with one for each element of the axis
 * @param axis without one, the elements are repeated as one row, `[count * all]`
 * @throws {ShapeError} if there is no such axis, a count is no whole number of at least 0, or a list has not one for each element of an axis of known size
 * @example repeat(literal([1, 2], [2], 'int32'), 2)   // 1, 1, 2, 2
 */
export function repeat(x: Expr, count: number | readonly number[], axis?: number): Expr {
  requireTensor('repeat', x);
  const flat = axis === undefined ? reshape(x, [productOfDimensions(x.shape)]) : x;
  const at = normalizeAxis(axis ?? 0, flat.rank, 'repeat');
  const n = flat.shape[at] ?? 1;
  if (typeof count !== 'number') return each(flat, asList(count, 'repeat', 'the counts'), at);
  requireWhole('repeat', count, 'the count', 0);
  const repeated = broadcastTo(expandDims(flat, at + 1), [...flat.shape.slice(0, at + 1), count, ...flat.shape.slice(at + 1)]);
  return reshape(repeated, flat.shape.map((d, k) => (k === at ? multiplyDimensions(n, count) : d)));
}

/** Elements as often as the counts say. */
function each(x: Expr, counts: readonly number[], axis: number): Expr {
  for (const count of counts) requireWhole('repeat', count, 'a count', 0);
  if (x.shape[axis] !== counts.length) throw new ShapeError(`repeat: ${counts.length} counts for axis ${axis} of ${describe(x)}; there must be one for each element, or one number for all`);
  const indices = counts.flatMap((count, k) => Array.from({ length: count }, () => k));
  return gatherNode(x, literal(indices, [indices.length], 'int32'), axis, 'missing', 'repeat');
}

/** Options of `diff`. */
export interface DiffOptions {
  /** How often differences are taken of differences. A whole number; 0 leaves the tensor as it is. Default 1. */
  readonly n?: number;
  /** Default -1, the last. */
  readonly axis?: number;
}

/**
 * Differences of neighbours along an axis, `x[i + 1] - x[i]`, whose size is one less each time, and 0 at the least, as in NumPy and torch.
 *
 * @param x float32, float64 or int32, which wraps around; NumPy's differences of bool are `ne` of neighbours
 * @param options `n`, default 1; `axis`, default -1
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis, or n is no whole number of at least 0
 * @example diff(literal([1, 4, 9, 16], [4], 'float32'))   // 3, 5, 7
 */
export function diff(x: Expr, options?: DiffOptions): Expr {
  requireNumbers('diff', x);
  const { n = 1, axis = -1 } = checkOptions('diff', options, { n: option.unchecked, axis: option.unchecked });
  requireWhole('diff', n, 'the option n', 0);
  const at = normalizeAxis(axis, x.rank, 'diff');
  let differences = x;
  for (let k = 0; k < n && differences.shape[at] !== 0; k++) differences = sub(sliceAlong(differences, at, [1, null]), sliceAlong(differences, at, [null, -1]));
  return differences;
}
