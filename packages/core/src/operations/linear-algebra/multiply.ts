/** Products of matrices, inside of routines. */
import { float, int, type Like, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { ROWS, upTo } from './matrices.js';

/** What of a product is wanted, and what of it is not 0, for some rows from the first on. */
export interface Bounds {
  /** The first column that is wanted. Default: 0. */
  readonly column?: (first: Num) => Like;
  /** The first term of the sums. Default: 0. */
  readonly from?: (first: Num) => Like;
  /** The one behind the last term. Default: all. */
  readonly to?: (first: Num) => Like;
}

/** `out = left right`; some rows at a time, whose sums stay in registers. The right one is read row by row. */
export function multiply(b: RoutineBuilder, left: MatrixRef, right: MatrixRef, out: MatrixRef, { column = () => 0, from = () => 0, to = () => right.rows }: Bounds = {}): void {
  const whole = out.rows - (out.rows % ROWS);
  const rows = (first: Num, count: number): void => {
    const [start, end] = [b.let(int(0).add(from(first))), b.let(int(0).add(to(first)))];
    b.parallel(column(first), out.columns, (j) => {
      const sums = upTo(count).map(() => b.let(float(0)));
      b.for(start, end, (l) => {
        const element = b.let(right.at(l, j));
        for (const [r, sum] of sums.entries()) b.set(sum, sum.add(left.at(first.add(r), l).mul(element)));
      });
      for (const [r, sum] of sums.entries()) out.set(first.add(r), j, sum);
    });
  };
  b.for(0, whole / ROWS, (block) => rows(b.let(block.mul(ROWS)), ROWS));
  if (whole < out.rows) rows(int(whole), out.rows - whole);
}
