// Softmax and its losses, whole networks, and open dimensions.
import {
  binaryCrossEntropy, contrastive, crossEntropy, ctcLoss, type Expr, hardSigmoid, hardSwish, infoNce, localResponseNorm, logSoftmax, mish, ntXent, prelu, relu6, selu, softmax, tripletMargin,
} from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf, type Leaves, type Value } from './differential.js';
import { grad } from './recording.js';
import type { FloatDType, Setting } from './setting.js';
import { fromList, spread } from './values.js';

/** Weights of a perceptron of three layers, by name. */
function weights(dtype: FloatDType, sizes: readonly number[]): Record<string, Value> {
  return Object.fromEntries(sizes.slice(1).flatMap((columns, k) => {
    const rows = sizes[k] ?? 1;
    const limit = Math.sqrt(6 / (rows + columns));
    return [
      [`w${k}`, spread(dtype, [rows, columns], { seed: k + 1, low: -limit, high: limit })],
      [`b${k}`, spread(dtype, [columns], { seed: k + 11, low: -0.1, high: 0.1 })],
    ];
  }));
}

function logitsOf({ inputs, variables }: Leaves, activation: (x: Expr) => Expr): Expr {
  let x = leaf(inputs, 'x');
  for (let k = 0; `w${k}` in variables; k++) {
    x = x.matmul(leaf(variables, `w${k}`)).add(leaf(variables, `b${k}`));
    if (`w${k + 1}` in variables) x = activation(x);
  }
  return x;
}

