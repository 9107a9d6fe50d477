// How a product is blocked: all of the depth is covered, blocks fit where they are to stay, and the scratch memory holds them.
import { describe, expect, it } from 'vitest';
import { planMatmul } from '../../src/codegen/matmul-plan.js';
import { LOWEST_OPERAND } from '../../src/matmul/index.js';
import { type Axes, product } from './kernels.js';

const plan = (axes: Axes, strides = {}, dtype: 'float32' | 'float64' = 'float32'): ReturnType<typeof planMatmul> => planMatmul(product(axes, strides, dtype), false);

describe('the depth', () => {
  it('is one part up to 1024 steps, and cut evenly beyond', () => {
    expect(plan({ rows: [4], columns: [4], depth: [1024] })).toMatchObject({ part: { axis: 0, count: 1024 }, whole: true, k: 1024 });
    expect(plan({ rows: [4], columns: [4], depth: [1025] })).toMatchObject({ part: { axis: 0 }, whole: false });
    expect(plan({ rows: [4], columns: [4], depth: [2048] }).part.count).toBe(1024);
    expect(plan({ rows: [4], columns: [4], depth: [3000] }).part.count).toBe(1000);
    expect(plan({ rows: [4], columns: [4], depth: [3, 500] })).toMatchObject({ part: { axis: 0, count: 2 }, whole: false });
    expect(plan({ rows: [4], columns: [4], depth: [2, 500] })).toMatchObject({ part: { axis: 0, count: 2 }, whole: true });
    expect(plan({ rows: [4], columns: [4], depth: [7, 2000] })).toMatchObject({ part: { axis: 1, count: 1000 }, whole: false });
  });

  it('of any sizes has parts of no more than 1024 steps, an axis whole behind the one that is cut', () => {
    const sizes = [1, 2, 7, 31, 500, 997, 1023, 1025, 1500, 3000];
    for (const depth of sizes.flatMap((x) => [[x], ...sizes.flatMap((y) => [[x, y], [3, x, y]])])) {
      const { part, whole, k } = plan({ rows: [4], columns: [4], depth });
      const behind = depth.slice(part.axis + 1).reduce((a, b) => a * b, 1);
      expect(part.count * behind, depth.join()).toBeLessThanOrEqual(1024);
      expect(part.count).toBeGreaterThanOrEqual(1);
      expect(part.count).toBeLessThanOrEqual(depth[part.axis] ?? 0);
      expect(whole).toBe(part.count * behind === k);
    }
  });
});

describe('blocks', () => {
  it('of rows are whole tiles, no more than there are, and fit the second cache', () => {
    for (const [rows, depth] of [[1, 1], [7, 30], [1000, 1000], [5000, 64], [40, 1024]] as const) {
      for (const dtype of ['float32', 'float64'] as const) {
        const { blockRows, tile, leftBytes, m } = plan({ rows: [rows], columns: [9], depth: [depth] }, {}, dtype);
        const bytes = blockRows * depth * (dtype === 'float32' ? 4 : 8);
        expect(blockRows % tile.rows).toBe(0);
        expect(blockRows).toBeLessThan(m + tile.rows);
        expect(blockRows === tile.rows || bytes <= 192 * 1024).toBe(true);
        expect(leftBytes).toBeGreaterThanOrEqual(LOWEST_OPERAND + bytes);
      }
    }
  });

  it('of the right operand have room behind those of the left, columns filled up to whole tiles', () => {
    const { leftBytes, bytes, tile } = plan({ rows: [7], columns: [9], depth: [30] });
    expect(bytes - leftBytes).toBeGreaterThanOrEqual(LOWEST_OPERAND + Math.ceil(9 / tile.columns) * tile.columns * 30 * 4);
    expect([leftBytes % 64, bytes % 64]).toEqual([0, 0]);
  });
});

describe('the batch', () => {
  const axes = { batch: [3, 4], rows: [6], columns: [6], depth: [6] };

  it('runs over the axes of the left operand first, and packs it once for those that it has not', () => {
    expect(plan(axes)).toMatchObject({ batchOrder: [0, 1], sharedLevel: undefined });
    expect(plan(axes, { left: [0, 36, 6, 1] })).toMatchObject({ batchOrder: [1, 0], sharedLevel: 1 });
    expect(plan(axes, { left: [36, 0, 6, 1] })).toMatchObject({ batchOrder: [0, 1], sharedLevel: 1 });
    expect(plan(axes, { left: [0, 0, 6, 1] })).toMatchObject({ batchOrder: [0, 1], sharedLevel: 0 });
  });

  it('does not pack it for all where it is too large, or the depth is in parts', () => {
    expect(plan({ batch: [3], rows: [6], columns: [6], depth: [2000] }, { left: [0, 2000, 1] }).sharedLevel).toBeUndefined();
    expect(plan({ batch: [3], rows: [1000], columns: [6], depth: [1000] }, { left: [0, 1000, 1] }).sharedLevel).toBeUndefined();
    const shared = plan({ batch: [3], rows: [180], columns: [6], depth: [1000] }, { left: [0, 1000, 1] });
    expect([shared.sharedLevel, shared.blockRows]).toEqual([0, 180]);
  });
});
