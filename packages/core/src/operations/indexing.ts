/** Reading and adding at computed positions: embedding look-up, its adjoint, one-hot rows the cheap way. */
import { construct } from '../construct.js';
import { describe } from '../describe.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { formatShape, normalizeAxis, sameShape, type Shape } from '../shape.js';
import { add } from './elementwise.js';

function checkIndices(operation: string, indices: Expr): void {
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
  checkIndices('take', indices);
  const along = normalizeAxis(axis, a.rank, 'take');
  if (a.shape[along] === 0) throw new ShapeError(`take: axis ${along} of ${describe(a)} has no parts to take`);
  const shape = [...a.shape.slice(0, along), ...indices.shape, ...a.shape.slice(along + 1)];
  return construct({ kind: 'gather', axis: along }, [a, indices], shape, a.dtype);
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
