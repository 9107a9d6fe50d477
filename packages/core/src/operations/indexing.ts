/** Reading and adding at computed positions: embedding look-up, its adjoint, one-hot rows the cheap way. */
import { construct, iota, size } from '../graph/construct.js';
import { checkConstantIndices } from '../run/check-indices.js';
import { describe } from '../graph/describe.js';
import { type Dimension, productOfDimensions } from '../graph/dimension.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { Outside } from '../graph/node.js';
import { formatShape, normalizeAxis, sameShape, type Shape } from '../graph/shape.js';
import { add, mul, where } from './elementwise.js';
import { type IndexOptions, inRange, resolveIndices } from './index-range.js';
import { broadcastTo, reshape } from './movement.js';
import { requireTensor } from './operand-checks.js';

/**
 * Parts of `a` along an axis, as NumPy's `take`: for `[n, d]`, axis 0 and indices `[batch, time]`, `[batch, time, d]`. An index that is
 * not from 0 to n - 1 is an error where it is a constant or an input of the call, and reads NaN elsewhere (of int32 the least
 * number, of bool false); the options give it other meanings. The gradient adds nothing for it.
 *
 * @param axis default 0
 * @param options `mode`, default `'fill'`; `fromEnd`, default false
 * @throws {DTypeError} if the indices are not int32
 * @throws {ShapeError} if `a` has no such axis; or if its size is 0 and a part is taken, from a call if the size is open
 * @throws {InputError} if an index is out of range and a constant, or given to the call; or if an option is none
 * @example const embedded = table.take(tokens);   // [vocabulary, d] and [batch, time] give [batch, time, d]
 */
export function take(a: Expr, indices: Expr, axis = 0, options?: IndexOptions): Expr {
  requireTensor('take', a);
  const along = normalizeAxis(axis, a.rank, 'take');
  const resolved = checkedIndices('take', a, indices, along, options);
  return gatherNode(a, resolved, along, 'missing', 'take');
}

/**
 * Elements of `a` along an axis, one for each index, as PyTorch's `gather` and NumPy's `take_along_axis`: for axis 1 of
 * `[n, d]`, y_ij = a_(i, indices_ij). The other axes have the sizes of `a`, or broadcast. An index out of range is what it is to `take`.
 *
 * @param indices of a's rank; the result has their size along the axis
 * @param axis default 0
 * @param options `mode`, default `'fill'`; `fromEnd`, default false
 * @throws {DTypeError} if the indices are not int32
 * @throws {ShapeError} if `a` has no such axis, or the indices have another rank or other sizes beside it; or if its size is 0 and an
 * element is taken, from a call if the size is open
 * @throws {InputError} if an index is out of range and a constant, or given to the call; or if an option is none
 * @example const chosen = gather(logits, labels.expandDims(1), 1);   // [batch, classes] and [batch, 1] give [batch, 1]
 */
export function gather(a: Expr, indices: Expr, axis = 0, options?: IndexOptions): Expr {
  return gatherFor('gather', a, indices, axis, options);
}

/** `gather` for the function that was called. */
export function gatherFor(operation: string, a: Expr, indices: Expr, axis: number, options?: IndexOptions): Expr {
  requireTensor(operation, a);
  const along = normalizeAxis(axis, a.rank, operation);
  const extent = extentOf(a, along);
  const resolved = resolveIndices(operation, indices, extent, options);
  const shape = gatheredShape(a, indices, along);
  checkTaken(operation, a, along, shape);
  checkConstantIndices(operation, resolved, extent);
  // Nothing to gather from, and nothing gathered.
  if (a.shape.includes(0)) return reshape(a, shape);
  const position = a.shape.reduce((sum: Expr | undefined, other, k) => {
    if (other === 1 && k !== along) return sum;
    const index = k === along ? broadcastTo(resolved, shape) : iota(shape, k);
    const term = mul(index, size(productOfDimensions(a.shape.slice(k + 1)), 'int32'));
    return sum === undefined ? term : add(sum, term);
  }, undefined);
  // An index outside of its axis would be inside of another row.
  const inside = where(broadcastTo(inRange(operation, resolved, extent), shape), position ?? broadcastTo(resolved, shape), -1);
  return gatherNode(reshape(a, [productOfDimensions(a.shape)]), inside, 0, 'missing', operation);
}

