// How products and reductions are cut: nothing is left out, and enough workgroups where there is enough to do.
import { describe, expect, it } from 'vitest';
import { edgeOf, matmulShape, type MatmulShape, RUN } from '../../src/codegen/matmul/shape.js';
import { partialsShape, reduceGroups, reduceShape, type ReduceShape } from '../../src/codegen/reduce.js';

const SHARED = 16384;
const product = (m: number, k: number, n: number, batch = 1, shared = SHARED): MatmulShape => matmulShape({ batch: [batch], rows: [m], columns: [n], depth: [k] }, shared);

describe('a product', () => {
  it('that is small has one invocation a result', () => {
    expect(product(8, 8, 8)).toEqual({ tile: undefined, parts: 1, part: 8, groups: 1 });
    expect(product(32, 32, 32)).toMatchObject({ tile: undefined, groups: 4 });
    expect(product(32, 33, 32).tile).toBeDefined();
    expect(product(1, 1025, 1).tile).toBeDefined();
  });

  it('has tiles for all of its results, large ones where there are many', () => {
    for (const [m, k, n, batch] of [[64, 64, 64, 1], [65, 64, 63, 3], [1000, 100, 900, 1], [1024, 1024, 1024, 1], [7, 5000, 9, 1], [128, 128, 128, 64], [100, 3000, 100, 7]] as const) {
      const { tile, parts, part, groups } = product(m, k, n, batch);
      if (tile === undefined) throw new Error('tiles');
      const edge = edgeOf(tile);
      expect(groups).toBe(Math.ceil(m / edge) * Math.ceil(n / edge) * batch * parts);
      // All of the depth, and no part without any.
      expect(parts * part).toBeGreaterThanOrEqual(k);
      expect((parts - 1) * part).toBeLessThan(k);
      if (parts > 1) expect(part % RUN).toBe(0);
    }
    expect(product(1024, 1024, 1024).tile).toEqual({ side: 16, vectors: 2 });
    expect(product(1024, 1024, 1024, 1, 8192).tile).toEqual({ side: 16, vectors: 1 });
    expect(product(128, 128, 128).tile).toEqual({ side: 16, vectors: 1 });
    expect(product(63, 640, 640).tile).toEqual({ side: 8, vectors: 1 });
  });

  it('that is deep and narrow is cut along its depth', () => {
    expect(product(32, 100_000, 32).parts).toBeGreaterThan(16);
    expect(product(32, 1023, 32).parts).toBe(1);
    expect(product(32, 1024, 32).parts).toBe(2);
  });
});

describe('a reduction', () => {
  const shape = (results: number, length: number, across = true): ReduceShape =>
    reduceShape({ extents: across ? [results, length] : [length, results], reduced: across ? [false, true] : [true, false], body: { instructions: [], stores: [] }, values: [], segments: [] });

  it('has more invocations a result where there is more to reduce', () => {
    expect([63, 64, 2047, 2048].map((length) => shape(3, length).members)).toEqual([1, 16, 16, 256]);
    expect([63, 64, 2047, 2048].map((length) => shape(3, length, false).members)).toEqual([1, 8, 8, 32]);
    expect([shape(3, 100).across, shape(3, 100, false).across]).toEqual([true, false]);
  });

  it('has chunks for all of it, and workgroups for all results', () => {
    for (const across of [true, false]) {
      for (const results of [1, 15, 16, 17, 300, 5000]) {
        for (const length of [1, 63, 64, 3000, 100_000]) {
          const { chunks, chunk, members } = shape(results, length, across);
          expect(chunks * chunk).toBeGreaterThanOrEqual(length);
          expect((chunks - 1) * chunk).toBeLessThan(length);
          expect((reduceGroups(shape(results, length, across)) / chunks) * (256 / members)).toBeGreaterThanOrEqual(results);
          expect(partialsShape(results, chunks)).toMatchObject({ results, length: chunks, chunks: 1, chunk: chunks });
        }
      }
    }
  });
});
