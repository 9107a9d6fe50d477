// Gradients of every operation that has one, as the interpreter evaluates the same graph.
import { concat, type Expr, logSumExp } from '@pappus/core';
import { type BinaryOp, type UnaryOp } from '@pappus/core/backend';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { BINARY, UNARY } from './elementwise.js';
import { grad } from './recording.js';
import { subsets } from './reductions.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

/** Where an operation is smooth and well conditioned; null where no gradient flows. */
const UNARY_RANGES: Readonly<Record<UnaryOp, readonly [number, number] | null>> = {
  neg: [-2, 2], abs: [-2, 2], sign: null, floor: null, ceil: null, round: null, exp: [-2, 2], expm1: [-2, 2], log: [0.3, 4], log1p: [-0.5, 4], log2: [0.3, 4], log10: [0.3, 4], sqrt: [0.3, 4],
  sin: [-4, 4], cos: [-4, 4], tan: [-1, 1], tanh: [-2, 2], sigmoid: [-4, 4], erf: [-2, 2], relu: [-2, 2], isNan: null, isFinite: null, not: null,
};

const BINARY_RANGES: Readonly<Record<BinaryOp, readonly [readonly [number, number], readonly [number, number]] | null>> = {
  add: [[-2, 2], [-2, 2]], sub: [[-2, 2], [-2, 2]], mul: [[-2, 2], [-2, 2]], div: [[-2, 2], [0.5, 2]], pow: [[0.5, 2], [-2, 2]], mod: [[-5, 5], [0.7, 1.3]],
  maximum: [[-2, 2], [-2, 2]], minimum: [[-2, 2], [-2, 2]], eq: null, ne: null, lt: null, le: null, gt: null, ge: null, and: null, or: null,
  bitwiseAnd: null, bitwiseOr: null, bitwiseXor: null, shiftLeft: null, shiftRightLogical: null,
};

