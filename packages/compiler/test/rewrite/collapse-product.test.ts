// Products with fewer axes: operands and results are at the same places, in the same order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collapsedProduct } from '../../src/rewrite/collapse-product.js';
import type { Affine } from '../../src/kernels/affine.js';
import type { Body, MatmulKernel } from '../../src/kernels/kernel.js';
import { at, buffer, overAll } from '../tensors.js';

const [left, right, product, out] = [buffer(0, 10_000), buffer(1, 10_000), buffer(2, 10_000), buffer(3, 10_000)];

const read = (from: typeof left, place: Affine): Body => ({ instructions: [{ kind: 'load', access: { buffer: from, ...place }, dtype: 'float32' }], stores: [] });

interface Axes {
  readonly batch: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly depth: readonly number[];
}

function kernelOf(axes: Axes, l: readonly number[], r: readonly number[], p: readonly number[]): MatmulKernel {
  return {
    kind: 'matmul', dtype: 'float32', ...axes, product,
    left: read(left, { offset: 1, strides: l }),
    right: read(right, { offset: 2, strides: r }),
    epilogue: { instructions: [{ kind: 'result', index: 0, dtype: 'float32' }], stores: [{ access: { buffer: out, offset: 3, strides: p }, value: 0 }] },
  };
}

/** Strides of a tensor of these axes, row-major. */
function contiguous(...groups: readonly (readonly number[])[]): number[] {
  const shape = groups.flat();
  return shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
}

const placeOf = (body: Body): Affine => {
  const [i] = body.instructions;
  return i?.kind === 'load' ? i.access : at(body.stores, 0).access;
};

const sizes = ({ batch, rows, columns, depth }: Axes): (readonly number[])[] => [batch, rows, columns, depth];

describe('a product', () => {
  it('of several axes that lie side by side has one of each kind', () => {
    const axes = { batch: [2, 3], rows: [4, 5], columns: [6, 7], depth: [2, 2] };
    const { batch, rows, columns, depth } = axes;
    const kernel = collapsedProduct(kernelOf(axes, contiguous(batch, rows, depth), contiguous(batch, depth, columns), contiguous(batch, rows, columns)));
    expect(sizes(kernel)).toEqual([[6], [20], [42], [4]]);
    expect([placeOf(kernel.left), placeOf(kernel.right), placeOf(kernel.epilogue)]).toMatchObject([
      { offset: 1, strides: [80, 4, 1] },
      { offset: 2, strides: [168, 42, 1] },
      { offset: 3, strides: [840, 42, 1] },
    ]);
  });

  it('keeps an axis of each kind but the batch, though it be of one element', () => {
    const axes = { batch: [1], rows: [1], columns: [1, 1], depth: [1] };
    const kernel = collapsedProduct(kernelOf(axes, [9, 9, 9], [9, 9, 9, 9], [9, 9, 9, 9]));
    expect(sizes(kernel)).toEqual([[], [1], [1], [1]]);
    expect(placeOf(kernel.left).strides).toEqual([0, 0]);
  });

  it('keeps apart what one of its operands keeps apart', () => {
    const axes = { batch: [], rows: [4, 5], columns: [6], depth: [2, 3] };
    const { batch, rows, columns, depth } = axes;
    // The rows of the left operand lie turned.
    const turned = collapsedProduct(kernelOf(axes, [6, 24, 3, 1], contiguous(batch, depth, columns), contiguous(batch, rows, columns)));
    expect(sizes(turned)).toEqual([[], [4, 5], [6], [6]]);
    // The depth of the right one.
    const deep = collapsedProduct(kernelOf(axes, contiguous(batch, rows, depth), [6, 12, 1], contiguous(batch, rows, columns)));
    expect(sizes(deep)).toEqual([[], [20], [6], [2, 3]]);
    // The rows of the result.
    const result = collapsedProduct(kernelOf(axes, contiguous(batch, rows, depth), contiguous(batch, depth, columns), [6, 24, 1]));
    expect(sizes(result)).toEqual([[], [4, 5], [6], [6]]);
  });

  it('of any axes has its operands and its result where they were', () => {
    const group = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(group, group, group, group, fc.array(fc.nat(4), { minLength: 18, maxLength: 18 }), (batch, rows, columns, depth, draws) => {
        const odd = (strides: readonly number[], from: number): number[] => strides.map((s, k) => (draws[from + k] === 0 ? 0 : draws[from + k] === 1 ? s * 2 : s));
        const before = kernelOf({ batch, rows, columns, depth }, odd(contiguous(batch, rows, depth), 0), odd(contiguous(batch, depth, columns), 6), odd(contiguous(batch, rows, columns), 12));
        const after = collapsedProduct(before);
        const places = (k: MatmulKernel): number[][] => [
          overAll(placeOf(k.left), [...k.batch, ...k.rows, ...k.depth]),
          overAll(placeOf(k.right), [...k.batch, ...k.depth, ...k.columns]),
          overAll(placeOf(k.epilogue), [...k.batch, ...k.rows, ...k.columns]),
        ];
        expect(places(after)).toEqual(places(before));
        expect(sizes(after).map((g) => g.reduce((a, b) => a * b, 1))).toEqual(sizes(before).map((g) => g.reduce((a, b) => a * b, 1)));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
