/**
 * Reflections `I - tau v v^T` inside of routines, some of which are applied at once, as `I - V T V^T` with a triangle T (Schreiber & Van Loan,
 * A Storage-Efficient WY Representation, 1989; Golub & Van Loan, Matrix Computations, 4th edition, sections 5.1 and 5.2).
 */
import { GraphError } from '../../errors.js';
import { type ArrayRef, choose, float, int, type Like, type Local, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { ROWS, upTo } from './matrices.js';

/** Reflections; the first is applied first to what is made triangular. */
export interface Reflections {
  /** Each v is a row. Reflection k has zeros before element `k + offset`, which is 1. */
  readonly vectors: MatrixRef;
  /** The tau of each. */
  readonly taus: ArrayRef;
  /** How many. */
  readonly count: number;
  /** Where the 1 of the first is. */
  readonly offset: number;
}

/** Room for reflections. */
export function reflections(b: RoutineBuilder, count: number, length: number, offset: number): Reflections {
  return { vectors: b.matrix(b.work('reflections', count * length), count, length), taus: b.work('taus', count), count, offset };
}

/**
 * Makes row k, which holds some x from element `k + offset` on, the reflection that takes x to a multiple of the first unit vector, and answers
 * which one: with the sign by which nothing cancels, as LAPACK has it; where x is such a multiple already, tau is 0.
 */
export function reflect(b: RoutineBuilder, { vectors, taus, offset }: Reflections, k: Num): Num {
  const length = vectors.columns;
  const first = b.let(k.add(offset));
  const behind = b.let(first.add(1));
  const size = (i: Num): Num => choose(vectors.at(k, i).abs().gt(0), vectors.at(k, i).abs(), 0);
  const largest = only(b.reduce(first, length, (i) => [{ op: 'max', value: size(i) }]));
  // All of it is divided by the largest element: squares neither overflow nor vanish, and what has few digits is reflected as it is.
  const scale = b.let(choose(largest.gt(0), largest, 1));
  const squares = b.sum(behind, length, (i) => vectors.at(k, i).div(scale).mul(vectors.at(k, i).div(scale)));
  const whole = b.let(vectors.at(k, first));
  const head = b.let(whole.div(scale));
  const norm = b.let(head.mul(head).add(squares).sqrt());
  const isMultiple = squares.eq(0);
  const multiple = b.let(choose(head.lt(0), norm, norm.neg()));
  const tau = b.let(choose(isMultiple, 0, multiple.sub(head).div(choose(isMultiple, 1, multiple))));
  const divisor = b.let(choose(isMultiple, 1, head.sub(multiple)));
  b.parallel(behind, length, (i) => vectors.set(k, i, vectors.at(k, i).div(scale).div(divisor)));
  alone(b, () => {
    vectors.set(k, first, 1);
    taus.set(k, tau);
  });
  return b.let(choose(isMultiple, whole, multiple.mul(scale)));
}

/** The upper triangles T of some reflections that follow each other: `I - V T V^T` is their product. */
export function triangleOf(b: RoutineBuilder, { vectors, taus, offset }: Reflections, first: Num, count: number): readonly (readonly Num[])[] {
  const rows = upTo(count).map((r) => first.add(r));
  const pairs = rows.flatMap((left, k) => rows.slice(k + 1).map((right, l) => ({ left, right, k, l: k + 1 + l })));
  const products = pairs.length === 0 ? [] : b.reduce(first.add(offset), vectors.columns, (i) => pairs.map(({ left, right }) => ({ op: 'sum', value: vectors.at(left, i).mul(vectors.at(right, i)) })));
  const product = (k: number, l: number): Num => entry(products, pairs.findIndex((pair) => pair.k === k && pair.l === l));
  const triangle = rows.map(() => rows.map((): Num => float(0)));
  const at = (k: number, l: number): Num => entry(entry(triangle, k), l);
  for (const [l, row] of rows.entries()) {
    const tau = b.let(taus.at(row));
    for (const k of upTo(l)) {
      const sum = upTo(l).slice(k + 1).reduce<Num>((all, j) => all.add(at(k, j).mul(product(j, l))), at(k, k).mul(product(k, l)));
      entry(triangle, k)[l] = b.let(sum.mul(tau).neg());
    }
    entry(triangle, l)[l] = tau;
  }
  return triangle;
}

/** Columns of a matrix from one to another. */
export interface Columns {
  readonly matrix: MatrixRef;
  readonly from: Like;
  readonly to: Like;
}

/** Replaces columns X by `(I - V T V^T) X`, or by `(I - V T^T V^T) X`. Sums stay in registers, and each column is read twice for all reflections. */
export function applyBlock(b: RoutineBuilder, { vectors, offset }: Reflections, first: Num, triangle: readonly (readonly Num[])[], { matrix, from, to }: Columns, transpose: boolean): void {
  const each = upTo(triangle.length);
  const at = (k: number, l: number): Num => (transpose ? entry(entry(triangle, l), k) : entry(entry(triangle, k), l));
  b.parallel(from, to, (column) => {
    const sums = each.map(() => b.let(float(0)));
    b.for(first.add(offset), vectors.columns, (i) => {
      const element = b.let(matrix.at(i, column));
      for (const [r, sum] of sums.entries()) b.set(sum, sum.add(vectors.at(first.add(r), i).mul(element)));
    });
    // In place: those that others are made of come last.
    for (const k of transpose ? [...each].reverse() : each) {
      const parts = transpose ? each.slice(0, k) : each.slice(k + 1);
      b.set(entry(sums, k), parts.reduce<Num>((all, l) => all.add(at(k, l).mul(entry(sums, l))), at(k, k).mul(entry(sums, k))));
    }
    b.for(first.add(offset), vectors.columns, (i) => {
      matrix.set(i, column, sums.reduce<Num>((rest, sum, r) => rest.sub(vectors.at(first.add(r), i).mul(sum)), matrix.at(i, column)));
    });
  });
}

/** Replaces X by Q X, where Q is the product of all reflections. From `firstColumn` of a block on X may be more than the columns of a triangle. */
export function applyAll(b: RoutineBuilder, all: Reflections, matrix: MatrixRef, firstColumn: (first: Num) => Like = () => 0): void {
  const whole = all.count - (all.count % ROWS);
  const apply = (first: Num, count: number): void =>
    applyBlock(b, all, first, triangleOf(b, all, first, count), { matrix, from: firstColumn(first), to: matrix.columns }, false);
  if (whole < all.count) apply(int(whole), all.count - whole);
  b.forDown(0, whole / ROWS, (block) => apply(b.let(block.mul(ROWS)), ROWS));
}

/** Makes the first columns of a matrix upper triangular by reflections, which are answered, and applies these to all columns; what is below the diagonal may be anything. */
export function triangularize(b: RoutineBuilder, matrix: MatrixRef, count: number): Reflections {
  const all = reflections(b, count, matrix.rows, 0);
  const whole = count - (count % ROWS);
  const block = (first: Num, width: number): void => {
    triangularizePanel(b, all, matrix, first, width);
    applyBlock(b, all, first, triangleOf(b, all, first, width), { matrix, from: first.add(width), to: matrix.columns }, true);
  };
  b.for(0, whole / ROWS, (k) => block(b.let(k.mul(ROWS)), ROWS));
  if (whole < count) block(int(whole), count - whole);
  return all;
}

/** Some columns, each of which is a row while reflections are made of it. */
function triangularizePanel(b: RoutineBuilder, all: Reflections, matrix: MatrixRef, first: Num, width: number): void {
  const { vectors, taus } = all;
  const rows = upTo(width).map((r) => b.let(first.add(r)));
  b.parallel(first, matrix.rows, (i) => {
    for (const row of rows) vectors.set(row, i, matrix.at(i, row));
  });
  const diagonal: Num[] = [];
  for (const [r, row] of rows.entries()) {
    diagonal.push(reflect(b, all, row));
    const behind = rows.slice(r + 1);
    if (behind.length === 0) continue;
    const sums = b.reduce(row, matrix.rows, (i) => behind.map((other) => ({ op: 'sum', value: vectors.at(row, i).mul(vectors.at(other, i)) })));
    const tau = b.let(taus.at(row));
    const shares = sums.map((sum) => b.let(sum.mul(tau)));
    b.parallel(row, matrix.rows, (i) => {
      const element = b.let(vectors.at(row, i));
      for (const [k, share] of shares.entries()) vectors.set(entry(behind, k), i, vectors.at(entry(behind, k), i).sub(share.mul(element)));
    });
  }
  // What stands above the diagonal belongs to the triangle.
  for (const row of rows) b.parallel(0, first, (i) => vectors.set(row, i, 0));
  alone(b, () => {
    for (const [r, row] of rows.entries()) {
      for (const above of rows.slice(0, r)) {
        matrix.set(above, row, vectors.at(row, above));
        vectors.set(row, above, 0);
      }
      matrix.set(row, row, entry(diagonal, r));
    }
  });
}

/** Steps that are taken one after the other, by one thread: together they wait for others once. */
export function alone(b: RoutineBuilder, steps: () => void): void {
  b.parallel(0, 1, steps);
}

/** An entry that there must be. */
export function entry<T>(list: readonly T[], k: number): T {
  const found = list[k];
  if (found === undefined) throw new GraphError(`a routine has no entry ${k} of ${list.length}`);
  return found;
}

/** The only result of a loop that reduces. */
export function only(results: readonly Local[]): Local {
  return entry(results, 0);
}