export function gradients(setting: Setting): void {
  describe('gradients', () => {
    for (const dtype of setting.floats) {
      it(`first and second, of elementwise operations of ${dtype}`, async () => {
        for (const [op, f] of Object.entries(UNARY)) {
          const range = isUnary(op) ? UNARY_RANGES[op] : null;
          if (range === null) continue;
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [3, 7], { low: range[0], high: range[1] }) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const first = grad(f(x).mul(x).sum(), x);
                return { outputs: { y: f(x), first, second: grad(first.square().sum(), x) } };
              },
            },
            { factor: 64, scale: 8 },
          );
        }
        for (const [op, f] of Object.entries(BINARY)) {
          const ranges = isBinary(op) ? BINARY_RANGES[op] : null;
          if (ranges === null) continue;
          const [[lowA, highA], [lowB, highB]] = ranges;
          await setting.agree(
            {
              steps: [{ a: spread(dtype, [3, 7], { low: lowA, high: highA }), b: spread(dtype, [7], { low: lowB, high: highB, seed: 2 }) }],
              build: ({ inputs }) => {
                const [a, b] = [leaf(inputs, 'a'), leaf(inputs, 'b')];
                const [da, db] = grad(f(a, b).mul(a).sum(), [a, b]);
                const both = grad(da.square().sum().add(db.square().sum()), [a, b]);
                return { outputs: { y: f(a, b), da, db, dda: both[0], ddb: both[1] } };
              },
            },
            { factor: 128, scale: 32 },
          );
        }
      });

      it(`of reductions of ${dtype} over every subset of axes`, async () => {
        const reductions: Readonly<Record<string, (x: Expr, axes: readonly number[]) => Expr>> = {
          sum: (x, axes) => x.sum(axes), mean: (x, axes) => x.mean(axes), max: (x, axes) => x.max(axes), min: (x, axes) => x.min(axes), prod: (x, axes) => x.prod(axes), logSumExp: (x, axes) => logSumExp(x, axes),
        };
        for (const [turn, [name, reduce]] of Object.entries(reductions).entries()) {
          for (const shape of setting.some([[5], [3, 6], [2, 3, 4]], 1, 1 + turn)) {
            await setting.agree(
              {
                steps: [{ x: spread(dtype, shape, { low: 0.7, high: 1.3 }) }],
                build: ({ inputs }) => {
                  const x = leaf(inputs, 'x');
                  return { outputs: Object.fromEntries(subsets(shape.length).map((axes) => [`${name} ${axes.join()}`, grad(reduce(x, axes).square().sum(), x)])) };
                },
              },
              { factor: 64, scale: 8 },
            );
          }
        }
      });

      it(`of ties of ${dtype}, and of products with zeros`, async () => {
        const x = spread(dtype, [3, 5], { low: 0.5, high: 1.5 });
        for (const i of [1, 5, 7]) x.data[i] = 0;
        for (const i of [10, 12, 13]) x.data[i] = 2;
        await setting.agree(
          {
            steps: [{ x }],
            build: ({ inputs }) => {
              const a = leaf(inputs, 'x');
              return { outputs: { max: grad(a.max(1).square().sum(), a), min: grad(a.min(0).square().sum(), a), prod: grad(a.prod(1).sum(), a), maximum: grad(a.maximum(2).mul(a).sum(), a), relu: grad(a.relu().sum(), a) } };
            },
          },
          { factor: 32, scale: 4 },
        );
      });

      for (const other of setting.floats.filter((float) => float !== dtype)) {
        it(`of casts from ${dtype} to ${other}`, async () => {
          await setting.agree({
            // Of whole numbers nothing is rounded in either.
            steps: [{ x: fromList(dtype, [3, 7], [0, 1, -3, 5, 12, -100, 7]) }],
            build: ({ inputs }) => {
              const x = leaf(inputs, 'x');
              const first = grad(x.cast(other).square().sum(), x);
              return { outputs: { first, second: grad(first.cast(other).mul(x.cast(other)).sum(), x) } };
            },
          });
        });
      }

      it(`of movement and products of ${dtype}`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [4, 6]), y: spread(dtype, [6, 4], { seed: 2 }), row: spread(dtype, [6], { seed: 3 }), batch: spread(dtype, [3, 4, 2], { seed: 4 }) }],
            build: ({ inputs }) => {
              const [x, y, row, batch] = [leaf(inputs, 'x'), leaf(inputs, 'y'), leaf(inputs, 'row'), leaf(inputs, 'batch')];
              const losses: Readonly<Record<string, Expr>> = {
                transposed: x.transpose().mul(y).square().sum(),
                reshaped: x.reshape([2, 12]).square().sum(1).square().sum(),
                broadcast: x.mul(row).square().sum(),
                sliced: x.slice([null, null, 2], [null, null, -1]).square().sum().add(x.slice(1).sum()),
                joined: concat([x, y.transpose(), x.mul(2)], 0).square().sum(),
                product: x.matmul(y).square().sum(),
                chained: x.matmul(y).tanh().matmul(x).square().mean(),
                batched: batch.transpose([0, 2, 1]).matmul(x).mul(row).square().sum(),
                outer: x.matmul(row).square().sum().mul(row.sum()),
                clipped: where0(x).mul(y.transpose()).sum(),
              };
              return {
                outputs: Object.fromEntries(Object.entries(losses).flatMap(([name, loss]) => {
                  const reached = [x, y, row, batch].filter((e) => reaches(loss, e));
                  return grad(loss, reached).map((g, k) => [`${name} ${k}`, g]);
                })),
              };
            },
          },
          { factor: 128, scale: 64 },
        );
      });
    }
  });
}

/** Smooth on both sides of a condition. */
function where0(x: Expr): Expr {
  return x.gt(0).where(x.square(), x.neg());
}

function reaches(root: Expr, target: Expr): boolean {
  return root === target || root.args.some((arg) => reaches(arg, target));
}

function isUnary(name: string): name is UnaryOp {
  return name in UNARY_RANGES;
}

function isBinary(name: string): name is BinaryOp {
  return name in BINARY_RANGES;
}
