// Windows, convolutions and their transposes, pooling, and products of several axes, with gradients.
import {
  adaptiveAvgPool2d, adaptiveMaxPool2d, avgPool1d, avgPool2d, avgPool3d, conv1d, conv2d, conv3d, convTranspose2d, convTranspose3d, depthToSpace, einsum, type Expr, maxPool1d, maxPool2d, maxPool2dWithIndices, maxPool3d,
  pixelUnshuffle, resize, scan, window,
} from '@pappus/core';
import { describe, it } from 'vitest';
import { leaf } from './differential.js';
import { grad } from './recording.js';
import type { Setting } from './setting.js';
import { spread } from './values.js';

/** The value and the gradients of a loss that weighs its elements. */
function withGradients(name: string, value: Expr, operands: readonly Expr[]): Readonly<Record<string, Expr>> {
  const gradients = grad(value.square().sum(), operands);
  return { [name]: value, ...Object.fromEntries(gradients.map((g, k) => [`d${k} of ${name}`, g])) };
}

export function windows(setting: Setting): void {
  describe('windows', () => {
    for (const [turn, dtype] of setting.floats.entries()) {
      it(`views of ${dtype} and what is computed of them`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 11]), w: spread(dtype, [4], { seed: 2 }) }],
            build: ({ inputs }) => {
              const [x, w] = [leaf(inputs, 'x'), leaf(inputs, 'w')];
              const views = window(x, 1, 4);
              return {
                outputs: {
                  views, strided: window(x.neg(), 1, 3, { stride: 2, dilation: 2 }), rows: window(x, 0, 2), ...withGradients('smoothed', views.matmul(w), [x, w]),
                  ...withGradients('largest', window(x, -1, 3, { stride: 2 }).max(2), [x]), twice: window(views, 1, 2).sum(2),
                },
              };
            },
          },
          { factor: 64, scale: 64 },
        );
      });

      const convolutions = [
        { x: [2, 3, 9], w: [4, 3, 3], options: {} },
        { x: [2, 4, 10], w: [6, 2, 3], options: { groups: 2, stride: 2, padding: 'same' } },
        { x: [2, 3, 7, 6], w: [5, 3, 3, 3], options: { padding: 'same' } },
        { x: [2, 1, 12, 12], w: [8, 1, 5, 5], options: {} },
        { x: [3, 2, 6, 14], w: [9, 2, 3, 5], options: { padding: [[1, 0], 2] } },
        { x: [2, 4, 9, 8], w: [6, 2, 2, 3], options: { groups: 2, stride: [2, 1], dilation: [1, 2], padding: 1 } },
        { x: [2, 3, 5, 5], w: [3, 1, 3, 3], options: { groups: 3 } },
        { x: [1, 1, 1, 1], w: [1, 1, 1, 1], options: {} },
        { x: [0, 2, 5, 5], w: [3, 2, 3, 3], options: {} },
        { x: [2, 2, 4, 4], w: [3, 2, 4, 4], options: {} },
      ] as const;
      for (const { x, w, options } of setting.some(convolutions, 4, 1 + turn)) {
        it(`a convolution of ${dtype}[${x.join(', ')}] with [${w.join(', ')}] ${JSON.stringify(options)}`, async () => {
          await setting.agree(
            {
              steps: [{ x: spread(dtype, x), w: spread(dtype, w, { seed: 2 }), b: spread(dtype, [w[0]], { seed: 3 }) }],
              build: ({ inputs }) => {
                const [images, weights, bias] = [leaf(inputs, 'x'), leaf(inputs, 'w'), leaf(inputs, 'b')];
                const value = x.length === 3 ? conv1d(images, weights, options) : conv2d(images, weights, options);
                const activated = value.add(bias.reshape([-1, ...x.slice(2).map(() => 1)])).relu();
                return { outputs: { value, ...withGradients('activated', activated, [images, weights, bias]) } };
              },
            },
            { factor: 64, scale: 2000 },
          );
        });
      }

      it(`the transpose of a convolution of ${dtype}`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [2, 4, 5, 3]), w: spread(dtype, [4, 2, 3, 3], { seed: 2 }) }],
            build: ({ inputs }) => {
              const [x, w] = [leaf(inputs, 'x'), leaf(inputs, 'w')];
              return {
                outputs: {
                  ...withGradients('plain', convTranspose2d(x, w), [x, w]), ...withGradients('strided', convTranspose2d(x, w, { stride: 2, padding: 'same' }), [x, w]),
                  grouped: convTranspose2d(x, w, { groups: 2, stride: [1, 3], dilation: 2, outputPadding: [0, 2] }),
                },
              };
            },
          },
          { factor: 64, scale: 2000 },
        );
      });

      it(`pooling of ${dtype}`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [2, 3, 8, 10]), line: spread(dtype, [2, 1, 9], { seed: 2 }) }],
            build: ({ inputs }) => {
              const [x, line] = [leaf(inputs, 'x'), leaf(inputs, 'line')];
              return {
                outputs: {
                  ...withGradients('halves', maxPool2d(x, 2), [x]), ...withGradients('overlapping', maxPool2d(x, 3, { stride: 2, padding: 'same' }), [x]),
                  ...withGradients('means', avgPool2d(x, [2, 5]), [x]), ...withGradients('means that overlap', avgPool1d(line, 3, { stride: 1, padding: 1 }), [line]),
                  ...withGradients('activated', maxPool2d(x.relu(), 2).sum(0), [x]), uneven: maxPool2d(x, 3),
                },
              };
            },
          },
          { factor: 64, scale: 64 },
        );
      });

      it(`pools of ${dtype} with windows spread out, rounded up and adaptive, and other sizes`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [2, 3, 7, 5]), line: spread(dtype, [2, 1, 9], { seed: 2 }), volume: spread(dtype, [1, 2, 3, 4, 3], { seed: 3 }), w: spread(dtype, [3, 2, 2, 2, 2], { seed: 4 }) }],
            build: ({ inputs }) => {
              const [x, line, volume, w] = [leaf(inputs, 'x'), leaf(inputs, 'line'), leaf(inputs, 'volume'), leaf(inputs, 'w')];
              const parts: readonly (() => Readonly<Record<string, Expr>>)[] = [
                () => withGradients('dilated', maxPool1d(line, 3, { stride: 2, dilation: 2, padding: 1, ceilMode: true }), [line]),
                () => ({ ...maxPool2dWithIndices(x, 3, { stride: 2, padding: 1, ceilMode: true }) }),
                () => withGradients('counted', avgPool1d(line, 2, { stride: 3, padding: 1, ceilMode: true, countIncludePad: true }), [line]),
                () => withGradients('means of bins', adaptiveAvgPool2d(x, [3, 5]), [x]),
                () => withGradients('largest of bins', adaptiveMaxPool2d(x, [7, 2]), [x]),
                () => withGradients('lines', resize(x, [4, 9], { method: 'linear' }), [x]),
                () => withGradients('nearest', resize(x, [14, 3]), [x]),
                () => withGradients('conv3d', conv3d(volume, w), [volume, w]),
                () => withGradients('convTranspose3d', convTranspose3d(volume.slice(null, null, [0, 2], [0, 2], [0, 2]), w.reshape([2, 3, 2, 2, 2])), [w]),
                () => ({ corners: resize(x, [9, 2], { method: 'linear', alignCorners: true }), exact: resize(x, 4, { method: 'nearestExact' }) }),
                () => ({ blocks: depthToSpace(x.reshape([1, 6, 7, 5]).slice(null, [0, 4]), 2), unshuffled: pixelUnshuffle(x.slice(null, null, [1, null], [1, null]), 2) }),
                () => ({ largest: maxPool3d(volume, [2, 2, 1]), mean: avgPool3d(volume, 2, { ceilMode: true }) }),
              ];
              return { outputs: Object.fromEntries(setting.some(parts, 4, 1 + turn).flatMap((part) => Object.entries(part()))) };
            },
          },
          { factor: 64, scale: 4000 },
        );
      });

      it(`a network of convolutions of ${dtype}, batches of several sizes`, async () => {
        const batch = (size: number) => ({ x: { ...spread(dtype, [size, 1, 10, 10]), open: ['batch', 1, 10, 10] } });
        await setting.agree(
          {
            steps: [batch(3), batch(1), batch(8)],
            variables: { w0: spread(dtype, [4, 1, 3, 3], { low: -0.5, high: 0.5 }), w1: spread(dtype, [6, 4, 3, 3], { seed: 2, low: -0.5, high: 0.5 }), w2: spread(dtype, [24, 3], { seed: 3, low: -0.5, high: 0.5 }) },
            build: ({ inputs, variables }) => {
              const [w0, w1, w2] = [leaf(variables, 'w0'), leaf(variables, 'w1'), leaf(variables, 'w2')];
              const hidden = maxPool2d(conv2d(maxPool2d(conv2d(leaf(inputs, 'x'), w0).relu(), 2), w1, { padding: 'same' }).relu(), 2);
              const loss = hidden.reshape(['batch', 24]).matmul(w2).square().mean();
              return { outputs: { loss }, updates: new Map(grad(loss, [w0, w1, w2]).flatMap((g, k) => { const w = [w0, w1, w2][k]; return w === undefined ? [] : [[w, w.sub(g.mul(0.01))] as const]; })) };
            },
          },
          { factor: 256, scale: 16 },
        );
      });

      it(`convolutions and pooling of ${dtype} in a scan`, async () => {
        await setting.agree(
          {
            steps: [{ x: spread(dtype, [3, 2, 2, 7], { low: -1, high: 1 }), w: spread(dtype, [2, 2, 3], { seed: 2, low: -0.5, high: 0.5 }), h: spread(dtype, [2, 2, 7], { seed: 3, low: -1, high: 1 }) }],
            build: ({ inputs }) => {
              const [x, w, h] = [leaf(inputs, 'x'), leaf(inputs, 'w'), leaf(inputs, 'h')];
              const { carry, outputs } = scan((state: Expr, part: Expr) => {
                const next = conv1d(state, w, { padding: 'same' }).add(part).tanh();
                return { carry: next, outputs: maxPool1d(next, 2) };
              }, { carry: h, inputs: x });
              const [dx, dw, dh] = grad(carry.square().sum().add(outputs.sum()), [x, w, h]);
              return { outputs: { carry, outputs, dx, dw, dh } };
            },
          },
          { factor: 256, scale: 64 },
        );
      });

      it(`products of ${dtype} over several axes`, async () => {
        await setting.agree(
          {
            steps: [{ a: spread(dtype, [2, 3, 4, 5]), b: spread(dtype, [5, 3, 2, 6], { seed: 2 }), long: spread(dtype, [37, 3, 50], { seed: 3 }), tall: spread(dtype, [37, 50, 7], { seed: 4 }) }],
            build: ({ inputs }) => {
              const [a, b, long, tall] = [leaf(inputs, 'a'), leaf(inputs, 'b'), leaf(inputs, 'long'), leaf(inputs, 'tall')];
              return {
                outputs: {
                  ...withGradients('two axes', einsum('ijkl,ljmn->imkn', a, b), [a, b]), turned: einsum('ijkl,ljin->kn', a, b), batch: einsum('ijkl,ljin->jnk', a, b),
                  // 1850 steps: more than are packed at once, in parts that do not divide them.
                  deep: einsum('bik,bkj->ij', long, tall), 'deep with a factor': einsum('bik,bkj->ij', long.mul(2), tall).add(1).relu(), flat: long.reshape([37, 150]).transpose().matmul(tall.reshape([37, 350])),
                },
              };
            },
          },
          { factor: 64, scale: 4000 },
        );
      });
    }
  });
}
