/** Systems of equations, and inverses. */
import type { Expr, Operand } from '../../graph/expr.js';
import { customNode } from '../../gradients/custom.js';
import type { Shape } from '../../graph/shape.js';
import { choose, float, int, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine, type ItemArray } from '../../routines/routine.js';
import { eye } from '../masks.js';
import { swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireSquare } from './checks.js';
import { factorize } from './lu.js';
import { matrixOf } from './matrices.js';
import { solveRightSides } from './right-sides.js';
import { substitute } from './substitution.js';

/** Of factors and right sides the solution, all NaN where the diagonal of the upper triangle has a 0 or NaN. */
const FROM_FACTORS = fromFactors('solve', false);

/** The same with the transpose of the matrix that the factors are of. */
const FROM_FACTORS_TRANSPOSED = fromFactors('solve transposed', true);

function fromFactors(name: string, transpose: boolean) {
  return defineRoutine({
    name,
    itemAxes: [2, 1, 2],
    results: ([, , right]): readonly [Shape] => [right],
    write(b, [factors, order, right], [solution]) {
      const matrix = matrixOf(b, factors);
      const bad = b.sum(0, matrix.rows, (row) => choose(matrix.at(row, row).abs().gt(0), int(0), 1));
      b.if(
        bad.eq(0),
        () => {
          const [lower, upper] = [{ matrix, transpose, upper: transpose, unit: true }, { matrix, transpose, upper: !transpose, unit: false }];
          if (transpose) {
            const given = { ...b.work('solution in the order of the factors', right.size), shape: right.shape };
            b.parallel(0, right.size, (k) => given.set(k, right.at(k)));
            substitute(b, upper, matrixOf(b, given));
            substitute(b, lower, matrixOf(b, given));
            moveRows(b, given, solution, { to: order });
          } else {
            moveRows(b, right, solution, { from: order });
            substitute(b, lower, matrixOf(b, solution));
            substitute(b, upper, matrixOf(b, solution));
          }
        },
        () => b.parallel(0, solution.size, (k) => solution.set(k, float(NaN))),
      );
    },
    // `solved` says its gradient.
    vjp: () => [null, null, null],
  });
}

/** Rows of a matrix, in the order from which they come, or to which they go. */
function moveRows(b: RoutineBuilder, source: ItemArray, target: ItemArray, { from, to }: { readonly from?: ItemArray; readonly to?: ItemArray }): void {
  const [given, moved] = [matrixOf(b, source), matrixOf(b, target)];
  const each = (row: Num): readonly [Num, Num] => [from === undefined ? row : from.at(row), to === undefined ? row : to.at(row)];
  if (given.columns === 1) {
    b.parallel(0, given.rows, (row) => {
      const [there, here] = each(row);
      moved.set(here, 0, given.at(there, 0));
    });
    return;
  }
  b.for(0, given.rows, (row) => {
    const [first, second] = each(row);
    const [there, here] = [b.let(first), b.let(second)];
    b.parallel(0, given.columns, (column) => moved.set(here, column, given.at(there, column)));
  });
}

/** X of A X = B, or of A^T X = B: operands of the same leading axes. */
export function solved(a: Expr, b: Expr, transpose = false): Expr {
  const { factors, order } = factorize(a);
  const [value] = applyRoutine(transpose ? FROM_FACTORS_TRANSPOSED : FROM_FACTORS, [factors, order, b]);
  return customNode(
    value,
    [a, b],
    (g, [matrix = a, right = b]) => {
      const ofRight = solved(matrix, g, !transpose);
      const solution = solved(matrix, right, transpose);
      const [rows, columns] = transpose ? [solution, ofRight] : [ofRight, solution];
      return [matmul(rows, swapLast(columns)).neg(), ofRight];
    },
    transpose ? 'solve transposed' : 'solve',
  );
}

/**
 * Solves the linear systems `a x = b`, by elimination with partial pivoting. Where a matrix is singular, so that a pivot is exactly 0, all of the
 * solution is NaN, where NumPy and torch throw; one that is merely close to it has a solution of little accuracy, as everywhere.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @param b `[n]`, a vector, or `[..., n, k]`, as in NumPy 2: only what has one axis is a vector (torch also takes `[..., n]` beside `[..., n, n]`;
 *   expand it to one column). Leading axes broadcast. Numbers take the dtype of a
 * @returns `[..., n]` for a vector, otherwise `[..., n, k]`
 * @throws {ShapeError} unless the sizes fit, or the leading axes do not broadcast
 * @throws {DTypeError} unless both are float32 or both are float64
 * @example solve(literal([3, 1, 1, 2], [2, 2], 'float32'), [9, 8])   // [2, 3]
 */
export function solve(a: Expr, b: Operand): Expr {
  requireSquare('solve', a);
  return solveRightSides('solve', a, b, (matrix, columns) => solved(matrix, columns));
}

/**
 * The inverses of matrices. `solve(a, b)` is faster and more accurate than `inverse(a).matmul(b)`. All NaN where `solve` has no solution.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @returns `[..., n, n]`
 * @throws {ShapeError} unless the last two axes are of one size
 * @throws {DTypeError} unless it is float32 or float64
 * @example inverse(literal([2, 0, 0, 4], [2, 2], 'float32'))   // [[0.5, 0], [0, 0.25]]
 */
export function inverse(a: Expr): Expr {
  requireSquare('inverse', a);
  const [n = 1] = a.shape.slice(-1);
  return solveRightSides('inverse', a, eye(n, n, { dtype: a.dtype }), (matrix, columns) => solved(matrix, columns));
}
