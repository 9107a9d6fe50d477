// Operands as people write them: nested arrays, typed arrays and numbers beside expressions; sizes and axes as arguments.
import { clip, matmul, where } from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import type { Setting } from './setting.js';
import { fromList, spread } from './values.js';

export function operands(setting: Setting): void {
  describe('operands', () => {
    for (const dtype of setting.floats) {
      it(`takes arrays beside ${dtype}`, async () => {
        const row = dtype === 'float32' ? new Float32Array([0.5, -1, 2]) : new Float64Array([0.5, -1, 2]);
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [2, 3]) }],
            build: ({ inputs }) => {
              const x = leaf(inputs, 'x');
              return {
                outputs: {
                  row: x.add([1, 2, 3]), column: x.mul([[2], [-3]]), typed: x.sub(row), rows: x.maximum([row, row]), left: matmul([[1, -1]], x), right: x.matmul([[1], [2], [3]]),
                  vector: x.matmul(row), bounds: clip(x, [-0.5, 0, 0.25], [[0.5], [1]]), chosen: where(x.gt([0, 1, 0]), x, [[1], [2]]), flags: where(x.gt(0), 1, 0), mask: where([true, false, true], x, 0),
                  larger: x.sum(0).add([[[1]], [[2]]]), slopes: x.leakyRelu([0.1, 0.2, 0.3]),
                },
              };
            },
          },
          { factor: 8, scale: 8 },
        );
      });

      it(`takes sizes and axes of ${dtype} one by one`, async () => {
        await setting.agree({
          steps: [{ x: spread(dtype, [2, 3, 4]) }],
          build: ({ inputs }) => {
            const x = leaf(inputs, 'x');
            return { outputs: { sizes: x.reshape(4, -1), flat: x.reshape(24), axes: x.transpose(1, 2, 0), reversed: x.transpose() } };
          },
        });
      });
    }

    it('takes arrays beside int32 and bool', async () => {
      await setting.agree({
        steps: [{ i: fromList('int32', [2, 2], [1, -2, 3, 4]), b: fromList('bool', [2, 2], [1, 0, 0, 1]) }],
        build: ({ inputs }) => {
          const [i, b] = [leaf(inputs, 'i'), leaf(inputs, 'b')];
          return { outputs: { sum: i.add([10, 20]), typed: i.mul(new Int32Array([2, 3])), both: b.and([true, false]), either: b.or([[true], [false]]), equal: i.eq([[1], [4]]) } };
        },
      });
    });
  });
}
