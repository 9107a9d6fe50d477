// What PyTorch answers is in tooling/testing/test/torch-networks.test.ts.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { iota, literal } from '../../src/graph/construct.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { depthToSpace, pixelShuffle, pixelUnshuffle, spaceToDepth } from '../../src/operations/depth-to-space.js';
import { resize, type ResizeOptions } from '../../src/operations/resize.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const valuesOf = async (a: Expr): Promise<number[]> => [...(await evaluate(a)).data];
const line = (...values: number[]): Expr => literal(values, [1, 1, values.length], 'float64');

describe('resize', () => {
  it.each<ResizeOptions>([{}, { method: 'nearestExact' }, { method: 'linear' }, { method: 'linear', alignCorners: true }])('has the derivatives of finite differences: %j', (options) => {
    checkDerivatives((x) => resize(x.square(), [5, 2], options).square(), [[1, 1, 3, 4]]);
  });

  it('takes the nearest with aligned corners as TensorFlow does: a half goes up', async () => {
    // tf.image.resize_nearest_neighbor(align_corners=True) takes roundf(i * (n - 1) / (size - 1)).
    expect(await valuesOf(resize(line(0, 1, 2), 5, { alignCorners: true }))).toEqual([0, 1, 1, 2, 2]);
    expect(await valuesOf(resize(line(0, 1, 2, 3), 3, { alignCorners: true }))).toEqual([0, 2, 3]);
    expect(await valuesOf(resize(line(4, 5), 1, { alignCorners: true }))).toEqual([4]);
  });

  it('keeps what is infinite to those between whom it lies', async () => {
    expect(await valuesOf(resize(line(0, Infinity, 2), 3, { method: 'linear' }))).toEqual([0, Infinity, 2]);
    expect(await valuesOf(resize(line(0, 4, Infinity), 5, { method: 'linear', alignCorners: true }))).toEqual([0, 2, 4, Infinity, Infinity]);
    expect(await valuesOf(resize(line(0, 4, NaN, 8, 8), 3, { method: 'linear', alignCorners: true }))).toEqual([0, NaN, 8]);
  });

  it('chooses elements of every dtype, and takes open batches', async () => {
    expect(await valuesOf(resize(literal([1, 0, 1], [1, 1, 3], 'bool'), 4))).toEqual([1, 1, 0, 1]);
    expect(await valuesOf(resize(literal([7, 8], [1, 1, 2], 'int32'), 4))).toEqual([7, 7, 8, 8]);
    expect(formatShape(resize(input('float32', ['batch', 'channels', 4, 4]), 7, { method: 'linear' }).shape)).toBe('[batch, channels, 7, 7]');
    expect((await evaluate(resize(literal([], [0, 1, 4], 'float32'), 3, { method: 'linear' }))).shape).toEqual([0, 1, 3]);
  });

  it('says what does not fit', () => {
    const x = input('float32', [2, 3, 8], 'x');
    expect(() => resize(x, 4, { method: 'nearestExact', alignCorners: true })).toThrow(new InputError("resize: alignCorners goes with the methods 'nearest' and 'linear', not 'nearestExact'"));
    expect(() => resize(x.cast('int32'), 4, { method: 'linear' })).toThrow('resize: takes float32 or float64');
    expect(() => resize(x.slice(0), 4)).toThrow('should have at least 3 dimensions: batch, channels, and what is resized');
    expect(() => resize(x, [4, 4])).toThrow('resize: takes one size or 1, and 2 are given');
    expect(() => resize(x, 0)).toThrow('resize: the size must be a whole number of at least 1, not 0');
    expect(() => resize(x, 2 ** 21)).toThrow('resize: the size must be at most 1048576, not 2097152');
    expect(() => resize(input('float32', [1, 1, 'n'], 'y'), 4)).toThrow('resize: axis 2 of input y float32[1, 1, n] has the size n; it must be known, and at least 1');
    expect(() => resize(literal([], [1, 1, 0], 'float32'), 4)).toThrow('has the size 0');
  });
});

describe('depth and space', () => {
  // The example of TensorFlow's documentation of depth_to_space, NHWC [1, 2, 2, 4] with blocks of 2, here with the channels in front.
  it('changes places as in TensorFlow', async () => {
    const x = iota([16], 0).add(1).reshape([2, 2, 4]).transpose([2, 0, 1]);
    const expected = [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16];
    expect(await valuesOf(depthToSpace(x, 2))).toEqual(expected);
    expect(await valuesOf(spaceToDepth(depthToSpace(x, 2), 2))).toEqual(await valuesOf(x));
  });

  it('counts the channels in two orders', async () => {
    // Two channels of two by two blocks: 8 channels of one pixel.
    const x = iota([8], 0).reshape([8, 1, 1]);
    expect(await valuesOf(pixelShuffle(x, 2))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await valuesOf(depthToSpace(x, 2))).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    for (const [there, back] of [[pixelShuffle, pixelUnshuffle], [depthToSpace, spaceToDepth]] as const) {
      const y = iota([2, 12, 2, 3], 1).add(iota([2, 12, 2, 3], 3).mul(20));
      expect(await valuesOf(back(there(y, 2), 2))).toEqual(await valuesOf(y));
    }
  });

  it('keeps open dimensions open, and says what does not divide', () => {
    const x = input('float32', ['batch', 8, 'h', 'w'], 'x');
    expect(formatShape(pixelShuffle(x, 2).shape)).toBe('[batch, 2, 2*h, 2*w]');
    expect(formatShape(spaceToDepth(pixelShuffle(x, 2), 2).shape)).toBe('[batch, 8, h, w]');
    expect(() => pixelShuffle(x, 3)).toThrow('pixelShuffle: the 8 channels of input x float32[batch, 8, h, w] do not divide into blocks of 3 times 3');
    expect(() => pixelUnshuffle(x, 2)).toThrow('pixelUnshuffle: height and width of input x float32[batch, 8, h, w] do not divide into blocks of 2 times 2');
    expect(() => depthToSpace(x, 0)).toThrow('depthToSpace: the factor must be a whole number of at least 1, not 0');
    expect(() => spaceToDepth(x.slice(0, 0), 2)).toThrow('should have at least 3 dimensions: channels, height and width');
  });
});