function gatheredShape(a: Expr, indices: Expr, along: number): Shape {
  if (indices.rank !== a.rank) {
    throw new ShapeError(`gather: the indices ${describe(indices)} must have the ${a.rank} axes of ${describe(a)}; take reads whole parts`);
  }
  return a.shape.map((extent, k) => {
    const given = indices.shape[k] ?? 1;
    if (k !== along && extent !== given && extent !== 1 && given !== 1) {
      throw new ShapeError(`gather: ${describe(a)} and the indices ${describe(indices)} may differ in axis ${along} only; axis ${k} has sizes ${String(extent)} and ${String(given)}`);
    }
    return k === along || extent === 1 ? given : extent;
  });
}

/**
 * `a` with updates added at indices along an axis: the adjoint of `take`. An index that comes several times adds several times; what
 * falls on one place is summed to the last places, in an order that the sizes and indices alone decide. An index out of range is an
 * error where it is a constant or an input of the call, and adds nothing elsewhere; its update then has the gradient 0.
 *
 * @param updates of the shape that `take(a, indices, axis)` has
 * @param options `mode`, default `'fill'`; `fromEnd`, default false
 * @throws {DTypeError} if the indices are not int32, or the updates have another dtype than `a`
 * @throws {ShapeError} if the updates have another shape; or if the axis has size 0 and there is an update, from a call if the size is open
 * @throws {InputError} if an index is out of range and a constant, or given to the call; or if an option is none
 */
export function scatterAdd(a: Expr, indices: Expr, updates: Expr, axis = 0, options?: IndexOptions): Expr {
  const { along, places, parts } = scattered('scatterAdd', a, indices, updates, axis, options);
  return add(a, scatterNode(places, parts, along, a.shape));
}

/** What a scatter is given, checked. */
export interface Scattered {
  /** The axis, from 0 on. */
  readonly along: number;
  /** The indices; those that have no place are out of range. */
  readonly places: Expr;
  /** The updates, of the shape that `take` has. */
  readonly parts: Expr;
}

/** The operands of `scatterAdd` for the function that was called. */
export function scattered(operation: string, a: Expr, indices: Expr, updates: Expr, axis: number, options?: IndexOptions, takesBool = false): Scattered {
  requireTensor(operation, a);
  requireTensor(operation, updates, 'the updates');
  const along = normalizeAxis(axis, a.rank, operation);
  const places = checkedIndices(operation, a, indices, along, options);
  const shape = takenShape(a.shape, indices.shape, along);
  if (updates.dtype !== a.dtype || (a.dtype === 'bool' && !takesBool)) {
    throw new DTypeError(`${operation}: ${describe(updates)} is ${updates.dtype}, ${describe(a)} ${a.dtype}; they must have one dtype${takesBool ? '' : ', and not bool'}`);
  }
  if (!sameShape(updates.shape, shape)) {
    throw new ShapeError(`${operation}: the updates ${describe(updates)} should have the shape ${formatShape(shape)}`);
  }
  return { along, places, parts: broadcastTo(updates, shape) };
}

/** Parts of `a` at indices along an axis; `outside` is what an index out of range reads. */
export function gatherNode(a: Expr, indices: Expr, axis: number, outside: Outside, operation: string): Expr {
  return construct({ kind: 'gather', axis, outside, operation }, [a, indices], takenShape(a.shape, indices.shape, axis), a.dtype);
}

/** Zeros of `shape` with the updates added; those of indices out of range are not. */
export function scatterNode(indices: Expr, updates: Expr, axis: number, shape: Shape, operation = 'scatterAdd'): Expr {
  return construct({ kind: 'scatter', axis, operation }, [indices, updates], shape, updates.dtype);
}

function takenShape(whole: Shape, indices: Shape, axis: number): Shape {
  return [...whole.slice(0, axis), ...indices, ...whole.slice(axis + 1)];
}

function extentOf(a: Expr, axis: number): Dimension {
  const extent = a.shape[axis];
  if (extent === undefined) throw new ShapeError(`${describe(a)} has no axis ${axis}`);
  return extent;
}

function checkedIndices(operation: string, a: Expr, indices: Expr, axis: number, options: IndexOptions | undefined): Expr {
  const extent = extentOf(a, axis);
  const resolved = resolveIndices(operation, indices, extent, options);
  checkTaken(operation, a, axis, indices.shape);
  checkConstantIndices(operation, resolved, extent);
  return resolved;
}

/** @param taken the shape of what is taken; where its sizes or that of the axis are open, a call checks them */
function checkTaken(operation: string, a: Expr, axis: number, taken: Shape): void {
  if (a.shape[axis] !== 0 || taken.some((d) => typeof d !== 'number') || taken.includes(0)) return;
  throw new ShapeError(`${operation}: axis ${axis} of ${describe(a)} has size 0, and nothing to take or to add to`);
}
