// How a scatter goes through what it adds, and that its lists have room and lie apart.
import { describe, expect, it } from 'vitest';
import { RUN } from '../../src/codegen/accumulator.js';
import { layOutScatter } from '../../src/codegen/scatter-layout.js';
import { scatter } from './kernels.js';

describe('a scatter', () => {
  it('goes along the last axis that is not looked up, in rows where the looked up are before it', () => {
    // 5 indices, rows of 8.
    expect(layOutScatter(scatter([5, 8], [1, 0], [0, 1], 6))).toMatchObject({ positions: 5, axis: 1, narrow: false, indexed: [true, false], inRow: [false, true], lanes: 4 });
    // Rows before the axis of the indices.
    expect(layOutScatter(scatter([8, 5], [0, 1], [6, 0], 6))).toMatchObject({ positions: 5, axis: 0, narrow: true, inRow: [true, false] });
    expect(layOutScatter(scatter([3, 5, 8], [0, 1, 0], [48, 0, 1], 6))).toMatchObject({ positions: 5, axis: 2, narrow: false, inRow: [true, false, true] });
    expect(layOutScatter(scatter([3, 8, 5], [0, 0, 1], [48, 1, 0], 6))).toMatchObject({ positions: 5, axis: 1, narrow: true, inRow: [false, true, false] });
    // Single elements.
    expect(layOutScatter(scatter([5, 8], [8, 1], [0, 0], 6))).toMatchObject({ positions: 40, axis: -1, narrow: false, lanes: 2 });
  });

  it('has as many totals as indices may need, and none of whole numbers', () => {
    const most = (positions: number, count: number, width = 40, dtype: 'float32' | 'int32' = 'float32'): number => layOutScatter(scatter([positions, width], [1, 0], [0, 1], count, dtype)).most;
    // One needs a total after a run of additions, and one more.
    expect([most(RUN, 6), most(RUN + 1, 6), most(2 * (RUN + 1), 6), most(2 * (RUN + 1) - 1, 6)]).toEqual([0, 1, 2, 1]);
    expect(most(1000, 6)).toBe(6);
    expect(most(1000, 6, 40, 'int32')).toBe(0);
  });

  it('adds short rows to totals at once, where there are many of each', () => {
    const direct = (positions: number, count: number, width: number): boolean => layOutScatter(scatter([positions, width], [1, 0], [0, 1], count)).direct;
    expect([direct(100, 50, 8), direct(100, 51, 8), direct(100, 50, 9), direct(8, 4, 8)]).toEqual([true, false, false, false]);
  });

  it('of any sizes has lists that lie apart, with room for all that is kept', () => {
    for (let k = 0; k < 400; k++) {
      const [positions, width, count, kind] = [1 + ((k * 37) % 61), 1 + ((k * 11) % 29), 1 + ((k * 17) % 41), k % 3];
      const dtype = (['float32', 'float64', 'int32'] as const)[(k >> 2) % 3] ?? 'float32';
      const kernel = kind === 0 ? scatter([positions, width], [1, 0], [0, 1], count, dtype) : kind === 1 ? scatter([width, positions], [0, 1], [count, 0], count, dtype) : scatter([positions, width], [width, 1], [0, 0], count, dtype);
      const { owners, totals, keys, values, bytes, most, rowBytes, direct, positions: all, axis, lanes, totalBytes } = layOutScatter(kernel);
      const size = dtype === 'float64' ? 8 : 4;
      if (most > 0 && !direct) {
        expect(owners).toBeGreaterThanOrEqual(4 * count);
        expect(totals - owners).toBeGreaterThanOrEqual(4 * most);
      }
      expect(keys - totals).toBeGreaterThanOrEqual(most * rowBytes);
      expect(values - keys).toBeGreaterThanOrEqual(4 * all);
      if (axis < 0) expect(bytes - values).toBeGreaterThanOrEqual(all * size);
      // A vector of totals has float64 for each of its lanes, or two of each.
      if (most > 0) expect(totalBytes).toBeGreaterThanOrEqual(dtype === 'float64' ? 16 * lanes : 8 * lanes);
      if (axis >= 0 && kind === 0) expect(rowBytes).toBe(totalBytes * Math.ceil(width / lanes));
    }
  });
});
