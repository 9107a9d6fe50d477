// Random numbers of the graph: whole numbers and what is exact in float32 to the bit, the rest to a few roundings.
import { bernoulli, beta, categorical, choice, dropout, exponential, type Expr, foldIn, gamma, multinomial, normal, permutation, randint, truncatedNormal, uniform } from '@pappus/core';
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

      it(`exponential, gamma and beta of ${dtype}, by seeds made of seeds`, async () => {
        await setting.agree(
          {
            steps: setting.some(steps, 3).map(({ step }, k) => ({ step, alpha: spread(dtype, [4], { seed: k, low: 0.3, high: 5 }) })),
            build: ({ inputs }) => {
              const [alpha, step] = [leaf(inputs, 'alpha'), leaf(inputs, 'step')];
              const key = { seed: foldIn(foldIn(1, step), 3), step: 0, dtype };
              const scale = alpha.mul(2);
              const waiting = exponential([5, 4], { scale, ...key });
              const drawn = gamma([5, 4], { alpha, scale, ...key });
              const parts = setting.thorough ? { part: beta([3, 4], { alpha, beta: 2, ...key }) } : {};
              return { outputs: { waiting, drawn, ...parts, slope: grad(waiting.add(drawn).sum(), alpha) } };
            },
          },
          { factor: 256, scale: 16 },
        );
      });
    }

    it('whole numbers, orders, and draws by weights', async () => {
      await setting.agree({
        steps: setting.some(steps, 3).map(({ step }, k) => ({ step, high: fromList('int32', [4], [1, 7, 100000, 2 ** 31 - 1], k) })),
        build: ({ inputs }) => {
          const [step, high] = [leaf(inputs, 'step'), leaf(inputs, 'high')];
          const key = { seed: 9, step };
          return {
            outputs: {
              below: randint([6, 4], { high, ...key }), between: randint([9], { low: -1000, high: 2 ** 31, ...key }), order: permutation(37, key), two: choice(high, [2], { replace: false, ...key }),
              // Weights whose sums are exact, so that they are the same everywhere.
              drawn: multinomial(high.gt(3).cast('float32'), 11, key), chosen: choice(5, [3, 2], { p: [0.5, 0, 0.25, 0.125, 0.125], ...key }),
            },
          };
        },
      });
    });
  });
}
