/**
 * Least squares by reflections, inside of routines: A, or its transpose if it has more columns than rows, is Q R with a Q of reflections
 * `I - tau v v^T` (Golub & Van Loan, Matrix Computations, 4th edition, sections 5.1 and 5.2), and of that both `A^+ b` and `(A^T)^+ b`.
 */
import { smaller } from '../../graph/dimension.js';
import { GraphError } from '../../errors.js';
import type { Shape } from '../../graph/shape.js';
import { choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { defineRoutine, type ItemArray } from '../../routines/routine.js';
import { matrixOf, ROWS, upTo } from './matrices.js';
import { substitute } from './substitution.js';

/**
 * `[m, n]` as `[m, n]` and `[min(m, n)]`: the columns of the matrix that has no more columns than rows, a row each, in which R stands up to the diagonal and
 * behind it what v has after its 1; and the tau of each.
 */
export const REFLECTIONS = defineRoutine({
  name: 'householder',
  itemAxes: [2],
  results: ([a]) => [a, tausOf(a)],
  write(b, [a], [result, taus]) {
    const given = matrixOf(b, a);
    const [count, length] = [Math.min(given.rows, given.columns), Math.max(given.rows, given.columns)];
    const columns = b.matrix(result, count, length);
    const source = given.rows < given.columns ? given : b.transposed(given);
    b.for(0, count, (c) => b.parallel(0, length, (k) => columns.set(c, k, source.at(c, k))));
    b.for(0, count, (c) => {
      const tau = reflect(b, columns, c);
      taus.set(c, tau);
      const rest = b.let(int(count - 1).sub(c));
      const blocks = b.let(rest.div(ROWS));
      b.for(0, blocks, (block) => turn(b, columns, c, tau, b.let(block.mul(ROWS).add(c).add(1)), ROWS));
      b.for(b.let(blocks.mul(ROWS).add(c).add(1)), count, (other) => turn(b, columns, c, tau, other, 1));
    });
  },
  // `leastSquares` says its gradient.
  vjp: () => [null],
});

function tausOf(a: Shape): Shape {
  const [rows, columns] = a;
  if (rows === undefined || columns === undefined) throw new GraphError('householder: a matrix lost an axis');
  return [smaller(rows, columns)];
}

/** Makes a column the multiple R of the first unit vector, from its element c on, and the rest of it the reflection that did so, whose tau is answered. */
function reflect(b: RoutineBuilder, columns: MatrixRef, c: Num): Num {
  const length = columns.columns;
  const size = (k: Num): Num => choose(columns.at(c, k).abs().gt(0), columns.at(c, k).abs(), 0);
  const [largest] = b.reduce(c, length, (k) => [{ op: 'max', value: size(k) }]);
  if (largest === undefined) throw new GraphError('householder: a routine lost a maximum');
  // Squares of what is divided by the largest element neither overflow nor vanish.
  const scale = b.let(choose(largest.gt(0), largest, 1));
  const squares = b.sum(c, length, (k) => columns.at(c, k).div(scale).mul(columns.at(c, k).div(scale)));
  const norm = b.let(squares.sqrt().mul(scale));
  const first = b.let(columns.at(c, c));
  // The sign by which nothing cancels.
  const diagonal = b.let(choose(first.gt(0), norm.neg(), norm));
  const isZero = norm.eq(0);
  const tau = b.let(choose(isZero, 0, diagonal.sub(first).div(choose(isZero, 1, diagonal))));
  const divisor = b.let(choose(isZero, 1, first.sub(diagonal)));
  b.parallel(c.add(1), length, (k) => columns.set(c, k, columns.at(c, k).div(divisor)));
  columns.set(c, c, diagonal);
  return tau;
}

/** Reflects some of the other columns. */
function turn(b: RoutineBuilder, columns: MatrixRef, c: Num, tau: Num, from: Num, count: number): void {
  const length = columns.columns;
  const rows = upTo(count).map((r) => {
    const row = b.let(from.add(r));
    return { row, head: b.let(columns.at(row, c)) };
  });
  const sums = b.reduce(c.add(1), length, (k) => rows.map(({ row }) => ({ op: 'sum', value: columns.at(c, k).mul(columns.at(row, k)) })));
  const turned = sums.map((sum, r) => {
    const given = rows[r];
    if (given === undefined) throw new GraphError('householder: a routine lost a column');
    return { ...given, share: b.let(given.head.add(sum).mul(tau)) };
  });
  for (const { row, head, share } of turned) columns.set(row, c, head.sub(share));
  b.parallel(c.add(1), length, (k) => {
    const reflection = b.let(columns.at(c, k));
    for (const { row, share } of turned) columns.set(row, k, columns.at(row, k).sub(share.mul(reflection)));
  });
}

/** Of reflections of A and right sides `A^+ b`; all NaN where the diagonal of R has a 0 or NaN. */
export const PSEUDOINVERSE = pseudoinverse('leastSquares', false);

/** `(A^T)^+ b` of the same. */
export const PSEUDOINVERSE_TRANSPOSED = pseudoinverse('leastSquares transposed', true);

function pseudoinverse(name: string, transpose: boolean) {
  return defineRoutine({
    name,
    itemAxes: [2, 1, 2],
    results: ([a, , right]): readonly [Shape] => [[...(transpose ? a.slice(0, 1) : a.slice(1)), ...right.slice(1)]],
    write(b, [result, taus, right], [solution]) {
      const { rows: m, columns: n } = matrixOf(b, result);
      const [count, length] = [Math.min(m, n), Math.max(m, n)];
      const columns = b.matrix(result, count, length);
      const bad = b.sum(0, count, (c) => choose(columns.at(c, c).abs().gt(0), int(0), 1));
      const width = matrixOf(b, right).columns;
      // What is solved with the matrix that has no more columns than rows has as many unknowns as columns.
      const isTall = m >= n !== transpose;
      const work = b.work('turned', length * width);
      const turned = b.matrix(work, length, width);
      const unknowns = b.matrix(work, count, width);
      b.parallel(0, length * width, (k) => work.set(k, isTall ? right.at(k) : float(0)));
      if (!isTall) b.parallel(0, count * width, (k) => work.set(k, right.at(k)));
      b.if(
        bad.eq(0),
        () => {
          if (isTall) reflectRows(b, columns, taus, turned, false);
          substitute(b, { matrix: columns, transpose: isTall, upper: isTall, unit: false }, unknowns);
          if (!isTall) reflectRows(b, columns, taus, turned, true);
          b.parallel(0, solution.size, (k) => solution.set(k, work.at(k)));
        },
        () => b.parallel(0, solution.size, (k) => solution.set(k, float(NaN))),
      );
    },
    // `leastSquares` says its gradient.
    vjp: () => [null, null, null],
  });
}

/** Applies all reflections to the columns of a matrix: Q^T from the first reflection on, Q from the last. */
function reflectRows(b: RoutineBuilder, columns: MatrixRef, taus: ItemArray, x: MatrixRef, fromLast: boolean): void {
  const each = (body: (c: Num) => void): void => (fromLast ? b.forDown(0, columns.rows, body) : b.for(0, columns.rows, body));
  if (x.columns === 1) {
    each((c) => {
      const sum = b.sum(c.add(1), x.rows, (k) => columns.at(c, k).mul(x.at(k, 0)));
      const share = b.let(x.at(c, 0).add(sum).mul(taus.at(c)));
      x.set(c, 0, x.at(c, 0).sub(share));
      b.parallel(c.add(1), x.rows, (k) => x.set(k, 0, x.at(k, 0).sub(share.mul(columns.at(c, k)))));
    });
    return;
  }
  b.parallel(0, x.columns, (j) =>
    each((c) => {
      const total = b.let(x.at(c, j));
      b.for(c.add(1), x.rows, (k) => b.set(total, total.add(columns.at(c, k).mul(x.at(k, j)))));
      const share = b.let(total.mul(taus.at(c)));
      x.set(c, j, x.at(c, j).sub(share));
      b.for(c.add(1), x.rows, (k) => x.set(k, j, x.at(k, j).sub(share.mul(columns.at(c, k)))));
    }),
  );
}
