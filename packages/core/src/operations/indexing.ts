/** Reading and adding at computed positions: embedding look-up, its adjoint, one-hot rows the cheap way. */
import { construct, iota, size } from '../construct.js';
import { describe } from '../describe.js';
import { productOfDimensions, subtractDimensions } from '../dimension.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { formatShape, normalizeAxis, sameShape, type Shape } from '../shape.js';
import { add, clip, mul } from './elementwise.js';
import { broadcastTo, reshape } from './movement.js';
import { requireTensor } from './operand-checks.js';

function checkIndices(operation: string, a: Expr, indices: Expr): void {
  requireTensor(operation, a);
  requireTensor(operation, indices, 'the indices');
  if (indices.dtype !== 'int32') {
    throw new DTypeError(`${operation}: the indices ${describe(indices)} are ${indices.dtype}, not int32; cast them with .cast('int32')`);
  }
}

/**
 * Parts of `a` along an axis, as NumPy's `take`: for `[n, d]`, axis 0 and indices `[batch, time]`, `[batch, time, d]`. An index below 0
 * takes the first part, one beyond the end the last.
 *
 * @param axis default 0
 * @throws {DTypeError} if the indices are not int32
 * @throws {ShapeError} if `a` has no such axis, or its size is 0
 * @example const embedded = table.take(tokens);   // [vocabulary, d] and [batch, time] give [batch, time, d]
 */
export function take(a: Expr, indices: Expr, axis = 0): Expr {
  checkIndices('take', a, indices);
  const along = normalizeAxis(axis, a.rank, 'take');
  if (a.shape[along] === 0) throw new ShapeError(`take: axis ${along} of ${describe(a)} has no parts to take`);
  const shape = [...a.shape.slice(0, along), ...indices.shape, ...a.shape.slice(along + 1)];
  return construct({ kind: 'gather', axis: along }, [a, indices], shape, a.dtype);
}

/**
 * Elements of `a` along an axis, one for each index, as PyTorch's `gather` and NumPy's `take_along_axis`: for axis 1 of
 * `[n, d]`, y_ij = a_(i, indices_ij). The other axes have the sizes of `a`, or broadcast. An index below 0 takes the first
 * element, one beyond the end the last.
 *
 * @param indices of a's rank; the result has their size along the axis
 * @param axis default 0
 * @throws {DTypeError} if the indices are not int32
 * @throws {ShapeError} if `a` has no such axis, its size is 0, or the indices have another rank or other sizes beside it
 * @example const chosen = gather(logits, labels.expandDims(1), 1);   // [batch, classes] and [batch, 1] give [batch, 1]
 */
export function gather(a: Expr, indices: Expr, axis = 0): Expr {
  checkIndices('gather', a, indices);
  const along = normalizeAxis(axis, a.rank, 'gather');
  const shape = gatheredShape(a, indices, along);
  // Nothing to gather from, and nothing gathered.
  if (a.shape.includes(0)) return reshape(a, shape);
  const last = subtractDimensions(a.shape[along] ?? 1, 1);
  const position = a.shape.reduce((sum: Expr | undefined, extent, k) => {
    if (extent === 1) return sum;
    const index = k === along ? broadcastTo(clip(indices, 0, size(last, 'int32')), shape) : iota(shape, k);
    const term = mul(index, size(productOfDimensions(a.shape.slice(k + 1)), 'int32'));
    return sum === undefined ? term : add(sum, term);
  }, undefined);
  return take(reshape(a, [productOfDimensions(a.shape)]), position ?? mul(broadcastTo(indices, shape), 0));
}

function gatheredShape(a: Expr, indices: Expr, along: number): Shape {
  if (a.shape[along] === 0) throw new ShapeError(`gather: axis ${along} of ${describe(a)} has no elements to take`);
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
 * `a` with updates added at indices along an axis: the adjoint of `take`. An index that comes several times adds several times, in
 * order; one outside counts as the nearest.
 *
 * @param updates of the shape that `take(a, indices, axis)` has
 * @throws {DTypeError} if the indices are not int32, or the updates have another dtype than `a`
 * @throws {ShapeError} if the updates have another shape
 */
export function scatterAdd(a: Expr, indices: Expr, updates: Expr, axis = 0): Expr {
  checkIndices('scatterAdd', a, indices);
  requireTensor('scatterAdd', updates, 'the updates');
  if (a.shape[normalizeAxis(axis, a.rank, 'scatterAdd')] === 0) throw new ShapeError(`scatterAdd: axis ${axis} of ${describe(a)} has no parts to add to`);
  const { shape } = take(a, indices, axis);
  if (updates.dtype !== a.dtype || a.dtype === 'bool') {
    throw new DTypeError(`scatterAdd: ${describe(updates)} is ${updates.dtype}, ${describe(a)} ${a.dtype}; they must have one dtype, and not bool`);
  }
  if (!sameShape(updates.shape, shape)) {
    throw new ShapeError(`scatterAdd: the updates ${describe(updates)} should have the shape ${formatShape(shape)}`);
  }
  return add(a, scatterNode(indices, updates, normalizeAxis(axis, a.rank, 'scatterAdd'), a.shape));
}

/** Zeros of `shape` with the updates added. */
export function scatterNode(indices: Expr, updates: Expr, axis: number, shape: Shape): Expr {
  return construct({ kind: 'scatter', axis }, [indices, updates], shape, updates.dtype);
}
