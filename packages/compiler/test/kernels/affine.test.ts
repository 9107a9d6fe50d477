// Affine functions of indices, each compared at every index of its iteration with the same thing worked out index by index.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, axisIndex, constantAffine, delinearize, linear, sameOver, scaled, sumOf } from '../../src/kernels/affine.js';
import { at, indicesOf, overAll, positionIn } from '../tensors.js';

const EXTENTS = [2, 3, 4];
const some: Affine = { offset: 5, strides: [7, -2, 3] };
const other: Affine = { offset: -4, strides: [1, 0, 10] };

describe('functions of indices', () => {
  it('are a constant, or the index of an axis', () => {
    expect(overAll(constantAffine(6, 3), EXTENTS)).toEqual(indicesOf(EXTENTS).map(() => 6));
    for (const axis of [0, 1, 2]) expect(overAll(axisIndex(axis, 3), EXTENTS)).toEqual(indicesOf(EXTENTS).map((index) => index[axis]));
  });

  it('are scaled and added at every index', () => {
    const [a, b] = [overAll(some, EXTENTS), overAll(other, EXTENTS)];
    expect(overAll(scaled(some, -3, 8), EXTENTS)).toEqual(a.map((x) => 8 - 3 * x));
    expect(overAll(sumOf(some, other), EXTENTS)).toEqual(a.map((x, k) => x + at(b, k)));
  });

  it('give the row-major position of the element that they index', () => {
    const shape = [5, 6, 7];
    const indices = [axisIndex(2, 3), scaled(axisIndex(1, 3), 2, 1), scaled(axisIndex(0, 3), -3, 6)];
    expect(overAll(linear(indices, shape, 3), EXTENTS)).toEqual(indicesOf(EXTENTS).map(([i = 0, j = 0, k = 0]) => positionIn(shape, [k, 2 * j + 1, 6 - 3 * i])));
  });
});

describe('sameOver', () => {
  it('holds where two functions agree at every index, axes of size 1 aside', () => {
    const [a, b] = [{ offset: 1, strides: [3, 5] }, { offset: 1, strides: [3, 6] }];
    expect(sameOver(a, b, [4, 1])).toBe(true);
    expect(sameOver(a, b, [4, 2])).toBe(false);
    expect(sameOver(a, { offset: 2, strides: [3, 5] }, [4, 2])).toBe(false);
    expect(sameOver(a, { offset: 2, strides: [3, 5] }, [1, 1])).toBe(false);
  });

  it('says the same as a look at every index', () => {
    const stride = fc.integer({ min: -1, max: 1 });
    const affine = fc.record({ offset: fc.integer({ min: 0, max: 1 }), strides: fc.tuple(stride, stride) });
    fc.assert(
      fc.property(affine, affine, fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), (a, b, extents) => {
        expect(sameOver(a, b, extents)).toBe(overAll(a, extents).join() === overAll(b, extents).join());
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

/** The indices of every element, divided one by one. */
function divided(position: Affine, shape: readonly number[], extents: readonly number[]): number[][] {
  return overAll(position, extents).map((element) => at(indicesOf(shape), element));
}

describe('delinearize', () => {
  const check = (position: Affine, shape: readonly number[], extents: readonly number[]): void => {
    const indices = delinearize(position, shape, extents);
    expect(indices).toBeDefined();
    const found = (indices ?? []).map((index) => overAll(index, extents));
    expect(indicesOf(extents).map((_, k) => found.map((values) => values[k]))).toEqual(divided(position, shape, extents));
  };

  it('finds the indices where no axis carries into the next', () => {
    check({ offset: 0, strides: [12, 4, 1] }, [2, 3, 4], [2, 3, 4]);
    check({ offset: 17, strides: [2] }, [3, 8], [4]);
    check({ offset: 13, strides: [24, 1] }, [2, 2, 12], [2, 11]);
    check({ offset: 4, strides: [8] }, [4, 8], [4]);
    check({ offset: 5, strides: [0, 1] }, [2, 1, 6], [3, 1]);
  });

  it('gives up where an element of an axis carries into the next', () => {
    // Elements 1, 2, 3 of [3, 2]: [0, 1], [1, 0], [1, 1] are on no line.
    expect(delinearize({ offset: 1, strides: [1] }, [3, 2], [3])).toBeUndefined();
    expect(delinearize({ offset: 0, strides: [1] }, [3, 2], [3])).toBeUndefined();
    check({ offset: 0, strides: [1] }, [3, 2], [2]);
    // The last element that there is, and the first that there is not.
    check({ offset: 20, strides: [1] }, [3, 8], [4]);
    expect(delinearize({ offset: 21, strides: [1] }, [3, 8], [4])).toBeUndefined();
  });

  it('gives up where two axes together carry into the next', () => {
    expect(delinearize({ offset: 0, strides: [2, 1] }, [2, 4], [3, 2])).toBeUndefined();
    check({ offset: 0, strides: [2, 1] }, [2, 4], [2, 2]);
  });

  it('gives up where an index falls, or no axis has the stride', () => {
    expect(delinearize({ offset: 5, strides: [-1] }, [3, 2], [2])).toBeUndefined();
    expect(delinearize({ offset: -1, strides: [1] }, [3, 2], [2])).toBeUndefined();
    expect(delinearize({ offset: 0, strides: [3] }, [3, 4], [2])).toBeDefined();
  });

  it('takes a vector as it is, and of no elements any index', () => {
    expect(delinearize({ offset: 3, strides: [-1] }, [4], [4])).toEqual([{ offset: 3, strides: [-1] }]);
    expect(delinearize({ offset: 0, strides: [1] }, [0, 3], [0])).toHaveLength(2);
  });

  it('is right wherever it answers, of all positions that there are', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 3 });
    const axis = fc.record({ stride: fc.integer({ min: 0, max: 13 }), extent: fc.integer({ min: 1, max: 5 }) });
    let answered = 0;
    fc.assert(
      fc.property(shape, fc.array(axis, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 9 }), (sizes, axes, offset) => {
        const extents = axes.map((a) => a.extent);
        const position = { offset, strides: axes.map((a) => a.stride) };
        const size = sizes.reduce((a, b) => a * b, 1);
        fc.pre(overAll(position, extents).every((element) => element < size));
        const indices = delinearize(position, sizes, extents);
        if (indices === undefined) return;
        answered++;
        check(position, sizes, extents);
      }),
      { seed: 1, numRuns: 1500 },
    );
    expect(answered).toBeGreaterThan(300);
  });
});
