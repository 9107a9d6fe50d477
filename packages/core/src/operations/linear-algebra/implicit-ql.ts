/**
 * Eigenvalues and eigenvectors of symmetric tridiagonal matrices, inside of routines: implicit QL with Wilkinson's shifts (Bowdler, Martin, Reinsch &
 * Wilkinson, The QR and QL Algorithms for Symmetric Matrices, 1968; Golub & Van Loan, Matrix Computations, 4th edition, section 8.3). A sweep is a chain of
 * plane rotations; those of some sweeps are found first, by one thread, and then applied to all columns at once, each of which is carried along its chain.
 */
import { type ArrayRef, choose, float, int, type MatrixRef, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { upTo } from './matrices.js';
import { alone } from './reflectors.js';
import type { Tridiagonal } from './tridiagonal.js';

/** How many sweeps are found before they are applied: what a column has is read from memory once for all of them. */
const SWEEPS = 4;
/** Sweeps for each eigenvalue after which it does not converge. LAPACK has as many. */
const MOST = 30;

/** What stands in the integers that the thread which finds sweeps keeps. */
const STATE = { found: 0, sweeps: 1, from: 2, to: 2 + SWEEPS, size: 2 + 2 * SWEEPS };

/**
 * Makes `diagonal` the eigenvalues of T, in no order, and applies to the rows of `rows` what was applied to the rows of T: if they were Q^T at first,
 * they are the eigenvectors of Q T Q^T. Answers whether all have converged.
 *
 * @param size the largest magnitude of an element of T, about
 */
export function implicitQl(b: RoutineBuilder, { diagonal, beside }: Tridiagonal, rows: MatrixRef, size: Num): Num {
  const n = rows.rows;
  const state = b.array('state', 'int32', STATE.size);
  const [cosines, sines] = [b.work('cosines', SWEEPS * n), b.work('sines', SWEEPS * n)];
  alone(b, () => {
    for (const k of upTo(STATE.size)) state.set(k, 0);
  });
  const isLeft = (): Num => state.at(STATE.found).lt(n).and(state.at(STATE.sweeps).lt(MOST * n));
  b.while(isLeft(), () => {
    alone(b, () => findSweeps(b, { diagonal, beside, cosines, sines, state, n, least: size.mul(b.epsilon * b.epsilon) }));
    const ends = upTo(SWEEPS).map((s) => ({ from: b.let(state.at(STATE.from + s)), to: b.let(state.at(STATE.to + s)) }));
    b.parallel(0, rows.columns, (column) => {
      const carried = b.let(float(0));
      for (const [s, { from, to }] of ends.entries()) {
        b.set(carried, rows.at(to, column));
        b.forDown(from, to, (i) => {
          const [c, d] = [cosines.at(i.add(s * n)), sines.at(i.add(s * n))];
          const other = b.let(rows.at(i, column));
          rows.set(i.add(1), column, d.mul(other).add(c.mul(carried)));
          b.set(carried, c.mul(other).sub(d.mul(carried)));
        });
        rows.set(from, column, carried);
      }
    });
  });
  return b.let(state.at(STATE.found).eq(n));
}

interface Finding {
  readonly diagonal: ArrayRef;
  readonly beside: ArrayRef;
  readonly cosines: ArrayRef;
  readonly sines: ArrayRef;
  readonly state: ArrayRef;
  readonly n: number;
  /** What is nothing beside the largest element. */
  readonly least: Num;
}

/** The rotations of the next sweeps. Sweeps that are not needed are of no row. */
function findSweeps(b: RoutineBuilder, finding: Finding): void {
  const { beside, diagonal, state, n } = finding;
  const found = b.let(state.at(STATE.found));
  const sweeps = b.let(state.at(STATE.sweeps));
  const count = b.let(int(0));
  for (const s of upTo(SWEEPS)) {
    state.set(STATE.from + s, 0);
    state.set(STATE.to + s, 0);
  }
  const isSmall = (k: Num): Num => beside.at(k).abs().le(diagonal.at(k).abs().add(diagonal.at(k.add(1).min(n - 1)).abs()).add(finding.least).mul(b.epsilon));
  b.while(found.lt(n).and(count.lt(SWEEPS)).and(sweeps.lt(MOST * n)), () => {
    const end = b.let(found);
    b.while(end.lt(n - 1).and(isSmall(end).not()), () => b.set(end, end.add(1)));
    b.if(
      end.eq(found),
      () => b.set(found, found.add(1)),
      () => {
        state.set(count.add(STATE.from), found);
        state.set(count.add(STATE.to), end);
        sweep(b, finding, found, end, b.let(count.mul(n)));
        b.set(count, count.add(1));
        b.set(sweeps, sweeps.add(1));
      },
    );
  });
  state.set(STATE.found, found);
  state.set(STATE.sweeps, sweeps);
}

/** One sweep over the rows from `from` to `to`, whose rotations are stored behind `start`. */
function sweep(b: RoutineBuilder, { diagonal, beside, cosines, sines }: Finding, from: Num, to: Num, start: Num): void {
  const first = b.let(beside.at(from));
  const half = b.let(diagonal.at(from.add(1)).sub(diagonal.at(from)).div(first.mul(2)));
  const root = b.let(half.mul(half).add(1).sqrt());
  // The eigenvalue of the first two rows that is nearer to the first diagonal element.
  const shift = b.let(diagonal.at(from).sub(first.div(half.add(choose(half.lt(0), root.neg(), root)))));
  const g = b.let(diagonal.at(to).sub(shift));
  const [cosine, sine, taken] = [b.let(float(1)), b.let(float(1)), b.let(float(0))];
  b.forDown(from, to, (i) => {
    const element = b.let(beside.at(i));
    const f = b.let(sine.mul(element));
    const along = b.let(cosine.mul(element));
    // Squares of what is divided by the larger one do not vanish: the sine and cosine of very small numbers are as good as any.
    const larger = b.let(f.abs().max(g.abs()));
    const isNothing = larger.lt(b.tiny);
    const unit = b.let(float(1).div(choose(isNothing, 1, larger)));
    const [x, y] = [b.let(f.mul(unit)), b.let(g.mul(unit))];
    const length = b.let(choose(isNothing, 1, x.mul(x).add(y.mul(y)).sqrt()));
    beside.set(i.add(1), length.mul(larger));
    b.set(sine, choose(isNothing, 0, x.div(length)));
    b.set(cosine, choose(isNothing, 1, y.div(length)));
    const next = b.let(diagonal.at(i.add(1)).sub(taken));
    const r = b.let(diagonal.at(i).sub(next).mul(sine).add(cosine.mul(along).mul(2)));
    b.set(taken, sine.mul(r));
    diagonal.set(i.add(1), next.add(taken));
    b.set(g, cosine.mul(r).sub(along));
    const at = b.let(start.add(i));
    cosines.set(at, cosine);
    sines.set(at, sine);
  });
  diagonal.set(from, diagonal.at(from).sub(taken));
  beside.set(from, g);
  beside.set(to, 0);
}
