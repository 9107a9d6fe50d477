/** Singular values and vectors. */
import { type Dimension, smaller } from '../../graph/dimension.js';
import { GraphError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import type { Shape } from '../../graph/shape.js';
import { type ArrayRef, choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { eq, where } from '../elementwise.js';
import { eye } from '../masks.js';
import { expandDims, swapLast } from '../movement.js';
import { matmul } from '../products.js';
import { requireMatrix } from './checks.js';
import { diagonalize } from './diagonalize.js';
import { leastSquareOf, orthogonalizeColumns } from './jacobi.js';
import { matrixOf, ROWS, upTo } from './matrices.js';
import { multiply } from './multiply.js';
import { applyAll, only, type Reflections, triangularize } from './reflectors.js';
import { ascending, scaleOf, signsOf } from './spectra.js';

/**
 * A, or its transpose if it has more columns than rows, its columns in order, is Q R, and `R^T = L S W^T` by one-sided Jacobi, which converges faster for
 * triangles that are transposed (Drmac & Veselic, New Fast and Accurate Jacobi SVD Algorithm, 2008), and from vectors that are almost right, in a sweep or two.
 * So `Q W` are its left and L, in the order of before, its right singular vectors.
 */
const SVD = defineRoutine({
  name: 'svd',
  itemAxes: [2],
  results: ([a]) => {
    const [rows, columns] = sizesOf(a);
    const common = smaller(rows, columns);
    return [[rows, common], [common], [common, columns]] as const;
  },
  write(b, [a], [u, s, vt]) {
    const given = matrixOf(b, a);
    const isTall = given.rows >= given.columns;
    const source = isTall ? given : b.transposed(given);
    const { rows: length, columns: count } = source;
    if (count === 0) return;
    const room = b.work('matrix', length * count);
    const matrix = b.matrix(room, length, count);
    const { scale, isFinite } = scaleOf(b, a);
    const fail = (): void => {
      for (const result of [u, s, vt]) b.parallel(0, result.size, (k) => result.set(k, float(NaN)));
    };
    b.if(
      isFinite,
      () => {
        const order = byColumns(b, source);
        b.for(0, count, (j) => {
          const from = b.let(order.at(j));
          b.parallel(0, length, (i) => matrix.set(i, j, source.at(i, from).div(scale)));
        });
        const reflections = triangularize(b, matrix, count);
        const { columns, hasConverged } = nearlyOrthogonal(b, matrix, count);
        b.if(
          hasConverged.and(orthogonalizeColumns(b, { matrix: columns, rows: count })),
          () => {
            const vectors = sorted(b, columns, count);
            b.parallel(0, count, (r) => s.set(r, vectors.sizes.at(r).mul(scale)));
            const [left, right] = isTall ? [matrixOf(b, u), matrixOf(b, vt)] : [b.transposed(matrixOf(b, vt)), b.transposed(matrixOf(b, u))];
            b.for(0, count, (r) => b.parallel(0, count, (i) => right.set(r, order.at(i), vectors.left.at(r, i))));
            writeTurned(b, reflections, vectors.turned, left, isTall);
          },
          fail,
        );
      },
      fail,
    );
  },
  vjp: ([a], [u, s, vt], [gu, gs, gvt]) => [cotangent(a, { u, s, vt }, { u: gu, s: gs, vt: gvt })],
});

function sizesOf(shape: Shape): readonly [Dimension, Dimension] {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) throw new GraphError('svd: a matrix lost an axis');
  return [rows, columns];
}

/**
 * The columns `R^T V` of an upper triangle R, and under them V, with the eigenvectors V of R R^T: they are orthogonal but for rounding, and for columns that
 * are small beside others, so that a sweep or two are left to do.
 */
function nearlyOrthogonal(b: RoutineBuilder, upper: MatrixRef, count: number): { readonly columns: MatrixRef; readonly hasConverged: Num } {
  const room = b.work('columns', 2 * count * count);
  const [lower, vectors] = [b.matrix(room, count, count), b.matrix(room, count, count, count * count)];
  b.for(0, count, (i) => {
    b.parallel(0, i, (j) => upper.set(i, j, 0));
    b.parallel(0, count, (j) => lower.set(j, i, upper.at(i, j)));
  });
  const square = b.work('square', count * count);
  multiply(b, upper, lower, b.matrix(square, count, count), { from: (first) => first });
  const { rows, hasConverged } = diagonalize(b, square, count);
  b.for(0, count, (i) => b.parallel(0, count, (j) => vectors.set(i, j, rows.at(j, i))));
  multiply(b, b.transposed(upper), vectors, lower, { to: (first) => first.add(ROWS).min(count) });
  return { columns: b.matrix(room, 2 * count, count), hasConverged };
}

interface SortedVectors {
  /** Singular values, descending. */
  readonly sizes: ArrayRef;
  /** The columns by their singular values, a row each. */
  readonly left: MatrixRef;
  /** What stood under them, a row each. */
  readonly turned: MatrixRef;
}

/** Columns from the largest to the smallest, so that the rows of the triangle are as different in size as these are. */
function byColumns(b: RoutineBuilder, source: MatrixRef): ArrayRef {
  const sizes = b.work('sizes of columns', source.columns);
  b.parallel(0, source.columns, (j) => {
    const sum = b.let(float(0));
    b.for(0, source.rows, (i) => b.set(sum, sum.add(source.at(i, j).abs())));
    sizes.set(j, sum.neg());
  });
  return ascending(b, source.columns, (j) => sizes.at(j));
}

function sorted(b: RoutineBuilder, columns: MatrixRef, count: number): SortedVectors {
  const [unsorted, sizes] = [b.work('sizes in no order', count), b.work('sizes', count)];
  b.parallel(0, count, (c) => {
    const most = b.let(float(0));
    b.for(0, count, (i) => b.set(most, most.max(columns.at(i, c).abs())));
    const scale = b.let(choose(most.gt(0), most, 1));
    const squares = b.let(float(0));
    b.for(0, count, (i) => b.set(squares, squares.add(columns.at(i, c).div(scale).mul(columns.at(i, c).div(scale)))));
    unsorted.set(c, squares.sqrt().mul(scale));
  });
  const order = ascending(b, count, (c) => unsorted.at(c).neg());
  b.parallel(0, count, (r) => sizes.set(r, unsorted.at(order.at(r))));
  const [left, turned] = [b.matrix(b.work('left', count * count), count, count), b.matrix(b.work('turned', count * count), count, count)];
  const isLost = (size: Num): Num => size.mul(size).lt(leastSquareOf(b));
  b.for(0, count, (r) => {
    const from = b.let(order.at(r));
    const size = b.let(sizes.at(r));
    const divisor = b.let(choose(isLost(size), 1, size));
    b.parallel(0, count, (i) => {
      left.set(r, i, columns.at(i, from).div(divisor));
      turned.set(r, i, columns.at(i.add(count), from));
    });
  });
  const kept = b.let(int(0));
  b.while(kept.lt(count).and(isLost(sizes.at(kept.min(count - 1))).not()), () => b.set(kept, kept.add(1)));
  b.for(kept, count, (r) => complete(b, left, r));
  const signs = signsOf(b, left);
  b.for(0, count, (r) => {
    const sign = b.let(signs.at(r));
    b.parallel(0, count, (i) => left.set(r, i, left.at(r, i).mul(sign)));
    b.parallel(0, count, (i) => turned.set(r, i, turned.at(r, i).mul(sign)));
  });
  return { sizes, left, turned };
}

/** Makes row r orthonormal to those before: the unit vector that is furthest from their space, without its part in that. */
function complete(b: RoutineBuilder, rows: MatrixRef, r: Num): void {
  const n = rows.columns;
  const shares = b.work('shares', n);
  b.parallel(0, n, (i) => {
    const share = b.let(float(0));
    b.for(0, r, (q) => b.set(share, share.add(rows.at(q, i).mul(rows.at(q, i)))));
    shares.set(i, share);
  });
  const least = only(b.reduce(0, n, (i) => [{ op: 'min', value: shares.at(i) }]));
  const chosen = only(b.reduce(0, n, (i) => [{ op: 'min', value: choose(shares.at(i).eq(least), i, n - 1) }]));
  b.parallel(0, n, (i) => rows.set(r, i, choose(i.eq(chosen), float(1), 0)));
  for (const _ of upTo(2)) {
    b.parallel(0, r, (q) => {
      const product = b.let(float(0));
      b.for(0, n, (i) => b.set(product, product.add(rows.at(q, i).mul(rows.at(r, i)))));
      shares.set(q, product);
    });
    b.parallel(0, n, (i) => {
      const rest = b.let(rows.at(r, i));
      b.for(0, r, (q) => b.set(rest, rest.sub(shares.at(q).mul(rows.at(q, i)))));
      rows.set(r, i, rest);
    });
  }
  const norm = b.let(b.sum(0, n, (i) => rows.at(r, i).mul(rows.at(r, i))).sqrt());
  b.parallel(0, n, (i) => rows.set(r, i, rows.at(r, i).div(norm)));
}

/** Writes Q W, or where its transpose is wanted that of room to work in. */
function writeTurned(b: RoutineBuilder, reflections: Reflections, turned: MatrixRef, target: MatrixRef, inPlace: boolean): void {
  const { rows, columns } = target;
  const matrix = inPlace ? target : b.matrix(b.work('other vectors', rows * columns), rows, columns);
  b.for(0, columns, (i) => b.parallel(0, columns, (r) => matrix.set(i, r, turned.at(r, i))));
  b.for(columns, rows, (i) => b.parallel(0, columns, (r) => matrix.set(i, r, 0)));
  applyAll(b, reflections, matrix);
  if (!inPlace) b.for(0, columns, (r) => b.parallel(0, rows, (i) => target.set(i, r, matrix.at(i, r))));
}

/**
 * Townsend, Differentiating the Singular Value Decomposition, 2016: `U (E o (U^T gU - gU^T U) S + S (E o (V^T gV - gV^T V)) + diag(gs)) V^T`, and what
 * of gU and gV lies outside of the spaces of U and V, divided by the singular values; E[i, j] = 1 / (s[j]^2 - s[i]^2).
 */
function cotangent(a: Expr, { u, s, vt }: Svd, { u: gu, s: gs, vt: gvt }: Svd): Expr {
  const [rows, columns] = sizesOf(a.shape);
  const [common = 1] = s.shape.slice(-1);
  const [row, column] = [expandDims(s, -2), expandDims(s, -1)];
  const apart = row.sub(column).mul(row.add(column));
  const equal = eq(apart, 0);
  const turn = (of: Expr, g: Expr): Expr => {
    const inner = matmul(of, g);
    return where(equal, 0, inner.sub(swapLast(inner)).div(where(equal, 1, apart)));
  };
  const gv = swapLast(gvt);
  const inner = turn(swapLast(u), gu).mul(row).add(turn(vt, gv).mul(column)).add(expandDims(gs, -1).mul(eye(common, common, { dtype: a.dtype })));
  const isZero = eq(s, 0);
  const inverse = where(isZero, 0, where(isZero, 1, s).reciprocal());
  const parts = [matmul(matmul(u, inner), vt)];
  if (rows !== common) parts.push(matmul(gu.sub(matmul(u, matmul(swapLast(u), gu))).mul(expandDims(inverse, -2)), vt));
  if (columns !== common) parts.push(matmul(u, expandDims(inverse, -1).mul(gvt.sub(matmul(matmul(gvt, swapLast(vt)), vt)))));
  return parts.reduce((all, part) => all.add(part));
}

/** What `svd` answers. */
export interface Svd {
  /** `[..., m, min(m, n)]`: the left singular vectors, a column each, orthonormal. */
  readonly u: Expr;
  /** `[..., min(m, n)]`: the singular values, descending. */
  readonly s: Expr;
  /** `[..., min(m, n), n]`: the right singular vectors, a row each, orthonormal. */
  readonly vt: Expr;
}

/**
 * Singular value decomposition: `a = u diag(s) vt`, of the last two axes, for every item of the axes before; reduced, which NumPy and torch call
 * `fullMatrices: false`. By one-sided Jacobi rotations of a triangle: singular values that are small because columns are keep their digits, down to about the precision times the largest. The sign
 * of a pair of vectors is free: here the first element of the right one (the left one if m < n) that is as large as its largest, or within a
 * thousandth of it, is positive. All is NaN where an element is not finite, or no convergence was found (NumPy and torch throw).
 *
 * The gradient is torch's, but that it divides by differences of squares of singular values, and by singular values unless the matrix is
 * square: where these are exactly 0 such terms count as 0, where torch has infinities and NaN. Functions of the singular values alone need none of them.
 *
 * @param a `[..., m, n]`, float32 or float64
 * @throws {ShapeError} unless there are two axes
 * @throws {DTypeError} unless it is float32 or float64
 * @example const { u, s, vt } = svd(literal([3, 0, 4, 5], [2, 2], 'float32'));   // s: [6.708, 2.236], the square roots of 45 and 5
 */
export function svd(a: Expr): Svd {
  requireMatrix('svd', a);
  const [u, s, vt] = applyRoutine(SVD, [a]);
  return { u, s, vt };
}
