import { describe, expect, it } from 'vitest';
import { dimension } from '../../src/graph/dimension.js';
import { ShapeError } from '../../src/errors.js';
import { broadcastShapes, formatShape, normalizeAxes, normalizeAxis, sameShape, sizeOf, stridesOf, toShape } from '../../src/graph/shape.js';

const batch = dimension('batch');

describe('shapes', () => {
  it('take a number for a vector, and names for open dimensions', () => {
    expect(toShape(3)).toEqual([3]);
    expect(toShape(['batch', 2])).toEqual([batch, 2]);
    expect(formatShape(toShape(['batch', 2]))).toBe('[batch, 2]');
    expect(sameShape(toShape(['batch']), toShape(['batch']))).toBe(true);
    expect(sameShape([2, 1], [2])).toBe(false);
  });

  it("broadcast by NumPy's rule", () => {
    expect(broadcastShapes([2, 3], [3])).toEqual([2, 3]);
    expect(broadcastShapes([2, 1], [1, 3])).toEqual([2, 3]);
    expect(broadcastShapes([], [4, 5])).toEqual([4, 5]);
    expect(broadcastShapes([1], [0])).toEqual([0]);
    expect(broadcastShapes([batch, 1], [3])).toEqual([batch, 3]);
    expect(broadcastShapes([2], [3])).toBeUndefined();
    expect(broadcastShapes([0], [2])).toBeUndefined();
    expect(broadcastShapes([batch], [2])).toBeUndefined();
    expect(broadcastShapes([batch], toShape(['time']))).toBeUndefined();
  });

  it('count axes from either end', () => {
    expect([normalizeAxis(0, 3, 'f'), normalizeAxis(-1, 3, 'f'), normalizeAxis(-3, 3, 'f')]).toEqual([0, 2, 0]);
    expect(normalizeAxes([-1, 0], 3, 'f')).toEqual([0, 2]);
    expect(normalizeAxes(undefined, 3, 'f')).toEqual([0, 1, 2]);
    expect(normalizeAxes([], 3, 'f')).toEqual([]);
    expect(() => normalizeAxis(3, 3, 'sum')).toThrow(new ShapeError('sum: axis 3 is not one of -3 to 2 of a tensor of 3 dimensions'));
    expect(() => normalizeAxis(0.5, 3, 'sum')).toThrow(/axis 0\.5 is not one of/);
    expect(() => normalizeAxis(0, 0, 'sum')).toThrow(new ShapeError('sum: a scalar has no axis 0'));
    expect(() => normalizeAxes([0, -2], 2, 'sum')).toThrow(new ShapeError('sum: an axis is named twice in [0, 0]'));
  });

  it('have sizes and row-major strides', () => {
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0])]).toEqual([1, 6, 0]);
    expect([stridesOf([]), stridesOf([2, 3, 4])]).toEqual([[], [12, 4, 1]]);
  });
});
