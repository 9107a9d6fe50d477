// The operations that are composed of others against TensorFlow.js on its plain JavaScript backend: values and gradients.
import {
  absoluteError,
  argMax,
  argMin,
  batchNorm,
  binaryCrossEntropy,
  cosineSimilarity,
  crossEntropy,
  einsum,
  elu,
  eye,
  flip,
  hinge,
  huber,
  leakyRelu,
  literal,
  logSigmoid,
  logSoftmax,
  norm,
  oneHot,
  outer,
  pad,
  silu,
  softplus,
  split,
  squaredError,
  stack,
  tensordot,
  tile,
  variance,
  xor,
} from '@pappus/core';
import * as tf from '@tensorflow/tfjs-core';
import { besideTfjs, type Case } from './beside-tfjs.js';

const labels = [2, 0, 3, 1];
const ourLabels = literal(labels, [4], 'int32');
const theirLabels = (): tf.Tensor => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), 4), 'float32');
const vector = (t: tf.Tensor): tf.Tensor1D => tf.reshape<tf.Rank.R1>(t, [t.size]);
const unit = (rows: tf.Tensor): tf.Tensor => tf.div(rows, tf.norm(rows, 2, 1, true));
const NONE = tf.Reduction.NONE;

const CASES: Readonly<Record<string, Case>> = {
  softplus: { shapes: [[4, 5]], ours: (a) => softplus(a), theirs: (a) => tf.softplus(a) },
  logSigmoid: { shapes: [[4, 5]], ours: (a) => logSigmoid(a), theirs: (a) => tf.logSigmoid(a) },
  leakyRelu: { shapes: [[4, 5]], ours: (a) => leakyRelu(a, 0.3), theirs: (a) => tf.leakyRelu(a, 0.3) },
  elu: { shapes: [[4, 5]], ours: (a) => elu(a), theirs: (a) => tf.elu(a) },
  silu: { shapes: [[4, 5]], ours: (a) => silu(a), theirs: (a) => tf.mul(a, tf.sigmoid(a)) },
  logSoftmax: { shapes: [[4, 5]], ours: (a) => logSoftmax(a), theirs: (a) => tf.logSoftmax(a) },
  logSumExp: { shapes: [[4, 5]], ours: (a) => a.logSumExp(0), theirs: (a) => tf.logSumExp(a, 0) },
  xor: { shapes: [[4, 5]], ours: (a) => xor(a.gt(0), a.lt(1)), theirs: (a) => tf.logicalXor(tf.greater(a, 0), tf.less(a, 1)), differentiable: 0 },
  argMax: { shapes: [[4, 5]], ours: (a) => argMax(a.round(), 1), theirs: (a) => tf.argMax(tf.round(a), 1), differentiable: 0 },
  argMin: { shapes: [[4, 5]], ours: (a) => argMin(a.round(), 0), theirs: (a) => tf.argMin(tf.round(a), 0), differentiable: 0 },
  variance: { shapes: [[4, 5]], ours: (a) => variance(a, 1), theirs: (a) => tf.moments(a, 1).variance },
  'norm of order 1': { shapes: [[4, 5]], ours: (a) => norm(a, 1, { order: 1 }), theirs: (a) => tf.norm(a, 1, 1) },
  'norm of order 2': { shapes: [[4, 5]], ours: (a) => norm(a, 1), theirs: (a) => tf.norm(a, 2, 1) },
  'norm of order infinity': { shapes: [[4, 5]], ours: (a) => norm(a, 1, { order: Infinity }), theirs: (a) => tf.norm(a, Infinity, 1) },
  stack: { shapes: [[3, 2], [3, 2]], ours: (a, b) => stack([a, b], 1), theirs: (a, b) => tf.stack([a, b], 1) },
  split: {
    shapes: [[2, 7]],
    ours: (a) => { const [x = a, , y = a] = split(a, [3, 1, 3], 1); return x.mul(y); },
    theirs: (a) => { const [x = a, , y = a] = tf.split(a, [3, 1, 3], 1); return tf.mul(x, y); },
  },
  flip: { shapes: [[2, 3, 2]], ours: (a) => flip(a, [0, 2]), theirs: (a) => tf.reverse(a, [0, 2]) },
  tile: { shapes: [[2, 3]], ours: (a) => tile(a, [3, 2]), theirs: (a) => tf.tile(a, [3, 2]) },
  pad: { shapes: [[2, 3]], ours: (a) => pad(a, [[1, 2], [0, 1]], { value: 5 }), theirs: (a) => tf.pad(a, [[1, 2], [0, 1]], 5) },
  oneHot: { shapes: [[1]], ours: (a) => oneHot(ourLabels, 4, { dtype: 'float64' }).mul(a), theirs: (a) => tf.mul(theirLabels(), a) },
  eye: { shapes: [[1]], ours: (a) => eye(3, 4, { dtype: 'float64' }).mul(a), theirs: (a) => tf.mul(tf.eye(3, 4), a) },
  outer: { shapes: [[3], [4]], ours: (a, b) => outer(a, b), theirs: (a, b) => tf.outerProduct(vector(a), vector(b)) },
  tensordot: { shapes: [[2, 3, 4], [4, 3, 5]], ours: (a, b) => tensordot(a, b, [[1, 2], [1, 0]]), theirs: (a, b) => tf.einsum('ijk,kjl->il', a, b), differentiable: 0 },
  einsum: { shapes: [[2, 3, 4, 5], [2, 6, 4, 5]], ours: (a, b) => einsum('bqhd,bkhd->bhqk', a, b), theirs: (a, b) => tf.einsum('bqhd,bkhd->bhqk', a, b), differentiable: 0 },
  squaredError: { shapes: [[4, 3], [4, 3]], ours: (a, b) => squaredError(a, b), theirs: (a, b) => tf.losses.meanSquaredError(b, a) },
  absoluteError: { shapes: [[4, 3], [4, 3]], ours: (a, b) => absoluteError(a, b), theirs: (a, b) => tf.losses.absoluteDifference(b, a) },
  huber: { shapes: [[4, 3], [4, 3]], ours: (a, b) => huber(a, b, { delta: 1.5, reduction: 'none' }), theirs: (a, b) => tf.losses.huberLoss(b, a, undefined, 1.5, NONE) },
  hinge: { shapes: [[4, 3], [4, 3]], differentiable: 1, ours: (a, b) => hinge(a, b.gt(0)), theirs: (a, b) => tf.losses.hingeLoss(tf.cast(tf.greater(b, 0), 'float32'), a) },
  binaryCrossEntropy: { shapes: [[4, 3], [4, 3]], ours: (a, b) => binaryCrossEntropy(a, b), theirs: (a, b) => tf.losses.sigmoidCrossEntropy(b, a) },
  'crossEntropy of integers': { shapes: [[4, 4]], ours: (a) => crossEntropy(a, ourLabels), theirs: (a) => tf.losses.softmaxCrossEntropy(theirLabels(), a) },
  'crossEntropy, smoothed': {
    shapes: [[4, 4]],
    ours: (a) => crossEntropy(a, ourLabels, { labelSmoothing: 0.2, reduction: 'none' }),
    theirs: (a) => tf.losses.softmaxCrossEntropy(theirLabels(), a, undefined, 0.2, NONE),
  },
  cosineSimilarity: {
    shapes: [[4, 3], [4, 3]],
    ours: (a, b) => cosineSimilarity(a, b),
    theirs: (a, b) => tf.sub(1, tf.losses.cosineDistance(unit(a), unit(b), 1)),
  },
  batchNorm: {
    shapes: [[3, 2, 2, 4], [4], [4], [4], [4]],
    ours: (a, mean, spread, bias, scale) => batchNorm(a, { axis: -1, mean, variance: spread.square(), bias, scale, epsilon: 0.1 }),
    theirs: (a, mean, spread, bias, scale) => tf.batchNorm(a, vector(mean), vector(tf.square(spread)), vector(bias), vector(scale), 0.1),
  },
};

besideTfjs('beside TensorFlow.js', CASES);
