// Packing of the operands of a product: however their axes lie, the product is that of the plain backend.
import { describe, it } from 'vitest';
import { type Axes, contiguous, product, productBuffers, sameAsPlain } from './kernels.js';

const TYPES = ['float32', 'float64', 'int32'] as const;

/** Strides of the left operand by which its rows lie side by side, and of the right one by which its depth does. */
const turned = ({ batch = [], rows, columns, depth }: Axes): { left: number[]; right: number[] } => {
  const perLeft = contiguous(depth, rows);
  const perRight = contiguous(columns, depth);
  const outer = (size: number): number[] => contiguous(batch).map((s) => s * size);
  const sizeOf = (...groups: (readonly number[])[]): number => groups.flat().reduce((a, b) => a * b, 1);
  return {
    left: [...outer(sizeOf(rows, depth)), ...perLeft.slice(depth.length), ...perLeft.slice(0, depth.length)],
    right: [...outer(sizeOf(columns, depth)), ...perRight.slice(columns.length), ...perRight.slice(0, columns.length)],
  };
};

const CASES: Readonly<Record<string, Axes>> = {
  'of one element': { rows: [1], columns: [1], depth: [1] },
  'of whole tiles': { rows: [30], columns: [24], depth: [8] },
  'of tiles that are not filled': { rows: [23], columns: [29], depth: [7] },
  'of few rows and columns': { rows: [2], columns: [3], depth: [9] },
  'of items over several axes that vectors cross': { rows: [3, 3], columns: [5, 3], depth: [4] },
  'of items over several axes that vectors do not cross': { rows: [2, 4], columns: [3, 8], depth: [5] },
  'of items over three axes': { rows: [2, 3, 2], columns: [3, 2, 5], depth: [3] },
  'of a depth over several axes': { rows: [6], columns: [9], depth: [3, 2, 5] },
  'of a depth over axes of one element': { rows: [6], columns: [9], depth: [1, 5, 1] },
  'of several batches': { batch: [2, 3], rows: [5], columns: [6], depth: [4] },
  'of a depth in parts': { rows: [18], columns: [21], depth: [2100] },
  'of a depth in parts over several axes': { rows: [2], columns: [3], depth: [3, 600] },
  'of more rows than a block has': { rows: [700], columns: [18], depth: [90] },
};

describe.each(TYPES)('operands of %s', (dtype) => {
  it.each(Object.entries(CASES))('%s', async (what, axes) => {
    for (const strides of [{}, turned(axes), { left: turned(axes).left }, { right: turned(axes).right }]) {
      const kernel = product(axes, strides, dtype);
      await sameAsPlain(kernel, productBuffers(kernel), what);
    }
  });

  it('fill what is packed, and nothing behind it', async () => {
    for (const what of ['of tiles that are not filled', 'of items over several axes that vectors cross', 'of items over several axes that vectors do not cross']) {
      const axes = CASES[what] ?? { rows: [1], columns: [1], depth: [1] };
      for (const strides of [{}, turned(axes)]) {
        const kernel = product(axes, strides, dtype);
        await sameAsPlain(kernel, productBuffers(kernel), what, { debug: true });
      }
    }
  });

  it('of which every second element is read, and one in all places', async () => {
    const axes = { rows: [7], columns: [9], depth: [6] };
    for (const strides of [{ left: [12, 2] }, { right: [18, 2] }, { left: [0, 1] }, { left: [1, 0] }, { right: [0, 1] }, { right: [1, 0] }, { left: [1, 1] }]) {
      const kernel = product(axes, strides, dtype);
      await sameAsPlain(kernel, productBuffers(kernel), JSON.stringify(strides));
    }
  });

  it('of items over several axes with gaps between their rows', async () => {
    for (const [rows, columns] of [[[3, 6], [3, 6]], [[4, 3], [5, 3]], [[2, 9], [4, 7]], [[3, 4], [3, 8]], [[3, 8], [2, 4]]] as const) {
      const axes = { rows, columns, depth: [6] };
      for (const strides of [{ right: [100, 12, 1] }, { left: [12, 1, 100] }, { right: [1, 90, 8] }, { left: [90, 8, 1] }]) {
        const kernel = product(axes, strides, dtype);
        await sameAsPlain(kernel, productBuffers(kernel), JSON.stringify([rows, columns, strides]));
      }
    }
  });

  it('of a batch that the left operand, or the right one, has not', async () => {
    const axes = { batch: [3, 2], rows: [7], columns: [9], depth: [6] };
    for (const strides of [{ left: [0, 0, 6, 1] }, { left: [0, 42, 6, 1] }, { left: [42, 0, 6, 1] }, { right: [0, 0, 9, 1] }, { right: [54, 0, 9, 1] }]) {
      const kernel = product(axes, strides, dtype);
      await sameAsPlain(kernel, productBuffers(kernel), JSON.stringify(strides));
    }
  });
});
