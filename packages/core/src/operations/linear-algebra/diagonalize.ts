/** Eigenvalues and eigenvectors of symmetric matrices, inside of routines. */
import type { ArrayRef, MatrixRef, Num, RoutineBuilder } from '../../routines/builder.js';
import { implicitQl } from './implicit-ql.js';
import { applyAll, only } from './reflectors.js';
import { tridiagonalize } from './tridiagonal.js';

/** Eigenvalues in no order, and an eigenvector of each. */
export interface Diagonalized {
  readonly values: ArrayRef;
  /** A row each. */
  readonly rows: MatrixRef;
  readonly hasConverged: Num;
}

/** Takes apart a symmetric matrix, all of which is there and finite; nothing of it is left. It is the first `n n` elements of `room`. */
export function diagonalize(b: RoutineBuilder, room: ArrayRef, n: number): Diagonalized {
  const matrix = b.matrix(room, n, n);
  const size = only(b.reduce(0, n * n, (k) => [{ op: 'max', value: room.at(k).abs() }]));
  const tridiagonal = tridiagonalize(b, matrix);
  // Q, and then its transpose, whose rows become eigenvectors.
  b.parallel(0, n * n, (k) => room.set(k, 0));
  b.parallel(0, n, (k) => matrix.set(k, k, 1));
  applyAll(b, tridiagonal.reflections, matrix, (first) => first);
  const rows = b.matrix(b.work('rows', n * n), n, n);
  b.for(0, n, (i) => b.parallel(0, n, (j) => rows.set(i, j, matrix.at(j, i))));
  return { values: tridiagonal.diagonal, rows, hasConverged: implicitQl(b, tridiagonal, rows, size) };
}
