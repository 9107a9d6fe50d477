// Narrow products: whichever operand is large and however it lies, they are those of the plain backend.
import { describe, expect, it } from 'vitest';
import { planMatmul } from '../../src/codegen/matmul-plan.js';
import { MOST_NARROW, planNarrow } from '../../src/codegen/narrow-plan.js';
import { layOutScratch } from '../../src/codegen/scratch.js';
import { type Axes, load, product, productBuffers, sameAsPlain } from './kernels.js';

const TYPES = ['float32', 'float64', 'int32'] as const;

/** Rows of the narrow operand, items of the large one, steps of the depth: of less than a vector, of several at once, of those and a rest, of several parts. */
const SIZES = [
  [1, 1, 1], [1, 3, 2], [1, 8, 8], [1, 9, 17], [1, 70, 530], [1, 2100, 11], [2, 5, 7], [2, 33, 12], [2, 16, 1030], [3, 1, 5], [3, 40, 9], [4, 8, 4], [4, 30, 513], [5, 21, 6], [7, 2, 31],
  [8, 130, 24], [11, 13, 515], [16, 16, 16], [16, 531, 10], [16, 35, 1200],
] as const;

const WAYS = {
  'of few rows by columns side by side': { axes: (few: number, items: number, depth: number): Axes => ({ rows: [few], columns: [items], depth: [depth] }), strides: () => ({}), plan: { large: 'right', lanesAlong: 'items' } },
  'of few rows by a depth side by side': { axes: (few: number, items: number, depth: number): Axes => ({ rows: [few], columns: [items], depth: [depth] }), strides: (depth: number) => ({ right: [1, depth] }), plan: { large: 'right', lanesAlong: 'depth' } },
  'of a depth side by side by few columns': { axes: (few: number, items: number, depth: number): Axes => ({ rows: [items], columns: [few], depth: [depth] }), strides: () => ({}), plan: { large: 'left', lanesAlong: 'depth' } },
  'of rows side by side by few columns': { axes: (few: number, items: number, depth: number): Axes => ({ rows: [items], columns: [few], depth: [depth] }), strides: (_: number, items: number) => ({ left: [1, items] }), plan: { large: 'left', lanesAlong: 'items' } },
} as const;

describe.each(TYPES)('narrow products of %s', (dtype) => {
  it.each(Object.entries(WAYS))('%s', async (what, { axes, strides, plan }) => {
    for (const [few, items, depth] of SIZES) {
      const kernel = product(axes(few, items, depth), strides(depth, items), dtype);
      // On one element or row both ways are the same.
      if (few < items && depth > 1 && few <= MOST_NARROW[plan.lanesAlong]) expect(planNarrow(kernel), `${what} ${few} ${items} ${depth}`).toMatchObject({ ...plan, few, items, depth });
      await sameAsPlain(kernel, productBuffers(kernel), `${what} ${few} ${items} ${depth}`);
    }
  });

  it.each(Object.entries(WAYS))('%s, and nothing beside them', async (what, { axes, strides }) => {
    for (const [few, items, depth] of [[1, 9, 17], [3, 40, 9], [4, 30, 513], [2, 16, 1030], [7, 2, 31]] as const) {
      const kernel = product(axes(few, items, depth), strides(depth, items), dtype);
      await sameAsPlain(kernel, productBuffers(kernel), `${what} ${few} ${items} ${depth}`, { debug: true });
    }
  });

  it('of batches, with an operand that all share', async () => {
    for (const [left, right] of [[[35, 7, 1], [63, 9, 1]], [[0, 7, 1], [63, 9, 1]], [[35, 7, 1], [0, 1, 7]]] as const) {
      const kernel = product({ batch: [3], rows: [5], columns: [9], depth: [7] }, { left, right }, dtype);
      await sameAsPlain(kernel, productBuffers(kernel), JSON.stringify([left, right]));
    }
  });
});

describe('a product is narrow', () => {
  const narrow = (axes: Axes, strides = {}): boolean => planNarrow(product(axes, strides)) !== undefined;

  it('up to so many rows or columns', () => {
    const { items, depth } = MOST_NARROW;
    expect([items, items + 1].map((rows) => narrow({ rows: [rows], columns: [100], depth: [100] }))).toEqual([true, false]);
    expect([depth, depth + 1].map((rows) => narrow({ rows: [rows], columns: [100], depth: [100] }, { right: [1, 100] }))).toEqual([true, false]);
    expect([depth, depth + 1].map((columns) => narrow({ rows: [100], columns: [columns], depth: [100] }))).toEqual([true, false]);
    expect([items, items + 1].map((columns) => narrow({ rows: [100], columns: [columns], depth: [100] }, { left: [1, 100] }))).toEqual([true, false]);
  });

  it('whose large operand lies side by side along an axis, and has one of each kind', () => {
    const axes = { rows: [4], columns: [100], depth: [50] };
    expect(narrow(axes)).toBe(true);
    expect(narrow(axes, { right: [200, 2] })).toBe(false);
    expect(narrow(axes, { right: [0, 0] })).toBe(false);
    expect(narrow({ rows: [4], columns: [10, 10], depth: [50] })).toBe(false);
    expect(narrow({ rows: [4], columns: [100], depth: [5, 10] })).toBe(false);
    expect(narrow({ rows: [4], columns: [0], depth: [50] })).toBe(false);
  });

  it('whose large operand is not computed anew for every few rows', () => {
    const kernel = product({ rows: [2], columns: [100], depth: [50] });
    const { right } = kernel;
    const negated = { ...right, instructions: [...right.instructions, { kind: 'apply', op: 'neg', args: [0], operand: 'float32', dtype: 'float32' } as const] };
    expect(planNarrow({ ...kernel, right: negated })).toBeDefined();
    expect(planNarrow({ ...kernel, rows: [4], right: negated })).toBeUndefined();
  });

  it('has a small scratch memory: what is packed, and the sums', () => {
    const kernel = product({ rows: [1], columns: [4096], depth: [1000] });
    expect(layOutScratch([kernel], false).bytes).toBeLessThan(2 ** 15);
    // In a scan, what no round changes is packed once for all of them.
    const { bytes, packed } = layOutScratch([{ kind: 'scan', count: 3, kernels: [kernel], slices: [] }], false);
    expect([...packed.keys()]).toEqual([kernel]);
    expect(bytes).toBeGreaterThanOrEqual(planMatmul(kernel, false).bytes);
    const written = { ...kernel, right: load(kernel.product, { offset: 0, strides: [0, 1] }) };
    expect(layOutScratch([{ kind: 'scan', count: 3, kernels: [written], slices: [] }], false)).toMatchObject({ packed: new Map() });
  });
});
