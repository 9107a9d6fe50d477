// Computations that are deep, long or many: a simulation unrolled, sums of thousands, trees that lean to a side, views of views. The numbers shrink on
// their way, so that errors do not grow with the depth.
import { concat, type Expr, normal, remat, scalar, scan, stack } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf, type Leaves, type Value } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, spread } from './values.js';

/** `f` applied `count` times. */
function repeated(first: Expr, count: number, f: (h: Expr, k: number) => Expr): Expr {
  let h = first;
  for (let k = 0; k < count; k++) h = f(h, k);
  return h;
}

const sumOf = (terms: readonly Expr[]): Expr => terms.reduce((sum, term) => sum.add(term));

/** Sums of neighbours until one is left. */
function balanced(terms: readonly Expr[]): Expr {
  let level = terms;
  while (level.length > 1) level = level.flatMap((a, k) => (k % 2 === 1 ? [] : [level[k + 1] === undefined ? a : a.mul(0.5).add(level[k + 1] ?? a)]));
  return level[0] ?? scalar(0, 'float32');
}

export function deep(setting: Setting): void {
  // A driver without a GPU takes seconds for one large shader.
  describe('deep and long computations', { timeout: 600_000 }, () => {
    const most = setting.depth;
    const x = (leaves: Leaves): Expr => leaf(leaves.variables, 'x');
    const close = { factor: 64, scale: 8 };

    /** Outputs made of a vector of seven numbers, and their gradients. */
    const agree = (dtype: FloatDType, build: (x: Expr) => Record<string, Expr>, gradient = true): Promise<void> =>
      setting.agree({
        variables: { x: spread(dtype, [7], { seed: 3 }) },
        build: (leaves) => {
          const outputs = build(x(leaves));
          const loss = sumOf(Object.values(outputs).map((e) => e.sum()));
          return { outputs: gradient ? { ...outputs, gradient: grad(loss, x(leaves)) } : outputs };
        },
      }, close);

    for (const count of setting.thorough ? [300, 3000, 20_000].filter((n) => n <= most) : [most]) {
      it(`${count} steps of a recurrence, with their gradient`, async () => {
        await agree('float32', (a) => ({ h: repeated(a, count, (h) => h.mul(0.5).add(a).tanh()) }));
      });
    }

    for (const count of setting.thorough ? [1600, 5 * most] : [5 * most]) {
      it(`a chain of ${count} operations`, async () => {
        await agree('float32', (a) => ({ h: repeated(a, count, (h, k) => (k % 2 === 0 ? h.mul(0.9) : h.add(0.1))) }));
      });
    }

    it('thousands of vectors and matrices in one sum', async () => {
      for (const [count, shape] of [[Math.min(1000, most), [5]], [Math.min(5000, most), [3]], [Math.min(1000, most), [2, 3]]] as const) {
        const variables = Object.fromEntries(Array.from({ length: count }, (_, k) => [`v${k}`, fromList('float32', shape, [k % 7, 1, -(k % 3)])]));
        await setting.agree({ variables, build: ({ variables: v }) => ({ outputs: { sum: sumOf(Object.values(v)) } }) });
      }
    });

    for (const dtype of setting.floats) {
      it(`hundreds of draws of the normal distribution in one expression of ${dtype}`, async () => {
        const draws = Math.min(200, most / 20);
        const step = { step: fromList('int32', [], [5]) };
        await setting.agree({
          steps: [step],
          build: ({ inputs }) => ({ outputs: { sum: sumOf(Array.from({ length: draws }, (_, seed) => normal([6], { dtype, mean: 0, std: 0.1, seed, step: leaf(inputs, 'step') }))) } }),
        }, { factor: 256, scale: 8 });
      });

      it(`hundreds of powers in ${dtype}`, async () => {
        const build = (a: Expr): Record<string, Expr> => ({ sum: repeated(a, Math.min(400, most), (h) => h.mul(0.5).add(a.square().add(1).pow(h.mul(0.1)).mul(0.1))) });
        await agree(dtype, build);
      });
    }

    it('8,000 multiplications with additions', async () => {
      await agree('float32', (a) => ({ h: repeated(a, Math.min(8000, 2 * most), (h, k) => h.mul(a.mul(1 / (k + 2))).add(a)) }), false);
    });

    it('products one after the other', async () => {
      const w = fromList('float32', [2, 2], [0.5, 0.125, 0.25, 0.375]);
      await setting.agree({
        variables: { w, a: spread('float32', [3, 2], { seed: 2 }) },
        build: ({ variables: v }) => {
          const h = repeated(leaf(v, 'a'), Math.min(2000, most / 10), (e) => e.matmul(leaf(v, 'w')).add(0.5));
          return { outputs: { h, dw: grad(h.sum(), leaf(v, 'w')) } };
        },
      }, close);
    });

    it('a thousand parts put together and taken apart', async () => {
      const count = Math.min(1000, most / 2);
      await agree('float32', (a) => {
        const whole = concat(Array.from({ length: count }, (_, k) => a.mul(1 / (k + 1))));
        return { whole, apart: sumOf(Array.from({ length: count }, (_, k) => whole.slice([3 * k, 3 * k + 2]).mul(1 / (k + 1)))) };
      });
    });

    it('views of views', async () => {
      await agree('float32', (a) => {
        const count = Math.min(10_000, most);
        const long = a.broadcastTo([count, 7]).reshape([-1]);
        const turned = repeated(stack([a, a.mul(2)]), count, (e, k) => (k % 3 === 0 ? e.transpose() : e.slice(...e.shape.map((_, axis) => (axis === k % 2 ? ([null, null, -1] as const) : null)))));
        return { cut: repeated(long.mul(1), count, (e) => e.slice([1, null])), turned };
      });
    });

    it('trees: even, and leaning to either side', async () => {
      await agree('float32', (a) => ({
        even: balanced(Array.from({ length: most }, (_, k) => a.mul(1 / (k + 1)))),
        left: repeated(a, most, (h, k) => h.mul(0.5).sub(a.mul(1 / (k + 1)))),
        right: repeated(a, most, (h, k) => a.mul(1 / (k + 1)).sub(h.mul(0.5))),
      }));
    });

    it('choices of choices', async () => {
      await agree('float32', (a) => ({ h: repeated(a, most / 4, (h) => a.gt(0.25).where(h.mul(0.5), h.mul(0.25).add(a))) }));
    });

    it('numbers of the host, and numbers made of tensors', async () => {
      await setting.agree({
        variables: { s: fromList('float32', [], [0.25]), x: spread('float32', [3], { seed: 5 }) },
        build: ({ variables: v }) => {
          const s = leaf(v, 's');
          const ofHost = repeated(s, most, (h) => h.mul(0.5).add(s).tanh());
          const ofTensor = repeated(leaf(v, 'x').mean(), most / 4, (h) => h.mul(0.5).add(s).tanh());
          return { outputs: { ofHost, ofTensor, ds: grad(ofHost, s), dx: grad(ofTensor, leaf(v, 'x')) }, updates: new Map([[leaf(v, 'x'), leaf(v, 'x').mul(ofHost)]]) };
        },
      }, close);
    });

    it('gradients of gradients of a thousand operations', async () => {
      await agree('float32', (a) => ({ first: grad(repeated(a, Math.min(1000, most / 5), (h) => h.mul(0.5).add(a.mul(0.125)).tanh()).sum(), a) }));
    });

    it('the body of a scan, and what is computed again', async () => {
      const count = Math.min(1000, most / 5);
      const step = (h: Expr, a: Expr): Expr => repeated(h, count, (e) => e.mul(0.5).add(a).tanh());
      await agree('float32', (a) => ({ loop: scan((h) => ({ carry: step(h, a) }), { carry: a, length: 3 }).carry, again: remat((b) => step(b, b), a) }));
    });

    it('thousands of reductions in one number', async () => {
      await agree('float32', (a) => ({ sum: sumOf(Array.from({ length: most / 10 }, (_, k) => (k % 2 === 0 ? a.mul(1 / (k + 1)).tanh().sum() : a.sub(1 / k).square().max().mul(1 / k)))) }));
    });

    it('an update of two thousand parameters', async () => {
      const value = (k: number): Value => (k % 3 === 0 ? fromList('float32', [], [1 / (k + 1)]) : fromList('float32', [1 + (k % 4)], [0.5, -0.25, 0.125]));
      await setting.agree({
        variables: Object.fromEntries(Array.from({ length: Math.min(2000, most) }, (_, k) => [`w${k}`, value(k)])),
        build: ({ variables: v }) => {
          const ws = Object.values(v);
          const loss = sumOf(ws.map((w) => w.square().sum()));
          const grads = grad(loss, ws);
          return { outputs: { loss }, updates: new Map(ws.map((w, k) => [w, w.sub((grads[k] ?? w).div(loss.add(1)))])) };
        },
      }, close);
    });
  });
}
