/** Determinants, their logarithms, and their gradients, which are adjugates. */
import type { Expr } from '../../graph/expr.js';
import { customNode } from '../../gradients/custom.js';
import { choose, float } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { abs, eq, log, mul, sign } from '../elementwise.js';
import { iota } from '../../graph/construct.js';
import { expandDims, swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { prod, sum } from '../reductions.js';
import { requireSquare } from './checks.js';
import { factorize } from './lu.js';
import { matrixOf } from './matrices.js';
import { inverse } from './solve.js';
import { triangular } from './triangular.js';

/**
 * The adjugate of an upper triangle, `det(U) U^-1`, without a division, so that the diagonal may have zeros. Of U Y = I the elements are
 * `Y[i, j] = M[i, j] / (u_i ... u_j)`, where `M[j, j] = 1` and `M[i, j] = -sum over p from i + 1 to j of U[i, p] M[p, j] u_(i+1) ... u_(p-1)`;
 * in the adjugate the u of the diagonal that are left stand in the place of the division.
 */
const TRIANGLE_ADJUGATE = defineRoutine({
  name: 'adjugate of a triangle',
  itemAxes: [2],
  results: ([a]) => [a],
  write(b, [a], [adjugate]) {
    const [upper, result] = [matrixOf(b, a), matrixOf(b, adjugate)];
    const n = upper.rows;
    // Products of the diagonal before each element of it, and behind it.
    const [before, behind] = [b.work('before', n), b.work('behind', n)];
    const product = b.let(float(1));
    b.for(0, n, (k) => {
      before.set(k, product);
      b.set(product, product.mul(upper.at(k, k)));
    });
    b.set(product, 1);
    b.forDown(0, n, (k) => {
      behind.set(k, product);
      b.set(product, product.mul(upper.at(k, k)));
    });
    /** `M[p, j] u_(i+1) ... u_(p-1)` */
    const terms = b.matrix(b.work('terms', n * n), n, n);
    b.parallel(0, n, (j) =>
      b.forDown(0, n, (i) => {
        const total = b.let(float(0));
        const own = b.let(upper.at(i, i));
        b.for(i.add(1), n, (p) => {
          const term = b.let(terms.at(p, j));
          b.set(total, total.sub(upper.at(i, p).mul(term)));
          terms.set(p, j, term.mul(own));
        });
        const value = b.let(choose(i.eq(j), float(1), choose(i.lt(j), total, 0)));
        terms.set(i, j, value);
        result.set(i, j, value.mul(before.at(i)).mul(behind.at(j)));
      }),
    );
  },
  // `adjugate` says its gradient.
  vjp: () => [null],
});

/** The adjugate, `det(A) A^-1` where there is an inverse: the transpose of the gradient of the determinant. */
function adjugate(a: Expr): Expr {
  const { factors, order, sign: exchanges } = factorize(a);
  const [ofUpper] = applyRoutine(TRIANGLE_ADJUGATE, [factors]);
  // A = P^T L U, so adj(A) = adj(U) L^-1 P det(P): Y L = adj(U), and column k of Y stands at order[k].
  const inOrder = swapLast(triangular(factors, swapLast(ofUpper), { lower: true, transpose: true, unitDiagonal: true }));
  const [n = 1] = a.shape.slice(-1);
  const permutation = eq(expandDims(order, -1), iota([n], 0)).cast(a.dtype);
  const value = matmul(inOrder, permutation).mul(expandDims(expandDims(exchanges, -1), -1));
  return customNode(
    value,
    [a],
    (g, [matrix = a]) => {
      // d adj(A) = tr(adj(A) dA) A^-1 - A^-1 dA adj(A)
      const [adjugated, inverted] = [swapLast(adjugate(matrix)), swapLast(inverse(matrix))];
      const along = sum(mul(g, swapLast(inverted)), [-2, -1], { keepdims: true });
      return [adjugated.mul(along).sub(matmul(matmul(inverted, g), adjugated))];
    },
    'adjugate',
  );
}

/**
 * The determinants of matrices: the product of the pivots of an elimination with partial pivoting, exactly 0 if one is, and 1 of a matrix `[0, 0]`.
 * It overflows and vanishes sooner than `slogdet`. The gradient, the transposed adjugate, is right for singular matrices too, for which
 * torch may answer 0; its own gradient is NaN for them.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @returns `[...]`
 * @throws {ShapeError} unless the last two axes are of one size
 * @throws {DTypeError} unless it is float32 or float64
 * @example determinant(literal([3, 1, 1, 2], [2, 2], 'float32'))   // 5
 */
export function determinant(a: Expr): Expr {
  requireSquare('determinant', a);
  return customNode(factorize(a).determinant, [a], (g, [matrix = a]) => [swapLast(adjugate(matrix)).mul(expandDims(expandDims(g, -1), -1))], 'determinant');
}

/** What `slogdet` answers. */
export interface SignAndLogarithm {
  /** `[...]`: 1, -1, or 0 for a singular matrix; no gradient flows through. */
  readonly sign: Expr;
  /** `[...]`: the logarithm of the magnitude, -Infinity for a singular matrix. */
  readonly logAbs: Expr;
}

/**
 * The sign of determinants and the logarithm of their magnitude, which neither overflow nor vanish: `determinant(a) = sign exp(logAbs)`.
 * For a singular matrix they are 0 and -Infinity, as in NumPy and torch, and the gradient is NaN.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @throws {ShapeError} unless the last two axes are of one size
 * @throws {DTypeError} unless it is float32 or float64
 * @example const { logAbs } = slogdet(covariance);
 */
export function slogdet(a: Expr): SignAndLogarithm {
  requireSquare('slogdet', a);
  const { diagonal, sign: exchanges } = factorize(a);
  const magnitude = sum(log(abs(diagonal)), -1);
  return {
    sign: prod(sign(diagonal), -1).mul(exchanges),
    logAbs: customNode(magnitude, [a], (g, [matrix = a]) => [swapLast(inverse(matrix)).mul(expandDims(expandDims(g, -1), -1))], 'slogdet'),
  };
}
