import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool1dWithIndices, maxPool2d, maxPool2dWithIndices } from '../../src/operations/pooling.js';
import type { PoolingOptions } from '../../src/operations/pooling-windows.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const line = (...values: number[]): Expr => literal(values, [1, 1, values.length], 'float64');
const valuesOf = async (a: Expr): Promise<number[]> => [...(await evaluate(a)).data];
const OPTIONS: readonly PoolingOptions[] = [{}, { stride: 1 }, { stride: [2, 1], padding: 1 }, { stride: 3, padding: 'same' }];

describe('pooling', () => {
  it('takes the largest of each window, or the mean', async () => {
    const x = line(1, 4, 2, 8, 5, 7, 3);
    expect(await valuesOf(maxPool1d(x, 2))).toEqual([4, 8, 7]);
    expect(await valuesOf(maxPool1d(x, 3, { stride: 2 }))).toEqual([4, 8, 7]);
    expect(await valuesOf(maxPool1d(x, 2, { padding: [[1, 0]] }))).toEqual([1, 4, 8, 7]);
    expect(await valuesOf(avgPool1d(x, 2))).toEqual([2.5, 5, 6]);
    expect(await valuesOf(avgPool1d(x, 2, { padding: [[1, 0]] }))).toEqual([1, 3, 6.5, 5]);
    expect(await valuesOf(avgPool1d(x, 3, { padding: 'same', stride: 3 }))).toEqual([2.5, 5, 5]);
  });

  it('never chooses what is put around, also where all is negative or infinite; NaN spreads over its window', async () => {
    expect(await valuesOf(maxPool1d(line(-3, -2, -5), 2, { padding: 'same' }))).toEqual([-2, -5]);
    expect(await valuesOf(maxPool1d(line(-Infinity, -Infinity, 1), 2, { padding: 'same' }))).toEqual([-Infinity, 1]);
    expect(await valuesOf(maxPool1d(line(NaN, 1, 2, 3), 2))).toEqual([NaN, 3]);
  });

  it.each(OPTIONS)('has the derivatives of finite differences: %j', (options) => {
    checkDerivatives((x) => maxPool2d(x, 2, options), [[1, 2, 4, 5]], { smooth: false });
    checkDerivatives((x) => avgPool2d(x, 2, options).square(), [[1, 2, 4, 5]]);
    checkDerivatives((x) => maxPool2d(x.square(), 2, options).square(), [[1, 1, 4, 3]], { range: [0.5, 2] });
  });

  it.each([{ dilation: 2, stride: 1 }, { dilation: 2, stride: 2, padding: 1, ceilMode: true }, { stride: 3, ceilMode: true }])('has them with windows spread out and rounded up: %j', (options) => {
    checkDerivatives((x) => maxPool1d(x.square(), 2, options).square(), [[1, 2, 5]], { range: [0.5, 2] });
    checkDerivatives((x) => avgPool2d(x, 2, { ...options, countIncludePad: true }).square(), [[1, 1, 4, 5]]);
    checkDerivatives((x) => avgPool3d(x, 2, options).square(), [[1, 1, 3, 3, 3]], { smooth: false });
  });

  it('has -Infinity and NaN for a window of padding alone, with a gradient of 0', async () => {
    const x = input('float64', [1, 1, 1]);
    const options = { padding: 1, dilation: 2, stride: 1 };
    expect([...(await evaluate(maxPool1d(x, 2, options), [[x, [[[3]]]]])).data]).toEqual([-Infinity]);
    expect([...(await evaluate(avgPool1d(x, 2, options), [[x, [[[3]]]]])).data]).toEqual([NaN]);
    expect([...(await evaluate(grad(maxPool1d(x, 2, options).sum(), x), [[x, [[[3]]]]])).data]).toEqual([0]);
    expect([...(await evaluate(maxPool1dWithIndices(x, 2, options).indices, [[x, [[[3]]]]])).data]).toEqual([-1]);
  });

  it('knows where the first of the largest stands, along open axes too', async () => {
    const x = input('float64', ['batch', 1, 'height', 3]);
    const { values, indices } = maxPool2dWithIndices(x, [2, 2], { stride: 1 });
    const bound: [Expr, number[][][][]][] = [[x, [[[[1, 5, 5], [2, NaN, 0], [NaN, 7, 7]]]]]];
    expect(indices.dtype).toBe('int32');
    expect([...(await evaluate(values, bound)).data]).toEqual([NaN, NaN, NaN, NaN]);
    expect([...(await evaluate(indices, bound)).data]).toEqual([4, 4, 4, 4]);
    expect([...(await evaluate(maxPool1dWithIndices(line(1, 3, 3, 2), 3, { stride: 1 }).indices)).data]).toEqual([1, 1]);
  });

  it('rounds nothing up along an open axis, whose windows fill it', async () => {
    const x = input('float32', ['batch', 1, 'n']);
    expect(formatShape(maxPool1d(x, 3, { stride: 1, ceilMode: true }).shape)).toBe('[batch, 1, n - 2]');
    const double = x.reshape(['batch', 1, -1]).expandDims(-1).broadcastTo(['batch', 1, 'n', 2]).reshape(['batch', 1, -1]);
    expect(formatShape(maxPool1d(double, 2, { ceilMode: true }).shape)).toBe('[batch, 1, n]');
  });

  it('shares the gradient of a tie', async () => {
    const x = input('float64', [1, 1, 4]);
    for (const stride of [1, 2]) {
      const { data } = await evaluate(grad(maxPool1d(x, 2, { stride }).sum(), x), [[x, Float64Array.of(3, 3, 1, 2)]]);
      expect([...data]).toEqual(stride === 2 ? [0.5, 0.5, 0, 1] : [0.5, 1.5, 0, 1]);
    }
  });

  it('takes sizes of 0 and 1, and open dimensions', async () => {
    expect((await evaluate(maxPool2d(literal([], [0, 2, 4, 4], 'float64'), 2))).shape).toEqual([0, 2, 2, 2]);
    expect(await valuesOf(maxPool1d(line(5), 1))).toEqual([5]);
    const images = input('float32', ['batch', 3, 'height', 'width']);
    expect(formatShape(maxPool2d(images, 3, { stride: 1 }).shape)).toBe('[batch, 3, height - 2, width - 2]');
  });

  it('says what does not fit', () => {
    const x = input('float32', [2, 3, 8, 8], 'x');
    expect(() => maxPool1d(x, 2)).toThrow('maxPool1d: input x float32[2, 3, 8, 8] should have 3 dimensions');
    expect(() => maxPool2d(x.cast('int32'), 2)).toThrow('maxPool2d: takes float32 or float64');
    expect(() => maxPool2d(x, 0)).toThrow('maxPool2d: the size must be a whole number of at least 1, not 0');
    expect(() => avgPool2d(x, 9)).toThrow('is shorter than one window of 9');
    expect(() => avgPool2d(x, 2, { padding: 2 })).toThrow('a padding of 2 makes windows that hold nothing; it must be less than the size 2');
    expect(() => maxPool2d(input('float32', [1, 1, 'h', 8]), 3, { stride: 2 })).toThrow('a stride of 2 on the open dimension h of');
  });
});
