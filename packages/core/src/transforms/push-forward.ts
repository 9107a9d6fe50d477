/**
 * Forward-mode differentiation on the graph: the tangent of each expression beside it, from the operands to the results. What is linear
 * does to tangents what it does to values; elementwise operations take their rows from the table of gradients, since a diagonal matrix
 * is its own transpose.
 */
import { construct, scalar } from '../graph/construct.js';
import { describe, topological } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { Node, ReduceOp } from '../graph/node.js';
import { isProjection, placeholder, projectionsByRun, runKey } from '../graph/scan.js';
import { customVjp } from '../gradients/custom.js';
import { elementwiseVjp } from '../gradients/elementwise.js';
import { pullBack } from '../gradients/grad.js';
import { prodVjp } from '../gradients/product.js';
import { cast, maximum, where } from '../operations/elementwise.js';
import { broadcastTo, restoreAxes } from '../operations/movement.js';
import { productNode } from '../operations/products.js';
import { sum } from '../operations/reductions.js';
import { scanTangents } from './scan-tangents.js';

/** The tangent of the operand of a number; undefined where it does not move. */
type TangentOf = (operand: number) => Expr | undefined;

/** The tangents of the expressions under the roots, given those of some: none where an expression does not move with them. */
export function pushForward(roots: readonly Expr[], given: ReadonlyMap<Expr, Expr>): ReadonlyMap<Expr, Expr> {
  const order = topological(roots);
  const runs = projectionsByRun(order);
  const tangents = new Map<Expr, Expr>();
  for (const expr of order) {
    const own = given.get(expr);
    if (isProjection(expr)) {
      // All of a run at its first projection: the operands of the others are the same.
      const run = runs.get(runKey(expr)) ?? [];
      if (run[0] === expr) for (const [projection, tangent] of scanTangents(run, tangents)) tangents.set(projection, tangent);
    }
    const pushed = isProjection(expr) ? tangents.get(expr) : tangentOf(expr, (k) => tangents.get(expr.args[k] ?? expr));
    const tangent = own === undefined || pushed === undefined ? (own ?? pushed) : own.add(pushed);
    if (tangent !== undefined) tangents.set(expr, tangent);
  }
  return tangents;
}

/** No movement, of an expression's shape. */
export function zeroTangent({ shape, dtype }: Expr): Expr {
  return broadcastTo(scalar(0, dtype), shape);
}

function tangentOf(out: Expr, tangent: TangentOf): Expr | undefined {
  const { node, args } = out;
  if (!isFloat(out.dtype) || args.every((_, k) => tangent(k) === undefined)) return undefined;
  const [a, b] = args;
  const [ta, tb] = [tangent(0), tangent(1)];
  switch (node.kind) {
    case 'elementwise':
      return elementwiseTangent(node, out, tangent);
    case 'reduce':
      return a === undefined || ta === undefined ? undefined : reduceTangent(node.op, node.axes, a, out, ta);
    case 'matmul': {
      const left = ta === undefined || b === undefined ? undefined : productNode(ta, b, node);
      const right = tb === undefined || a === undefined ? undefined : productNode(a, tb, node);
      return left === undefined || right === undefined ? (left ?? right) : left.add(right);
    }
    case 'unroundedCast':
    case 'cumsum':
    case 'reshape':
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'pad':
    case 'concat':
    case 'scatter':
    case 'window':
      return linearTangent(out, tangent);
    case 'gather':
      // What reads nothing moves with nothing.
      return ta === undefined ? undefined : construct({ ...node, outside: 'zero' }, [ta, ...args.slice(1)], out.shape, out.dtype);
    case 'barrier':
      return ta === undefined ? undefined : construct(node, [ta, ...args.slice(1)], out.shape, out.dtype);
    case 'customGradient':
      return transposedTangent(out, (cotangent) => customVjp(node, out, cotangent), (k) => tangent(k + 1));
    case 'routine':
      return transposedTangent(out, (cotangent) => node.routine.vjp(out, cotangent), tangent);
    // The values of a body are computed beside it, and so are their tangents.
    case 'remat':
      return tangent(node.index);
    case 'stopGradient':
    // Those of a run are computed together.
    case 'scan':
    case 'placeholder':
    case 'constant':
    case 'size':
    case 'data':
    case 'input':
    case 'variable':
    case 'iota':
      return undefined;
  }
}

/** The node over the tangents of its float operands, 0 where one does not move; indices stay what they are. */
function linearTangent(out: Expr, tangent: TangentOf): Expr {
  const operands = out.args.map((arg, k) => (isFloat(arg.dtype) ? (tangent(k) ?? zeroTangent(arg)) : arg));
  return construct(out.node, operands, out.shape, out.dtype);
}

function elementwiseTangent(node: Extract<Node, { kind: 'elementwise' }>, out: Expr, tangent: TangentOf): Expr | undefined {
  const moved = out.args.flatMap((_, k) => tangent(k) ?? []);
  if (node.op === 'cast') return moved[0] === undefined ? undefined : cast(moved[0], out.dtype);
  if (node.op === 'where') return where(out.args[0] ?? out, tangent(1) ?? 0, tangent(2) ?? 0);
  const terms = out.args.flatMap((_, k) => {
    const t = tangent(k);
    return t === undefined ? [] : (elementwiseVjp(node.op, out, t)[k] ?? []);
  });
  const [first, ...others] = terms;
  return first === undefined ? undefined : others.reduce((total, term) => total.add(term), first);
}

function reduceTangent(op: ReduceOp, axes: readonly number[], a: Expr, out: Expr, t: Expr): Expr | undefined {
  const spread = (e: Expr): Expr => restoreAxes(e, axes, a.rank).broadcastTo(a.shape);
  switch (op) {
    case 'sum':
      return sum(t, axes);
    case 'max':
    case 'min': {
      // The mean of those that tie; 0 of none and beside NaN, as the gradient has it.
      const chosen = a.eq(spread(out));
      return sum(where(chosen, t, 0), axes).div(maximum(sum(cast(chosen, a.dtype), axes), 1));
    }
    case 'prod':
      return sum(t.mul(prodVjp(axes, a, out, broadcastTo(scalar(1, out.dtype), out.shape))), axes);
    case 'all':
    case 'any':
      return undefined;
  }
}

/** What is known is the gradient, a linear function of the cotangent: its transpose is the gradient of it by the cotangent. */
function transposedTangent(out: Expr, gradient: (cotangent: Expr) => readonly (Expr | null)[], tangent: TangentOf): Expr | undefined {
  const cotangent = placeholder('cotangent', out.shape, out.dtype);
  const results = new Map<Expr, Expr>();
  for (const [k, pulled] of gradient(cotangent).entries()) {
    const t = tangent(k);
    if (pulled === null || t === undefined) continue;
    const other = results.get(pulled);
    results.set(pulled, other === undefined ? t : other.add(t));
  }
  if (results.size === 0) return undefined;
  const moved = pullBack(results, [cotangent]).get(cotangent);
  if (moved !== undefined && topological([moved]).includes(cotangent)) {
    throw new GraphError(
      `customGradient: the gradient of ${describe(out)} is not linear in the cotangent, so that it is the transpose of no tangent; use grad or vjp in the place of jvp, or multiply the cotangent by what does not depend on it`,
    );
  }
  return moved;
}
