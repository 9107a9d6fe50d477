/** Eigenvalues and eigenvectors of symmetric matrices. */
import type { Expr } from '../../graph/expr.js';
import { float } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { eye } from '../masks.js';
import { eq, where } from '../elementwise.js';
import { expandDims, swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireSquare } from './checks.js';
import { diagonalize } from './diagonalize.js';
import { matrixOf } from './matrices.js';
import { ascending, scaleOf, signsOf } from './spectra.js';

const EIGH = defineRoutine({
  name: 'eigh',
  itemAxes: [2],
  results: ([a]) => [a.slice(1), a],
  write(b, [a], [values, vectors]) {
    const n = a.shape[0] ?? 0;
    if (n === 0) return;
    const source = matrixOf(b, a);
    const room = b.work('matrix', n * n);
    const matrix = b.matrix(room, n, n);
    b.for(0, n, (i) => {
      b.parallel(0, i.add(1), (j) => matrix.set(i, j, source.at(i, j)));
      b.parallel(i.add(1), n, (j) => matrix.set(i, j, source.at(j, i)));
    });
    const { scale, isFinite } = scaleOf(b, room);
    const fail = (): void => {
      b.parallel(0, n, (k) => values.set(k, float(NaN)));
      b.parallel(0, n * n, (k) => vectors.set(k, float(NaN)));
    };
    b.if(
      isFinite,
      () => {
        b.parallel(0, n * n, (k) => room.set(k, room.at(k).div(scale)));
        const { values: diagonal, rows, hasConverged } = diagonalize(b, room, n);
        b.if(
          hasConverged,
          () => {
            const order = ascending(b, n, (k) => diagonal.at(k));
            const signs = signsOf(b, rows);
            b.parallel(0, n, (k) => values.set(k, diagonal.at(order.at(k)).mul(scale)));
            const columns = matrixOf(b, vectors);
            b.for(0, n, (k) => {
              const from = b.let(order.at(k));
              b.parallel(0, n, (i) => columns.set(i, k, rows.at(from, i).mul(signs.at(from))));
            });
          },
          fail,
        );
      },
      fail,
    );
  },
  // A's cotangent is V (diag(gw) + F o (V^T gV)) V^T with F[i, j] = 1 / (w[j] - w[i]) beside the diagonal, of which the symmetric part counts.
  vjp([a], [w, v], [gw, gv]) {
    const inner = matmul(swapLast(v), gv);
    const [n = 1] = a.shape.slice(-1);
    const apart = expandDims(w, -2).sub(expandDims(w, -1));
    const equal = eq(apart, 0);
    const rotated = where(equal, 0, inner.sub(swapLast(inner)).div(where(equal, 1, apart)).div(2));
    const all = rotated.add(expandDims(gw, -1).mul(eye(n, n, { dtype: a.dtype })));
    return [matmul(matmul(v, all), swapLast(v))];
  },
});

/** What `eigh` answers. */
export interface Eigen {
  /** `[..., n]`: the eigenvalues, ascending. */
  readonly values: Expr;
  /** `[..., n, n]`: the eigenvectors, a column each, orthonormal. */
  readonly vectors: Expr;
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices: `a = vectors diag(values) vectors^T`, of the last two axes, for every item of the axes before. As
 * NumPy's and torch's `eigh`, it reads the lower triangle alone. Eigenvalues are off by about the precision times the largest of them. The sign of an
 * eigenvector is free: here the first of its elements that are as large as the largest (or within a thousandth of it) is positive. Of eigenvalues that are
 * equal any orthonormal vectors of their space are answered. All is NaN where an element is not finite, or no convergence was found (NumPy and torch throw).
 *
 * The gradient is symmetric, as torch's. It divides by differences of eigenvalues; where two are exactly equal that term counts as 0, where torch has
 * NaN: right for what depends on the space of the two alone, and for the first derivatives of functions of the eigenvalues that are
 * symmetric in them. Where eigenvalues are close but not equal, gradients through the vectors are as large as the difference is small. For inverse roots of
 * a matrix `inverseRoot` has gradients without any of that.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @throws {ShapeError} unless the last two axes are of one size
 * @throws {DTypeError} unless it is float32 or float64
 * @example const { values, vectors } = eigh(literal([2, 1, 1, 2], [2, 2], 'float32'));   // 1 and 3; columns [1, -1] and [1, 1], divided by sqrt(2)
 */
export function eigh(a: Expr): Eigen {
  requireSquare('eigh', a);
  const [values, vectors] = applyRoutine(EIGH, [a]);
  return { values, vectors };
}
