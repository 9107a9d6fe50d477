/** What functions of functions take and answer: one expression, or several by name. */
import { isExpr } from '../graph/brand.js';
import { GraphError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { isPlain } from '../arguments/options.js';
import { show } from '../arguments/show.js';

/** One expression, or several by name. */
export type ExprTree = Expr | Readonly<Record<string, Expr>>;

/** Expressions in the place of those of a tree. */
export type SameTree<T extends ExprTree> = T extends Expr ? Expr : { readonly [K in keyof T]: Expr };

/**
 * The expressions of a tree by name; a single one has none.
 *
 * @throws {GraphError} if it is no tree of expressions
 */
export function leavesOf(tree: unknown, operation: string, what: string): (readonly [name: string, expr: Expr])[] {
  if (isExpr(tree, operation)) return [['', tree]];
  if (!isPlain(tree)) throw new GraphError(`${operation}: ${what} must be an expression or a record of expressions, not ${show(tree)}`);
  return reading(operation, GraphError, () => Object.entries(tree)).map(([name, expr]: [string, unknown]) => {
    if (!isExpr(expr, operation)) throw new GraphError(`${operation}: ${what}, '${name}', must be an expression, not ${show(expr)}; make a number one with scalar(value, dtype)`);
    return [name, expr];
  });
}

/** Other expressions in the places of those of a tree, in the order of `leavesOf`. */
export function treeLike(tree: ExprTree, exprs: readonly Expr[]): ExprTree {
  if (tree instanceof Expr) return exprs[0] ?? tree;
  return Object.fromEntries(Object.entries(tree).map(([name, expr], k) => [name, exprs[k] ?? expr]));
}
