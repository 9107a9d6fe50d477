/**
 * Least squares by reflections, inside of routines: A, or its transpose if it has more columns than rows, is Q R (Golub & Van Loan, Matrix Computations, 4th
 * edition, section 5.3), and of that both `A^+ b` and `(A^T)^+ b`: `R^-1 Q^T b`, or `Q R^-T b`.
 */
import { addDimensions, smaller, subtractDimensions } from '../../graph/dimension.js';
import { GraphError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import { choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { defineRoutine } from '../../routines/routine.js';
import { matrixOf, ROWS } from './matrices.js';
import { applyAll, applyBlock, type Reflections, triangleOf, triangularize } from './reflectors.js';
import { substitute } from './substitution.js';

/** Of `[m, n]`, with c the smaller size and d the larger one: the reflections, `[c, d]`, their taus, `[c]`, and R, `[c, c]`, with a diagonal of NaN where an element of it is not finite. */
export const REFLECTIONS = defineRoutine({
  name: 'householder',
  itemAxes: [2],
  results: ([a]) => {
    const { rows, columns } = sizesOf(a);
    const count = smaller(rows, columns);
    return [[count, subtractDimensions(addDimensions(rows, columns), count)], [count], [count, count]] as const;
  },
  write(b, [a], [vectors, taus, triangle]) {
    const given = matrixOf(b, a);
    const source = given.rows >= given.columns ? given : b.transposed(given);
    const { rows: length, columns: count } = source;
    const matrix = b.matrix(b.work('matrix', length * count), length, count);
    b.for(0, length, (i) => b.parallel(0, count, (j) => matrix.set(i, j, source.at(i, j))));
    const reflections = triangularize(b, matrix, count);
    b.parallel(0, count * length, (k) => vectors.set(k, reflections.vectors.at(0, k)));
    b.parallel(0, count, (k) => taus.set(k, reflections.taus.at(k)));
    const upper = matrixOf(b, triangle);
    b.for(0, count, (i) => {
      b.parallel(0, i, (j) => upper.set(i, j, 0));
      b.parallel(i, count, (j) => upper.set(i, j, matrix.at(i, j)));
    });
    // What is not finite in the matrix is not so here.
    const nothing = b.sum(0, triangle.size, (k) => triangle.at(k).mul(0));
    b.parallel(0, count, (k) => upper.set(k, k, upper.at(k, k).add(nothing)));
  },
  // `leastSquares` says its gradient.
  vjp: () => [null],
});

function sizesOf(shape: Shape): { readonly rows: Shape[number]; readonly columns: Shape[number] } {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined) throw new GraphError('leastSquares: a matrix lost an axis');
  return { rows, columns };
}

/** Of reflections of A and right sides `A^+ b`; all NaN where the diagonal of R has a 0 or NaN. */
export const PSEUDOINVERSE = pseudoinverse('leastSquares', false);

/** `(A^T)^+ b` of the same. */
export const PSEUDOINVERSE_TRANSPOSED = pseudoinverse('leastSquares transposed', true);

function pseudoinverse(name: string, transpose: boolean) {
  return defineRoutine({
    name,
    itemAxes: [2, 1, 2, 2],
    results: ([vectors, , , right]): readonly [Shape] => {
      const [sizes, given] = [sizesOf(vectors), sizesOf(right)];
      return [[subtractDimensions(addDimensions(sizes.rows, sizes.columns), given.rows), given.columns]];
    },
    write(b, [vectors, taus, triangle, right], [solution]) {
      const { rows: count, columns: length } = matrixOf(b, vectors);
      const reflections = { vectors: matrixOf(b, vectors), taus, count, offset: 0 };
      const matrix = matrixOf(b, triangle);
      const bad = b.sum(0, count, (c) => choose(matrix.at(c, c).abs().gt(0), int(0), 1));
      const { rows: given, columns: width } = matrixOf(b, right);
      // A square matrix is Q R itself.
      const hasMoreRows = count === length ? !transpose : given === length;
      const work = b.work('turned', length * width);
      const [turned, unknowns] = [b.matrix(work, length, width), b.matrix(work, count, width)];
      b.parallel(0, given * width, (k) => work.set(k, right.at(k)));
      b.parallel(given * width, length * width, (k) => work.set(k, 0));
      b.if(
        bad.eq(0),
        () => {
          if (hasMoreRows) turn(b, reflections, turned, true);
          substitute(b, { matrix, transpose: !hasMoreRows, upper: hasMoreRows, unit: false }, unknowns);
          if (!hasMoreRows) turn(b, reflections, turned, false);
          b.parallel(0, solution.size, (k) => solution.set(k, work.at(k)));
        },
        () => b.parallel(0, solution.size, (k) => solution.set(k, float(NaN))),
      );
    },
    // `leastSquares` says its gradient.
    vjp: () => [null, null, null, null],
  });
}

/** Replaces X by Q X, or by Q^T X. */
function turn(b: RoutineBuilder, all: Reflections, x: MatrixRef, transpose: boolean): void {
  const { vectors, taus, count } = all;
  if (x.columns === 1) {
    const one = (c: Num): void => {
      const share = b.let(b.sum(c, x.rows, (k) => vectors.at(c, k).mul(x.at(k, 0))).mul(taus.at(c)));
      b.parallel(c, x.rows, (k) => x.set(k, 0, x.at(k, 0).sub(share.mul(vectors.at(c, k)))));
    };
    if (transpose) b.for(0, count, one);
    else b.forDown(0, count, one);
    return;
  }
  if (!transpose) {
    applyAll(b, all, x);
    return;
  }
  const apply = (first: Num, width: number): void => applyBlock(b, all, first, triangleOf(b, all, first, width), { matrix: x, from: 0, to: x.columns }, true);
  const whole = count - (count % ROWS);
  b.for(0, whole / ROWS, (block) => apply(b.let(block.mul(ROWS)), ROWS));
  if (whole < count) apply(int(whole), count - whole);
}
