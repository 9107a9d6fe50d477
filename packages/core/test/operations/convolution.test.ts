import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { conv1d, conv2d, type ConvolutionOptions, convTranspose1d, convTranspose2d, type TransposedConvolutionOptions } from '../../src/operations/convolution.js';
import { formatShape } from '../../src/graph/shape.js';
import { checkDerivatives } from '../gradients/finite-differences.js';
import { literal } from '../../src/graph/construct.js';
import { sizeOf } from '../../src/graph/shape.js';

const filled = (shape: readonly number[], phase: number): { data: Float64Array; shape: readonly number[] } => ({
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.3 * i + phase)),
  shape,
});
const asLiteral = ({ data, shape }: { data: Float64Array; shape: readonly number[] }): Expr => literal(data, shape, 'float64');

/** The definition in four loops: one image, padding by asking outside. */
function plainConv2d(x: { data: Float64Array; shape: readonly number[] }, w: { data: Float64Array; shape: readonly number[] }, outputs: readonly [number, number], [strideY, strideX]: readonly number[], [padY, padX]: readonly number[], [dilationY, dilationX]: readonly number[], groups: number): number[] {
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const [filters = 1, perGroup = 1, sizeY = 1, sizeX = 1] = w.shape;
  const result: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let f = 0; f < filters; f++) {
      const from = Math.floor(f / (filters / groups)) * perGroup;
      for (let i = 0; i < outputs[0]; i++) {
        for (let j = 0; j < outputs[1]; j++) {
          let sum = 0;
          for (let c = 0; c < perGroup; c++) {
            for (let a = 0; a < sizeY; a++) {
              for (let b = 0; b < sizeX; b++) {
                const [y, z] = [i * (strideY ?? 1) + a * (dilationY ?? 1) - (padY ?? 0), j * (strideX ?? 1) + b * (dilationX ?? 1) - (padX ?? 0)];
                if (y < 0 || z < 0 || y >= height || z >= width) continue;
                sum += (x.data[((n * channels + from + c) * height + y) * width + z] ?? NaN) * (w.data[((f * perGroup + c) * sizeY + a) * sizeX + b] ?? NaN);
              }
            }
          }
          result.push(sum);
        }
      }
    }
  }
  return result;
}

