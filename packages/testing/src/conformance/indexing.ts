// Reading and adding at computed positions: every axis, indices of every rank, repeated ones and ones outside.
import { type Expr, gather, iota, literal, scatterAdd, take } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { indexRange } from './index-range.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting } from './values.js';

const INDICES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], [1]],
  [[1], [0]],
  [[5], [2, 0, 2, 1, 2]],
  [[4], [-3, 99, 1, -1]],
  [[6], [2 ** 31 - 1, 0, -(2 ** 31), 1, 3, -(2 ** 31) + 1]],
  [[2, 3], [0, 1, 2, 2, 1, 0]],
  [[17], Array.from({ length: 17 }, (_, k) => (k * 7) % 3)],
  [[0], []],
];
const SHAPES: readonly (readonly number[])[] = [[3], [1], [3, 4], [4, 17], [2, 3, 5], [3, 1, 4, 2], [3, 0]];

/** The same, not known before the step runs: an index out of range is no error then. */
function computed(indices: Expr): Expr {
  return indices.add(0);
}

export function indexing(setting: Setting): void {
  describe('indexing', () => {
    const each = (build: (x: Expr, indices: Expr, axis: number) => Expr): ((x: Expr) => Record<string, Expr>) => (x) =>
      Object.fromEntries(
        INDICES.flatMap(([shape, values]) =>
          x.shape.flatMap((size, axis) => (size === 0 ? [] : [[`${JSON.stringify(values)} on ${axis}`, build(x, computed(literal(values, shape, 'int32')), axis)] as const])),
        ),
      );

    for (const [turn, dtype] of setting.dtypes.entries()) {
      it(`takes ${dtype} along every axis`, async () => {
        for (const shape of setting.some(SHAPES, 4, turn)) {
          await setting.agree({ steps: [{ x: counting(dtype, shape) }], build: ({ inputs }) => ({ outputs: each(take)(leaf(inputs, 'x')) }) });
        }
      });

      it(`gathers ${dtype} along every axis`, async () => {
        for (const shape of setting.some(SHAPES, 4, turn + 1)) {
          await setting.agree({
            steps: [{ x: counting(dtype, shape), indices: counting('int32', [40]) }],
            build: ({ inputs }) => {
              const [x, indices] = [leaf(inputs, 'x'), leaf(inputs, 'indices')];
              const sizes = shape.flatMap((size, axis) => (size === 0 ? [] : [0, 1, 2, 5].map((count) => [axis, count] as const)));
              return {
                outputs: Object.fromEntries(sizes.flatMap(([axis, count]) => {
                  const at = shape.map((size, k) => (k === axis ? count : size));
                  const by = take(indices, iota(at, shape.length - 1).add(iota(at, axis)).mul(7)).mod(6).sub(1);
                  return [[`${count} on ${axis}`, gather(x, by, axis)], [`alike ${count} on ${axis}`, gather(x, computed(iota(at.map((size, k) => (k === axis ? size : 1)), axis)), axis)]];
                })),
              };
            },
          });
        }
      });

      if (dtype === 'bool') continue;
      it(`adds ${dtype} along every axis, in order`, async () => {
        for (const shape of setting.some(SHAPES, 4, turn + 2)) {
          await setting.agree({
            steps: [{ x: counting(dtype, shape) }],
            build: ({ inputs }) => ({ outputs: each((x, indices, axis) => scatterAdd(x, indices, take(x, indices, axis).mul(2), axis))(leaf(inputs, 'x')) }),
          });
        }
      });
    }

    it('is followed and preceded by arithmetic, and its indices are computed', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({
        steps: [{ x: counting(dtype, [4, 6]), tokens: counting('int32', [3, 5]) }],
        build: ({ inputs }) => {
          const [x, tokens] = [leaf(inputs, 'x'), leaf(inputs, 'tokens')];
          const rows = take(x.mul(2).add(1), tokens.mod(4));
          const columns = take(x, iota([6], 0).mul(5).mod(6), 1);
          return {
            outputs: {
              rows: rows.add(1), sums: rows.sum(1), columns: columns.mul(x), turned: take(x.transpose(), tokens.mod(6), 0), nested: take(rows.reshape([15, 6]), tokens.add(2)),
              product: rows.reshape([15, 6]).matmul(x.transpose()), scattered: scatterAdd(x, tokens.mod(4), rows.exp().mul(1e-3)).transpose(),
            },
          };
        },
      }, { factor: 20 });
    });

    it('has its adjoint as its gradient', async () => {
      for (const dtype of setting.floats) {
        await setting.agree({
          steps: [{ table: counting(dtype, [5, 8]), tokens: counting('int32', [3, 4]) }],
          build: ({ inputs }) => {
            const [table, tokens] = [leaf(inputs, 'table'), computed(leaf(inputs, 'tokens'))];
            const g = grad(take(table, tokens).square().sum(), table);
            return { outputs: { g, second: grad(g.square().sum(), table), gathered: grad(gather(table, tokens.slice(null, [0, 1]).broadcastTo([3, 8]), 0).square().sum(), table), both: grad(take(take(table, tokens, 1), tokens.mod(2)).square().mean(), table) } };
          },
        }, { factor: 10 });
      }
    });

    indexRange(setting);
  });
}
