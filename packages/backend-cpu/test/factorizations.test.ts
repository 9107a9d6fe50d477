// Large factorizations: what is factorized comes out again, and what is orthogonal is so, to 10 roundings for each row.
import { compile, eigh, type Expr, input, inverseRoot, qr, svd } from '@pappus/core';
import { spread } from '@pappus/testing/conformance';
import { THOROUGH } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;
type Matrix = ArrayLike<number>;

/** `a b`, of [m, k] and [k, n], in float64. */
function product(a: Matrix, b: Matrix, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l] ?? NaN;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] ?? NaN) + factor * (b[l * n + j] ?? NaN);
    }
  }
  return out;
}

const transposed = (a: Matrix, m: number, n: number): Float64Array => Float64Array.from({ length: m * n }, (_, k) => a[(k % m) * n + Math.floor(k / m)] ?? NaN);
const scaled = (a: Matrix, columns: Matrix): Float64Array => Float64Array.from(a, (x, k) => x * (columns[k % columns.length] ?? NaN));
const identity = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));

/** The largest difference, by the norm of what is wanted. */
function difference(found: Matrix, wanted: Matrix): number {
  let [worst, squares] = [0, 0];
  for (let k = 0; k < wanted.length; k++) {
    const off = Math.abs((found[k] ?? NaN) - (wanted[k] ?? NaN));
    worst = off <= worst ? worst : off;
    squares += (wanted[k] ?? NaN) ** 2;
  }
  return worst / Math.sqrt(squares);
}

async function run(a: Expr, data: Float32Array | Float64Array, outputs: Readonly<Record<string, Expr>>): Promise<(name: string) => Matrix> {
  const backend = await cpu();
  const compiled = await compile({ inputs: { a }, outputs }, backend);
  const results = await compiled({ a: data });
  const read = new Map<string, Matrix>();
  for (const [name, result] of Object.entries(results)) read.set(name, await result.read());
  backend.dispose();
  return (name) => read.get(name) ?? [];
}

describe('factorizations on the CPU', () => {
  it('of float32, of rank 1: numbers whose squares vanish make no vectors that are not orthonormal', async () => {
    const [m, n] = [33, 20];
    const a = input('float32', [m, n]);
    const { u, s, vt } = svd(a);
    const found = await run(a, new Float32Array(m * n).fill(1), { u, s, vt });
    expect(difference(product(scaled(found('u'), found('s')), found('vt'), m, n, n), new Float32Array(m * n).fill(1))).toBeLessThan(1e-6);
    expect(difference(product(transposed(found('u'), m, n), found('u'), n, m, n), identity(n))).toBeLessThan(1e-5);
    expect(difference(product(found('vt'), transposed(found('vt'), n, n), n, n, n), identity(n))).toBeLessThan(1e-5);
  });

  for (const dtype of ['float32', 'float64'] as const) {
    for (const [m, n] of THOROUGH ? ([[97, 61], [61, 97], [300, 300], [316, 200]] as const) : ([[97, 61], [61, 97]] as const)) {
      it(`of ${dtype} ${m} x ${n}`, async () => {
        const { data } = spread(dtype, [m, n]);
        if (!(data instanceof Float32Array || data instanceof Float64Array)) throw new TypeError('no floats');
        const a = input(dtype, [m, n]);
        const k = Math.min(m, n);
        const gram = a.matmul(a.transpose());
        const found = await run(a, data, { ...qr(a), ...svd(a), gram, ...eigh(gram), root: inverseRoot(gram, 2, { epsilon: 1 }) });
        const tolerance = 10 * Math.max(m, n) * EPSILON[dtype];
        const isOrthonormal = (columns: Matrix, rows: number, count: number): void => expect(difference(product(transposed(columns, rows, count), columns, count, rows, count), identity(count))).toBeLessThan(tolerance);
        expect(difference(product(found('q'), found('r'), m, k, n), data)).toBeLessThan(tolerance);
        isOrthonormal(found('q'), m, k);
        expect(difference(product(scaled(found('u'), found('s')), found('vt'), m, k, n), data)).toBeLessThan(tolerance);
        isOrthonormal(found('u'), m, k);
        isOrthonormal(transposed(found('vt'), k, n), n, k);
        const vectors = found('vectors');
        expect(difference(product(scaled(vectors, found('values')), transposed(vectors, m, m), m, m, m), found('gram'))).toBeLessThan(tolerance);
        isOrthonormal(vectors, m, m);
        // X (A + 1) X is 1, as far as the largest eigenvalue leaves digits.
        const root = found('root');
        const shifted = Float64Array.from(found('gram'), (x, at) => x + (at % (m + 1) === 0 ? 1 : 0));
        const largest = found('values')[m - 1] ?? NaN;
        expect(difference(product(product(root, shifted, m, m, m), root, m, m, m), identity(m))).toBeLessThan(tolerance * Math.max(1, largest));
      });
    }
  }
});
