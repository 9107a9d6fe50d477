/** Norms of matrices. */
import type { Expr } from '../../graph/expr.js';
import { checkOptions, option, REDUCE } from '../../arguments/options.js';
import { InputError } from '../../errors.js';
import { show } from '../../arguments/show.js';
import { abs } from '../elementwise.js';
import { restoreAxes } from '../movement.js';
import { max, min, type ReduceOptions, sum } from '../reductions.js';
import { norm } from '../statistics.js';
import { requireMatrix } from './checks.js';

/** Options of `matrixNorm`. */
export interface MatrixNormOptions extends ReduceOptions {
  /**
   * 'fro': the root of the sum of squares; 1: the largest sum of magnitudes of a column; Infinity: of a row; -1 and -Infinity: the smallest.
   * Default 'fro'.
   */
  readonly order?: 'fro' | number;
}

/**
 * The norms of matrices, the last two axes. As torch's and NumPy's `matrix_norm`, of whose orders those of singular values are missing. Columns or rows that tie share the gradient; that of 'fro' is 0 where all elements are 0.
 *
 * @param a `[..., m, n]`, float32 or float64
 * @returns `[...]`, with `keepdims` `[..., 1, 1]`
 * @throws {ShapeError} if it has fewer than two axes, or there is no column or row to choose
 * @throws {DTypeError} unless it is float32 or float64
 * @throws {InputError} if there is no such order
 * @example matrixNorm(literal([1, -2, 3, 4], [2, 2], 'float32'), { order: 1 })   // 6
 */
export function matrixNorm(a: Expr, options?: MatrixNormOptions): Expr {
  const { order = 'fro', keepdims = false } = checkOptions('matrixNorm', options, { ...REDUCE, order: option.unchecked });
  requireMatrix('matrixNorm', a);
  const norms = normOf(a, order);
  return keepdims ? restoreAxes(norms, [a.rank - 2, a.rank - 1], a.rank) : norms;
}

function normOf(a: Expr, order: 'fro' | number): Expr {
  switch (order) {
    case 'fro':
      return norm(a, [-2, -1]);
    case 1:
      return max(sum(abs(a), -2), -1);
    case -1:
      return min(sum(abs(a), -2), -1);
    case Infinity:
      return max(sum(abs(a), -1), -1);
    case -Infinity:
      return min(sum(abs(a), -1), -1);
    default:
      throw new InputError(`matrixNorm: the order must be 'fro', 1, -1, Infinity or -Infinity, not ${show(order)}`);
  }
}
