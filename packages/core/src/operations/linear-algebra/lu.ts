/** The factorization that systems of equations and determinants are made of: rows in another order are a lower times an upper triangle. */
import { GraphError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import { choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { matrixOf, ROWS, upTo } from './matrices.js';
import { repeated } from './repeated.js';

/**
 * Right-looking elimination with partial pivoting, some columns at a time (Golub & Van Loan, Matrix Computations, 4th edition, section 3.4 and, by
 * blocks, 3.2.11): they are copied so that each lies in one piece, and eliminated among themselves; then the rest is updated by all of them at once.
 */
const LU = defineRoutine({
  name: 'lu',
  itemAxes: [2],
  results: ([a]) => [a, a.slice(0, 1), a.slice(0, 1), [], []],
  write(b, [a], [factors, order, diagonal, sign, determinant]) {
    const matrix = matrixOf(b, factors);
    const n = matrix.rows;
    const elimination = new Elimination(b, matrix);
    b.parallel(0, n * n, (k) => factors.set(k, a.at(k)));
    b.parallel(0, n, (row) => elimination.order.set(row, row));
    const whole = n - (n % ROWS);
    b.for(0, whole / ROWS, (block) => elimination.columns(block, ROWS));
    if (whole < n) elimination.columns(int(whole / ROWS), n - whole);
    b.parallel(0, n, (row) => order.set(row, elimination.order.at(row).toFloat()));
    b.parallel(0, n, (row) => diagonal.set(row, matrix.at(row, row)));
    sign.set(0, elimination.sign);
    // One after the other, so that what has overflowed stays infinite: lanes of a product may give an infinity and a 0. A pivot of 0 makes 0 of that, too.
    const product = b.let(elimination.sign);
    b.for(0, n, (row) => {
      const pivot = b.let(matrix.at(row, row));
      b.set(product, choose(pivot.eq(0), 0, product.mul(pivot)));
    });
    determinant.set(0, product);
  },
  // What is made of it says its gradient.
  vjp: () => [null],
});

class Elimination {
  /** Where each row was. */
  readonly order;
  /** 1 or -1, the determinant of the order. */
  readonly sign;
  private readonly n: number;
  /** The columns that are eliminated, a row each. */
  private readonly panel: MatrixRef;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly matrix: MatrixRef,
  ) {
    this.n = matrix.rows;
    this.order = b.array('order', 'int32', this.n);
    this.sign = b.let(float(1));
    this.panel = b.matrix(b.work('panel', ROWS * this.n), ROWS, this.n);
  }

  /** Eliminates the columns of a block. */
  columns(block: Num, width: number): void {
    const { b, n, matrix, panel } = this;
    const first = b.let(block.mul(ROWS));
    const each = upTo(width).map((c) => ({ c, column: b.let(first.add(c)) }));
    b.parallel(first, n, (row) => {
      for (const { c, column } of each) panel.set(c, row, matrix.at(row, column));
    });
    for (const { c, column } of each) {
      this.bringUp(column, c, width);
      this.divide(column, c, width);
    }
    b.parallel(first, n, (row) => {
      for (const { c, column } of each) matrix.set(row, column, panel.at(c, row));
    });
    // Fewer columns than a block are the last ones.
    if (width === ROWS) this.updateRest(block, first);
  }

  /** Exchanges rows, so that the largest number of what is left of a column stands on the diagonal. NaN counts as 0. */
  private bringUp(column: Num, c: number, width: number): void {
    const { b, n, matrix, panel, order, sign } = this;
    const size = (row: Num): Num => choose(panel.at(c, row).abs().gt(0), panel.at(c, row).abs(), 0);
    const [largest] = b.reduce(column, n, (row) => [{ op: 'max', value: size(row) }]);
    if (largest === undefined) throw new GraphError('lu: a routine lost a maximum');
    const [pivot] = b.reduce(column, n, (row) => [{ op: 'min', value: choose(size(row).eq(largest), row, n - 1) }]);
    if (pivot === undefined) throw new GraphError('lu: a routine lost a minimum');
    b.if(pivot.eq(column).not(), () => {
      b.parallel(0, n, (k) => {
        const [upper, lower] = [b.let(matrix.at(column, k)), b.let(matrix.at(pivot, k))];
        matrix.set(column, k, lower);
        matrix.set(pivot, k, upper);
      });
      b.parallel(0, width, (k) => {
        const [upper, lower] = [b.let(panel.at(k, column)), b.let(panel.at(k, pivot))];
        panel.set(k, column, lower);
        panel.set(k, pivot, upper);
      });
      const [upper, lower] = [b.let(order.at(column)), b.let(order.at(pivot))];
      order.set(column, lower);
      order.set(pivot, upper);
      b.set(sign, sign.neg());
    });
  }

  /** The multiples of the pivot's row in the rows below, which are taken away in the columns of the block behind it. */
  private divide(column: Num, c: number, width: number): void {
    const { b, n, panel } = this;
    const pivot = b.let(panel.at(c, column));
    // A pivot of 0 has zeros below it.
    const divisor = b.let(choose(pivot.eq(0), 1, pivot));
    const behind = upTo(width).filter((k) => k > c).map((k) => ({ k, first: b.let(panel.at(k, column)) }));
    b.parallel(column.add(1), n, (row) => {
      const multiple = b.let(panel.at(c, row).div(divisor));
      panel.set(c, row, multiple);
      for (const { k, first } of behind) panel.set(k, row, panel.at(k, row).sub(multiple.mul(first)));
    });
  }

  /** The columns behind the block: its own rows are solved for, then their multiples taken away from some rows below at a time. */
  private updateRest(block: Num, first: Num): void {
    const { b, n, matrix, panel } = this;
    const rest = b.let(first.add(ROWS));
    const own = upTo(ROWS).map((r) => b.let(first.add(r)));
    b.parallel(rest, n, (k) => {
      const solved: Num[] = [];
      for (const row of own) {
        const value = b.let(solved.reduce<Num>((sum, known, c) => sum.sub(panel.at(c, row).mul(known)), matrix.at(row, k)));
        matrix.set(row, k, value);
        solved.push(value);
      }
    });
    const update = (top: Num, count: number): void =>
      b.parallel(rest, n, (k) => {
        const known = own.map((row) => b.let(matrix.at(row, k)));
        for (const r of upTo(count)) {
          const row = top.add(r);
          matrix.set(row, k, known.reduce<Num>((sum, value, c) => sum.sub(panel.at(c, row).mul(value)), matrix.at(row, k)));
        }
      });
    const blocks = Math.floor(n / ROWS);
    b.for(block.add(1), blocks, (below) => update(b.let(below.mul(ROWS)), ROWS));
    if (n % ROWS > 0) update(int(blocks * ROWS), n % ROWS);
  }
}

/** Factors of matrices. */
export interface Factors {
  /** `[..., n, n]`: above and on the diagonal an upper triangle, below it a lower one, whose diagonal is ones. */
  readonly factors: Expr;
  /** `[..., n]`, int32: which row of the matrix each row of the product of the triangles is. */
  readonly order: Expr;
  /** `[..., n]`: the diagonal of the upper triangle. */
  readonly diagonal: Expr;
  /** `[...]`: 1, or -1 where the order is an odd number of exchanges. */
  readonly sign: Expr;
  /** `[...]`: the product of the diagonal and the sign, 0 if an element of the diagonal is. */
  readonly determinant: Expr;
}

/** The factors of square matrices; what is repeated is factorized once. */
export function factorize(a: Expr): Factors {
  const { source, repeat } = repeated(a);
  const [factors, order, diagonal, sign, product] = applyRoutine(LU, [source]);
  return { factors: repeat(factors), order: repeat(order.cast('int32')), diagonal: repeat(diagonal), sign: repeat(sign), determinant: repeat(product) };
}
