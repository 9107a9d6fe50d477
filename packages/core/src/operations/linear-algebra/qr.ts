/** Orthogonal times triangular. */
import { smaller, subtractDimensions } from '../../graph/dimension.js';
import { GraphError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import type { Shape } from '../../graph/shape.js';
import { float } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { tril } from '../masks.js';
import { concat, sliceNode, swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireMatrix } from './checks.js';
import { matrixOf } from './matrices.js';
import { applyAll, triangularize } from './reflectors.js';
import { triangular } from './triangular.js';

const QR = defineRoutine({
  name: 'qr',
  itemAxes: [2],
  results: ([a]) => {
    const [rows, columns] = sizesOf(a);
    const common = smaller(rows, columns);
    return [[rows, common], [common, columns]] as const;
  },
  write(b, [a], [q, r]) {
    const { rows: m, columns: n } = matrixOf(b, a);
    const count = Math.min(m, n);
    const rest = b.matrix(b.work('rest', m * n), m, n);
    b.parallel(0, m * n, (k) => rest.set(0, k, a.at(k)));
    const reflections = triangularize(b, rest, count);
    const upper = matrixOf(b, r);
    b.for(0, count, (i) => {
      b.parallel(0, i, (j) => upper.set(i, j, 0));
      b.parallel(i, n, (j) => upper.set(i, j, rest.at(i, j)));
    });
    const orthogonal = matrixOf(b, q);
    // A column that is not finite has such elements in the triangle, while columns before it would look like factors.
    const nothing = b.sum(0, r.size, (k) => r.at(k).mul(0));
    b.if(
      nothing.eq(0),
      () => {
        b.parallel(0, m * count, (k) => q.set(k, 0));
        b.parallel(0, count, (k) => orthogonal.set(k, k, 1));
        // A block of reflections leaves the unit vectors before it as they are.
        applyAll(b, reflections, orthogonal, (first) => first);
      },
      () => {
        for (const factor of [q, r]) b.parallel(0, factor.size, (k) => factor.set(k, float(NaN)));
      },
    );
  },
  vjp: ([a], [q, r], [gq, gr]) => [cotangent(a, q, r, gq, gr)],
});

function sizesOf(shape: Shape): readonly [Shape[number], Shape[number]] {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) throw new GraphError('qr: a matrix lost an axis');
  return [rows, columns];
}

/**
 * Of A = [X Y] = Q [U V] with a square U (all of A if it has no more columns than rows), as PyTorch's `linalg_qr_backward` has it: Y's cotangent is
 * Q gV, Q's cotangent so gQ + Y gV^T, and X's `(gQ + Q sym(M)) U^-T` with `M = U gU^T - gQ^T Q`, where sym repeats the lower triangle above the diagonal.
 */
function cotangent(a: Expr, q: Expr, r: Expr, gq: Expr, gr: Expr): Expr {
  const [rows, columns] = sizesOf(a.shape);
  const square = smaller(rows, columns);
  const rest = subtractDimensions(columns, square);
  if (rest === 0) return cotangentOfTall(q, r, gq, gr);
  const part = (of: Expr, start: Shape[number], size: Shape[number]): Expr => {
    const leading = of.shape.slice(0, -1);
    return sliceNode(of, [...leading.map(() => 0), start], [...leading.map(() => 1), 1], [...leading, size]);
  };
  const gv = part(gr, square, rest);
  const gQ = gq.add(matmul(part(a, square, rest), swapLast(gv)));
  return concat([cotangentOfTall(q, part(r, 0, square), gQ, part(gr, 0, square)), matmul(q, gv)], -1);
}

function cotangentOfTall(q: Expr, r: Expr, gq: Expr, gr: Expr): Expr {
  const m = matmul(r, swapLast(gr)).sub(matmul(swapLast(gq), q));
  const symmetric = tril(m).add(swapLast(tril(m, -1)));
  const right = gq.add(matmul(q, symmetric));
  return swapLast(triangular(r, swapLast(right), { lower: false, transpose: false, unitDiagonal: false }));
}

/** What `qr` answers. */
export interface QrFactors {
  /** `[..., m, min(m, n)]`: its columns are orthonormal. */
  readonly q: Expr;
  /** `[..., min(m, n), n]`: zeros below the diagonal. */
  readonly r: Expr;
}

/**
 * Orthogonal times upper triangular: `a = q r`, of the last two axes, for every item of the axes before; reduced, as NumPy's and torch's default.
 * By reflections, with LAPACK's signs: a diagonal element of r is the negative of the sign of what is left of its column at its place, times the
 * norm of that; so r's diagonal has either sign, and the columns of q go with it. All is NaN where an element is not finite, or one of r would overflow.
 *
 * The gradient is that of full rank; of a matrix of m < n it is that of torch, where the first m columns have full rank.
 *
 * @param a `[..., m, n]`, float32 or float64
 * @throws {ShapeError} unless there are two axes
 * @throws {DTypeError} unless it is float32 or float64
 * @example const { q, r } = qr(literal([3, 1, 4, 2], [2, 2], 'float32'));   // r: [[-5, -2.2], [0, 0.4]]
 */
export function qr(a: Expr): QrFactors {
  requireMatrix('qr', a);
  const [q, r] = applyRoutine(QR, [a]);
  return { q, r };
}
