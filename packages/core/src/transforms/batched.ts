/**
 * Graphs over one example as graphs over many: every expression that depends on an example gets an axis in front, that of the batch. One rule
 * for each kind of node; what depends on no example stays as it is, and is computed once.
 */
import { construct, iota, size as sizeOf } from '../graph/construct.js';
import { topological } from '../graph/describe.js';
import { type Dimension, multiplyDimensions } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import type { Node, ProductAxes } from '../graph/node.js';
import { isProjection, projectionsByRun, runKey } from '../graph/scan.js';
import { isRematResult, type RematBody, rematKey } from '../gradients/remat.js';
import { add, cast, mul, where } from '../operations/elementwise.js';
import { gatherNode, scatterNode } from '../operations/indexing.js';
import { inRange } from '../operations/index-range.js';
import { broadcastTo, reshape, transpose } from '../operations/movement.js';
import { productNode } from '../operations/products.js';
import { batchedBody, batchedCustom, batchedRun } from './batched-bodies.js';

/** What is batched: the examples, by what stands for one, and how many there are. */
export interface Batch {
  /** `[size, ...]` for what stands for an example, and for what is known to be batched already. */
  readonly mapped: ReadonlyMap<Expr, Expr>;
  /** The number of examples. */
  readonly size: Dimension;
}

/** Those of the expressions under the roots that depend on an example, each as `[size, ...]`. */
export function batched(roots: readonly Expr[], batch: Batch): ReadonlyMap<Expr, Expr> {
  const order = topological(roots);
  const runs = projectionsByRun(order);
  const bodies = new Map<string, RematBody>();
  const found = new Map(batch.mapped);
  for (const expr of order) {
    if (found.has(expr) || !expr.args.some((arg) => found.has(arg))) continue;
    if (isProjection(expr)) {
      for (const [projection, many] of batchedRun(runs.get(runKey(expr)) ?? [], found, batch.size)) found.set(projection, many);
    } else if (isRematResult(expr)) {
      // One body for all of its results, so that a gradient computes it again once.
      const key = rematKey(expr);
      const body = bodies.get(key) ?? batchedBody(expr, found, batch.size);
      bodies.set(key, body);
      const args = expr.args.map((arg, k) => (k < body.results.length ? inBatch(arg, found, batch.size) : (found.get(arg) ?? arg)));
      found.set(expr, construct({ ...expr.node, body }, args, [batch.size, ...expr.shape], expr.dtype));
    } else {
      found.set(expr, ofMany(expr, found, batch));
    }
  }
  return found;
}

/** An expression as `[size, ...]`: one that depends on no example is the same for all. */
export function inBatch(expr: Expr, found: ReadonlyMap<Expr, Expr>, size: Dimension): Expr {
  return found.get(expr) ?? broadcastTo(expr, [size, ...expr.shape]);
}

/** The expression, some operand of which is batched, over the batch. */
function ofMany(expr: Expr, found: ReadonlyMap<Expr, Expr>, batch: Batch): Expr {
  const { node, args, dtype } = expr;
  const { size } = batch;
  const shape = [size, ...expr.shape];
  const operands = args.map((arg) => inBatch(arg, found, size));
  const [a, b] = args;
  const [many] = operands;
  const same = (changed: Node): Expr => construct(changed, operands, shape, dtype);
  switch (node.kind) {
    case 'elementwise':
    case 'stopGradient':
    case 'barrier':
    case 'routine':
      return same(node);
    // Of one number for the host it is none, and so is rounded.
    case 'unroundedCast':
      return many === undefined ? expr : cast(many, dtype);
    case 'reduce':
      return same({ ...node, axes: node.axes.map((axis) => axis + 1) });
    case 'cumsum':
    case 'concat':
    case 'window':
      return same({ ...node, axis: node.axis + 1 });
    case 'reshape':
      return many === undefined ? expr : reshape(many, shape);
    case 'broadcast':
      // New axes go behind that of the batch.
      return a === undefined || many === undefined ? expr : construct(node, [reshape(many, [size, ...expr.shape.slice(a.rank).map(() => 1), ...a.shape])], shape, dtype);
    case 'transpose':
      return same({ ...node, permutation: [0, ...node.permutation.map((axis) => axis + 1)] });
    case 'slice':
    case 'pad':
      return same({ ...node, starts: [0, ...node.starts], steps: [1, ...node.steps] });
    case 'gather':
      return a === undefined || b === undefined ? expr : gatherOfMany(node, a, b, found, size);
    case 'scatter':
      return a === undefined || b === undefined ? expr : scatterOfMany(node, expr, a, b, found, size);
    case 'matmul':
      return a === undefined || b === undefined ? expr : productOfMany(node, a, b, found);
    case 'customGradient':
      return batchedCustom(node, expr, found, batch);
    // Runs and bodies are batched as a whole; the others have no operands.
    case 'scan':
    case 'remat':
    case 'placeholder':
    case 'constant':
    case 'size':
    case 'data':
    case 'input':
    case 'variable':
    case 'iota':
      return expr;
  }
}

