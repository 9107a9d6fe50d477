/** Systems of equations with more equations than unknowns, or fewer. */
import type { Expr, Operand } from '../../graph/expr.js';
import { customNode } from '../../gradients/custom.js';
import { applyRoutine } from '../../routines/routine.js';
import { swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireMatrix } from './checks.js';
import { PSEUDOINVERSE, PSEUDOINVERSE_TRANSPOSED, REFLECTIONS } from './householder.js';
import { repeated } from './repeated.js';
import { solveRightSides } from './right-sides.js';

/** `A^+ b`, where A is a, or its transpose: operands of the same leading axes. */
function pseudosolved(a: Expr, b: Expr, transpose = false): Expr {
  const { source, repeat } = repeated(a);
  const [reflections, taus, triangle] = applyRoutine(REFLECTIONS, [source]);
  const [value] = applyRoutine(transpose ? PSEUDOINVERSE_TRANSPOSED : PSEUDOINVERSE, [repeat(reflections), repeat(taus), repeat(triangle), b]);
  return customNode(value, [a, b], (g, [matrix = a, right = b]) => cotangents(matrix, right, g, transpose), transpose ? 'leastSquares transposed' : 'leastSquares');
}

/**
 * With `x = A^+ b`, of full rank, and `u = (A^T)^+ g`: b's cotangent is u, and A's is `-u x^T + (b - A x) (A^+ u)^T + ((A^T)^+ x) (g - A^T u)^T`, of which the
 * second term is 0 unless there are more equations than unknowns, the third unless there are fewer (Golub & Pereyra (1973), doi:10.1137/0710036, theorem 4.3).
 */
function cotangents(a: Expr, b: Expr, g: Expr, transpose: boolean): readonly [Expr, Expr] {
  const [matrix, turned] = transpose ? [swapLast(a), a] : [a, swapLast(a)];
  const [rows = 1, columns = 1] = matrix.shape.slice(-2);
  const known = typeof rows === 'number' && typeof columns === 'number';
  const x = pseudosolved(a, b, transpose);
  const ofRight = pseudosolved(a, g, !transpose);
  let ofMatrix = matmul(ofRight, swapLast(x)).neg();
  if (rows !== columns && (!known || rows > columns)) {
    const rest = b.sub(matmul(matrix, x));
    ofMatrix = ofMatrix.add(matmul(rest, swapLast(pseudosolved(a, ofRight, transpose))));
  }
  if (rows !== columns && (!known || rows < columns)) {
    const rest = g.sub(matmul(turned, ofRight));
    ofMatrix = ofMatrix.add(matmul(pseudosolved(a, x, !transpose), swapLast(rest)));
  }
  return [transpose ? swapLast(ofMatrix) : ofMatrix, ofRight];
}

/**
 * The x for which the sum of squares of `a x - b` is least, by reflections (Householder), which square no condition number. With fewer
 * equations than unknowns it is the x of the least sum of squares of its own that fulfils them. The matrix must have full rank, as for torch's
 * driver 'gels'; where it has not, all of x is NaN if that is told exactly, and otherwise of no use. It is NaN, too, where a is not finite. What NumPy's `lstsq` answers beside, the
 * sum of squares that is left, is `a.matmul(x).sub(b).square().sum(-2)`.
 *
 * @param a `[..., m, n]`, float32 or float64
 * @param b `[m]`, a vector, or `[..., m, k]`: only what has one axis is a vector, as for `solve`. Leading axes broadcast. Numbers take the dtype of a
 * @returns `[..., n]` for a vector, otherwise `[..., n, k]`
 * @throws {ShapeError} unless the sizes fit, or the leading axes do not broadcast
 * @throws {DTypeError} unless both are float32 or both are float64
 * @example leastSquares(literal([1, 0, 1, 1, 1, 2], [3, 2], 'float32'), [1, 3, 5])   // [1, 2]: the line 1 + 2 t
 */
export function leastSquares(a: Expr, b: Operand): Expr {
  requireMatrix('leastSquares', a);
  return solveRightSides('leastSquares', a, b, (matrix, columns) => pseudosolved(matrix, columns));
}
