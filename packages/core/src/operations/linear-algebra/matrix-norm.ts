/** Norms of matrices, and condition numbers. */
import type { Expr } from '../../graph/expr.js';
import { checkOptions, option, REDUCE } from '../../arguments/options.js';
import { describe } from '../../graph/describe.js';
import { InputError, ShapeError } from '../../errors.js';
import { show } from '../../arguments/show.js';
import { abs, eq, where } from '../elementwise.js';
import { restoreAxes } from '../movement.js';
import { max, min, type ReduceOptions, sum } from '../reductions.js';
import { norm } from '../statistics.js';
import { requireMatrix, requireSquare } from './checks.js';
import { inverse } from './solve.js';
import { svd } from './svd.js';

/** A norm of matrices, by the names of NumPy and torch: the numbers are 1, -1, 2, -2, Infinity and -Infinity. */
export type MatrixNormOrder = 'fro' | 'nuc' | number;

/** Options of `matrixNorm`. */
export interface MatrixNormOptions extends ReduceOptions {
  /**
   * 'fro': the root of the sum of squares; 'nuc': the sum of singular values; 2: the largest of them; 1: the largest sum of magnitudes of a
   * column; Infinity: of a row; -2, -1 and -Infinity: the smallest. Default 'fro'.
   */
  readonly order?: MatrixNormOrder;
}

/** Options of `conditionNumber`. */
export interface ConditionNumberOptions {
  /** By which norm, as for `matrixNorm`. Default 2. */
  readonly order?: MatrixNormOrder;
}

/**
 * The norms of matrices, the last two axes, as torch's and NumPy's `matrix_norm`. Columns, rows or singular values that tie share the gradient; that of 'fro' is 0 where all
 * elements are 0.
 *
 * @param a `[..., m, n]`, float32 or float64
 * @returns `[...]`, with `keepdims` `[..., 1, 1]`
 * @throws {ShapeError} if it has fewer than two axes, or there is no column, row or singular value to choose
 * @throws {DTypeError} unless it is float32 or float64
 * @throws {InputError} if there is no such order
 * @example matrixNorm(literal([1, -2, 3, 4], [2, 2], 'float32'), { order: 1 })   // 6
 */
export function matrixNorm(a: Expr, options?: MatrixNormOptions): Expr {
  const { order = 'fro', keepdims = false } = checkOptions('matrixNorm', options, { ...REDUCE, order: option.unchecked });
  requireMatrix('matrixNorm', a);
  const norms = normOf('matrixNorm', a, order);
  return keepdims ? restoreAxes(norms, [a.rank - 2, a.rank - 1], a.rank) : norms;
}

/**
 * How much larger a relative error of the right side may be in the solution of `a x = b`: the norm of a times that of its inverse; by order 2 the largest
 * singular value over the smallest, also of matrices that are not square. Infinity for singular matrices by 2, of which -2 is 0; by other orders NaN, as their inverse is.
 *
 * @param a `[..., n, n]`, by order 2 and -2 `[..., m, n]`, float32 or float64
 * @returns `[...]`
 * @throws {ShapeError} unless the last two axes are of one size, or there are two of any for 2 and -2
 * @throws {DTypeError} unless it is float32 or float64
 * @throws {InputError} if there is no such order
 * @example conditionNumber(literal([2, 0, 0, 0.5], [2, 2], 'float32'))   // 4
 */
export function conditionNumber(a: Expr, options?: ConditionNumberOptions): Expr {
  const { order = 2 } = checkOptions('conditionNumber', options, { order: option.unchecked });
  if (order === 2 || order === -2) {
    requireMatrix('conditionNumber', a);
    requireChoice('conditionNumber', a, order);
    const { s } = svd(a);
    const [most, least] = [max(s, -1), min(s, -1)];
    // Zeros are singular as well: 0 / 0 would be NaN.
    return order === 2 ? where(eq(most, 0), Infinity, most.div(least)) : where(eq(most, 0), 0, least.div(most));
  }
  requireSquare('conditionNumber', a);
  return normOf('conditionNumber', a, order).mul(normOf('conditionNumber', inverse(a), order));
}

/** What there must be one of at least, by the orders that choose one, and which of the last two axes count them. */
const CHOICES = new Map<MatrixNormOrder, { readonly what: string; readonly axes: readonly number[] }>([
  ...[2, -2].map((order) => [order, { what: 'singular value', axes: [-2, -1] }] as const),
  ...[1, -1].map((order) => [order, { what: 'column', axes: [-1] }] as const),
  ...[Infinity, -Infinity].map((order) => [order, { what: 'row', axes: [-2] }] as const),
]);

function requireChoice(operation: string, a: Expr, order: MatrixNormOrder): void {
  const choice = CHOICES.get(order);
  if (choice?.axes.some((axis) => a.shape.at(axis) === 0) !== true) return;
  throw new ShapeError(`${operation}: ${describe(a)} has no ${choice.what} to choose, as the order ${show(order)} does; by the orders 'fro' and 'nuc' there is a norm, 0`);
}

function normOf(operation: string, a: Expr, order: MatrixNormOrder): Expr {
  requireChoice(operation, a, order);
  switch (order) {
    case 'fro':
      return norm(a, [-2, -1]);
    case 'nuc':
      return sum(svd(a).s, -1);
    case 1:
      return max(sum(abs(a), -2), -1);
    case -1:
      return min(sum(abs(a), -2), -1);
    case 2:
      return max(svd(a).s, -1);
    case -2:
      return min(svd(a).s, -1);
    case Infinity:
      return max(sum(abs(a), -1), -1);
    case -Infinity:
      return min(sum(abs(a), -1), -1);
    default:
      throw new InputError(`${operation}: the order must be 'fro', 'nuc', 1, -1, 2, -2, Infinity or -Infinity, not ${show(order)}`);
  }
}
