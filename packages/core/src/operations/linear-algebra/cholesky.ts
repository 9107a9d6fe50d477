/** Cholesky factors. */
import type { Expr } from '../../graph/expr.js';
import { choose, float, int, type Local, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { tril, triu } from '../masks.js';
import { swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireSquare } from './checks.js';
import { matrixOf, ROWS, upTo } from './matrices.js';
import { triangular } from './triangular.js';

const CHOLESKY = defineRoutine({
  name: 'cholesky',
  itemAxes: [2],
  results: ([a]) => [a],
  write(b, [a], [factor]) {
    const [source, lower] = [matrixOf(b, a), matrixOf(b, factor)];
    const n = source.rows;
    // The factor's transpose, whose rows are read one element after the other.
    const upper = b.matrix(b.work('upper', n * n), n, n);
    const failed = b.let(int(0));
    b.for(0, n, (i) => b.parallel(i, n, (j) => upper.set(i, j, source.at(j, i))));
    const whole = n - (n % ROWS);
    b.for(0, whole / ROWS, (block) => factorizeRows(b, upper, b.let(block.mul(ROWS)), ROWS, n, failed));
    if (whole < n) factorizeRows(b, upper, int(whole), n - whole, n, failed);
    // One element of what is not positive definite would look like a factor: all of it is NaN.
    b.if(
      failed.eq(0),
      () => b.for(0, n, (i) => b.parallel(0, n, (j) => lower.set(i, j, choose(j.le(i), upper.at(j.min(i), i), 0)))),
      () => b.parallel(0, n * n, (k) => factor.set(k, float(NaN))),
    );
  },
  // Murray (2016), arXiv:1602.07527, section 3.1, equation 10: S = L^-T Phi(L^T G) L^-1, where Phi takes the lower triangle and halves its diagonal.
  vjp(_, [factor], [g]) {
    const inner = matmul(swapLast(factor), tril(g));
    const lower = tril(inner, -1).add(tril(triu(inner)).mul(0.5));
    const left = divided(factor, lower);
    // The matrix is symmetric, and so is its cotangent.
    const outer = divided(factor, swapLast(left));
    return [outer.add(swapLast(outer)).mul(0.5)];
  },
});

/** `L^-T X` */
function divided(factor: Expr, x: Expr): Expr {
  return triangular(factor, x, { lower: true, transpose: true, unitDiagonal: false });
}

/** Some rows of the upper factor from row k on, all rows above it being there: U[k, j] = (A[j, k] - sum of U[p, k] U[p, j] over p < k) / U[k, k]. */
function factorizeRows(b: RoutineBuilder, upper: MatrixRef, k: Num, rows: number, n: number, failed: Local): void {
  const each = upTo(rows);
  b.parallel(k, n, (j) => {
    const rest = each.map((r) => b.let(upper.at(k.add(r), j)));
    b.for(0, k, (p) => {
      const other = b.let(upper.at(p, j));
      for (const [r, sum] of rest.entries()) b.set(sum, sum.sub(upper.at(p, k.add(r)).mul(other)));
    });
    for (const [r, sum] of rest.entries()) upper.set(k.add(r), j, sum);
  });
  for (const r of each) {
    const row = b.let(k.add(r));
    const pivot = b.let(upper.at(row, row));
    // The root of an infinity would leave zeros below it.
    b.if(pivot.gt(0).and(pivot.lt(Infinity)).not(), () => b.set(failed, 1));
    const root = b.let(pivot.sqrt());
    b.parallel(row, n, (j) => upper.set(row, j, upper.at(row, j).div(root)));
    for (const s of each.slice(r + 1)) {
      const below = b.let(k.add(s));
      const factor = b.let(upper.at(row, below));
      b.parallel(below, n, (j) => upper.set(below, j, upper.at(below, j).sub(factor.mul(upper.at(row, j)))));
    }
  }
}

/**
 * The Cholesky factor of a symmetric positive definite matrix: the lower triangle L with a positive diagonal and `a = L L^T`, of the last two
 * axes, for every item of the axes before. As torch's `linalg.cholesky` and NumPy's, it reads the lower triangle alone; unlike them, it does not
 * throw for what is not positive definite, or not finite, of which all elements of the factor are NaN. Its gradient is symmetric, as torch's is: that of both triangles.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @returns `[..., n, n]`
 * @throws {ShapeError} unless the last two axes are of one size
 * @throws {DTypeError} unless it is float32 or float64
 * @example cholesky(literal([4, 2, 2, 5], [2, 2], 'float32'))   // [[2, 0], [1, 2]]
 */
export function cholesky(a: Expr): Expr {
  requireSquare('cholesky', a);
  const [factor] = applyRoutine(CHOLESKY, [a]);
  return factor;
}
