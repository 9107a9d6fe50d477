import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { batchNorm, batchStatistics, groupNorm, layerNorm, localResponseNorm, rmsNorm } from '../../src/operations/normalization.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 13));
};
/** The definition, on a list of numbers. */
const standard = (values: readonly number[], epsilon: number): number[] => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return values.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
};

describe('layerNorm', () => {
  it('has mean 0 and variance 1 over the last axis, then scale and bias', async () => {
    const rows = [[1, 2, 6], [-4, 0, 0.5]];
    const expected = rows.flatMap((row) => standard(row, 1e-5));
    close(await numbers(layerNorm(f64(rows.flat(), [2, 3]))), expected);
    const [scale, bias] = [[2, -1, 0.5], [0, 1, 2]];
    close(
      await numbers(layerNorm(f64(rows.flat(), [2, 3]), { scale: f64(scale), bias: f64(bias), epsilon: 0.5 })),
      rows.flatMap((row) => standard(row, 0.5).map((v, k) => v * (scale[k] ?? NaN) + (bias[k] ?? NaN))),
    );
  });

  it('takes other axes, several of them, and open ones beside', async () => {
    const x = [1, 5, 2, 2, 0, -3, 4, 4];
    close(await numbers(layerNorm(f64(x, [2, 2, 2]), { axes: [1, 2] })), [...standard(x.slice(0, 4), 1e-5), ...standard(x.slice(4), 1e-5)]);
    const byColumn = [[1, 2, 0, 4], [5, 2, -3, 4]].map((column) => standard(column, 1e-5));
    close(await numbers(layerNorm(f64(x, [4, 2]), { axes: 0, scale: f64([1, 2, 3, 4]) })), [0, 1, 2, 3].flatMap((i) => byColumn.map((column) => (column[i] ?? NaN) * (i + 1))));
    expect(String(layerNorm(input('float32', ['batch', 'time', 8])).shape)).toBe('batch,time,8');
    expect(await numbers(layerNorm(f64([3], [1, 1])))).toEqual([0]);
    expect(await numbers(layerNorm(f64([], [0, 3])))).toEqual([]);
    expect(await numbers(layerNorm(f64([1, NaN, 1, 1], [2, 2])))).toEqual([NaN, NaN, 0, 0]);
    close(await numbers(layerNorm(f64([1e8, 1e8 + 2]))), standard([-1, 1], 1e-5));
  });

  it('refuses parameters that do not fit', () => {
    const x = f64([1, 2, 3, 4], [2, 2]);
    expect(() => layerNorm(x, { scale: f64([1, 2, 3]) })).toThrow(new ShapeError('layerNorm: a constant float64[3] should have the shape [2], that of the axes [1] of a constant float64[2, 2]'));
    expect(() => layerNorm(x, { bias: f64([1, 2]).cast('float32') })).toThrow(new DTypeError('layerNorm: cast() float32[2] should have the dtype of a constant float64[2, 2]; cast it with .cast(dtype)'));
    expect(() => layerNorm(x.cast('int32'))).toThrow(DTypeError);
    expect(() => layerNorm(f64([1], []))).toThrow(/^layerNorm: a scalar has no axis -1/);
  });
});

describe('rmsNorm', () => {
  it('has a mean square of 1', async () => {
    const rms = Math.sqrt((9 + 16) / 2 + 1e-6);
    close(await numbers(rmsNorm(f64([3, -4, 0, 0], [2, 2]))), [3 / rms, -4 / rms, 0, 0]);
    close(await numbers(rmsNorm(f64([3, -4]), { scale: f64([2, 10]), epsilon: 12.5 })), [6 / 5, -8]);
  });
});

describe('groupNorm', () => {
  const x = Array.from({ length: 2 * 4 * 3 }, (_, k) => Math.sin(3 * k));

  it('normalises groups of channels together with all positions', async () => {
    const halves = [0, 1, 2, 3].flatMap((k) => standard(x.slice(6 * k, 6 * k + 6), 1e-5));
    close(await numbers(groupNorm(f64(x, [2, 4, 3]), { groups: 2 })), halves);
    const scale = [1, 2, 3, 4];
    close(
      await numbers(groupNorm(f64(x, [2, 4, 3, 1]), { groups: 2, scale: f64(scale), bias: f64([0, 0, 0, 1]) })),
      halves.map((v, k) => v * (scale[Math.floor(k / 3) % 4] ?? NaN) + (Math.floor(k / 3) % 4 === 3 ? 1 : 0)),
    );
    const last = f64(x, [2, 4, 3]).transpose([0, 2, 1]);
    close(await numbers(groupNorm(last, { groups: 2, axis: -1 }).transpose([0, 2, 1])), halves);
    close(await numbers(groupNorm(f64(x, [2, 4, 3]), { groups: 4 })), Array.from({ length: 8 }, (_, k) => standard(x.slice(3 * k, 3 * k + 3), 1e-5)).flat());
  });

  it('refuses groups that do not divide the channels, and the batch for channels', () => {
    expect(() => groupNorm(f64(x, [2, 4, 3]), { groups: 3 })).toThrow(new ShapeError('groupNorm: axis 1 of a constant float64[2, 4, 3], the channels, does not divide into 3 groups'));
    expect(() => groupNorm(f64(x, [2, 4, 3]), { groups: 0 })).toThrow(ShapeError);
    expect(() => groupNorm(f64(x, [2, 4, 3]), { groups: 1, axis: 0 })).toThrow(/axis 0 is the batch/);
  });
});

