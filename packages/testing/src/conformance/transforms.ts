// Products with Jacobians, whole Jacobians and Hessians, and functions of an example over a batch.
import { concat, crossEntropy, type Expr, grad, hessian, hessianVectorProduct, jacobian, jvp, maxPool1d, scalar, scan, scatterAdd, vjp, vmap } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

export function transforms(setting: Setting): void {
  describe('transforms', () => {
    for (const dtype of setting.floats) {
      it(`products, Jacobians, Hessians and gradients of each example of ${dtype}, batches of several sizes`, async () => {
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
              const lossOf = (e: Expr, label: Expr): Expr => crossEntropy(net(e), label);
              const all = crossEntropy(net(x), labels, { reduction: 'sum' });
              const directions = [w.sin(), b.cos()];
              const [hw, hb] = hessianVectorProduct(all, [w, b], directions);
              const [gw, gb] = vmap((e: Expr, label: Expr) => grad(lossOf(e, label), [w, b]))(x, labels);
              const [[, wb], [, bb]] = hessian(all, [w, b]);
              return {
                outputs: {
                  forward: jvp(net(x), [w, b], directions), reverse: vjp(net(x), w, net(x)), hw, hb, gw, gb, wb, bb,
                  jacobian: jacobian(net(x), b), byForward: jacobian(net(x).sum(0), b, { mode: 'forward' }),
                },
              };
            },
          },
          { factor: 64, scale: 4 },
        );
      });

      it(`scans, look-ups, sums at indices and pools of each example of ${dtype}`, async () => {
        await setting.agree(
          {
            variables: { w: spread(dtype, [3], { seed: 5, low: -1, high: 1 }) },
            steps: [{ x: spread(dtype, [2, 4, 3], { seed: 4, low: -1, high: 1 }), at: fromList('int32', [2, 2], [3, 0, 1, 1]) }],
            build: (leaves) => {
              const [x, at, w] = [leaf(leaves.inputs, 'x'), leaf(leaves.inputs, 'at'), leaf(leaves.variables, 'w')];
              const f = (e: Expr, k: Expr): Expr => {
                const { carry } = scan((c: Expr, row: Expr) => ({ carry: c.mul(w).add(row).tanh() }), { carry: scalar(0, dtype).broadcastTo([3]), inputs: e });
                const added = scatterAdd(e, k, e.take(k).square());
                return concat([carry, added.sum(0), maxPool1d(e.transpose().expandDims(0), 2).reshape([-1]), e.cumsum(0).max(1).prod().expandDims(0)]);
              };
              const many = vmap(f)(x, at);
              const each = vmap((e: Expr, k: Expr) => grad(f(e, k).square().sum(), w))(x, at);
              return { outputs: { many, each, forward: jvp(many, [x, w], [x.cos(), w.sin()]), back: vjp(many, x, many) } };
            },
          },
          { factor: 64, scale: 8 },
        );
      });
    }
  });
}
