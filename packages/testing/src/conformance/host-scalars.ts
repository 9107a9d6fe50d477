// Numbers that depend on no tensor: rates, step counts, schedules, given as variables, inputs and constants.
import { type Expr, scalar, type Variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import * as core from '@pappus/core';
import { leaf } from './differential.js';
import type { Setting } from './setting.js';
import { counting, fromList, spread } from './values.js';

export function hostScalars(setting: Setting): void {
  describe('scalars', () => {
    for (const dtype of setting.floats) {
      it(`a rate that is a variable, an input, a schedule of the step count, ${dtype}`, () =>
        setting.agree(
          {
            steps: [0.1, 0.05, 0.2, 0.1].map((rate) => ({ rate: fromList(dtype, [], [rate]), on: fromList('bool', [], [rate > 0.1 ? 1 : 0]), every: fromList('int32', [], [2]) })),
            variables: { w: spread(dtype, [17]), rate: fromList(dtype, [], [0.5]), t: counting('int32', []) },
            build: ({ inputs, variables }) => {
              const [given, on, every] = [leaf(inputs, 'rate'), leaf(inputs, 'on'), leaf(inputs, 'every')];
              const [w, rate, t] = [leaf(variables, 'w'), leaf(variables, 'rate'), leaf(variables, 't')];
              const step = t.add(1).cast(dtype);
              const correction = scalar(1, dtype).sub(scalar(0.999, dtype).pow(step)).sqrt();
              const warm = step.div(4).minimum(1).mul(rate);
              const cosine = step.mul(0.3).cos().add(1).mul(0.5);
              const gated = t.mod(every).eq(0).and(on).where(given, 0);
              return {
                outputs: { correction, warm, cosine, gated, count: t.add(1), on: on.not(), scaled: w.mul(correction), chosen: on.where(w, w.neg()), many: correction.broadcastTo([3, 2]) },
                updates: new Map<Variable, Expr>([[w, w.sub(w.mul(given).mul(correction)).add(warm.mul(cosine)).sub(gated)], [t, t.add(1)], [rate, rate.mul(0.9)]]),
              };
            },
          },
          { factor: 16, scale: 2 },
        ));

      it(`are evaluated in float64, ${dtype}`, async () => {
        // In float32, 1 - 0.999 is off by 1.3e-5: a rule's number is not rounded.
        const beta = core.hyperparameter(0.999, dtype, 'beta');
        const one = scalar(1, dtype);
        const x = core.variable({ data: spread(dtype, [5]).data, shape: [5] });
        const f = await core.compile({ outputs: { small: one.sub(beta), tensor: x.mul(0).add(one.sub(beta)) } }, await setting.backend());
        const { small, tensor } = await f();
        const rounded = dtype === 'float32' ? Math.fround(1 - 0.999) : 1 - 0.999;
        expect(await small.item()).toBe(rounded);
        expect([...(await tensor.read())]).toEqual([rounded, rounded, rounded, rounded, rounded]);
      });
    }

    for (const dtype of setting.floats) {
      it(`elements of tables, and 1 - beta^t of a count that is a tensor, ${dtype}`, () =>
        setting.agree(
          {
            steps: [1, 2, 3, 4, 5].map((k) => ({ x: spread(dtype, [9], { seed: k }) })),
            variables: { w: spread(dtype, [9], { seed: 8 }), rate: fromList(dtype, [], [0.5]), t: counting('int32', []), n: counting('int32', []) },
            build: ({ inputs, variables }) => {
              const [x, w, rate, t, n] = [leaf(inputs, 'x'), leaf(variables, 'w'), leaf(variables, 'rate'), leaf(variables, 't'), leaf(variables, 'n')];
              const table = core.literal([0.5, 0.25, 0.125, 1], [4], dtype);
              const [held, last] = [table.take(t, 0, { mode: 'clamp' }), table.slice([null, null, -1]).take(t, 0, { mode: 'wrap' })];
              const next = x.sum().gt(-1e6).where(n.add(1), n);
              const correction = next.cast(dtype).mul(core.hyperparameter(0.999, dtype, 'beta').log()).expm1().neg();
              return { outputs: { held, last, correction }, updates: new Map<Variable, Expr>([[w, w.mul(held).add(x.mul(last)).mul(correction)], [rate, rate.mul(held)], [t, t.add(1)], [n, next]]) };
            },
          },
          { factor: 16, scale: 4 },
        ));
    }

    it('of one tensor, and of all ranks', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree(
        {
          steps: [{ s: spread(dtype, []), one: spread(dtype, [1]), matrix: spread(dtype, [1, 1]) }],
          build: ({ inputs }) => {
            const [s, one, matrix] = [leaf(inputs, 's'), leaf(inputs, 'one'), leaf(inputs, 'matrix')];
            return {
              outputs: {
                sum: s.add(one), both: one.add(matrix), up: s.reshape([1, 1]).add(matrix), down: matrix.reshape([]).mul(s), total: one.sum().add(s), spread: s.broadcastTo([4]).add(one.sum()),
                product: matrix.matmul(matrix), outer: s.mul(matrix).sum(), constant: scalar(2, dtype), plain: s, least: s.minimum(one.max()),
              },
            };
          },
        },
        { factor: 8, scale: 4 },
      );
    });
  });
}
