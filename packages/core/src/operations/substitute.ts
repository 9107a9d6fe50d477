/** The same expressions over other leaves: a loss at other values of its variables. */
import { describe, requireExprs } from '../graph/describe.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import { isExpr } from '../graph/brand.js';
import type { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { substitute as substituted } from '../graph/scan.js';
import { broadcastShapes, formatShape, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { isMap } from '../optimizer/updates.js';
import { broadcastTo } from './movement.js';

/**
 * The expressions with others in the place of variables and inputs, everywhere, also in what a `scan` or `remat` uses: the same loss at
 * other values. All replacements are made at once: what is put in is left as it is, and may use the variables that it replaces. So the
 * updates of a rule put the loss where the step will lead, and the gradient of that by a hyperparameter is a hypergradient.
 *
 * @param expressions what is computed, in a list
 * @param replacements variables or inputs, and what stands in their place: of their dtype, and of their shape or one that broadcasts to it
 * @throws {GraphError} if an expression is none, or a key is neither variable nor input
 * @throws {DTypeError|ShapeError} if a replacement has another dtype or shape
 * @example
 * const [after] = substitute([loss], sgd(loss, [w, b], { learningRate }));
 * const [dLearningRate] = grad(after, [learningRate]);
 */
export function substitute<const T extends readonly Expr[]>(expressions: T, replacements: ReadonlyMap<Expr, Expr>): { [K in keyof T]: Expr };
export function substitute(expressions: readonly Expr[], replacements: ReadonlyMap<Expr, Expr>): readonly Expr[] {
  requireExprs(expressions, 'substitute');
  const given: unknown = replacements;
  if (!isMap(given)) throw new GraphError(`substitute: takes a Map of variables and inputs to expressions, as in new Map([[w, w.mul(2)]]), or updates, not ${show(given)}`);
  const entries = reading('substitute', GraphError, () => [...given]);
  return substituted(expressions, new Map(entries.map(([leaf, value]) => checked(leaf, value))));
}

function checked(leaf: unknown, value: unknown): [Expr, Expr] {
  if (!isExpr(leaf, 'substitute') || (leaf.node.kind !== 'variable' && leaf.node.kind !== 'input')) {
    throw new GraphError(`substitute: ${show(leaf)} is neither a variable nor an input; build the expression anew over what stands in its place`);
  }
  if (!isExpr(value, 'substitute')) throw new GraphError(`substitute: what stands in the place of ${describe(leaf)} must be an expression, not ${show(value)}`);
  if (value.dtype !== leaf.dtype) throw new DTypeError(`substitute: what stands in the place of ${describe(leaf)} is ${value.dtype}; cast it with .cast('${leaf.dtype}')`);
  const common = broadcastShapes(value.shape, leaf.shape);
  if (common === undefined || !sameShape(common, leaf.shape)) {
    throw new ShapeError(`substitute: what stands in the place of ${describe(leaf)} has the shape ${formatShape(value.shape)}, which does not broadcast to its own`);
  }
  return [leaf, broadcastTo(value, leaf.shape)];
}
