/** Rows of elements along an axis, said by a table of known positions; what weighted sums of such rows are made of. */
import { literal } from '../graph/construct.js';
import { customNode } from '../gradients/custom.js';
import type { Expr } from '../graph/expr.js';
import { mul } from './elementwise.js';
import { gatherNode } from './indexing.js';
import { reshape } from './movement.js';
import { sum } from './reductions.js';

/** An element of an axis, and what it counts in a sum. */
export interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** In the place of a position where a row is shorter than others; 0 is read there. */
const NONE = -1;

/** The length of the longest row, at least 1. */
export function widthOf(rows: readonly (readonly unknown[])[]): number {
  return rows.reduce((most, { length }) => Math.max(most, length), 1);
}

/**
 * `[..., n, ...]` as `[..., rows, width, ...]`: element `[i, k]` is the one at position `rows[i][k]` of the axis, 0 where the row is
 * shorter than the longest. The gradient reads by the transposed table: nothing is added at computed positions.
 */
export function rowsAlong(operation: string, x: Expr, axis: number, rows: readonly (readonly number[])[]): Expr {
  const width = widthOf(rows);
  const padded = rows.map((row) => Array.from({ length: width }, (_, k) => row[k] ?? NONE));
  const value = gatherNode(x, literal(padded.flat(), [rows.length, width], 'int32'), axis, 'zero', operation);
  return customNode(value, [x], (g, [a = x]) => {
    const back: number[][] = Array.from({ length: Number(a.shape[axis]) }, () => []);
    for (const [place, index] of padded.flat().entries()) back[index]?.push(place);
    const flat = reshape(g, [...a.shape.slice(0, axis), rows.length * width, ...a.shape.slice(axis + 1)]);
    return [sum(rowsAlong(operation, flat, axis, back), axis + 1)];
  }, `${operation} ${axis}`);
}

/** `[..., n, ...]` as `[..., sums, ...]`: each is the sum of its taps. An element without a tap does not count, also where it is infinite. */
export function weightedSums(operation: string, x: Expr, axis: number, sums: readonly (readonly Tap[])[]): Expr {
  const parts = rowsAlong(operation, x, axis, sums.map((taps) => taps.map(({ index }) => index)));
  const width = widthOf(sums);
  if (sums.every((taps) => taps.every(({ weight }) => weight === 1))) return sum(parts, axis + 1);
  const weights = sums.flatMap((taps) => Array.from({ length: width }, (_, k) => taps[k]?.weight ?? 0));
  const shape = [sums.length, width, ...x.shape.slice(axis + 1).map(() => 1)];
  return sum(mul(parts, literal(weights, shape, x.dtype)), axis + 1);
}
