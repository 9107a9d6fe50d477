// Convolutions and pooling against TensorFlow.js, which has channels last and windows before channels.
import { avgPool1d, avgPool2d, conv1d, conv2d, convTranspose2d, type Expr, maxPool1d, maxPool2d } from '@pappus/core';
import * as tf from '@tensorflow/tfjs-core';
import { besideTfjs, type Case } from './beside-tfjs.js';

const four = (a: tf.Tensor): tf.Tensor4D => {
  const [n = 1, c = 1, h = 1, w = 1] = a.shape;
  return tf.reshape<tf.Rank.R4>(a, [n, c, h, w]);
};
/** `[n, c, h, w]` as `[n, h, w, c]`, and back. */
const last = (a: tf.Tensor): tf.Tensor4D => tf.transpose(four(a), [0, 2, 3, 1]);
const first = (a: tf.Tensor): tf.Tensor => tf.transpose(a, [0, 3, 1, 2]);
/** `[filters, channels, ...]` as `[..., channels, filters]`. */
const filters = (w: tf.Tensor): tf.Tensor4D => tf.transpose(four(w), [2, 3, 1, 0]);
/** `[n, c, w]` as `[n, c, 1, w]`, and back. */
const flat = (a: tf.Tensor): tf.Tensor => tf.expandDims(a, 2);
const line = (a: tf.Tensor): tf.Tensor => tf.squeeze(a, [2]);

type Padding = 'same' | 'valid';
type Pair = [number, number];

function convolution(shapes: Case['shapes'], stride: Pair, padding: Padding, dilation: Pair = [1, 1]): Case {
  return {
    shapes,
    ours: (x, w) => conv2d(x, w, { stride, padding, dilation }),
    theirs: (x, w) => first(tf.conv2d(last(x), filters(w), stride, padding, 'NHWC', dilation)),
    // TF.js has no gradients of dilated convolutions.
    ...(dilation.join() === '1,1' ? {} : { differentiable: 0 }),
  };
}

function pooling(shape: readonly number[], size: Pair, stride: Pair, padding: Padding): Readonly<Record<string, Case>> {
  const name = `${size.join(' x ')} by ${stride.join(' x ')} of ${shape.join(' x ')}, ${padding}`;
  const of = (ours: (x: Expr) => Expr, theirs: (x: tf.Tensor4D) => tf.Tensor): Case => ({ shapes: [shape], ours, theirs: (x) => first(theirs(last(x))) });
  return {
    [`maxPool2d ${name}`]: of((x) => maxPool2d(x, size, { stride, padding }), (x) => tf.maxPool(x, size, stride, padding)),
    [`avgPool2d ${name}`]: {
      ...of((x) => avgPool2d(x, size, { stride, padding }), (x) => tf.avgPool(x, size, stride, padding)),
      // TF.js divides the gradient by the size of the window also where part of it is padding, unlike the mean itself.
      ...(padding === 'same' && size.join() !== '1,1' ? { differentiable: 0 } : {}),
    },
  };
}

const CASES: Readonly<Record<string, Case>> = {
  'conv1d': {
    shapes: [[2, 3, 9], [4, 3, 3]],
    ours: (x, w) => conv1d(x, w, { stride: 2, padding: 'same' }),
    theirs: (x, w) => line(first(tf.conv2d(last(flat(x)), filters(flat(w)), [1, 2], 'same'))),
  },
  'conv2d 3 x 3': convolution([[2, 3, 6, 7], [4, 3, 3, 3]], [1, 1], 'valid'),
  'conv2d 3 x 3, same': convolution([[2, 3, 6, 7], [4, 3, 3, 3]], [1, 1], 'same'),
  'conv2d 2 x 3, same': convolution([[1, 1, 5, 5], [2, 1, 2, 3]], [1, 1], 'same'),
  'conv2d of stride 2': convolution([[2, 2, 7, 8], [3, 2, 3, 3]], [2, 2], 'valid'),
  'conv2d of strides 2 and 3, same': convolution([[2, 2, 7, 8], [3, 2, 3, 2]], [2, 3], 'same'),
  'conv2d, dilated': convolution([[2, 2, 9, 8], [3, 2, 3, 2]], [1, 1], 'same', [2, 3]),
  'conv2d 1 x 1': convolution([[2, 5, 3, 3], [4, 5, 1, 1]], [1, 1], 'valid'),
  'conv2d of one element': convolution([[1, 1, 1, 1], [1, 1, 1, 1]], [1, 1], 'same'),
  'conv2d, each channel by itself': {
    shapes: [[2, 3, 6, 5], [6, 1, 3, 3]],
    ours: (x, w) => conv2d(x, w, { groups: 3, padding: 'same' }),
    theirs: (x, w) => first(tf.depthwiseConv2d(last(x), tf.transpose(tf.reshape<tf.Rank.R4>(w, [3, 2, 3, 3]), [2, 3, 0, 1]), 1, 'same')),
  },
  'convTranspose2d': {
    shapes: [[2, 3, 4, 3], [3, 2, 3, 3]],
    ours: (x, w) => convTranspose2d(x, w, { stride: 2 }),
    theirs: (x, w) => first(tf.conv2dTranspose(last(x), filters(w), [2, 9, 7, 2], 2, 'valid')),
  },
  'convTranspose2d, same': {
    shapes: [[2, 3, 4, 3], [3, 2, 3, 3]],
    ours: (x, w) => convTranspose2d(x, w, { stride: 2, padding: 'same' }),
    theirs: (x, w) => first(tf.conv2dTranspose(last(x), filters(w), [2, 8, 6, 2], 2, 'same')),
  },
  'maxPool1d': { shapes: [[2, 3, 8]], ours: (x) => maxPool1d(x, 2), theirs: (x) => line(first(tf.maxPool(last(flat(x)), [1, 2], [1, 2], 'valid'))) },
  'avgPool1d': { shapes: [[2, 3, 8]], ours: (x) => avgPool1d(x, 2), theirs: (x) => line(first(tf.avgPool(last(flat(x)), [1, 2], [1, 2], 'valid'))) },
  ...pooling([2, 3, 6, 8], [2, 2], [2, 2], 'valid'),
  ...pooling([2, 3, 7, 5], [2, 3], [2, 3], 'valid'),
  ...pooling([2, 2, 7, 8], [3, 2], [2, 1], 'valid'),
  ...pooling([2, 2, 6, 7], [3, 3], [2, 2], 'same'),
  ...pooling([1, 1, 1, 1], [1, 1], [1, 1], 'same'),
};

besideTfjs('convolutions and pooling beside TensorFlow.js', CASES);
