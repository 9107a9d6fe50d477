// Operations that move elements: every one exactly, on every dtype, alone and one through another.
import { concat, type Expr, iota, reshape, type SliceRange, transpose } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting } from './values.js';

export function permutations(items: readonly number[]): number[][] {
  return items.length === 0 ? [[]] : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

const SHAPES: readonly (readonly number[])[] = [[1], [5], [2, 3], [4, 1], [3, 17], [8, 4], [2, 3, 4], [1, 5, 3], [4, 1, 9], [2, 3, 4, 5], [3, 1, 2, 1], [0, 3], [2, 0, 3]];

const RANGES: readonly SliceRange[] = [null, [1, null], [null, -1], [null, null, 2], [1, null, 3], [null, null, -1], [null, 0, -2], [-2, null], [2, 2], 0, -1];

export function movement(setting: Setting): void {
  describe('movement', () => {
    for (const [turn, dtype] of setting.dtypes.entries()) {
      it(`transposes ${dtype} by every permutation`, async () => {
        for (const shape of setting.some(SHAPES, 5, turn)) {
          await setting.agree({
            steps: [{ x: counting(dtype, shape) }],
            build: ({ inputs }) => ({
              outputs: Object.fromEntries(permutations(shape.map((_, k) => k)).map((p) => [p.join(), transpose(leaf(inputs, 'x'), p)])),
            }),
          });
        }
      });

      it(`transposes ${dtype} twice, by every pair of permutations`, async () => {
        const all = permutations([0, 1, 2]);
        await setting.agree({
          steps: [{ x: counting(dtype, [2, 3, 4]) }],
          build: ({ inputs }) => ({
            outputs: Object.fromEntries(all.flatMap((p) => all.map((q) => [`${p.join()} then ${q.join()}`, transpose(transpose(leaf(inputs, 'x'), p), q)]))),
          }),
        });
      });

      it(`slices ${dtype} with steps forwards and backwards`, async () => {
        for (const shape of [[6], [17], [4, 7], [5, 2, 6]]) {
          const ranges = RANGES.flatMap((r, k) => [shape.map(() => r), shape.map((_, axis) => RANGES[(k + 3 * axis) % RANGES.length] ?? null)]);
          await setting.agree({
            steps: [{ x: counting(dtype, shape) }],
            build: ({ inputs }) => ({ outputs: Object.fromEntries(ranges.map((range, k) => [`${k}: ${JSON.stringify(range)}`, leaf(inputs, 'x').slice(...range)])) }),
          });
        }
      });

      it(`joins ${dtype} along every axis`, async () => {
        for (const [a, b] of [[[3], [5]], [[2, 3], [2, 3]], [[2, 3, 4], [2, 3, 4]], [[1, 17], [1, 17]], [[2, 0], [2, 0]], [[2, 2, 3, 2], [2, 2, 3, 2]]] as const) {
          for (let axis = 0; axis < a.length; axis++) {
            const grown = b.map((d, k) => (k === axis ? d + 2 : d));
            await setting.agree({
              steps: [{ a: counting(dtype, a), b: counting(dtype, grown) }],
              build: ({ inputs }) => {
                const [x, y] = [leaf(inputs, 'a'), leaf(inputs, 'b')];
                return { outputs: { two: concat([x, y], axis), three: concat([y, x, y], axis), self: concat([x, x], axis), turned: concat([x, y], axis).transpose() } };
              },
            });
          }
        }
      });

      it(`reshapes ${dtype} through transposes, broadcasts and slices`, async () => {
        await setting.agree({
          steps: [{ x: counting(dtype, [4, 6]), y: counting(dtype, [3, 1, 4]), s: counting(dtype, []) }],
          build: ({ inputs }) => {
            const [x, y, s] = [leaf(inputs, 'x'), leaf(inputs, 'y'), leaf(inputs, 's')];
            const wide = y.broadcastTo([2, 3, 5, 4]);
            const sliced = x.slice([null, null, 2], [1, null, 2]);
            const back = x.slice([null, null, -1], [null, null, -1]);
            return {
              outputs: {
                flat: x.reshape([24]), split: x.reshape([2, 2, 3, 2]), merged: x.reshape([8, 3]).transpose(), turned: x.transpose().reshape([8, 3]),
                turnedTwice: x.transpose().reshape([2, 3, 4]).transpose([2, 0, 1]).reshape([-1]), wide, flatWide: wide.reshape([6, 20]), halfWide: wide.reshape([2, 15, 4]),
                wideTurned: wide.transpose([3, 0, 2, 1]).reshape([4, 30]), sliced: sliced.reshape([6]), slicedTurned: sliced.transpose().reshape([2, 3]),
                back: back.reshape([6, 4]), backAgain: back.reshape([24]).slice([null, null, -1]).reshape([4, 6]), one: s.reshape([1, 1]), many: s.broadcastTo([3, 5]).reshape([5, 3]),
                joined: concat([x.reshape([6, 4]), x.transpose()], 1).reshape([3, 16]), squeezed: y.squeeze().transpose().reshape([2, 6]),
                shifted: x.slice([1, null]).reshape([18]).slice([2, null, 3]), partWide: wide.slice(1, null, [null, null, 2]).reshape([9, 4]),
              },
            };
          },
        });
      });
    }

    it('is followed and preceded by arithmetic', async () => {
      const [dtype = 'float32'] = setting.floats;
      await setting.agree({
        steps: [{ x: counting(dtype, [4, 6]), y: counting(dtype, [6, 4]), row: counting(dtype, [6]), column: counting(dtype, [4, 1]) }],
        build: ({ inputs }) => {
          const [x, y, row, column] = [leaf(inputs, 'x'), leaf(inputs, 'y'), leaf(inputs, 'row'), leaf(inputs, 'column')];
          const place = iota([4, 6], 1).cast(dtype);
          const joined = concat([x.add(1), y.transpose().mul(2)], 0);
          return {
            outputs: {
              turned: x.add(y.transpose()), outer: row.mul(column), outerTurned: row.mul(column).transpose().sub(y), shifted: x.slice(null, [1, null]).sub(x.slice(null, [null, -1])),
              joined: joined.mul(joined), reversed: x.slice([null, null, -1]).add(x), reshaped: x.reshape([6, 4]).add(y).reshape([24]).mul(2), place: place.add(x),
              placeTurned: place.transpose().mul(y), placeSliced: place.slice([1, 3], [null, null, -2]).add(1), placeFlat: iota([4, 6], 0).reshape([2, 12]),
              blocks: x.add(1).reshape([2, 2, 3, 2]).transpose([0, 2, 1, 3]).reshape([6, 4]).sub(y), outerReshaped: row.mul(column).reshape([3, 8]).add(1),
            },
          };
        },
      });
    });

    it('pads: the gradients of slices', async () => {
      for (const dtype of setting.floats) {
        const ranges: readonly (readonly SliceRange[])[] = [[[1, 3]], [null, [null, null, 2]], [[null, null, -1]], [[3, 0, -2], [1, 4]], [1], [null, -1], [[2, 2]]];
        await setting.agree({
          steps: [{ x: counting(dtype, [4, 5]) }],
          build: ({ inputs }) => {
            const x = leaf(inputs, 'x');
            const loss = (y: Expr): Expr => y.square().sum();
            const gradients = ranges.map((range, k) => [`${k}`, grad(loss(x.slice(...range)), x)] as const);
            const both = grad(loss(x.slice([1, 3])).add(loss(reshape(x, [20]).slice([2, 18, 5]))), x);
            return { outputs: { ...Object.fromEntries(gradients), both, second: grad(both.mul(x.slice([0, 1])).sum(), x) } };
          },
        });
      }
    });
  });
}
