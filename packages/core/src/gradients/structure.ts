/** Gradients of everything that is not elementwise: reductions, movement, matrix products. */
import { addDimensions, type Dimension, fits } from '../graph/dimension.js';
import { isFloat } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';
import type { Node, ProductAxes, ReduceOp } from '../graph/node.js';
import { cumsum } from '../operations/cumulative.js';
import { where } from '../operations/elementwise.js';
import { padNode, reshape, restoreAxes, sliceNode, transpose } from '../operations/movement.js';
import { gatherNode, scatterNode } from '../operations/indexing.js';
import { productNode } from '../operations/products.js';
import { sum } from '../operations/reductions.js';
import { fold } from '../operations/windows.js';
import { customVjp } from './custom.js';
import { elementwiseVjp } from './elementwise.js';
import { prodVjp } from './product.js';

/** The cotangent of each operand of `out`, given that of `out`; null where no gradient flows. */
export function vjp(out: Expr, g: Expr): readonly (Expr | null)[] {
  const { node } = out;
  const [a, b] = out.args;
  if (a === undefined) return [];
  switch (node.kind) {
    case 'elementwise':
      return elementwiseVjp(node.op, out, g);
    case 'reduce':
      return [reduceVjp(node.op, node.axes, a, out, g)];
    case 'barrier':
      return [g];
    case 'unroundedCast':
      return [isFloat(a.dtype) ? g.cast(a.dtype) : null];
    case 'cumsum':
      return [cumsum(g, node.axis, { reverse: !node.reverse, exclusive: node.exclusive })];
    case 'reshape':
      return [reshape(g, a.shape)];
    case 'broadcast':
      return [unbroadcast(g, a)];
    case 'transpose':
      return [transpose(g, inverse(node.permutation))];
    case 'slice':
      return [padNode(g, node.starts, node.steps, a.shape)];
    case 'pad':
      return [sliceNode(g, node.starts, node.steps, a.shape)];
    case 'concat':
      return concatVjp(node, out, g);
    case 'gather':
      return b === undefined ? [] : [scatterNode(b, g, node.axis, a.shape, node.operation), null];
    case 'scatter':
      // What was added nowhere has a cotangent of 0.
      return [null, gatherNode(g, a, node.axis, 'zero', node.operation)];
    case 'matmul':
      return b === undefined ? [] : productVjp(node, a, b, g);
    case 'window':
      return [fold(g, node, a.shape)];
    case 'routine':
      return node.routine.vjp(out, g);
    case 'customGradient':
      return [null, ...customVjp(node, out, g)];
    case 'stopGradient':
      return [null];
    // The projections of a run are differentiated together, by `pullBack`, and so are the results of a body.
    case 'scan':
    case 'remat':
    case 'placeholder':
    case 'constant':
    case 'size':
    case 'data':
    case 'input':
    case 'variable':
    case 'iota':
      return [];
  }
}

function reduceVjp(op: ReduceOp, axes: readonly number[], a: Expr, out: Expr, g: Expr): Expr | null {
  const spread = (e: Expr): Expr => restoreAxes(e, axes, a.rank).broadcastTo(a.shape);
  switch (op) {
    case 'sum':
      return spread(g);
    case 'max':
    case 'min': {
      // Elements that tie share the gradient evenly.
      const chosen = a.eq(spread(out));
      const ties = sum(chosen.cast(a.dtype), axes);
      return where(chosen, spread(g.div(ties)), 0);
    }
    case 'prod':
      return prodVjp(axes, a, out, g);
    case 'all':
    case 'any':
      return null;
  }
}

function productVjp({ rows, columns, depth }: ProductAxes, a: Expr, b: Expr, g: Expr): Expr[] {
  const batch = a.rank - rows - depth;
  return [
    productNode(g, swapGroups(b, batch, depth), { rows, columns: depth, depth: columns }),
    productNode(swapGroups(a, batch, rows), g, { rows: depth, columns, depth: rows }),
  ];
}

/** The `count` axes after the first `batch` moved behind all others. */
function swapGroups(a: Expr, batch: number, count: number): Expr {
  const axes = a.shape.map((_, k) => k);
  return transpose(a, [...axes.slice(0, batch), ...axes.slice(batch + count), ...axes.slice(batch, batch + count)]);
}

function unbroadcast(g: Expr, a: Expr): Expr {
  const added = g.rank - a.rank;
  const stretched = a.shape.map((size, k) => fits(size, 1) && size !== g.shape[k + added]);
  const axes = g.shape.flatMap((_, k) => (k < added || stretched[k - added] === true ? [k] : []));
  // A size that is 1 where no slice is cut short is 0 in some calls: then the sum is nobody's.
  return reshape(sum(g, axes), a.shape.map((size, k) => (stretched[k] === true ? 1 : size))).broadcastTo(a.shape);
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length).fill(0);
  for (const [k, axis] of permutation.entries()) result[axis] = k;
  return result;
}

function concatVjp(node: Extract<Node, { kind: 'concat' }>, out: Expr, g: Expr): Expr[] {
  const steps = out.shape.map(() => 1);
  let start: Dimension = 0;
  return out.args.map((part) => {
    const starts = out.shape.map((_, axis) => (axis === node.axis ? start : 0));
    start = addDimensions(start, part.shape[node.axis] ?? 0);
    return sliceNode(g, starts, steps, part.shape);
  });
}
