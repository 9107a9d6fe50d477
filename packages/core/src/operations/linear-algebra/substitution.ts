/** Solving with triangles inside of routines: forward and backward substitution, in place. */
import { int, type Local, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { ROWS, upTo } from './matrices.js';

/** A triangle of a matrix; what lies on its other side is not read. */
export interface Triangle {
  /** As it is stored. */
  readonly matrix: MatrixRef;
  /** Whether its transpose is meant. */
  readonly transpose: boolean;
  /** Whether what is meant, transposed or not, is an upper triangle: its rows are solved for from the last to the first. */
  readonly upper: boolean;
  /** Whether its diagonal counts as ones, and is not read. */
  readonly unit: boolean;
}

/** Replaces the columns of `x`, B at first, by the solution of T X = B. */
export function substitute(b: RoutineBuilder, triangle: Triangle, x: MatrixRef): void {
  if (x.columns === 1) substituteVector(b, triangle, x);
  else substituteRows(b, triangle, x);
}

/** All columns, some rows at a time: what those before give is taken away, then they are solved for among themselves. */
function substituteRows(b: RoutineBuilder, { matrix, transpose, upper, unit }: Triangle, x: MatrixRef): void {
  const n = x.rows;
  const meant = transpose ? b.transposed(matrix) : matrix;
  /** The row that is solved for at a step. */
  const rowAt = (step: Num): Num => (upper ? int(n - 1).sub(step) : step);
  const solveRows = (first: Num, count: number): void => {
    const rows = upTo(count).map((r) => b.let(rowAt(first.add(r))));
    b.parallel(0, x.columns, (column) => {
      const rests = rows.map((row) => ({ row, rest: b.let(x.at(row, column)) }));
      b.for(0, first, (step) => {
        const before = rowAt(step);
        const known = b.let(x.at(before, column));
        for (const { row, rest } of rests) b.set(rest, rest.sub(meant.at(row, before).mul(known)));
      });
      for (const { row, rest } of rests) x.set(row, column, rest);
    });
    b.parallel(0, x.columns, (column) => {
      const solved: { readonly row: Num; readonly value: Local }[] = [];
      for (const row of rows) {
        const left = solved.reduce<Num>((sum, known) => sum.sub(meant.at(row, known.row).mul(known.value)), x.at(row, column));
        const value = b.let(unit ? left : left.div(meant.at(row, row)));
        x.set(row, column, value);
        solved.push({ row, value });
      }
    });
  };
  const whole = n - (n % ROWS);
  b.for(0, whole / ROWS, (block) => solveRows(b.let(block.mul(ROWS)), ROWS));
  if (whole < n) solveRows(int(whole), n - whole);
}

/** A single column, along the rows of the matrix as it is stored. */
function substituteVector(b: RoutineBuilder, { matrix, transpose, upper, unit }: Triangle, x: MatrixRef): void {
  const n = x.rows;
  const each = (body: (row: Num) => void): void => (upper ? b.forDown(0, n, body) : b.for(0, n, body));
  const divided = (value: Num, row: Num): Num => (unit ? value : value.div(matrix.at(row, row)));
  each((row) => {
    if (transpose) {
      const value = b.let(divided(x.at(row, 0), row));
      x.set(row, 0, value);
      b.parallel(upper ? 0 : row.add(1), upper ? row : n, (k) => x.set(k, 0, x.at(k, 0).sub(matrix.at(row, k).mul(value))));
    } else {
      const sum = b.sum(upper ? row.add(1) : 0, upper ? n : row, (k) => matrix.at(row, k).mul(x.at(k, 0)));
      x.set(row, 0, divided(x.at(row, 0).sub(sum), row));
    }
  });
}