/** Indices that are the same for all read along the next axis; one tensor that is the same for all is read by the indices of all. */
function gatherOfMany(node: Extract<Node, { kind: 'gather' }>, whole: Expr, indices: Expr, found: ReadonlyMap<Expr, Expr>, size: Dimension): Expr {
  const [wholes, all] = [found.get(whole), found.get(indices)];
  const { axis, outside, operation } = node;
  if (all === undefined) return gatherNode(wholes ?? whole, indices, axis + 1, outside, operation);
  if (wholes === undefined) return moveAxis(gatherNode(whole, all, axis, outside, operation), axis, 0);
  const rows = axisBesideBatch(wholes, axis);
  const taken = gatherNode(rows, ofFlat(operation, all, whole.shape[axis] ?? 1, size), 0, outside, operation);
  return moveAxes(taken, 1, indices.rank, axis);
}

/** The axis of the indices and that of the batch as one, in front. */
function axisBesideBatch(many: Expr, axis: number): Expr {
  const moved = moveAxis(many, axis + 1, 1);
  const [size = 1, extent = 1, ...rest] = moved.shape;
  return reshape(moved, [multiplyDimensions(size, extent), ...rest]);
}

/** Indices into the rows of all examples, one example behind the other; what is out of range stays so. */
function ofFlat(operation: string, all: Expr, extent: Dimension, size: Dimension): Expr {
  const example = mul(iota(all.shape, 0), sizeOf(extent, 'int32'));
  return size === 1 ? all : where(inRange(operation, all, extent), add(all, example), -1);
}

function scatterOfMany(node: Extract<Node, { kind: 'scatter' }>, out: Expr, indices: Expr, updates: Expr, found: ReadonlyMap<Expr, Expr>, size: Dimension): Expr {
  const { axis, operation } = node;
  const all = found.get(indices);
  const many = inBatch(updates, found, size);
  if (all === undefined) return scatterNode(indices, many, axis + 1, [size, ...out.shape], operation);
  const extent = out.shape[axis] ?? 1;
  const rest = [...out.shape.slice(0, axis), ...out.shape.slice(axis + 1)];
  const inFront = moveAxesBack(many, 1, indices.rank, axis);
  const rows = scatterNode(ofFlat(operation, all, extent, size), inFront, 0, [multiplyDimensions(size, extent), ...rest], operation);
  return moveAxis(reshape(rows, [size, extent, ...rest]), 1, axis + 1);
}

/** A matrix that is the same for all has the batch as more rows or columns of the product: nothing is repeated. */
function productOfMany(node: ProductAxes, left: Expr, right: Expr, found: ReadonlyMap<Expr, Expr>): Expr {
  const [lefts, rights] = [found.get(left), found.get(right)];
  const { rows, columns, depth } = node;
  const shared = left.rank - rows - depth;
  if (lefts !== undefined && rights !== undefined) return productNode(lefts, rights, node);
  if (lefts !== undefined) return moveAxis(productNode(moveAxis(lefts, 0, shared), right, { rows: rows + 1, columns, depth }), shared, 0);
  if (rights === undefined) return productNode(left, right, node);
  const at = shared + rows;
  return moveAxis(productNode(left, moveAxis(rights, 0, shared + depth), { rows, columns: columns + 1, depth }), at, 0);
}

/** An axis moved to another place, all others in their order. */
export function moveAxis(a: Expr, from: number, to: number): Expr {
  const others = a.shape.map((_, k) => k).filter((k) => k !== from);
  return transpose(a, [...others.slice(0, to), from, ...others.slice(to)]);
}

/** `count` axes at `from` moved behind the `behind` axes that follow them. */
function moveAxes(a: Expr, from: number, count: number, behind: number): Expr {
  const axes = a.shape.map((_, k) => k);
  return transpose(a, [...axes.slice(0, from), ...axes.slice(from + count, from + count + behind), ...axes.slice(from, from + count), ...axes.slice(from + count + behind)]);
}

/** `count` axes that stand `behind` axes after `from` moved to `from`. */
function moveAxesBack(a: Expr, from: number, count: number, behind: number): Expr {
  return moveAxes(a, from, behind, count);
}
