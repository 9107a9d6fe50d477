// Matrix products of many sizes, batches and layouts, with what is fused before and after.
import { type Expr, type DType } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import type { Setting } from './setting.js';
import { spread } from './values.js';

const SIZES = [0, 1, 2, 3, 5, 8, 17];

/** An error of `steps` roundings of products of numbers below 2. */
function slack(steps: number): { factor: number; scale: number } {
  return { factor: 4, scale: 4 * Math.max(1, steps) };
}

export function products(setting: Setting): void {
  const numbers = setting.dtypes.filter((dtype) => dtype !== 'bool');

  describe('matrix products', () => {
    for (const [turn, dtype] of numbers.entries()) {
      it(`of ${dtype}, sizes up to 17`, async () => {
        // One open function for all: every combination compiles its own kernel.
        for (const k of setting.some(SIZES, 3, turn)) {
          const steps = SIZES.flatMap((m) => setting.some(SIZES, 3, turn + m).map((n) => ({
            a: { ...spread(dtype, [m, k]), open: ['m', k] },
            b: { ...spread(dtype, [k, n], { seed: 2 }), open: [k, 'n'] },
          })));
          await setting.agree({ steps, build: ({ inputs }) => ({ outputs: { c: leaf(inputs, 'a').matmul(leaf(inputs, 'b')) } }) }, slack(k));
        }
      });

      it(`of ${dtype}, larger sizes`, async () => {
        for (const [m, k, n] of setting.some([[64, 64, 64], [130, 130, 130], [1, 130, 64], [130, 1, 130], [64, 130, 1], [65, 600, 9], [3, 1200, 33], [257, 12, 31]] as const, 2, turn)) {
          const given = { a: spread(dtype, [m, k]), b: spread(dtype, [k, n], { seed: 2 }) };
          await setting.agree({ steps: [given], build: ({ inputs }) => ({ outputs: { c: leaf(inputs, 'a').matmul(leaf(inputs, 'b')) } }) }, slack(k));
        }
      });

      it(`of ${dtype}: transposed operands`, async () => {
        for (const [m, k, n] of setting.some([[1, 1, 1], [2, 3, 5], [5, 8, 3], [17, 9, 33], [64, 17, 40]] as const, 2, 1 + turn)) {
          await setting.agree(
            {
              steps: [{ a: spread(dtype, [m, k]), at: spread(dtype, [k, m], { seed: 2 }), b: spread(dtype, [k, n], { seed: 3 }), bt: spread(dtype, [n, k], { seed: 4 }) }],
              build: ({ inputs }) => {
                const [a, at, b, bt] = [leaf(inputs, 'a'), leaf(inputs, 'at').transpose(), leaf(inputs, 'b'), leaf(inputs, 'bt').transpose()];
                return { outputs: { nt: a.matmul(bt), tn: at.matmul(b), tt: at.matmul(bt), turned: a.matmul(b).transpose(), both: at.matmul(bt).transpose() } };
              },
            },
            slack(k),
          );
        }
      });

      it(`of ${dtype}: batches and vectors`, async () => {
        const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
          [[3, 4, 5], [3, 5, 2]], [[3, 4, 5], [5, 2]], [[4, 5], [3, 5, 2]], [[2, 1, 4, 5], [3, 5, 6]], [[2, 3, 1, 7], [2, 3, 7, 9]], [[0, 4, 5], [0, 5, 2]], [[2, 4, 0], [2, 0, 3]],
          [[5], [5]], [[5], [5, 3]], [[4, 5], [5]], [[2, 3, 5], [5]], [[5], [2, 5, 3]], [[2, 17, 33], [2, 33, 19]],
        ];
        for (const [left, right] of setting.some(shapes, 6, turn)) {
          const given = { a: spread(dtype, left), b: spread(dtype, right, { seed: 2 }) };
          await setting.agree({ steps: [given], build: ({ inputs }) => ({ outputs: { c: leaf(inputs, 'a').matmul(leaf(inputs, 'b')) } }) }, slack(33));
        }
      });

      it(`of ${dtype}: transposed, sliced and repeated batches`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 4, 6]), y: spread(dtype, [3, 6, 5], { seed: 2 }) }],
            build: ({ inputs }) => {
              const [x, y] = [leaf(inputs, 'x'), leaf(inputs, 'y')];
              return {
                outputs: {
                  heads: x.reshape([3, 4, 2, 3]).transpose([0, 2, 1, 3]).matmul(y.reshape([3, 2, 3, 5])), scores: x.matmul(x.transpose([0, 2, 1])), turned: x.transpose([1, 0, 2]).matmul(y.slice(0)),
                  sliced: x.slice(null, [null, null, -1], [1, 4]).matmul(y.slice(null, [0, 3])), middle: x.transpose([2, 1, 0]).matmul(y.transpose([1, 0, 2])), flat: x.reshape([12, 6]).matmul(y.slice(1)),
                },
              };
            },
          },
          slack(12),
        );
      });

      it(`of ${dtype} with something before and after`, async () => {
        for (const [m, k, n] of setting.some([[1, 1, 1], [2, 3, 4], [17, 9, 12], [70, 33, 41]] as const, 1, 2 + turn)) {
          await setting.agree(
            {
              steps: [{ a: spread(dtype, [m, k]), b: spread(dtype, [k, n], { seed: 2 }), bias: spread(dtype, [n], { seed: 3 }), c: spread(dtype, [m, n], { seed: 4 }), s: spread(dtype, [], { seed: 5 }) }],
              build: ({ inputs }) => {
                const [a, b, bias, c, s] = [leaf(inputs, 'a'), leaf(inputs, 'b'), leaf(inputs, 'bias'), leaf(inputs, 'c'), leaf(inputs, 's')];
                const plain = a.matmul(b);
                return {
                  outputs: {
                    after: plain.add(bias).relu(), plain, before: a.mul(2).matmul(b.add(s)), masked: relu(a, dtype).matmul(b).mul(c), scaled: plain.mul(s).sub(c), twice: plain.add(a.neg().matmul(b)).maximum(c),
                    gated: a.matmul(b.mul(s)).add(c).gt(bias), turned: a.matmul(b).transpose().mul(c.transpose()), sum: a.matmul(b).sum(1), column: a.matmul(b).add(bias).sum(0),
                  },
                };
              },
            },
            { factor: 16, scale: 16 * k },
          );
        }
      });

      it(`of ${dtype}, few results of long sums`, async () => {
        for (const [left, right] of setting.some([[[9, 2600], [2600, 7]], [[2, 3, 1030], [2, 1030, 4]]] as const, 1, turn)) {
          const depth = left.at(-1) ?? 0;
          const given = { a: spread(dtype, left), b: spread(dtype, right, { seed: 2 }), s: spread(dtype, [right.at(-1) ?? 0], { seed: 3 }) };
          await setting.agree(
            {
              steps: [given],
              build: ({ inputs }) => {
                const [a, b, s] = [leaf(inputs, 'a'), leaf(inputs, 'b'), leaf(inputs, 's')];
                const plain = a.matmul(b);
                return { outputs: { plain, after: plain.add(s).maximum(0), before: a.add(1).matmul(b.mul(2)).sum() } };
              },
            },
            { factor: 16, scale: 64 * depth },
          );
        }
      });
    }

    it('of mixed dtypes through casts', async () => {
      if (!setting.dtypes.includes('float64') || !setting.dtypes.includes('float32')) return;
      await setting.agree(
        {
          steps: [{ a: spread('float32', [7, 9]), b: spread('float64', [9, 6], { seed: 2 }), i: spread('int32', [7, 9], { seed: 3 }), flags: spread('bool', [9, 6], { seed: 4 }) }],
          build: ({ inputs }) => {
            const [a, b, i, flags] = [leaf(inputs, 'a'), leaf(inputs, 'b'), leaf(inputs, 'i'), leaf(inputs, 'flags')];
            return {
              outputs: {
                wide: a.cast('float64').matmul(b), integers: i.matmul(flags.cast('int32')), masked: a.matmul(flags.cast('float32')), narrowed: i.cast('float64').matmul(b).cast('float32'),
                counted: i.matmul(flags.cast('int32')).cast('float64').add(1), toBool: i.matmul(flags.cast('int32')).cast('bool'),
              },
            };
          },
        },
        { factor: 16, scale: 400 },
      );
    });
  });
}

function relu(a: Expr, dtype: DType): Expr {
  return dtype === 'int32' ? a.maximum(0) : a.relu();
}
