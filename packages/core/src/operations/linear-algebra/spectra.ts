/** What eigenvalues and singular values need, inside of routines: a scale, an order, signs. */
import { type ArrayRef, choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { only } from './reflectors.js';

/** Magnitudes are left as they are, if none is further from 1 than this: no square of them overflows or vanishes. */
const USUAL = 2 ** 16;

/** What a matrix is to be divided by so that squares of its elements are numbers: 1, but for such as are very large or small; and whether all of it are numbers. */
export function scaleOf(b: RoutineBuilder, room: ArrayRef): { readonly scale: Num; readonly isFinite: Num } {
  const nothing = b.sum(0, room.size, (k) => room.at(k).mul(0));
  const largest = only(b.reduce(0, room.size, (k) => [{ op: 'max', value: choose(room.at(k).abs().gt(0), room.at(k).abs(), 0) }]));
  const isUsual = largest.eq(0).or(largest.gt(1 / USUAL).and(largest.lt(USUAL)));
  return { scale: b.let(choose(isUsual, 1, largest)), isFinite: b.let(nothing.eq(0)) };
}

/** The positions of some numbers in ascending order; of equal ones the first comes first. None is NaN. */
export function ascending(b: RoutineBuilder, count: number, value: (k: Num) => Num): ArrayRef {
  const order = b.array('order', 'int32', count);
  b.parallel(0, count, (k) => {
    const rank = b.let(int(0));
    b.for(0, count, (other) => b.set(rank, rank.add(choose(value(other).lt(value(k)).or(value(other).eq(value(k)).and(other.lt(k))), int(1), 0))));
    order.set(rank, k);
  });
  return order;
}

/** 1 or -1 for each row: by it, the first of the elements that are about as large as the largest becomes positive, whatever way they were rounded. */
export function signsOf(b: RoutineBuilder, rows: MatrixRef): ArrayRef {
  const signs = b.work('signs', rows.rows);
  b.parallel(0, rows.rows, (row) => {
    const most = b.let(float(0));
    b.for(0, rows.columns, (k) => b.set(most, most.max(rows.at(row, k).abs())));
    const first = b.let(float(1));
    b.forDown(0, rows.columns, (k) => {
      const element = b.let(rows.at(row, k));
      b.set(first, choose(element.abs().ge(most.mul(0.999)), element, first));
    });
    signs.set(row, choose(first.lt(0), float(-1), 1));
  });
  return signs;
}
