// Every reduction over every subset of axes, alone and several at once, with what is fused before and after.
import { type DType, type Expr, iota, logSumExp, mean } from '@pappus/core';
import { type ReduceOp } from '@pappus/core/backend';
import * as core from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf, type Value } from './differential.js';
import type { Setting } from './setting.js';
import { fromList, samples, spread } from './values.js';

type Reduce = (a: Expr, axes?: readonly number[], options?: { readonly keepdims?: boolean }) => Expr;

const REDUCTIONS: Readonly<Record<ReduceOp, { readonly takes: readonly DType[]; readonly apply: Reduce }>> = {
  sum: { takes: ['float32', 'float64', 'int32'], apply: core.sum },
  prod: { takes: ['float32', 'float64', 'int32'], apply: core.prod },
  max: { takes: ['float32', 'float64', 'int32'], apply: core.max },
  min: { takes: ['float32', 'float64', 'int32'], apply: core.min },
  all: { takes: ['bool'], apply: core.all },
  any: { takes: ['bool'], apply: core.any },
};

const SHAPES: readonly (readonly number[])[] = [
  [0], [1], [2], [3], [5], [16], [33], [130],
  [1, 1], [2, 3], [4, 4], [7, 5], [3, 17], [17, 3], [1, 9], [9, 1], [0, 3], [3, 0], [40, 33],
  [2, 3, 4], [3, 1, 5], [5, 4, 1], [1, 6, 7], [2, 0, 3], [4, 9, 17],
  [2, 3, 2, 5], [1, 4, 3, 1], [3, 2, 1, 9], [2, 2, 3, 8],
];

/** Every list of axes, the empty one included. */
export function subsets(rank: number): number[][] {
  return Array.from({ length: 2 ** rank }, (_, bits) => Array.from({ length: rank }, (_unused, k) => k).filter((k) => (bits & (1 << k)) !== 0));
}

function sizeAlong(shape: readonly number[], axes: readonly number[]): number {
  return axes.reduce((size, axis) => size * (shape[axis] ?? 1), 1);
}

/** Factors near 1, so that products neither overflow nor vanish; for bool mostly one value. */
function operand(op: ReduceOp, dtype: DType, shape: readonly number[]): Value {
  if (op === 'prod' && dtype !== 'int32') return spread(dtype, shape, { low: 0.9, high: 1.1 });
  if (dtype === 'int32') return fromList(dtype, shape, samples(dtype, false), 3);
  const given = spread(dtype, shape, { seed: 4 });
  if (op === 'all') given.data.forEach((_, i) => (given.data[i] = i % 11 === 10 ? 0 : 1));
  if (op === 'any') given.data.forEach((_, i) => (given.data[i] = i % 11 === 10 ? 1 : 0));
  return given;
}