describe('conv2d', () => {
  it.each([
    { x: [2, 4, 7, 6], w: [6, 4, 3, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 },
    { x: [2, 4, 7, 6], w: [6, 2, 3, 2], stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 },
    { x: [1, 3, 9, 8], w: [3, 1, 2, 3], stride: [3, 2], padding: [2, 1], dilation: [2, 1], groups: 3 },
    { x: [0, 2, 5, 5], w: [3, 2, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 },
    { x: [2, 2, 5, 5], w: [0, 2, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 },
    { x: [2, 0, 5, 5], w: [3, 0, 3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 },
  ])('is its definition: $x with $w, stride $stride, padding $padding, dilation $dilation, $groups groups', async ({ x, w, ...options }) => {
    const [operand, weights] = [filled(x, 1), filled(w, 2)];
    const result = await evaluate(conv2d(asLiteral(operand), asLiteral(weights), options));
    const expected = plainConv2d(operand, weights, [result.shape[2] ?? 0, result.shape[3] ?? 0], options.stride, options.padding, options.dilation, options.groups);
    expect(result.data.length).toBe(expected.length);
    expected.forEach((value, k) => expect(result.data[k]).toBeCloseTo(value, 12));
  });

  it.each<ConvolutionOptions>([
    {}, { padding: 'same' }, { stride: 2, padding: 1 }, { dilation: 2, padding: [[2, 1], 2] }, { groups: 2, padding: 'same', stride: [1, 2] },
  ])('has the derivatives of finite differences: %j', (options) => {
    checkDerivatives((x, w) => conv2d(x, w, options), [[1, 2, 4, 3], [2, 2 / (options.groups ?? 1), 2, 2]]);
  });

  it('keeps open dimensions open', () => {
    const images = input('float32', ['batch', 3, 'height', 'width']);
    const w = input('float32', [8, 3, 3, 3]);
    expect(formatShape(conv2d(images, w).shape)).toBe('[batch, 8, height - 2, width - 2]');
    expect(formatShape(conv2d(images, w, { padding: 'same' }).shape)).toBe('[batch, 8, height, width]');
  });

  it('counts as "same" what TensorFlow does, the odd element behind', async () => {
    const ones = literal([1, 1, 1], [1, 1, 3], 'float64');
    const line = literal([1, 2, 3, 4], [1, 1, 4], 'float64');
    expect([...(await evaluate(conv1d(line, ones, { padding: 'same' }))).data]).toEqual([3, 6, 9, 7]);
    expect([...(await evaluate(conv1d(line, ones, { padding: 'same', stride: 2 }))).data]).toEqual([6, 7]);
  });

  it('says what does not fit', () => {
    const x = input('float32', [2, 3, 8, 8], 'x');
    const w = input('float32', [4, 3, 3, 3], 'w');
    expect(() => conv2d(x, input('float64', [4, 3, 3, 3]))).toThrow('must have one dtype; cast them with .cast(dtype)');
    expect(() => conv2d(x.reshape([2, 3, 64]), w)).toThrow('should have 4 dimensions');
    expect(() => conv2d(x, w, { groups: 3 })).toThrow('the 4 filters of input w float32[4, 3, 3, 3] do not fall into 3 groups');
    expect(() => conv2d(x, w, { groups: 2 })).toThrow('conv2d: input x float32[2, 3, 8, 8] has 3 channels, and the weights input w float32[4, 3, 3, 3] take 3 in each of 2 groups');
    expect(() => conv2d(x, w, { stride: 0 })).toThrow('conv2d: the stride must be a whole number of at least 1, not 0');
    expect(() => conv2d(x, w, { dilation: [1, 2, 3] })).toThrow('conv2d: takes one dilation or 2, and 3 are given');
    expect(() => conv2d(x, w, { dilation: 4 })).toThrow('is shorter than one window of 9');
    expect(() => conv2d(x, input('float32', [4, 3, 3, 0], 'w'))).toThrow('conv2d: the windows of input w float32[4, 3, 3, 0] hold nothing; their size must be at least 1');
    expect(() => conv2d(x, w, { padding: -1 })).toThrow("a padding must be a whole number of at least 0, not -1; or use 'same' or 'valid'");
    expect(() => conv2d(x, w, { padding: [1] })).toThrow('takes a padding for each of 2 axes, and 1 are given');
    expect(() => conv2d(input('float32', [1, 3, 'h', 8]), w, { stride: 2, padding: 'same' })).toThrow("the padding 'same' with a stride of 2 on the open dimension h needs a known size");
    expect(() => conv2d(x.gt(0), w.gt(0))).toThrow('conv2d: takes numbers');
  });
});

describe('the transposed convolutions', () => {
  const dot = async (a: Expr, b: Expr): Promise<number> => (await evaluate(a.mul(b).sum())).data[0] ?? NaN;

  it.each<{ n: number; options: TransposedConvolutionOptions }>([
    { n: 9, options: {} },
    { n: 9, options: { stride: 2 } },
    { n: 10, options: { stride: 2, outputPadding: 1 } },
    { n: 9, options: { stride: 2, padding: 1 } },
    { n: 9, options: { dilation: 2, padding: [[1, 3]] } },
    { n: 8, options: { stride: 2, padding: 'same' } },
    { n: 9, options: { stride: 3, padding: 'same' } },
    { n: 9, options: { groups: 2, padding: 'same' } },
  ])('are the transposes: of $n elements, $options', async ({ n, options }) => {
    const { outputPadding: _, ...forward } = options;
    const w = asLiteral(filled([4, 2 / (options.groups ?? 1), 3], 3));
    const x = asLiteral(filled([2, 2, n], 4));
    const y = conv1d(x, w, forward);
    const g = asLiteral(filled(y.shape.map(Number), 5));
    const back = convTranspose1d(g, w, options);
    expect(formatShape(back.shape)).toBe(formatShape(x.shape));
    expect(await dot(back, x)).toBeCloseTo(await dot(g, y), 10);
  });

  it('have the derivatives of finite differences', () => {
    for (const options of [{ stride: 2 }, { padding: 'same', groups: 2 }] satisfies TransposedConvolutionOptions[]) {
      checkDerivatives((x, w) => convTranspose2d(x, w, options), [[1, 2, 3, 2], [2, 1, 2, 2]]);
    }
  });

  it('say what does not fit', () => {
    const x = input('float32', [2, 3, 8], 'x');
    const w = input('float32', [3, 4, 3], 'w');
    expect(() => convTranspose1d(x, input('float32', [5, 4, 3]))).toThrow('has 3 filters, and the weights');
    expect(() => convTranspose1d(x, w, { padding: 3 })).toThrow('a padding of 3 takes away more than a window of 3 reaches over; use at most 2');
    expect(() => convTranspose1d(x, w, { outputPadding: 2, stride: 2 })).toThrow('an outputPadding of 2 must be less than the stride or the dilation');
    expect(() => convTranspose1d(x.slice(null, null, [0, 2]), w, { padding: 2 })).toThrow('convTranspose1d: axis 2 of the result has a size of 0; use less padding, or more elements than the 2 of slice(x) float32[2, 3, 2]');
    expect(() => convTranspose1d(x.slice(null, null, [0, 0]), w, { padding: 'same' })).toThrow('convTranspose1d: axis 2 of the result has a size of 0');
    expect(() => convTranspose2d(input('float32', [1, 3, 1, 1]), input('float32', [3, 1, 3, 2]), { padding: [1, [1, 1]] })).toThrow('convTranspose2d: axis 3 of the result has a size of 0');
  });
});
