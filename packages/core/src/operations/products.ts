/** Matrix products. */
import { construct } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { fits } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import type { ProductAxes } from '../graph/node.js';
import { broadcastShapes } from '../graph/shape.js';
import { broadcastTo, expandDims, squeeze } from './movement.js';
import { pairOf } from './operand-checks.js';

/**
 * The matrix product, as NumPy's `matmul`: `[..., m, k]` times `[..., k, n]` is `[..., m, n]`; leading axes broadcast; a
 * vector counts as a row on the left and as a column on the right, and its axis goes.
 *
 * @throws {ShapeError} if the inner sizes differ, the leading axes do not broadcast, or an operand is a scalar
 * @throws {DTypeError} if the dtypes differ, or are bool
 */
export function matmul(left: Operand, right: Operand): Expr {
  const [a, b] = pairOf('matmul', left, right);
  if (a.rank === 0 || b.rank === 0) throw new ShapeError(`matmul: takes no scalar: ${describe(a)}, ${describe(b)}; use mul`);
  if (a.rank === 1) return squeeze(matmul(expandDims(a, 0), b), b.rank === 1 ? -1 : -2);
  if (b.rank === 1) return squeeze(matmul(a, expandDims(b, 1)), -1);
  const inner = a.shape[a.rank - 1];
  if (inner === undefined || !fits(inner, b.shape[b.rank - 2] ?? 1)) {
    throw new ShapeError(
      `matmul: the last axis of ${describe(a)} and the last but one of ${describe(b)} differ: ${String(inner)} and ${String(b.shape[b.rank - 2])}`,
    );
  }
  const rows = a.shape[a.rank - 2] ?? 1;
  const columns = b.shape[b.rank - 1] ?? 1;
  // One right-hand matrix for all: the leading axes of a are more rows, and nothing is repeated.
  if (b.rank === 2) return productNode(a, b, { rows: a.rank - 1, columns: 1, depth: 1 });
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (batch === undefined) {
    throw new ShapeError(`matmul: the leading axes of ${describe(a)} and ${describe(b)} do not broadcast`);
  }
  return productNode(broadcastTo(a, [...batch, rows, inner]), broadcastTo(b, [...batch, inner, columns]), { rows: 1, columns: 1, depth: 1 });
}

/** `[...batch, ...rows, ...depth]` times `[...batch, ...depth, ...columns]`, summed over the depth: `[...batch, ...rows, ...columns]`. */
export function productNode(left: Expr, right: Expr, { rows, columns, depth }: ProductAxes): Expr {
  const shape = [...left.shape.slice(0, left.rank - depth), ...right.shape.slice(right.rank - columns)];
  return construct({ kind: 'matmul', rows, columns, depth }, [left, right], shape, left.dtype);
}