export function reductions(setting: Setting): void {
  describe('reductions', () => {
    for (const [number, [op, { takes, apply }]] of Object.entries(REDUCTIONS).entries()) {
      for (const [k, dtype] of takes.filter((d) => setting.dtypes.includes(d)).entries()) {
        const turn = 3 * number + k;
        it(`${op} of ${dtype} over every subset of axes`, async () => {
          for (const shape of setting.some(SHAPES, 6, turn)) {
            const nonempty = subsets(shape.length).filter((axes) => !(op === 'max' || op === 'min') || sizeAlong(shape, axes) > 0);
            const x = operand(isReduce(op) ? op : 'sum', dtype, shape);
            await setting.agree(
              {
                steps: [{ x }],
                build: ({ inputs }) => {
                  const given = leaf(inputs, 'x');
                  return {
                    outputs: Object.fromEntries(nonempty.flatMap((axes) => [
                      [`over ${axes.join()}`, apply(given, axes)],
                      [`kept ${axes.join()}`, apply(given, axes, { keepdims: true })],
                    ])),
                  };
                },
              },
              { factor: 8, scale: Math.sqrt(x.data.length) },
            );
          }
        });

        it(`${op} of ${dtype}, one reduction at a time`, async () => {
          for (const shape of setting.some([[5], [19], [300], [6, 7], [2, 40], [33, 5], [3, 4, 5], [2, 3, 4, 5]], 2, turn)) {
            for (const axes of subsets(shape.length)) {
              const x = operand(isReduce(op) ? op : 'sum', dtype, shape);
              await setting.agree(
                { steps: [{ x }], build: ({ inputs }) => ({ outputs: { y: apply(leaf(inputs, 'x'), axes) } }) },
                { factor: 8, scale: Math.sqrt(x.data.length) },
              );
            }
          }
        });
      }
    }

    for (const dtype of setting.floats) {
      it(`of ${dtype} take in infinities and NaN`, async () => {
        if (!setting.extremes) return;
        for (const bad of [[Infinity], [-Infinity], [Infinity, -Infinity], [NaN], [NaN, Infinity]]) {
          const x = spread(dtype, [3, 37], { seed: 6 });
          bad.forEach((value, k) => (x.data[37 + 5 * k + 3] = value));
          await setting.agree(
            {
              steps: [{ x }],
              build: ({ inputs }) => {
                const given = leaf(inputs, 'x');
                return { outputs: { sum: given.sum(1), max: given.max(1), min: given.min(1), columns: given.sum(0), largest: given.max(0), smallest: given.min(0) } };
              },
            },
            { factor: 8, scale: 8 },
          );
        }
      });

      it(`mean and logSumExp of ${dtype}`, async () => {
        for (const shape of [[1], [9], [4, 13], [3, 4, 5]]) {
          const x = spread(dtype, shape, { low: -30, high: 30 });
          await setting.agree(
            {
              steps: [{ x }],
              build: ({ inputs }) => {
                const given = leaf(inputs, 'x');
                return {
                  outputs: Object.fromEntries(subsets(shape.length).flatMap((axes) => [
                    [`mean ${axes.join()}`, mean(given, axes)],
                    [`logSumExp ${axes.join()}`, logSumExp(given, axes, { keepdims: true })],
                  ])),
                };
              },
            },
            { factor: 32, scale: 30 },
          );
        }
      });

      it(`of ${dtype} with something before and after, several at once`, async () => {
        for (const shape of setting.some([[2, 3], [5, 18], [18, 5], [3, 4, 9]], 2, dtype === 'float32' ? 0 : 1)) {
          const last = shape.length - 1;
          const size = shape.reduce((a, b) => a * b, 1);
          const x = spread(dtype, shape);
          const y = spread(dtype, shape, { seed: 2 });
          await setting.agree(
            {
              steps: [{ x, y }],
              build: ({ inputs }) => {
                const [a, b] = [leaf(inputs, 'x'), leaf(inputs, 'y')];
                const total = a.mul(b).sum();
                const rows = a.sub(b).square().sum(last, { keepdims: true });
                return {
                  outputs: {
                    total: total.add(1).sqrt().mul(total), rows: rows.sqrt(), spread: a.div(rows.add(1)), columns: a.exp().sum(0).log(),
                    together: a.sum(0).add(b.max(0)).mul(a.sub(b).min(0)), again: a.sum(0).sum(), scalar: a.sum().mul(b.sum()).add(a.max()),
                    variance: a.sub(a.mean(last, { keepdims: true })).square().mean(last),
                  },
                };
              },
            },
            { factor: 32 * Math.sqrt(size), scale: size },
          );
        }
      });

      it(`of ${dtype} over many tensors by a scalar that is computed, and many of one tensor`, async () => {
        const x = spread(dtype, [4], { seed: 5 });
        await setting.agree(
          {
            steps: [{ x }],
            variables: Object.fromEntries([1000, 3000, 500].map((n, k) => [`v${k}`, spread(dtype, [n], { seed: 10 + k })])),
            build: ({ inputs, variables }) => {
              const scale = leaf(inputs, 'x').sum();
              const all = Object.values(variables).map((v) => v.mul(scale).square().sum());
              const own = leaf(variables, 'v1');
              return {
                outputs: {
                  total: all.reduce((a, b) => a.add(b)),
                  ...Object.fromEntries(Array.from({ length: setting.thorough ? 20 : 5 }, (_, k) => [`sum ${k}`, own.mul(k * 0.125 + 0.5).exp().sum()])),
                  ...Object.fromEntries(Array.from({ length: setting.thorough ? 10 : 3 }, (_, k) => [`count ${k}`, own.gt(k * 0.25).cast('int32').sum()])),
                },
              };
            },
          },
          { factor: 64, scale: 64 },
        );
      });

      it(`of ${dtype} over transposed, broadcast and sliced operands`, async () => {
        const x = spread(dtype, [4, 5, 6]);
        await setting.agree(
          {
            steps: [{ x }],
            build: ({ inputs }) => {
              const given = leaf(inputs, 'x');
              const turned = given.transpose([2, 0, 1]);
              const wide = given.slice(null, 0).expandDims(1).broadcastTo([4, 3, 6]);
              const part = given.slice([1, 4], [null, null, -2], [5, 0, -1]);
              return {
                outputs: Object.fromEntries(subsets(3).flatMap((axes) => [
                  [`turned ${axes.join()}`, turned.sum(axes)], [`wide ${axes.join()}`, wide.max(axes)], [`part ${axes.join()}`, part.sum(axes)],
                ])),
              };
            },
          },
          { factor: 8, scale: 16 },
        );
      });
    }

    it('of comparisons and of indices', async () => {
      const [dtype = 'float32'] = setting.floats;
      const x = spread(dtype, [6, 19]);
      await setting.agree({
        steps: [{ x }],
        build: ({ inputs }) => {
          const given = leaf(inputs, 'x');
          const positive = given.gt(0);
          const place = iota([6, 19], 1);
          return {
            outputs: {
              any: positive.any(1), all: given.lt(1.9).all(0), count: positive.cast('int32').sum(1), indices: place.sum([0, 1]),
              argmax: core.where(given.eq(given.max(1, { keepdims: true })), place, 19).min(1), every: given.lt(5).all(), none: given.gt(5).any(),
            },
          };
        },
      });
    });
  });
}

function isReduce(name: string): name is ReduceOp {
  return name in REDUCTIONS;
}