export function networks(setting: Setting): void {
  describe('networks', () => {
    for (const [turn, dtype] of setting.floats.entries()) {
      it(`softmax and logSoftmax of ${dtype} along every axis`, async () => {
        for (const shape of setting.some([[1], [10], [3, 1], [4, 10], [1, 33], [2, 3, 5]], 2, 1 + turn)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, shape, { low: -20, high: 20 }) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                return {
                  outputs: Object.fromEntries(shape.flatMap((_, axis) => {
                    const [p, logP] = [softmax(x, axis), logSoftmax(x, axis)];
                    return [
                      [`p${axis}`, p], [`logP${axis}`, logP], [`dp${axis}`, grad(p.mul(x).sum(), x)], [`dlogP${axis}`, grad(logP.mul(x).sum(), x)],
                    ];
                  })),
                };
              },
            },
            { factor: 64, scale: 40 },
          );
        }
      });

      it(`crossEntropy of ${dtype} and its gradient`, async () => {
        for (const shape of setting.some([[1, 1], [1, 10], [7, 3], [33, 10], [2, 5, 4]], 2, 1 + turn)) {
          const rows = shape.slice(0, -1);
          const classes = shape.at(-1) ?? 1;
          await setting.agree(
            {
              steps: [{ logits: spread(dtype, shape, { low: -5, high: 5 }), labels: fromList('int32', rows, Array.from({ length: classes }, (_, k) => (3 * k) % classes)) }],
              build: ({ inputs }) => {
                const logits = leaf(inputs, 'logits');
                const loss = crossEntropy(logits, leaf(inputs, 'labels'));
                return { outputs: { loss, gradient: grad(loss, logits) } };
              },
            },
            { factor: 16, scale: 1 },
          );
        }
      });

      it(`further activations, losses and norms of ${dtype}, and their gradients`, async () => {
        const numbers = (seed: number, shape: readonly number[] = [4, 3]): Value => spread(dtype, shape, { seed, low: -4, high: 4 });
        await setting.agree(
          {
            steps: [{ x: numbers(1), y: numbers(2), z: numbers(3), slope: numbers(4, [3]), same: fromList('bool', [4], [1, 0]) }],
            build: ({ inputs }) => {
              const [x, y, z, slope, same] = [leaf(inputs, 'x'), leaf(inputs, 'y'), leaf(inputs, 'z'), leaf(inputs, 'slope'), leaf(inputs, 'same')];
              const parts: Readonly<Record<string, () => Expr>> = {
                pointwise: () => selu(x).add(relu6(x)).add(hardSwish(y)).add(hardSigmoid(y)).add(mish(x)).add(prelu(y, slope)),
                binary: () => binaryCrossEntropy(x, y.sigmoid(), { posWeight: [0.5, 1, 4] }),
                triplet: () => tripletMargin(x, y, z, { reduction: 'none', swap: true }),
                contrastive: () => contrastive(x, y, same, { margin: 6, reduction: 'none' }),
                ntXent: () => ntXent(x, y, { reduction: 'none' }),
                infoNce: () => infoNce(x, y, { temperature: 0.5 }),
                norms: () => x.norm(0, { order: 3 }).add(y.norm(0, { order: 0.5 })).add(x.norm(0, { order: -Infinity })).add(y.norm(0, { order: -1 })).add(z.norm(0, { order: 0 })),
                neighbours: () => localResponseNorm(x, 3, { alpha: 0.5 }),
              };
              return {
                outputs: Object.fromEntries(setting.some(Object.entries(parts), 5, turn).flatMap(([name, part]) => {
                  const value = part();
                  return [[name, value], [`gradient of ${name}`, grad(value.square().sum(), name === 'neighbours' ? x : y)]];
                })),
              };
            },
          },
          { factor: 256, scale: 16 },
        );
      });

      it(`ctcLoss of ${dtype} and its gradient`, async () => {
        await setting.agree(
          {
            steps: setting.some([[2, 6, 3], [1, 1, 1], [3, 9, 4]] as const, 1, turn).map(([batch, time, length], k) => ({
              logits: { ...spread(dtype, [batch, time, 5], { seed: k, low: -3, high: 3 }), open: ['batch', 'time', 5] },
              labels: { ...fromList('int32', [batch, length], [1, 3, 3, 2, 4], k), open: ['batch', 'length'] },
              inputLengths: { ...fromList('int32', [batch], [time, time - 1]), open: ['batch'] },
              labelLengths: { ...fromList('int32', [batch], [length, length - 1]), open: ['batch'] },
            })),
            build: ({ inputs }) => {
              const [logits, labels, inputLengths, labelLengths] = [leaf(inputs, 'logits'), leaf(inputs, 'labels'), leaf(inputs, 'inputLengths'), leaf(inputs, 'labelLengths')];
              const losses = ctcLoss(logits, labels, { inputLengths, labelLengths, reduction: 'none' });
              return { outputs: { losses, gradient: grad(losses.sum(), logits) } };
            },
          },
          { factor: 256, scale: 16 },
        );
      });

      for (const [name, activation] of [['relu', (x: Expr) => x.relu()], ['tanh', (x: Expr) => x.tanh()], ['sigmoid', (x: Expr) => x.sigmoid()]] as const) {
        it(`a perceptron of ${dtype} with ${name}: loss, gradients and descent, batches of several sizes`, async () => {
          const variables = weights(dtype, [6, 9, 5, 4]);
          const steps = [1, 2, 13, 2, 32].map((batch, k) => ({
            x: { ...spread(dtype, [batch, 6], { seed: 20 + k }), open: ['batch', 6] },
            labels: { ...fromList('int32', [batch], [0, 1, 2, 3, 1], k), open: ['batch'] },
          }));
          await setting.agree(
            {
              steps,
              variables,
              build: (leaves) => {
                const logits = logitsOf(leaves, activation);
                const loss = crossEntropy(logits, leaf(leaves.inputs, 'labels'));
                const params = Object.values(leaves.variables);
                const grads = grad(loss, params);
                return {
                  outputs: { loss, logits, norm: grads.map((g) => g.square().sum()).reduce((a, b) => a.add(b)).sqrt() },
                  updates: new Map(params.map((p, k) => [p, p.sub((grads[k] ?? p).mul(0.5))])),
                };
              },
            },
            { factor: 256, scale: 1 },
          );
        });
      }

      it(`an open dimension of ${dtype} in every place`, async () => {
        const sizes = [3, 1, 8, 0, 3, 17, 1];
        await setting.agree(
          {
            steps: sizes.map((n, k) => ({ x: { ...spread(dtype, [n, 4], { seed: k }), open: ['n', 4] }, y: { ...spread(dtype, [2, n], { seed: k + 9 }), open: [2, 'n'] } })),
            build: ({ inputs }) => {
              const [x, y] = [leaf(inputs, 'x'), leaf(inputs, 'y')];
              return {
                outputs: {
                  product: y.matmul(x), gram: x.matmul(x.transpose()), flat: x.reshape([-1]).add(1), rows: x.sum(1), columns: x.sum(0), mean: y.mean(1), turned: x.transpose().reshape([2, -1]),
                  gradient: grad(y.matmul(x).square().sum(), x), reversed: x.slice([null, null, -1]), centred: x.sub(x.mean(0)), all: x.gt(0).all(0), total: x.sum(),
                },
              };
            },
          },
          { factor: 64, scale: 16 },
        );
      });

      it(`two open dimensions of ${dtype}`, async () => {
        const sizes = [[2, 3], [3, 2], [1, 5], [2, 3], [4, 4]] as const;
        await setting.agree(
          {
            steps: sizes.map(([batch, time], k) => ({
              x: { ...spread(dtype, [batch, time, 3], { seed: k }), open: ['batch', 'time', 3] },
              mask: { ...fromList('bool', [batch, time], [1, 0, 1], k), open: ['batch', 'time'] },
            })),
            variables: { w: spread(dtype, [3, 2], { seed: 5 }) },
            build: ({ inputs, variables }) => {
              const [x, mask, w] = [leaf(inputs, 'x'), leaf(inputs, 'mask'), leaf(variables, 'w')];
              const h = x.matmul(w);
              const kept = mask.expandDims(-1).where(h, 0);
              const difference = x.slice(null, [1, null]).sub(x.slice(null, [null, -1]));
              return { outputs: { kept: kept.sum(1), flat: h.reshape([-1, 2]), difference, gradient: grad(kept.square().mean(), w) } };
            },
          },
          { factor: 64, scale: 8 },
        );
      });
    }
  });
}