describe('batchNorm', () => {
  const x = f64([1, 10, 3, 20, 8, 60], [3, 2]);
  const columns = [[1, 3, 8], [10, 20, 60]].map((column) => standard(column, 1e-5));
  const expected = [0, 1, 2].flatMap((i) => columns.map((column) => column[i] ?? NaN));

  it('normalises channels by the statistics of the batch, or by given ones', async () => {
    close(await numbers(batchNorm(x)), expected);
    close(await numbers(batchNorm(x.transpose(), { axis: 0 }).transpose()), expected);
    close(await numbers(batchNorm(x, { ...batchStatistics(x), scale: f64([2, 3]), bias: f64([1, -1]) })), expected.map((v, k) => (k % 2 === 0 ? 2 * v + 1 : 3 * v - 1)));
    close(await numbers(batchNorm(x, { mean: f64([1, 0]), variance: f64([3, 99]), epsilon: 1 })), [0, 1, 1, 2, 3.5, 6]);
    close(await numbers(batchStatistics(x).mean), [4, 30]);
    close(await numbers(batchStatistics(x).variance), [26 / 3, 1400 / 3]);
    const images = input('float32', ['batch', 3, 8, 8]);
    expect([String(batchNorm(images).shape), String(batchStatistics(images).mean.shape)]).toEqual(['batch,3,8,8', '3']);
    expect(await numbers(batchNorm(f64([5, 7], [1, 2])))).toEqual([0, 0]);
  });

  it('refuses half of the statistics, and other sizes', () => {
    expect(() => batchNorm(x, { mean: f64([1, 2]) })).toThrow(new GraphError('batchNorm: give both mean and variance, or neither for those of the batch'));
    expect(() => batchNorm(x, { mean: f64([1]), variance: f64([1]) })).toThrow(/^batchNorm: a constant float64\[1\] should have the shape \[2\]/);
    expect(() => batchNorm(f64([1]))).toThrow(/^batchNorm: axis 1/);
  });
});

describe('gradients', () => {
  // The error of a difference grows with the fifth derivative, which a variance near 0 would make large.
  const epsilon = 1;
  it.each<[string, (a: Expr, scale: Expr, bias: Expr) => Expr, readonly (readonly number[])[]]>([
    ['layerNorm', (a, scale, bias) => layerNorm(a, { scale, bias: bias.square(), epsilon }), [[2, 3], [3], [3]]],
    ['rmsNorm', (a, scale) => rmsNorm(a, { scale, epsilon }), [[2, 3], [3]]],
    ['groupNorm', (a, scale, bias) => groupNorm(a, { groups: 1, scale, bias: bias.square(), epsilon }), [[1, 2, 2], [2], [2]]],
    ['batchNorm', (a, scale, bias) => batchNorm(a, { scale, bias: bias.square(), epsilon }), [[3, 2], [2], [2]]],
    ['batchNorm by given statistics', (a, mean, variance) => batchNorm(a, { mean, variance: variance.square(), epsilon }), [[2, 2], [2], [2]]],
  ])('of %s agree with finite differences', (_, f, shapes) => {
    checkDerivatives(f, shapes);
  });
});

// What PyTorch answers is in tooling/testing/test/torch-networks.test.ts.
describe('localResponseNorm', () => {
  it('has the derivatives of finite differences, along any axis', async () => {
    checkDerivatives((a) => localResponseNorm(a, 3, { alpha: 2, beta: 0.5 }), [[1, 4, 2]]);
    const [first, last] = [f64([1, 2, 3, 4], [2, 2]), f64([1, 3, 2, 4], [2, 2])];
    close(await numbers(localResponseNorm(last, 2, { axis: 0 }).transpose()), await numbers(localResponseNorm(first, 2)));
    close(await numbers(localResponseNorm(f64([3, 4], [1, 2]), 2, { alpha: 2, beta: 1 })), [3 / 10, 4 / 26]);
  });

  it('of no channels is nothing, as in PyTorch', async () => {
    expect(await numbers(localResponseNorm(f64([], [2, 0, 3]), 4))).toEqual([]);
    const open = input('float64', [2, 'channels'], 'x');
    const { data, shape } = await evaluate(localResponseNorm(open, 3), [[open, { data: new Float64Array(0), shape: [2, 0] }]]);
    expect([[...data], shape]).toEqual([[], [2, 0]]);
  });

  it('keeps open dimensions open, and says what does not fit', () => {
    expect(localResponseNorm(input('float32', ['batch', 'channels', 4]), 5).shape.map(String)).toEqual(['batch', 'channels', '4']);
    expect(() => localResponseNorm(f64([1]), 3)).toThrow(ShapeError);
    expect(() => localResponseNorm(f64([1], [1, 1]), 0)).toThrow('localResponseNorm: the size must be a whole number of at least 1, not 0');
    expect(() => localResponseNorm(input('int32', [2, 2]), 3)).toThrow(DTypeError);
  });
});
