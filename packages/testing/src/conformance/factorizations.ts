// Factorizations of matrices into orthogonal ones and others, with gradients. What is compared is what mathematics makes unique, or a convention of signs.
import { eigh, type Expr, eye, inverseRoot, qr, svd } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

const swapped = (a: Expr): Expr => a.transpose([0, 2, 1]);
const diagonal = (a: Expr, steps: number): Expr => {
  const [m, n] = a.shape.slice(-2);
  return eye(m ?? 1, n ?? 1, { dtype: a.dtype }).mul(Array.from({ length: Number(n) }, (_, k) => steps * (k + 1)));
};
/** Symmetric, with eigenvalues that are well apart. */
const apart = (x: Expr): Expr => x.add(swapped(x)).div(2).add(diagonal(x, 6));
/** Symmetric, and positive definite. */
const definite = (x: Expr): Expr => {
  const product = x.matmul(swapped(x)).div(Number(x.shape.at(-1)));
  return product.add(diagonal(product, 1));
};

/** The factors of a matrix whose columns are far from depending on each other. */
function orthogonalFactors(x: Expr): Record<string, Expr> {
  const { q, r } = qr(x.add(diagonal(x, 6)));
  return { q, r };
}

function eigen(x: Expr): Record<string, Expr> {
  const { values, vectors } = eigh(apart(x));
  // Of any symmetric matrix: what does not depend on the choice of vectors.
  const any = eigh(x.add(swapped(x)));
  return { values, vectors, 'all values': any.values, product: any.vectors.mul(any.values.expandDims(-2)).matmul(swapped(any.vectors)) };
}

function singular(x: Expr): Record<string, Expr> {
  const { u, s, vt } = svd(x.add(diagonal(x, 6)));
  const any = svd(x);
  return { u, s, vt, 'all values': any.s, product: any.u.mul(any.s.expandDims(-2)).matmul(any.vt) };
}

const roots = (x: Expr): Record<string, Expr> => Object.fromEntries([1, 2, 3, 4].map((p) => [`root ${p}`, inverseRoot(definite(x), p, { epsilon: 0.125 })]));

/** First gradients of everything, weighed. */
function gradients(results: Record<string, Expr>, x: Expr): Record<string, Expr> {
  const loss = Object.values(results).map((result) => result.square().mul(result.add(0.5)).sum()).reduce((a, b) => a.add(b));
  return { gradient: grad(loss, x) };
}

export function factorizations(setting: Setting): void {
  describe('factorizations', () => {
    for (const dtype of setting.floats) {
      it(`of ${dtype}: orthogonal and triangular`, async () => {
        for (const [m, n] of setting.some([[1, 1], [5, 3], [3, 5], [4, 4], [9, 9], [1, 4], [6, 1], [17, 10], [10, 19]] as const, 2, 1)) {
          await setting.agree({ steps: [{ x: spread(dtype, [2, m, n], { seed: m }) }], build: ({ inputs }) => ({ outputs: orthogonalFactors(leaf(inputs, 'x')) }) }, { factor: 64, scale: 4 });
        }
      });

      it(`of ${dtype}: eigenvalues and eigenvectors`, async () => {
        for (const n of setting.some([1, 2, 3, 4, 7, 13], 2, 2)) {
          await setting.agree({ steps: [{ x: spread(dtype, [2, n, n], { seed: n }) }], build: ({ inputs }) => ({ outputs: eigen(leaf(inputs, 'x')) }) }, { factor: 256, scale: 4 });
        }
      });

      it(`of ${dtype}: singular values and vectors`, async () => {
        for (const [m, n] of setting.some([[1, 1], [5, 3], [3, 5], [4, 4], [1, 4], [6, 1], [11, 8]] as const, 2, 1)) {
          await setting.agree({ steps: [{ x: spread(dtype, [2, m, n], { seed: m }) }], build: ({ inputs }) => ({ outputs: singular(leaf(inputs, 'x')) }) }, { factor: 256, scale: 4 });
        }
      });

      it(`of ${dtype}: inverse roots`, async () => {
        for (const n of setting.some([1, 3, 6, 11], 1, 1)) {
          await setting.agree({ steps: [{ x: spread(dtype, [2, n, n], { seed: n }) }], build: ({ inputs }) => ({ outputs: roots(leaf(inputs, 'x')) }) }, { factor: 256, scale: 4 });
        }
      });

      it(`of ${dtype}: gradients`, async () => {
        for (const [m, n] of setting.some([[3, 3], [4, 2], [2, 4]] as const, 1, 0)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [2, m, n], { seed: m }) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const { u, s, vt } = singular(x);
                const { values, vectors } = eigen(x.matmul(swapped(x)));
                const all = { ...orthogonalFactors(x), u, s, vt, values, vectors, root: inverseRoot(definite(x), 4) };
                const present = Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
                return { outputs: gradients(present, x) };
              },
            },
            { factor: 1024, scale: 16 },
          );
        }
      });

      it(`of ${dtype} that have no answer, of small rank, and of no elements`, async () => {
        if (setting.extremes) {
          const matrices = fromList(dtype, [5, 2, 2], [1, 2, 2, 1, NaN, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, Infinity, 1, 1, 1, 1]);
          await setting.agree(
            {
              steps: [{ x: matrices }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const { u, s, vt } = svd(x);
                return { outputs: { values: eigh(x).values, s, product: u.mul(s.expandDims(-2)).matmul(vt), root: inverseRoot(x, 2, { epsilon: 0.25 }), r: qr(x).r } };
              },
            },
            { factor: 64, scale: 4 },
          );
        }
        await setting.agree({
          steps: [{ x: spread(dtype, [2, 0, 3]), y: spread(dtype, [0, 0]) }],
          build: ({ inputs }) => ({ outputs: { q: qr(leaf(inputs, 'x')).q, s: svd(leaf(inputs, 'x')).s, values: eigh(leaf(inputs, 'y')).values, root: inverseRoot(leaf(inputs, 'y'), 2) } }),
        });
      });

      it(`of ${dtype} whose sizes are open`, async () => {
        const step = (batch: number, m: number, n: number) => ({ x: { ...spread(dtype, [batch, m, n], { seed: n }), open: ['batch', 'm', 'n'] } });
        await setting.agree(
          {
            steps: [step(2, 3, 2), step(1, 2, 5)],
            build: ({ inputs }) => {
              const x = leaf(inputs, 'x');
              const { q, r } = qr(x);
              const { u, s, vt } = svd(x);
              const { values } = eigh(x.matmul(swapped(x)));
              const product = q.matmul(r);
              return { outputs: { product, s, again: u.mul(s.expandDims(-2)).matmul(vt), values, gradient: grad(product.square().sum(), x) } };
            },
          },
          { factor: 256, scale: 16 },
        );
      });
    }
  });
}
