/**
 * Columns made orthogonal by plane rotations, inside of routines: one-sided Jacobi (Hestenes, 1958; Golub & Van Loan, Matrix Computations, 4th edition,
 * section 8.6.3). Columns are rotated in the odd-even order (Luk & Park, On Parallel Jacobi Orderings, 1989): all neighbours at once, which then change
 * places, so that each column meets each other one in a sweep.
 */
import { type ArrayRef, choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { multiply } from './multiply.js';
import { only } from './reflectors.js';

/** Sweeps after which it does not converge; about 10 are usual. */
const MOST_SWEEPS = 40;

/** Columns of which every second one lies in the first half, so that neighbours lie side by side in memory with other neighbours. */
export interface HalvedColumns {
  /** Rows of what is made orthogonal come first, then those of what is only rotated along. */
  readonly matrix: MatrixRef;
  /** How many rows are made orthogonal. */
  readonly rows: number;
}

/** How many columns lie in the first half: those of even numbers. */
export function firstHalf(columns: number): number {
  return Math.ceil(columns / 2);
}

/** Where the sum of the squares of a column is smaller than this, it has lost digits; no element of a matrix is much larger than 1. */
export function leastSquareOf(b: RoutineBuilder): number {
  return b.tiny / b.epsilon;
}

/** Makes columns orthogonal, and answers whether they are; they are in no order. Columns that are smaller than `leastSquareOf` says are left alone. */
export function orthogonalizeColumns(b: RoutineBuilder, { matrix, rows }: HalvedColumns): Num {
  const half = firstHalf(matrix.columns);
  const room = (name: string): ArrayRef => b.work(name, half);
  const pairs: Pairs = { first: room('squares of the first'), second: room('squares of the second'), product: room('products'), cosine: room('cosines'), sine: room('sines') };
  const tolerance = 2 * b.epsilon * Math.sqrt(rows);
  const products = b.matrix(b.work('products of columns', matrix.columns * matrix.columns), matrix.columns, matrix.columns);
  const sizes = b.work('inverse sizes', matrix.columns);
  const worst = b.work('worst', matrix.columns);
  // All products at once are computed in a fraction of the time of a sweep.
  const largestCosine = (): Num => {
    multiply(b, b.transposed({ ...matrix, rows }), { ...matrix, rows }, products, { column: (first) => first });
    b.parallel(0, matrix.columns, (k) => {
      const square = b.let(products.at(k, k));
      const isLeftAlone = square.lt(leastSquareOf(b));
      sizes.set(k, choose(isLeftAlone, 0, float(1).div(choose(isLeftAlone, 1, square).sqrt())));
      worst.set(k, 0);
    });
    b.for(0, matrix.columns, (i) => b.parallel(i.add(1), matrix.columns, (j) => worst.set(j, worst.at(j).max(products.at(i, j).abs().mul(sizes.at(i)).mul(sizes.at(j))))));
    return only(b.reduce(0, matrix.columns, (k) => [{ op: 'max', value: worst.at(k) }]));
  };
  const [cosine, sweeps] = [b.let(float(0)), b.let(int(0))];
  b.set(cosine, largestCosine());
  b.while(cosine.gt(tolerance).and(sweeps.lt(MOST_SWEEPS)), () => {
    b.for(0, half, () => {
      rotatePairs(b, { matrix, rows }, pairs, { first: 0, second: half, count: matrix.columns - half }, tolerance);
      rotatePairs(b, { matrix, rows }, pairs, { first: half, second: 1, count: half - 1 }, tolerance);
    });
    b.set(cosine, largestCosine());
    b.set(sweeps, sweeps.add(1));
  });
  return b.let(cosine.le(tolerance));
}

/** What is known of each pair. */
interface Pairs {
  readonly first: ArrayRef;
  readonly second: ArrayRef;
  readonly product: ArrayRef;
  readonly cosine: ArrayRef;
  readonly sine: ArrayRef;
}

/** Where the pairs are: the first columns of all from one on, and the second ones. */
interface Neighbours {
  readonly first: number;
  readonly second: number;
  readonly count: number;
}

/** Makes the columns of each pair orthogonal, and exchanges them. */
function rotatePairs(b: RoutineBuilder, { matrix, rows }: HalvedColumns, pairs: Pairs, { first, second, count }: Neighbours, tolerance: number): void {
  b.parallel(0, count, (pair) => {
    const [xx, yy, xy] = [b.let(float(0)), b.let(float(0)), b.let(float(0))];
    b.for(0, rows, (i) => {
      const [x, y] = [b.let(matrix.at(i, pair.add(first))), b.let(matrix.at(i, pair.add(second)))];
      b.set(xx, xx.add(x.mul(x)));
      b.set(yy, yy.add(y.mul(y)));
      b.set(xy, xy.add(x.mul(y)));
    });
    pairs.first.set(pair, xx);
    pairs.second.set(pair, yy);
    pairs.product.set(pair, xy);
  });
  b.parallel(0, count, (pair) => {
    const [xx, yy, xy] = [b.let(pairs.first.at(pair)), b.let(pairs.second.at(pair)), b.let(pairs.product.at(pair))];
    const isLeftAlone = xx.lt(leastSquareOf(b)).or(yy.lt(leastSquareOf(b)));
    const angle = b.let(choose(isLeftAlone, 0, xy.abs().div(choose(isLeftAlone, 1, xx.sqrt().mul(yy.sqrt())))));
    const isTurned = angle.gt(tolerance);
    const ratio = b.let(yy.sub(xx).div(choose(isTurned, xy, 1).mul(2)));
    const steep = b.let(ratio.abs());
    // Beside the square of a ratio that might overflow the 1 is nothing.
    const root = choose(steep.gt(2 / b.epsilon), steep, steep.mul(steep).add(1).sqrt());
    const size = b.let(float(1).div(steep.add(root)));
    const tangent = b.let(choose(isTurned, choose(ratio.lt(0), size.neg(), size), 0));
    const cosine = b.let(float(1).div(tangent.mul(tangent).add(1).sqrt()));
    pairs.cosine.set(pair, cosine);
    pairs.sine.set(pair, cosine.mul(tangent));
  });
  b.parallel(0, count, (pair) => {
    const [c, s] = [b.let(pairs.cosine.at(pair)), b.let(pairs.sine.at(pair))];
    b.for(0, matrix.rows, (i) => {
      const [x, y] = [b.let(matrix.at(i, pair.add(first))), b.let(matrix.at(i, pair.add(second)))];
      matrix.set(i, pair.add(first), s.mul(x).add(c.mul(y)));
      matrix.set(i, pair.add(second), c.mul(x).sub(s.mul(y)));
    });
  });
}
