// What PyTorch answers is in tooling/testing/test/torch-networks.test.ts.
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveMaxPool1d, adaptiveMaxPool2d } from '../../src/operations/adaptive-pooling.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const valuesOf = async (a: Expr, ...bound: [Expr, number[]][]): Promise<number[]> => [...(await evaluate(a, bound.map(([x, data]) => [x, { data: Float64Array.from(data), shape: x.shape.map(Number) }]))).data];

describe('adaptive pools', () => {
  it('have the derivatives of finite differences', () => {
    for (const size of [1, [3, 1]]) {
      checkDerivatives((x) => adaptiveAvgPool2d(x, size).square(), [[1, 1, 4, 3]]);
      checkDerivatives((x) => adaptiveMaxPool2d(x.square(), size).square(), [[1, 1, 4, 3]], { range: [0.5, 2] });
    }
  });

  it('share the gradient of a tie evenly, of -Infinity too, and keep NaN in its bins', async () => {
    const x = input('float64', [1, 1, 3]);
    const g = grad(adaptiveMaxPool1d(x, 2).sum(), x);
    expect(await valuesOf(g, [x, [1, 1, 0]])).toEqual([0.5, 1.5, 0]);
    expect(await valuesOf(g, [x, [-Infinity, -Infinity, -Infinity]])).toEqual([0.5, 1, 0.5]);
    expect(await valuesOf(adaptiveMaxPool1d(x, 2), [x, [1, 2, NaN]])).toEqual([2, NaN]);
    expect(await valuesOf(adaptiveAvgPool1d(x, 2), [x, [1, 2, Infinity]])).toEqual([1.5, Infinity]);
    expect(await valuesOf(adaptiveMaxPool1d(x, 2), [x, [-1, -2, -3]])).toEqual([-1, -2]);
    // Bins of 2, 3 and 2 elements: the place that the shorter ones leave open ties with nothing.
    const line = input('float64', [1, 1, 5]);
    expect(await valuesOf(grad(adaptiveMaxPool1d(line, 3).sum(), line), [line, [0, 0, 0, 0, 0]])).toEqual([1 / 2, 1 / 2 + 1 / 3, 1 / 3, 1 / 3 + 1 / 2, 1 / 2]);
  });

  it('take open batches, open axes for a size of 1, and sizes of 0 beside the axes', async () => {
    const images = input('float32', ['batch', 3, 'height', 'width']);
    expect(formatShape(adaptiveAvgPool2d(images, 1).shape)).toBe('[batch, 3, 1, 1]');
    expect(formatShape(adaptiveMaxPool2d(images, 1).shape)).toBe('[batch, 3, 1, 1]');
    const rows = input('float64', ['batch', 1, 3]);
    expect((await evaluate(adaptiveAvgPool1d(rows, 2), [[rows, [[[1, 2, 3]], [[4, 6, 8]]]]])).data).toEqual(Float64Array.of(1.5, 2.5, 5, 7));
    expect((await evaluate(adaptiveMaxPool2d(literal([], [0, 2, 5, 4], 'float64'), 3))).shape).toEqual([0, 2, 3, 3]);
    expect((await evaluate(adaptiveAvgPool2d(literal([], [0, 2, 5, 4], 'float64'), 3))).shape).toEqual([0, 2, 3, 3]);
  });

  it('say what does not fit', () => {
    const x = input('float32', [2, 3, 8, 8], 'x');
    expect(() => adaptiveAvgPool1d(x, 2)).toThrow('adaptiveAvgPool1d: input x float32[2, 3, 8, 8] should have 3 dimensions');
    expect(() => adaptiveMaxPool2d(x.cast('int32'), 2)).toThrow('adaptiveMaxPool2d: takes float32 or float64');
    expect(() => adaptiveMaxPool2d(x, 0)).toThrow('adaptiveMaxPool2d: the size must be a whole number of at least 1, not 0');
    expect(() => adaptiveAvgPool2d(input('float32', [1, 1, 'h', 8], 'y'), 2)).toThrow('adaptiveAvgPool2d: axis 2 of input y float32[1, 1, h, 8] has the open size h, and bins need a known one');
    expect(() => adaptiveAvgPool2d(literal([], [1, 1, 0, 8], 'float32'), 2)).toThrow('adaptiveAvgPool2d: axis 2 of a constant float32[1, 1, 0, 8] has no elements');
  });
});
