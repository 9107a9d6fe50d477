/** Reverse-mode differentiation on the graph: gradients are expressions, so gradients of gradients work. */
import { isExpr } from '../graph/brand.js';
import { scalar } from '../graph/construct.js';
import { describe, requireExprs, topological } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { isProjection, isView, projectionsByRun, runKey } from '../graph/scan.js';
import { nameValue, valueName } from '../graph/value-names.js';
import { requireTensor, requireTensors } from '../operations/operand-checks.js';
import { accumulate } from './accumulate.js';
import { isRematResult, rematKey, type RematResult } from './remat.js';
import { vjp } from './structure.js';

/**
 * The gradient of a scalar with respect to each expression of `wrt`, of its shape and dtype.
 *
 * @throws {ShapeError} if the loss is no scalar
 * @throws {DTypeError} if the loss or an expression of `wrt` is not of a float dtype
 * @throws {GraphError} if no gradient flows from the loss to an expression of `wrt`, which the message names
 * @example const [dw, db] = grad(loss, [w, b]);
 */
export function grad(loss: Expr, wrt: Expr): Expr;
export function grad<const T extends readonly Expr[]>(loss: Expr, wrt: T): { [K in keyof T]: Expr };
export function grad(loss: Expr, wrt: Expr | readonly Expr[]): Expr | readonly Expr[] {
  requireTensor('grad', loss, 'the loss');
  if (isExpr(wrt, 'grad')) return gradients(loss, [wrt])[0] ?? loss;
  requireExprs(wrt, 'grad');
  return gradients(loss, wrt);
}

/** @param operation the function that was called, for messages */
export function gradients(loss: Expr, wrt: readonly Expr[], operation = 'grad'): readonly Expr[] {
  requireTensor(operation, loss, 'the loss');
  requireTensors(operation, wrt, 'what the gradients are with respect to');
  if (loss.rank !== 0) {
    throw new ShapeError(`${operation}: the loss must be a scalar, and ${describe(loss)} is none; take its .sum() or .mean()`);
  }
  for (const target of [loss, ...wrt]) requireDifferentiable(operation, target);
  const cotangents = cotangentsOf([loss], [scalar(1, loss.dtype)], wrt);
  return wrt.map((target, k) => {
    const g = cotangents[k];
    if (g === undefined) throw noGradient(operation, [loss], target, 'the loss');
    const name = valueName(target);
    if (name !== undefined) nameValue(g, `grad of ${name}`);
    return g;
  });
}

/** @throws {DTypeError} unless it is of floats */
export function requireDifferentiable(operation: string, target: Expr): void {
  if (!isFloat(target.dtype)) throw new DTypeError(`${operation}: ${describe(target)} is ${target.dtype}; only floats have gradients`);
}

/** The error of a target to which no gradient flows; `what` the results are, in messages. */
export function noGradient(operation: string, results: readonly Expr[], target: Expr, what: string): GraphError {
  return new GraphError(
    topological(results).includes(target)
      ? `${operation}: no gradient flows to ${describe(target)}: ${what} depends on it only through operations that have none, such as floor, comparisons, a cast to int32 or stopGradient`
      : `${operation}: ${what} does not depend on ${describe(target)}; leave it out, or use it in ${what}`,
  );
}

/** The cotangents of what gradients are with respect to, by position, given those of results: undefined where none flows. */
export function cotangentsOf(results: readonly Expr[], given: readonly Expr[], wrt: readonly Expr[]): readonly (Expr | undefined)[] {
  const captured = capturingViews([...results, ...wrt], wrt);
  const seeds = new Map<Expr, Expr>();
  for (const [k, g] of given.entries()) {
    const at = captured[k];
    if (at === undefined) continue;
    const other = seeds.get(at);
    seeds.set(at, other === undefined ? g : other.add(g));
  }
  const targets = captured.slice(results.length);
  const cotangents = pullBack(seeds, targets);
  return targets.map((target) => cotangents.get(target));
}

/** The cotangents of targets, given those of results: none where none flows. */
export function pullBack(results: ReadonlyMap<Expr, Expr>, targets: readonly Expr[]): ReadonlyMap<Expr, Expr> {
  const order = topological([...results.keys()]);
  const onPath = markPaths(order, targets);
  const runs = projectionsByRun(order);
  const bodies = new Map<string, RematResult[]>();
  for (const expr of order) if (isRematResult(expr)) append(bodies, rematKey(expr), expr);
  const cotangents = new Map(results);
  const contributed = new Map([...results].map(([result, g]) => [result, [g]]));
  const add = (args: readonly Expr[], contributions: readonly (Expr | null)[]): void => {
    for (const [k, contribution] of contributions.entries()) {
      const arg = args[k];
      if (arg === undefined || contribution === null || !onPath.has(arg)) continue;
      append(contributed, arg, contribution);
    }
  };
  for (const expr of [...order].reverse()) {
    if (!onPath.has(expr)) continue;
    // Users come later in the order than their operands: all of them have contributed.
    const g = accumulate(contributed.get(expr) ?? []);
    if (g !== undefined) cotangents.set(expr, g);
    if (isProjection(expr)) {
      // All of a run at its first projection: by then every user of any of them has been seen.
      const run = runs.get(runKey(expr)) ?? [];
      if (run[0] === expr) add(expr.args, expr.node.scan.rules.vjp(run, cotangents, onPath));
      continue;
    }
    if (isRematResult(expr)) {
      const results = bodies.get(rematKey(expr)) ?? [];
      if (results[0] === expr) add(expr.args, expr.node.body.rules.vjp(results, cotangents, onPath));
      continue;
    }
    if (g !== undefined) add(expr.args, vjp(expr, g));
  }
  return cotangents;
}

/** The roots, in which bodies capture those of the targets that are views. */
export function capturingViews(roots: readonly Expr[], targets: readonly Expr[]): readonly Expr[] {
  const views = targets.filter(isView);
  if (views.length === 0) return roots;
  for (const expr of topological(roots)) {
    if (isProjection(expr)) return expr.node.scan.rules.capturing(roots, views);
    if (isRematResult(expr)) return expr.node.body.rules.capturing(roots, views);
  }
  return roots;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The expressions through which a target reaches the results. */
export function markPaths(order: readonly Expr[], targets: Iterable<Expr>): ReadonlySet<Expr> {
  const onPath = new Set(targets);
  for (const expr of order) {
    if (expr.node.kind !== 'stopGradient' && expr.args.some((a) => onPath.has(a))) onPath.add(expr);
  }
  return onPath;
}
