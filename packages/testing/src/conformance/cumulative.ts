// Cumulative sums: every axis, sizes around those of the blocks that a compiler may cut, both directions, with and without the element itself.
import { cumsum, type DType, type Expr } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf, type Value } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting, fromList, samples, spread } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[0], [1], [2], [5], [16], [31], [32], [33], [47], [64], [100], [256], [257], [600], [4, 33], [33, 4], [3, 64, 2], [0, 40], [40, 0], [2, 1, 70], [17, 19]];
const OPTIONS = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })));

/** Every axis with every option. */
const all = (x: Expr): Record<string, Expr> =>
  Object.fromEntries(x.shape.flatMap((_, axis) => OPTIONS.map((options) => [`axis ${axis} ${JSON.stringify(options)}`, cumsum(x, axis, options)])));

export function cumulative(setting: Setting): void {
  describe('cumulative sums', () => {
    const given = (dtype: DType, shape: readonly number[]): Value => (dtype === 'int32' ? fromList(dtype, shape, samples(dtype, false), 3) : spread(dtype, shape, { seed: shape.length }));

    for (const [turn, dtype] of setting.dtypes.filter((d) => d !== 'bool').entries()) {
      it(`of ${dtype} along every axis`, async () => {
        for (const shape of setting.some(SHAPES, 5, turn)) {
          const x = given(dtype, shape);
          await setting.agree({ steps: [{ x }], build: ({ inputs }) => ({ outputs: all(leaf(inputs, 'x')) }) }, { factor: 8, scale: Math.sqrt(x.data.length) });
        }
      });
    }

    for (const dtype of setting.floats) {
      it(`of ${dtype} keep whole numbers exact`, async () => {
        await setting.agree({ steps: [{ x: counting(dtype, [1000]) }], build: ({ inputs }) => ({ outputs: all(leaf(inputs, 'x')) }) }, { factor: 0 });
      });

      it(`of ${dtype} take in infinities and NaN, and only where they come`, async () => {
        if (!setting.extremes) return;
        for (const bad of [[Infinity], [-Infinity], [Infinity, -Infinity], [NaN]]) {
          const x = spread(dtype, [3, 70], { seed: 6 });
          bad.forEach((value, k) => (x.data[70 + 25 * k + 20] = value));
          await setting.agree({ steps: [{ x }], build: ({ inputs }) => ({ outputs: all(leaf(inputs, 'x')) }) }, { factor: 8, scale: 16 });
        }
      });

      it(`of ${dtype} with something before and after, and their gradients`, async () => {
        for (const shape of setting.some([[5, 7], [3, 50], [70, 3]], 1, 1)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, shape), y: spread(dtype, shape, { seed: 2 }) }],
              build: ({ inputs }) => {
                const [x, y] = [leaf(inputs, 'x'), leaf(inputs, 'y')];
                const sums = x.mul(y).cumsum(1).mul(0.1).tanh().add(y.exp().cumsum(0, { reverse: true }));
                const [dx, dy] = grad(sums.square().mean(), [x, y]);
                return { outputs: { sums, turned: x.transpose().cumsum(0).transpose().add(y), part: x.slice([null, null, -1]).cumsum(0).sum(1), twice: x.cumsum(0).cumsum(1, { exclusive: true }), dx, dy } };
              },
            },
            { factor: 64, scale: 64 },
          );
        }
      });
    }
  });
}
