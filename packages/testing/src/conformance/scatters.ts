// Writing at computed positions: every reduction, dtype and axis, indices that come again and that name nothing, numbers of columns around those that go together, open sizes, gradients.
import { concat, constant, type Expr, literal, scatter, type ScatterOptions, vmap } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { fromList, spread, uniforms } from './values.js';

const REDUCTIONS = ['set', 'add', 'max', 'min', 'multiply'] as const satisfies readonly ScatterOptions['reduce'][];

/** Rows, updates and columns; of 2000 rows the order has two digits, and of 3000 updates several parts. */
const SIZES = [[1, 1, 1], [4, 9, 1], [9, 4, 3], [5, 40, 16], [3, 30, 9], [70, 1, 2], [300, 700, 1], [2000, 3000, 1], [1, 100, 17], [6, 0, 2], [6, 5, 0]] as const;

/** From one below to one beyond the rows, not known before the step runs. */
function wild(rows: number, count: number): Expr {
  const random = uniforms(rows + 31 * count);
  return literal(Array.from({ length: count }, () => Math.floor(random() * (rows + 2)) - 1), [count], 'int32').add(0);
}

function everyReduction(x: Expr, at: Expr, updates: Expr, axis = 0): Record<(typeof REDUCTIONS)[number], Expr> {
  const by = (reduce: (typeof REDUCTIONS)[number]): Expr => scatter(x, at, updates, axis, { reduce });
  return { set: by('set'), add: by('add'), max: by('max'), min: by('min'), multiply: by('multiply') };
}

/** Each result with the gradients of a loss that is not linear in it, and theirs. */
function withGradients(x: Expr, updates: Expr, of: (x: Expr, updates: Expr) => Record<string, Expr>): Record<string, Expr> {
  return Object.fromEntries(
    Object.entries(of(x, updates)).flatMap(([name, y]) => {
      const [dx, du] = grad(y.square().sum(), [x, updates]);
      const [second, mixed] = grad(dx.square().sum().add(du.square().sum()), [x, updates]);
      return [[name, y], [`${name}, of x`, dx], [`${name}, of updates`, du], [`${name}, second`, second], [`${name}, mixed`, mixed]];
    }),
  );
}

export function scatters(setting: Setting): void {
  describe('scatter', () => {
    for (const [turn, dtype] of setting.dtypes.filter((d) => d !== 'bool').entries()) {
      it(`of ${dtype}, along either axis`, async () => {
        for (const [rows, count, columns] of setting.some(SIZES, 4, turn)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, [rows, columns]), updates: spread(dtype, [count, columns], { seed: 2 }) }],
              build: ({ inputs }) => {
                const [x, updates, at] = [leaf(inputs, 'x'), leaf(inputs, 'updates'), wild(rows, count)];
                const across = everyReduction(x.transpose(), at, updates.transpose(), 1);
                return { outputs: { ...everyReduction(x, at, updates), ...Object.fromEntries(Object.entries(across).map(([name, y]) => [`${name} across`, y])) } };
              },
            },
            { factor: 2 * count + 8, scale: 1 },
          );
        }
      });

      it(`of ${dtype}: NaN, infinities and the ends of the dtype are set, and are the largest or the smallest`, async () => {
        await setting.agree({
          steps: [{ x: fromList(dtype, [9, 3], setting.samples(dtype, 3)), updates: fromList(dtype, [40, 3], setting.samples(dtype, 5), 7) }],
          build: ({ inputs }) => {
            const { set, max, min } = everyReduction(leaf(inputs, 'x'), wild(9, 40), leaf(inputs, 'updates'));
            return { outputs: { set, max, min } };
          },
        });
      });
    }

    it('of open sizes, 0 and 1 among them', async () => {
      const [dtype = 'float32'] = setting.floats;
      const sizes = [[4, 7, 3], [3, 0, 2], [1, 1, 1], [0, 0, 2], [2, 3, 0], [5, 1, 9]] as const;
      await setting.agree(
        {
          steps: sizes.map(([rows, count, columns]) => ({
            x: { ...spread(dtype, [rows, columns]), open: ['rows', 'columns'] },
            updates: { ...spread(dtype, [count, columns], { seed: 2 }), open: ['count', 'columns'] },
            at: { ...fromList('int32', [count], [0]), open: ['count'] },
          })),
          build: ({ inputs }) => ({ outputs: withGradients(leaf(inputs, 'x'), leaf(inputs, 'updates'), (x, updates) => everyReduction(x, leaf(inputs, 'at'), updates)) }),
        },
        { factor: 60, scale: 4 },
      );
    });

    it('of so many rows that their order has three digits', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({
        steps: [{ updates: spread(dtype, [5000]) }],
        build: ({ inputs }) => {
          const { set, max, multiply } = everyReduction(constant(1, [300_000], { dtype }), concat([wild(300_000, 2500), wild(300_000, 2500)]), leaf(inputs, 'updates'));
          return { outputs: { set, max, multiply } };
        },
      });
    });

    for (const dtype of setting.floats) {
      it(`of ${dtype}: gradients, where factors are 0 and updates tie`, async () => {
        const ties = [0, 1, 2, 2, 0, 1, -1];
        for (const [given, more] of [[spread(dtype, [5, 2]), spread(dtype, [8, 2], { seed: 2 })], [fromList(dtype, [5, 2], ties), fromList(dtype, [8, 2], ties, 3)]] as const) {
          await setting.agree(
            { steps: [{ x: given, updates: more }], build: ({ inputs }) => ({ outputs: withGradients(leaf(inputs, 'x'), leaf(inputs, 'updates'), (x, updates) => everyReduction(x, wild(5, 8), updates)) }) },
            { factor: 60, scale: 4 },
          );
        }
      });

      it(`of ${dtype}: of each example in a batch, with gradients`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 4, 2]), updates: spread(dtype, [3, 5, 2], { seed: 2 }) }],
            build: ({ inputs }) => ({
              outputs: withGradients(leaf(inputs, 'x'), leaf(inputs, 'updates'), (x, updates) =>
                Object.fromEntries(REDUCTIONS.map((reduce) => [reduce, vmap((a: Expr, at: Expr, u: Expr) => scatter(a, at, u, 0, { reduce }), { inAxes: [0, 0, 0] })(x, wild(4, 15).reshape([3, 5]), updates)]))),
            }),
          },
          { factor: 60, scale: 4 },
        );
      });
    }
  });
}
