/** The gradient of a product of many: its value cheaply, and its own derivatives from a formulation that multiplies only. */
import { iota, scalar, size } from '../graph/construct.js';
import { addDimensions, type Dimension, floorDivide, multiplyDimensions, productOfDimensions } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import { where } from '../operations/elementwise.js';
import { concat, padNode, reshape, restoreAxes, sliceNode, transpose } from '../operations/movement.js';
import { sum } from '../operations/reductions.js';
import { customNode } from './custom.js';
import { pullBack } from './grad.js';

/**
 * The cotangent of the operand of a product over axes: for each element, g times the product of the others. It is out / a, and
 * for a zero the product without it, unless there is another.
 */
export function prodVjp(axes: readonly number[], a: Expr, out: Expr, g: Expr): Expr {
  const spread = (e: Expr): Expr => restoreAxes(e, axes, a.rank).broadcastTo(a.shape);
  const zero = a.eq(0);
  const nonzero = where(zero, scalar(1, a.dtype), a);
  const alone = sum(zero.cast(a.dtype), axes).eq(1);
  const value = spread(g).mul(where(zero, spread(where(alone, nonzero.prod(axes), 0)), spread(out).div(nonzero)));
  // The choices by zeros have no derivative: what follows from another zero would be lost.
  return customNode(value, [a, g], (h, [b = a, k = g]) => {
    const exact = others(b, axes);
    return [pullBack(new Map([[exact, h.mul(spread(k))]]), [b]).get(b) ?? null, sum(h.mul(exact), axes)];
  }, `gradient of prod ${axes.join()}`);
}

/** For each element the product of the others, by multiplication alone, so that every derivative is right whatever is 0. */
function others(a: Expr, axes: readonly number[]): Expr {
  const kept = a.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  const order = [...kept, ...axes];
  const moved = transpose(a, order);
  const count = productOfDimensions(axes.map((axis) => a.shape[axis] ?? 1));
  const rows = reshape(moved, [...kept.map((axis) => a.shape[axis] ?? 1), count]);
  const products = typeof count === 'number' ? othersInPairs(rows, count) : othersInBlocks(rows, count);
  const back = order.map((_, axis) => order.indexOf(axis));
  return transpose(reshape(products, moved.shape), back);
}

/** Along the last axis: the products of pairs, of pairs of those, and so on, and down again with what is beside each. */
function othersInPairs(a: Expr, count: number): Expr {
  const one = scalar(1, a.dtype).broadcastTo([...a.shape.slice(0, -1), 1]);
  if (count <= 1) return scalar(1, a.dtype).broadcastTo(a.shape);
  const half = Math.ceil(count / 2);
  const left = part(a, 0, half);
  const right = half === count - half ? part(a, half, half) : concat([part(a, half, count - half), one], a.rank - 1);
  const beside = othersInPairs(left.mul(right), half);
  return part(concat([beside.mul(right), beside.mul(left)], a.rank - 1), 0, count);
}

function part(a: Expr, start: number, count: number): Expr {
  const last = a.rank - 1;
  return sliceNode(a, a.shape.map((_, k) => (k === last ? start : 0)), a.shape.map(() => 1), a.shape.map((d, k) => (k === last ? count : d)));
}

/** Elements that are multiplied in pairs where the size of the axis is open. */
const BLOCK = 64;

/** Along the last axis, of a size that is open: in blocks, the last one filled up with 1, and beside each block the product of all others. */
function othersInBlocks(a: Expr, count: Dimension): Expr {
  const front = a.shape.slice(0, -1);
  const blocks = floorDivide(addDimensions(count, BLOCK - 1), BLOCK);
  const shape = [...front, multiplyDimensions(blocks, BLOCK)];
  const padded = padNode(a, a.shape.map(() => 0), a.shape.map(() => 1), shape);
  const rows = reshape(where(iota(shape, a.rank - 1).lt(size(count, 'int32')), padded, 1), [...front, blocks, BLOCK]);
  const pairs = [...front, blocks, blocks];
  const isSame = iota(pairs, a.rank - 1).eq(iota(pairs, a.rank));
  const beside = where(isSame, 1, reshape(rows.prod(a.rank), [...front, 1, blocks]).broadcastTo(pairs)).prod(a.rank);
  const products = othersInPairs(rows, BLOCK).mul(reshape(beside, [...front, blocks, 1]));
  return sliceNode(reshape(products, shape), a.shape.map(() => 0), a.shape.map(() => 1), a.shape);
}
