// Sorting and what goes along an axis: lengths around those of groups and blocks, ties, NaN, every axis, open sizes, gradients.
import { argSort, cummax, cummin, cumprod, type Expr, median, quantile, searchSorted, sort, topK } from '@pappus/core';
import { describe, it } from 'vitest';
import { type Computed, leaf, type Value } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[0], [1], [2], [8], [9], [16], [17], [32], [33], [64], [100], [257], [1000], [4, 33], [33, 4], [3, 40, 2], [0, 40], [40, 0], [2, 1, 70]];
const OPTIONS = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })));

/** Both of `topK`, `cummax` or `cummin`. */
const both = (name: string, { values, indices }: { readonly values: Expr; readonly indices: Expr }): Record<string, Expr> => ({ [`${name} values`]: values, [`${name} indices`]: indices });

function ordered(x: Expr, axis: number): Record<string, Expr> {
  const count = Number(x.shape[axis]);
  return together(
    [false, true].map((flag) => ({
      [`${axis} sorted ${flag}`]: sort(x, axis, { descending: flag }),
      [`${axis} order ${flag}`]: argSort(x, axis, { descending: flag }),
      ...both(`${axis} largest ${flag}`, topK(x, Math.min(3, count), axis, { largest: flag })),
      ...both(`${axis} maxima ${flag}`, cummax(x, axis, { reverse: flag })),
      ...both(`${axis} minima ${flag}`, cummin(x, axis, { reverse: flag })),
    })),
  );
}

const together = (records: readonly Readonly<Record<string, Expr>>[]): Record<string, Expr> => Object.fromEntries(records.flatMap((record) => Object.entries(record)));

function quantiles(x: Expr, axes: readonly number[]): Record<string, Expr> {
  const methods = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;
  return { median: median(x, axes), ...Object.fromEntries(methods.map((method) => [method, quantile(x, [0, 0.1, 0.5, 0.83, 1], axes, { method })])) };
}

export function order(setting: Setting): void {
  describe('order', () => {
    for (const [turn, dtype] of setting.dtypes.filter((d) => d !== 'bool').entries()) {
      const given = (shape: readonly number[]): Value => fromList(dtype, shape, setting.samples(dtype, 3), 5);

      it(`of ${dtype} along every axis`, async () => {
        for (const shape of [...setting.some(SHAPES, 4, turn), ...(setting.thorough ? [[17000]] : [])]) {
          await setting.agree({ steps: [{ x: given(shape) }], build: ({ inputs }) => ({ outputs: everyAxis(leaf(inputs, 'x'), ordered) }) }, { signedZeros: true });
        }
      });

      it(`of ${dtype}: searches among what is sorted`, async () => {
        for (const [n, m] of setting.some([[0, 3], [1, 5], [40, 17], [300, 100]] as const, 2, turn)) {
          await setting.agree({
            steps: [{ x: given([2, n]), y: given([2, m]) }],
            build: ({ inputs }) => {
              const [sorted, y] = [sort(leaf(inputs, 'x')), leaf(inputs, 'y')];
              return { outputs: Object.fromEntries((['left', 'right'] as const).flatMap((side) => [[side, searchSorted(sorted, y, { side })], [`${side} of one`, searchSorted(sorted.slice(1), y, { side })]])) };
            },
          });
        }
      });

      it(`of ${dtype}: products up to each element`, async () => {
        for (const shape of setting.some([[0], [1], [7], [4, 9], [9, 4], [3, 5, 2], [0, 3], [3, 0]], 3, turn)) {
          await setting.agree(
            { steps: [{ x: dtype === 'int32' ? given(shape) : spread(dtype, shape) }], build: ({ inputs }) => ({ outputs: everyAxis(leaf(inputs, 'x'), (x, axis) => Object.fromEntries(OPTIONS.map((options) => [`${axis} ${JSON.stringify(options)}`, cumprod(x, axis, options)]))) }) },
            { factor: 8 },
          );
        }
      });
    }

    for (const dtype of setting.floats) {
      it(`of ${dtype}: quantiles`, async () => {
        for (const [shape, axes] of setting.some([[[5], [0]], [[4, 6], [1]], [[3, 4, 5], [0, 2]], [[1], [0]], [[40, 3], [0]]] as const, 2, 1)) {
          await setting.agree({ steps: [{ x: spread(dtype, shape) }], build: ({ inputs }) => ({ outputs: quantiles(leaf(inputs, 'x'), axes) }) }, { factor: 8, scale: 2 });
        }
      });

      it(`of ${dtype}: a few among many`, async () => {
        await setting.agree({ steps: [{ x: spread(dtype, [setting.thorough ? 2 : 1, 5000]) }], build: ({ inputs }) => {
          const x = leaf(inputs, 'x');
          // Equal ones are chosen by their places, and no sample tells where they end: then all are sorted.
          const more = setting.thorough ? { median: median(x, 1), ...both('of two values', topK(x.gt(1.9).cast(dtype), 500)) } : {};
          return { outputs: { ...both('of all', topK(x, 40)), ...more } };
        } }, { factor: 8, scale: 2 });
      });

      it(`of ${dtype}: what is open, and gradients`, async () => {
        await setting.agree(
          {
            steps: setting.some([[6, 3], [1, 3], [35, 2]], 2).map((shape, seed) => ({ x: { ...spread(dtype, shape, { seed: seed + 1 }), open: ['n', 'm'] } })),
            build: ({ inputs }) => withGradients(leaf(inputs, 'x')),
          },
          { factor: 128, scale: 16 },
        );
      });
    }
  });
}

function everyAxis(x: Expr, each: (x: Expr, axis: number) => Record<string, Expr>): Record<string, Expr> {
  return together(x.shape.map((_, axis) => each(x, axis)));
}

function withGradients(x: Expr): Computed {
  const sorted = sort(x.mul(2), 0, { descending: true });
  const products = cumprod(x.mul(0.5).add(0.75), 0);
  const loss = sorted.mul(products).sum().add(cummax(x, 0).values.mul(x).sum()).add(median(x, 0).square().sum()).add(quantile(x, [0.2, 0.7], 0).square().sum());
  const dx = grad(loss, x);
  return { outputs: { sorted, products, best: topK(x, 1, 0).values.add(1), dx, second: grad(dx.square().sum(), x) } };
}
