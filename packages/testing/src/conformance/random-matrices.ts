/**
 * Linear algebra as steps of random graphs with bounds, on matrices that are well conditioned whatever they are made of: A = 2 I + T T' / (n m), with T
 * of n x m elements of magnitude 1 at most. The rows of what is added sum to 1 at most, so that A is at most 3 and its inverse at most 1 in the maximum norm.
 */
import type { Apply } from '../graphs/operations.js';
import type { Choose, Tracked } from './random-graph.js';
import { ELEMENTARY } from './random-operations.js';

/** Of A and its inverse. */
const LARGEST = 3;

/** One such operation over the last two axes; undefined if it cannot be taken. */
export function randomMatrices(f: Apply, choose: Choose, a: Tracked): Tracked | undefined {
  const [n = 0, m = 0] = a.shape.slice(-2);
  if (a.shape.length < 2 || n === 0 || m === 0) return undefined;
  const batch = a.shape.slice(0, -2);
  const last = a.shape.length - 1;
  const swapped = a.shape.map((_, k) => (k === last ? k - 1 : k === last - 1 ? k + 1 : k));
  const t = f('tanh', a.expr);
  const matrix = f('add', f('mul', f('matmul', t, f('transpose', t, swapped)), 1 / (n * m)), f('mul', f('cast', f('eye', n), a.expr.dtype), 2));
  /** Of an element of A: twice that of T, the product's own m roundings of at most m, over n m; and three of the sum. */
  const off = (2 * m * (a.error + ELEMENTARY) + m * (m + 1)) / (n * m) + 3 * LARGEST;
  /** Of the factors of an n x n matrix with small factors, after Higham: n of its roundings an element, and the change of the matrix with them. */
  const factored = off + 4 * n * LARGEST;
  const square = [...batch, n, n];
  const possible: readonly (() => Tracked)[] = [
    () => ({ expr: f('solve', matrix, a.expr), shape: a.shape, magnitude: a.magnitude, error: a.error + n * factored * a.magnitude }),
    () => ({ expr: f('inverse', matrix), shape: square, magnitude: 1, error: n * factored }),
    () => ({ expr: f('cholesky', matrix), shape: square, magnitude: LARGEST, error: n * factored }),
    () => ({ expr: f('qr.r', matrix), shape: square, magnitude: LARGEST, error: LARGEST * n * factored }),
    () => ({ expr: f('eigh.values', matrix), shape: [...batch, n], magnitude: LARGEST, error: n * factored }),
    () => ({ expr: f('determinant', matrix), shape: batch, magnitude: LARGEST ** n, error: LARGEST ** n * n * n * factored }),
    () => ({ expr: f('slogdet.logAbs', matrix), shape: batch, magnitude: n * Math.log(LARGEST), error: n * n * factored }),
  ];
  return possible[choose(possible.length)]?.();
}
