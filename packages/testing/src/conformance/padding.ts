// Padding by each mode: every dtype, widths up to the size of an axis and beyond it, sizes of 1, fused with what is around, gradients.
import { type Expr, pad, type PadOptions } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { counting, spread } from './values.js';

const MODES = ['constant', 'edge', 'reflect', 'symmetric', 'wrap'] as const satisfies readonly PadOptions['mode'][];

const CASES: readonly (readonly [shape: readonly number[], widths: readonly (readonly [number, number])[]])[] = [
  [[5], [[2, 3]]],
  [[3], [[7, 8]]],
  [[1], [[2, 2]]],
  [[4, 6], [[1, 0], [5, 6]]],
  [[2, 1, 9], [[0, 0], [1, 2], [8, 3]]],
  [[2, 3, 5, 5], [[0, 0], [0, 0], [1, 1], [4, 7]]],
];

function everyMode(x: Expr, widths: readonly (readonly [number, number])[]): Record<string, Expr> {
  return Object.fromEntries(MODES.map((mode) => [mode, pad(x, widths, { mode })]));
}

export function padding(setting: Setting): void {
  describe('padding', () => {
    for (const [turn, dtype] of setting.dtypes.entries()) {
      it(`of ${dtype} by every mode`, async () => {
        for (const [shape, widths] of setting.some(CASES, 3, turn)) {
          await setting.agree({ steps: [{ x: counting(dtype, shape) }], build: ({ inputs }) => ({ outputs: everyMode(leaf(inputs, 'x'), widths) }) });
        }
      });
    }

    for (const dtype of setting.floats) {
      it(`of ${dtype}: gradients, and what is around it`, async () => {
        for (const [shape, widths] of setting.some(CASES, 3, 1)) {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, shape) }],
              build: ({ inputs }) => {
                const x = leaf(inputs, 'x');
                const outputs = Object.entries(everyMode(x.mul(2).add(1), widths)).flatMap(([mode, y]) => {
                  const dx = grad(y.square().sum(), x);
                  return [[`${mode} squared`, y.square().sub(1)], [`${mode}, gradient`, dx], [`${mode}, second`, grad(dx.square().sum(), x)]] as const;
                });
                return { outputs: Object.fromEntries(outputs) };
              },
            },
            { factor: 60, scale: 4 },
          );
        }
      });
    }
  });
}
