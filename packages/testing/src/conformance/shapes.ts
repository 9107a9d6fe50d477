// Diagonals, grids, rolls, repeats, differences: every dtype, open sizes, sizes of 0 and 1, fused with what is around, gradients.
import { diag, diagonal, diff, type Expr, linspace, logSoftmax, meshgrid, repeat, roll, softmax, trace } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting, spread } from './values.js';

const MATRICES: readonly (readonly number[])[] = [[3, 4], [5, 2], [2, 4, 4], [1, 1], [0, 3], [2, 3, 0], [2, 9, 17]];

/** What goes with any dtype. */
function moved(x: Expr): Record<string, Expr> {
  return {
    diagonal: diagonal(x), above: diagonal(x, { offset: 2 }), below: diagonal(x, { offset: -1 }), across: diagonal(x, { axis1: -1, axis2: 0 }), diag: diag(x, { offset: 1 }), 'diag below': diag(x, { offset: -2 }),
    'rolled rows': roll(x, 2, -2), 'rolled both': roll(x, [1, -3], [-2, -1]), 'rolled as one': roll(x, -5), repeated: repeat(x, 3, -1), 'repeated rows': repeat(x, 2, 0),
  };
}

function numbers(x: Expr): Record<string, Expr> {
  return { trace: trace(x), 'trace above': trace(x, { offset: 1 }), differences: diff(x), 'of rows': diff(x, { n: 2, axis: -2 }) };
}

export function shapes(setting: Setting): void {
  describe('shapes', () => {
    for (const [turn, dtype] of setting.dtypes.entries()) {
      it(`of ${dtype}: diagonals, rolls, repeats, differences`, async () => {
        for (const shape of setting.some(MATRICES, 3, turn)) {
          const value = counting(dtype, shape);
          for (const open of [shape, shape.map((_, k) => `d${k}`)]) {
            await setting.agree({
              steps: [{ x: { ...value, open } }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                return { outputs: { ...moved(x), ...(dtype === 'bool' ? {} : numbers(x)) } };
              },
            });
          }
        }
      });
    }

    for (const dtype of setting.floats) {
      it(`of ${dtype}: gradients, and what is around them`, async () => {
        for (const shape of setting.some(MATRICES.slice(0, 4), 2, 1)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, shape) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const results = { ...moved(x.mul(2)), ...numbers(x.mul(2)) };
                return { outputs: Object.fromEntries(Object.entries(results).flatMap(([name, y]) => [[name, y.square().add(1)], [`${name}, gradient`, grad(y.square().sum(), x)]])) };
              },
            },
            { factor: 60, scale: 4 },
          );
        }
      });

      it(`of ${dtype}: grids`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [5]), y: spread(dtype, [3]) }],
            build: ({ inputs }) => {
              const [x, y] = [leaf(inputs, 'x'), leaf(inputs, 'y')];
              const grid = meshgrid([x, y, linspace(x.min(), y.max(), 4)]);
              const sum = grid.reduce((a, b) => a.add(b.square()));
              return { outputs: { sum, outer: linspace(y, y.mul(3), 6, { endpoint: false }), gradient: grad(sum.square().sum(), x), one: linspace(x, 2, 1), none: linspace(x, 2, 0) } };
            },
          },
          { factor: 60, scale: 4 },
        );
      });

      it(`of ${dtype}: softmax over several axes`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 4, 5]) }],
            build: ({ inputs }) => {
              const x = leaf(inputs, 'x');
              const results = { 'first and last': softmax(x, [0, 2]), all: softmax(x, [0, 1, 2]), none: softmax(x, []), logarithm: logSoftmax(x, [-1, -2]) };
              return { outputs: Object.fromEntries(Object.entries(results).flatMap(([name, y]) => [[name, y], [`${name}, gradient`, grad(y.square().sum(), x)]])) };
            },
          },
          { factor: 60, scale: 4 },
        );
      });
    }
  });
}
