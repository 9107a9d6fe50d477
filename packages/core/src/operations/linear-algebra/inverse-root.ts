/** Inverse roots of symmetric positive definite matrices. */
import { checkOptions, option } from '../../arguments/options.js';
import { show } from '../../arguments/show.js';
import { customNode } from '../../gradients/custom.js';
import { describe } from '../../graph/describe.js';
import { InputError, ShapeError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import { pow, where } from '../elementwise.js';
import { eye } from '../masks.js';
import { expandDims, swapLast } from '../movement.js';
import { lift, pairOf } from '../operand-checks.js';
import { matmul } from '../products.js';
import { requireSquare } from './checks.js';
import { eigh } from './eigh.js';
import { upTo } from './matrices.js';

/** An eigenvalue below 0 counts as 0 if it is no further away than so many times the precision times the sum of all magnitudes. */
const ROUNDINGS = 10;
const MOST = 64;
const PRECISION = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** Options of `inverseRoot`. */
export interface InverseRootOptions {
  /** What is added to the eigenvalues, a number or a scalar: the ridge of Shampoo, whose matrices may be singular. Default 0. */
  readonly epsilon?: number | Expr;
}

/** A matrix whose root is asked for, and the root: the p-th. */
interface Rooted {
  readonly a: Expr;
  readonly epsilon: Expr;
  readonly p: number;
}

interface Spectrum {
  /** Eigenvectors, in columns. */
  readonly vectors: Expr;
  /** The p-th root of each eigenvalue, NaN where it is not above 0. */
  readonly roots: Expr;
}

function spectrum({ a, epsilon, p }: Rooted): Spectrum {
  const { values, vectors } = eigh(a);
  // Multiplied before they are summed: an infinite sum would make every eigenvalue one that counts as 0.
  const rounding = values.abs().mul(ROUNDINGS * (a.dtype === 'float32' ? PRECISION.float32 : PRECISION.float64)).sum(-1, { keepdims: true });
  const shifted = where(values.lt(0).and(values.add(rounding).ge(0)), 0, values).add(epsilon);
  return { vectors, roots: rootOf(where(shifted.gt(0), shifted, NaN), p) };
}

function rootOf(x: Expr, p: number): Expr {
  if (p % 2 === 0) return rootOf(x.sqrt(), p / 2);
  return p === 1 ? x : pow(x, 1 / p);
}

/** `V diag(d) V^T` */
function withEigenvalues(vectors: Expr, d: Expr): Expr {
  return matmul(vectors.mul(expandDims(d, -2)), swapLast(vectors));
}

function symmetric(a: Expr): Expr {
  return a.add(swapLast(a)).div(2);
}

/** Cotangents of the matrix and of what is added to its diagonal. */
function cotangents(ofMatrix: Expr): readonly [Expr, Expr] {
  const [n = 1] = ofMatrix.shape.slice(-1);
  return [ofMatrix, ofMatrix.mul(eye(n, n, { dtype: ofMatrix.dtype })).sum()];
}

/** `X = A^(-1/p)`. With Y = A^(1/p), dX is -X dY X. */
function inverseOf({ a, epsilon, p }: Rooted): Expr {
  const { vectors, roots } = spectrum({ a, epsilon, p });
  return customNode(
    withEigenvalues(vectors, roots.reciprocal()),
    [a, epsilon],
    (g, [matrix = a, ridge = epsilon]) => {
      const rooted = { a: matrix, epsilon: ridge, p };
      const x = inverseOf(rooted);
      return cotangents(changeOfRoot(rooted, matmul(matmul(x, symmetric(g)), x).neg()));
    },
    `inverseRoot ${p}`,
  );
}

/** `Y = A^(1/p)` */
function root({ a, epsilon, p }: Rooted): Expr {
  const { vectors, roots } = spectrum({ a, epsilon, p });
  return customNode(
    withEigenvalues(vectors, roots),
    [a, epsilon],
    (g, [matrix = a, ridge = epsilon]) => cotangents(changeOfRoot({ a: matrix, epsilon: ridge, p }, symmetric(g))),
    `root ${p}`,
  );
}

/**
 * By how much Y changes where A changes by C: Z with `sum of Y^k Z Y^(p - 1 - k) = C`, over k < p. In the basis of eigenvectors a division by
 * `sum of y[i]^k y[j]^(p - 1 - k)`, in which nothing cancels: equal eigenvalues are no exception. It is its own adjoint.
 */
function changeOfRoot({ a, epsilon, p }: Rooted, c: Expr): Expr {
  const { vectors, roots } = spectrum({ a, epsilon, p });
  const [rows, columns] = [expandDims(roots, -1), expandDims(roots, -2)];
  let [divisor, power] = [lift(1, a.dtype, 'inverseRoot'), rows];
  for (const k of upTo(p - 1)) {
    divisor = divisor.mul(columns).add(power);
    if (k < p - 2) power = power.mul(rows);
  }
  const inner = matmul(matmul(swapLast(vectors), c), vectors).div(divisor);
  return customNode(
    matmul(matmul(vectors, inner), swapLast(vectors)),
    [a, epsilon, c],
    (g, [matrix = a, ridge = epsilon, change = c]) => {
      const rooted = { a: matrix, epsilon: ridge, p };
      const h = changeOfRoot(rooted, g);
      const ofRoot = p === 1 ? undefined : weightOfRoot(root(rooted), h, swapLast(changeOfRoot(rooted, change)), p).neg();
      return [...(ofRoot === undefined ? [null, null] : cotangents(changeOfRoot(rooted, symmetric(ofRoot)))), h];
    },
    `change of root ${p}`,
  );
}

/** `sum of Y^i (H Y^k Z + Z Y^k H) Y^j` over i + j + k = p - 2: the gradient of `<H, sum of Y^k Z^T Y^(p - 1 - k)>` by Y. */
function weightOfRoot(y: Expr, h: Expr, z: Expr, p: number): Expr {
  const both = (hy: Expr, zy: Expr): Expr => matmul(hy, z).add(matmul(zy, h));
  let [hy, zy] = [h, z];
  let behind = both(hy, zy);
  let sum = behind;
  for (const _ of upTo(p - 2)) {
    [hy, zy] = [matmul(hy, y), matmul(zy, y)];
    behind = matmul(behind, y).add(both(hy, zy));
    sum = matmul(y, sum).add(behind);
  }
  return sum;
}

/**
 * `(a + epsilon I)^(-1/p)` of symmetric positive definite matrices, of the last two axes, for every item of the axes before: symmetric and positive definite, and
 * its p-th power is the inverse. p = 2 whitens; Shampoo's preconditioners of a matrix have p = 4. By `eigh`, and so from the lower triangle alone.
 *
 * Eigenvalues below 0 that rounding can have made of 0, by 10 times the precision times the sum of all their magnitudes, count as 0, and epsilon is added
 * to them as to others: a matrix that is merely semidefinite has an inverse root if epsilon is above 0. If an eigenvalue is not above 0 then, all of the result is NaN.
 *
 * The gradient is symmetric. It divides by sums of products of eigenvalues and never by differences: equal eigenvalues are no exception, in any derivative.
 *
 * @param a `[..., n, n]`, float32 or float64
 * @param p a whole number from 1 to 64
 * @throws {ShapeError} unless the last two axes are of one size, and epsilon is a scalar
 * @throws {DTypeError} unless it is float32 or float64, and epsilon of the same dtype
 * @throws {InputError} unless p is such a number
 * @example inverseRoot(literal([4, 0, 0, 9], [2, 2], 'float32'), 2)   // [[1/2, 0], [0, 1/3]]
 */
export function inverseRoot(a: Expr, p: number, options?: InverseRootOptions): Expr {
  const { epsilon = 0 } = checkOptions('inverseRoot', options, { epsilon: option.unchecked });
  requireSquare('inverseRoot', a);
  if (!Number.isInteger(p) || p < 1 || p > MOST) throw new InputError(`inverseRoot: p must be a whole number from 1 to ${MOST}, not ${show(p)}; the result is a^(-1/p)`);
  const [, ridge] = pairOf('inverseRoot', a, lift(epsilon, a.dtype, 'inverseRoot'));
  if (ridge.rank !== 0) throw new ShapeError(`inverseRoot: epsilon must be a number or a scalar, and ${describe(ridge)} is none`);
  return inverseOf({ a, epsilon: ridge, p });
}
