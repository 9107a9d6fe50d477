/** Along one axis: what is ordered is moved to the last axis, which items of routines are, and results are moved back. */
import { iota, size } from '../../graph/construct.js';
import { type Dimension, productOfDimensions } from '../../graph/dimension.js';
import type { Expr } from '../../graph/expr.js';
import { normalizeAxis, type Shape } from '../../graph/shape.js';
import { add, mul } from '../elementwise.js';
import { gatherNode } from '../indexing.js';
import { reshape, transpose } from '../movement.js';

/** A tensor whose axis is the last one. */
export interface LastAxis {
  readonly moved: Expr;
  /** A tensor with its last axis where the axis was. */
  readonly back: (result: Expr) => Expr;
}

/** @throws {ShapeError} if there is no such axis */
export function toLastAxis(operation: string, x: Expr, axis: number): LastAxis {
  const along = normalizeAxis(axis, x.rank, operation);
  const others = x.shape.map((_, k) => k).filter((k) => k !== along);
  return {
    moved: transpose(x, [...others, along]),
    back: (result) => transpose(result, [...others.slice(0, along), x.rank - 1, ...others.slice(along).map((k) => k - 1)]),
  };
}

/** The size of the last axis. */
export function lastSize({ shape }: { readonly shape: Shape }): Dimension {
  return shape.at(-1) ?? 1;
}

/** Elements at indices along the last axis, which are in range: of `[..., n]` and `[..., k]`, `[..., k]`. */
export function elementsAt(operation: string, x: Expr, indices: Expr): Expr {
  const count = lastSize(indices);
  const rows = productOfDimensions(x.shape.slice(0, -1));
  const flat = reshape(x, [productOfDimensions(x.shape)]);
  if (rows === 1) return reshape(gatherNode(flat, reshape(indices, [count]), 0, 'missing', operation), indices.shape);
  const positions = add(mul(iota([rows, count], 0), size(lastSize(x), 'int32')), reshape(indices, [rows, count]));
  return reshape(gatherNode(flat, positions, 0, 'missing', operation), indices.shape);
}
