// Products with Jacobians, whole Jacobians and Hessians.
import { concat, crossEntropy, type Expr, hessian, hessianVectorProduct, jacobian, jvp, maxPool1d, scalar, scan, scatterAdd, vjp } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

export function transforms(setting: Setting): void {
  describe('transforms', () => {
    for (const dtype of setting.floats) {
      it(`products, Jacobians and Hessians of ${dtype}, batches of several sizes`, async () => {
        const variables = { w: spread(dtype, [3, 4], { seed: 1, low: -1, high: 1 }), b: spread(dtype, [4], { seed: 2, low: -1, high: 1 }) };
        // A batch of 0 and of 1 too.
        const steps = setting.some([3, 1, 0, 4], 3, 1).map((batch) => ({
          x: { ...spread(dtype, [batch, 3], { seed: 3, low: -1, high: 1 }), open: ['batch', 3] },
          labels: { ...fromList('int32', [batch], [0, 3, 1, 2]), open: ['batch'] },
        }));
        await setting.agree(
          {
            variables,
            steps,
            build: (leaves) => {
              const [x, labels, w, b] = [leaf(leaves.inputs, 'x'), leaf(leaves.inputs, 'labels'), leaf(leaves.variables, 'w'), leaf(leaves.variables, 'b')];
              const net = (e: Expr): Expr => e.matmul(w).add(b).tanh();
              const all = crossEntropy(net(x), labels, { reduction: 'sum' });
              const directions = [w.sin(), b.cos()];
              const [hw, hb] = hessianVectorProduct(all, [w, b], directions);
              const [[, wb], [, bb]] = hessian(all, [w, b]);
              return {
                outputs: {
                  forward: jvp(net(x), [w, b], directions), reverse: vjp(net(x), w, net(x)), hw, hb, wb, bb,
                  jacobian: jacobian(net(x), b), byForward: jacobian(net(x).sum(0), b, { mode: 'forward' }),
                },
              };
            },
          },
          { factor: 64, scale: 4 },
        );
      });

      it(`scans, look-ups, sums at indices and pools of ${dtype}`, async () => {
        await setting.agree(
          {
            variables: { w: spread(dtype, [3], { seed: 5, low: -1, high: 1 }) },
            steps: [{ x: spread(dtype, [4, 3], { seed: 4, low: -1, high: 1 }), at: fromList('int32', [2], [3, 0]) }],
            build: (leaves) => {
              const [x, at, w] = [leaf(leaves.inputs, 'x'), leaf(leaves.inputs, 'at'), leaf(leaves.variables, 'w')];
              const f = (e: Expr, k: Expr): Expr => {
                const { carry } = scan((c: Expr, row: Expr) => ({ carry: c.mul(w).add(row).tanh() }), { carry: scalar(0, dtype).broadcastTo([3]), inputs: e });
                const added = scatterAdd(e, k, e.take(k).square());
                return concat([carry, added.sum(0), maxPool1d(e.transpose().expandDims(0), 2).reshape([-1]), e.cumsum(0).max(1).prod().expandDims(0)]);
              };
              const y = f(x, at);
              return { outputs: { y, forward: jvp(y, [x, w], [x.cos(), w.sin()]), back: vjp(y, x, y), jacobian: jacobian(y, w) } };
            },
          },
          { factor: 64, scale: 8 },
        );
      });
    }
  });
}
