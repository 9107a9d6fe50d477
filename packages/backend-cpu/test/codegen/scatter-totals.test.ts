// Totals in memory: sums of float32 in float64, and of float64 with what they lose.
import type { DType } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { addToTotal, type HalfOf, totalOf } from '../../src/codegen/scatter-totals.js';
import { type LaneCount, loadContiguous } from '../../src/codegen/vectors.js';
import { i32, v128 } from '../../src/wasm/instructions.js';
import { lanesIn, run, viewOf } from './function-runner.js';

/** The sums of vectors, in each lane. */
function summed(dtype: DType, lanes: LaneCount, vectors: readonly (readonly number[])[]): number[] {
  const size = dtype === 'float64' ? 8 : 4;
  const memory = run((f, base) => {
    const at: HalfOf = (half) => i32.add(base, i32.const(4096 + 16 * half));
    for (const k of vectors.keys()) addToTotal(f, dtype, lanes, at, f.let(loadContiguous(dtype, lanes, { base, bytes: k * lanes * size, bounds: undefined }, lanes)));
    f.emit(v128.store(base, totalOf(f, dtype, lanes, at), 8192));
  }, 1024, (buffer) => viewOf(dtype, buffer, 1024, vectors.length * lanes).set(vectors.flat()));
  return lanesIn(dtype, lanes, memory, 1024 + 8192).slice(0, lanes);
}

describe('totals', () => {
  it('have each lane by itself', () => {
    expect(summed('float32', 4, [[1, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400]])).toEqual([111, 222, 333, 444]);
    expect(summed('float32', 2, [[1, 2], [10, 20], [100, 200]])).toEqual([111, 222]);
    expect(summed('float64', 2, [[1, 2], [10, 20], [100, 200]])).toEqual([111, 222]);
  });

  it('lose nothing that counts', () => {
    expect(summed('float32', 4, [[2 ** 30, 1, 2 ** 26, 0], [1, 1, 1, 0], [-(2 ** 30), 1, -(2 ** 26), 0]])).toEqual([1, 3, 1, 0]);
    expect(summed('float64', 2, [[2 ** 60, 1], [1, 2 ** 60], [-(2 ** 60), -(2 ** 60)], [3, 5]])).toEqual([4, 6]);
  });

  it('are infinite where something is, and no NaN', () => {
    expect(summed('float64', 2, [[Infinity, 1], [1, -Infinity]])).toEqual([Infinity, -Infinity]);
    expect(summed('float32', 4, [[Infinity, 1, 1, 1], [1, -Infinity, 1, 1]])).toEqual([Infinity, -Infinity, 2, 2]);
    expect(summed('float64', 2, [[Infinity, 1], [-Infinity, 1]])).toEqual([NaN, 2]);
  });
});
