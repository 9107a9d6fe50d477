/** Single operations that are loops of their own, each with what every library calls it, and a check that knows the result's mathematics. */
import type * as jax from '@jax-js/jax';
import type * as tf from '@tensorflow/tfjs-core';
import { cholesky, eigh, type Expr, inverse, qr, solve, svd } from 'pappus';
import { WrongResult } from '../contender.js';
import { uniform } from '../random.js';
import { order } from './order.js';
import { scatters } from './scatter.js';

/** An operand: float32, row-major. */
export interface Operand {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** One case. */
export interface OperationProblem {
  /** The function. */
  readonly operation: string;
  readonly title: string;
  readonly operands: readonly Operand[];
  /** The results, each [...batch, rows, columns] or [...batch, n] in row-major order, as all libraries give them. */
  readonly pappus: (x: readonly Expr[]) => readonly Expr[];
  /** Python over a list of tensors, `x`, that gives a list of tensors. */
  readonly torch: string;
  /** Absent where jax-js has no such operation; it owns the arrays that it is given. */
  readonly jaxJs?: (library: typeof jax, x: readonly jax.numpy.Array[]) => readonly jax.numpy.Array[];
  /** Absent where TF.js has none. */
  readonly tfjs?: (library: typeof tf, x: readonly tf.Tensor[]) => readonly tf.Tensor[];
  /** The largest error of results, as a share of what there is. */
  readonly error: (results: readonly Float32Array[]) => number;
  readonly tolerance: number;
  /** The time that Pappus is to reach, in milliseconds. */
  readonly atMost?: number;
}

/** @throws {WrongResult} unless results are right */
export function requireRight(name: string, { title, error, tolerance }: OperationProblem, results: readonly Float32Array[]): void {
  const found = error(results);
  if (!(found <= tolerance)) throw new WrongResult(`${name}: ${title} is off by ${found}`);
}

const SIDE = 316;
const EPSILON = 2 ** -23;

/** All of them. */
export function operations(): readonly OperationProblem[] {
  return [...linearAlgebra(SIDE, 1), ...linearAlgebra(32, 100), ...order(), ...scatters()];
}

/** Factorizations of square matrices, `batch` of them. */
function linearAlgebra(n: number, batch: number): readonly OperationProblem[] {
  const size = batch === 1 ? `${n} x ${n}` : `${batch} of ${n} x ${n}`;
  const shape = batch === 1 ? [n, n] : [batch, n, n];
  const definite: Operand = { shape, data: concat(Array.from({ length: batch }, (_, k) => definiteMatrix(n, k + 1))) };
  const plain: Operand = { shape, data: concat(Array.from({ length: batch }, (_, k) => uniform(n * n, -1, 1, 1000 + k))) };
  const tolerance = 10 * n * EPSILON;
  const each = (residual: (item: (of: Float32Array, size?: number) => Float32Array) => number): number =>
    Math.max(...Array.from({ length: batch }, (_, k) => residual((of, length = n * n) => of.subarray(k * length, (k + 1) * length))));
  return [
    {
      operation: 'cholesky',
      title: `cholesky, ${size}`,
      operands: [definite],
      pappus: ([a]) => [cholesky(of(a))],
      torch: '[torch.linalg.cholesky(x[0])]',
      jaxJs: ({ numpy }, [a]) => [numpy.linalg.cholesky(of(a), { symmetrizeInput: false })],
      error: ([l]) => each((item) => difference(product(item(of(l)), transposed(item(of(l)), n), n), item(definite.data))),
      tolerance,
    },
    {
      operation: 'qr',
      title: `qr, ${size}`,
      operands: [plain],
      pappus: ([a]) => {
        const { q, r } = qr(of(a));
        return [q, r];
      },
      torch: 'list(torch.linalg.qr(x[0]))',
      error: ([q, r]) => each((item) => Math.max(difference(product(item(of(q)), item(of(r)), n), item(plain.data)), orthogonality(item(of(q)), n))),
      tolerance,
      ...(batch === 1 && { atMost: 12 }),
    },
    {
      operation: 'eigh',
      title: `eigh, ${size}`,
      operands: [definite],
      pappus: ([a]) => {
        const { values, vectors } = eigh(of(a));
        return [values, vectors];
      },
      torch: 'list(torch.linalg.eigh(x[0]))',
      jaxJs: ({ numpy }, [a]) => numpy.linalg.eigh(of(a)),
      error: ([w, v]) => each((item) => {
        const vectors = item(of(v));
        const back = product(scaled(vectors, item(of(w), n), n), transposed(vectors, n), n);
        return Math.max(difference(back, item(definite.data)), orthogonality(vectors, n));
      }),
      tolerance,
      ...(batch === 1 && { atMost: 60 }),
    },
    {
      operation: 'svd',
      title: `svd, ${size}`,
      operands: [plain],
      pappus: ([a]) => {
        const { u, s, vt } = svd(of(a));
        return [u, s, vt];
      },
      torch: 'list(torch.linalg.svd(x[0], full_matrices=False))',
      // jax-js has it, and is off by a twentieth at 316 x 316: nothing is timed that computes something else.
      error: ([u, s, vt]) => each((item) => Math.max(difference(product(scaled(item(of(u)), item(of(s), n), n), item(of(vt)), n), item(plain.data)), orthogonality(item(of(u)), n))),
      tolerance,
    },
    {
      operation: 'solve',
      title: `solve, ${size} and as many right sides`,
      operands: [definite, plain],
      pappus: ([a, b]) => [solve(of(a), of(b))],
      torch: '[torch.linalg.solve(x[0], x[1])]',
      jaxJs: ({ numpy }, [a, b]) => [numpy.linalg.solve(of(a), of(b))],
      error: ([x]) => each((item) => difference(product(item(definite.data), item(of(x)), n), item(plain.data))),
      tolerance,
    },
    {
      operation: 'inverse',
      title: `inverse, ${size}`,
      operands: [definite],
      pappus: ([a]) => [inverse(of(a))],
      torch: '[torch.linalg.inv(x[0])]',
      jaxJs: ({ numpy }, [a]) => [numpy.linalg.inv(of(a))],
      error: ([x]) => each((item) => difference(product(item(definite.data), item(of(x)), n), identity(n))),
      tolerance,
    },
  ];
}

/** How far the columns of a square matrix are from being orthonormal. */
function orthogonality(q: ArrayLike<number>, n: number): number {
  return difference(product(transposed(q, n), q, n), identity(n));
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
}

/** Each column of a square matrix times a number of its own. */
function scaled(a: ArrayLike<number>, columns: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from(a, (value, k) => value * (columns[k % n] ?? NaN));
}

function of<T>(value: T | undefined): T {
  if (value === undefined) throw new WrongResult('a result is missing');
  return value;
}

function concat(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** `x x^T / n + 1`, of uniform numbers. */
function definiteMatrix(n: number, seed: number): Float32Array<ArrayBuffer> {
  const x = uniform(n * n, -1, 1, seed);
  const sum = product(x, transposed(x, n), n);
  return Float32Array.from(sum, (value, k) => value / n + (k % (n + 1) === 0 ? 1 : 0));
}

/** The product of two square matrices, in float64. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] ?? NaN;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] ?? NaN) + factor * (b[k * n + j] ?? NaN);
    }
  }
  return out;
}

function transposed(a: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => a[(k % n) * n + Math.floor(k / n)] ?? NaN);
}

/** The largest difference as a share of the largest element. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [worst, largest] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    const off = Math.abs((a[k] ?? NaN) - (b[k] ?? NaN));
    worst = off <= worst ? worst : off;
    largest = Math.max(largest, Math.abs(b[k] ?? NaN));
  }
  return worst / largest;
}
