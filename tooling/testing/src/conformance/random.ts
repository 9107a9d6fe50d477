// Random numbers of the graph: whole numbers and what is exact in float32 to the bit, the rest to a few roundings.
import { bernoulli, categorical, dropout, type Expr, normal, truncatedNormal, uniform } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[], [0], [1], [1, 1], [7], [64], [130], [3, 5], [17, 33], [2, 3, 4], [5, 1, 6], [3, 0, 2]];
const unit = { low: 0, high: 1 } as const;

export function random(setting: Setting): void {
  describe('random numbers', () => {
    const steps = [0, 1, 2, -5, 2 ** 31 - 1].map((step) => ({ step: fromList('int32', [], [step]) }));

    for (const dtype of setting.floats) {
      it(`are the same bits everywhere: uniform of ${dtype}, and bernoulli`, async () => {
        await setting.agree(
          {
            steps,
            variables: { seed: fromList('int32', [], [12345]) },
            build: ({ inputs, variables }) => {
              const key = { seed: leaf(variables, 'seed'), step: leaf(inputs, 'step') };
              return {
                outputs: Object.fromEntries(SHAPES.flatMap((shape) => [
                  [`uniform of ${shape.join()}`, uniform(shape, { ...unit, ...key, dtype })],
                  [`bernoulli of ${shape.join()}`, bernoulli(shape, { ...key, p: 0.3 })],
                  [`seed of ${shape.join()}`, bernoulli(shape, { ...key, seed: key.seed.add(shape.length), p: 0.7, dtype })],
                ])),
                updates: new Map([[leaf(variables, 'seed'), leaf(variables, 'seed').mul(7)]]),
              };
            },
          },
          { factor: 0 },
        );
      });

      it(`are the same wherever they are moved: ${dtype}`, async () => {
        await setting.agree(
          {
            steps,
            build: ({ inputs }) => {
              const u = uniform([6, 8], { ...unit, seed: 3, step: leaf(inputs, 'step'), dtype });
              return {
                outputs: {
                  turned: u.transpose(), part: u.slice([1, 5], [null, null, -2]), flat: u.reshape([48]).slice([null, null, -1]), apart: u.reshape([2, 3, 8]).transpose([1, 2, 0]),
                  wide: u.expandDims(1).broadcastTo([6, 3, 8]), column: u.slice(null, [2, 3]).add(u),
                },
              };
            },
          },
          { factor: 2 },
        );
      });

      it(`normal and truncatedNormal of ${dtype}`, async () => {
        await setting.agree(
          {
            steps,
            build: ({ inputs }) => {
              const key = { seed: -9, step: leaf(inputs, 'step'), dtype, mean: 0.25, std: 2 };
              return {
                outputs: Object.fromEntries(SHAPES.flatMap((shape) => [[`normal of ${shape.join()}`, normal(shape, key)], [`truncated of ${shape.join()}`, truncatedNormal(shape, key)]])),
              };
            },
          },
          // Near a quantile of 2 the slopes of the inverse, of the logarithm and of the cosine enlarge roundings by up to 20.
          { factor: 64, scale: 4 },
        );
      });

      it(`dropout of ${dtype}, its gradient, and a rate that changes`, async () => {
        await setting.agree(
          {
            steps: steps.map(({ step }, k) => ({ step, x: spread(dtype, [9, 33], { seed: k }), w: spread(dtype, [33, 12], { seed: k + 9 }), rate: fromList(dtype, [], [k / 4]) })),
            build: ({ inputs }) => {
              const [x, w, rate, step] = [leaf(inputs, 'x'), leaf(inputs, 'w'), leaf(inputs, 'rate'), leaf(inputs, 'step')];
              const hidden = dropout(dropout(x, 0.2, { seed: 1, step }).matmul(w).relu(), rate, { seed: 2, step });
              const loss = dropout(hidden, 0.5, { seed: 3, step }).square().mean();
              const [dx, dw] = grad(loss, [x, w]);
              return { outputs: { hidden, loss, dx, dw } };
            },
          },
          { factor: 64, scale: 16 },
        );
      });

      it(`categorical of ${dtype} logits`, async () => {
        await setting.agree({
          steps: steps.map(({ step }) => ({ step, x: spread(dtype, [40, 3, 7]) })),
          build: ({ inputs }) => {
            const [x, step] = [leaf(inputs, 'x'), leaf(inputs, 'step')];
            const draw = (axis: number): Expr => categorical(x, { axis, seed: 5, step });
            return { outputs: { first: draw(0), middle: draw(1), last: draw(-1) } };
          },
        });
      });
    }
  });
}
