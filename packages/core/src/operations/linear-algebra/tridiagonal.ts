/** Symmetric matrices as tridiagonal ones, inside of routines (Golub & Van Loan, Matrix Computations, 4th edition, section 8.3.1). */
import { type ArrayRef, float, type MatrixRef, type RoutineBuilder } from '../../routines/builder.js';
import { alone, reflect, type Reflections, reflections } from './reflectors.js';

/** Q^T A Q = T. */
export interface Tridiagonal {
  /** The diagonal of T. */
  readonly diagonal: ArrayRef;
  /** What stands beside the diagonal; the last element is 0. */
  readonly beside: ArrayRef;
  /** Q is the product of these, from the first on; the first row has no part in it. */
  readonly reflections: Reflections;
}

/**
 * Makes a symmetric matrix, all of which is there, tridiagonal; nothing of it is left. For every reflection the rows and columns behind it are read and
 * written once: taking away `v w^T + w v^T` of the last reflection, and multiplying by the v of the next.
 */
export function tridiagonalize(b: RoutineBuilder, matrix: MatrixRef): Tridiagonal {
  const n = matrix.rows;
  const count = Math.max(0, n - 2);
  const [diagonal, beside] = [b.work('diagonal', n), b.work('beside the diagonal', n)];
  // Row 0 is no reflection, but what the first one takes away: nothing.
  const all = reflections(b, count + 1, n, 0);
  const { vectors, taus } = all;
  const [w, product] = [b.work('w', n), b.work('product', n)];
  taus.set(0, 0);
  b.parallel(0, n, (j) => {
    vectors.set(0, j, 0);
    w.set(j, 0);
  });
  b.for(0, count, (k) => {
    const row = b.let(k.add(1));
    const [vk, wk] = [b.let(vectors.at(k, k)), b.let(w.at(k))];
    b.parallel(k, n, (j) => vectors.set(row, j, matrix.at(k, j).sub(vk.mul(w.at(j))).sub(wk.mul(vectors.at(k, j)))));
    const corner = b.let(vectors.at(row, k));
    const multiple = reflect(b, all, row);
    b.parallel(0, row, (j) => vectors.set(row, j, 0));
    alone(b, () => {
      diagonal.set(k, corner);
      beside.set(k, multiple);
    });
    b.parallel(row, n, (j) => {
      const [vj, wj, sum] = [b.let(vectors.at(k, j)), b.let(w.at(j)), b.let(float(0))];
      b.for(row, n, (i) => {
        const element = b.let(matrix.at(i, j).sub(vectors.at(k, i).mul(wj)).sub(w.at(i).mul(vj)));
        matrix.set(i, j, element);
        b.set(sum, sum.add(vectors.at(row, i).mul(element)));
      });
      product.set(j, sum);
    });
    const tau = b.let(taus.at(row));
    const along = b.sum(row, n, (j) => product.at(j).mul(vectors.at(row, j)));
    const share = b.let(along.mul(tau).mul(tau).div(2));
    b.parallel(row, n, (j) => w.set(j, product.at(j).mul(tau).sub(vectors.at(row, j).mul(share))));
  });
  alone(b, () => {
    for (let k = count; k < n; k++) {
      const left = (j: number): ReturnType<typeof matrix.at> => matrix.at(k, j).sub(vectors.at(count, k).mul(w.at(j))).sub(vectors.at(count, j).mul(w.at(k)));
      diagonal.set(k, left(k));
      beside.set(k, k + 1 < n ? left(k + 1) : 0);
    }
  });
  return { diagonal, beside, reflections: all };
}
