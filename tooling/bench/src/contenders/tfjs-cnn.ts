/** The convolutional network in TensorFlow.js, with channels last, as its kernels want them. */
import * as tf from '@tensorflow/tfjs-core';
import { network, pool, type CnnProblem } from '../problems/cnn.js';
import type { Batch } from '../problems/mlp.js';
import type { TrainingRun } from '../problems/training.js';

/**
 * A convolution whose filters have a gradient on the WebAssembly backend: that of TF.js needs Conv2DBackpropFilter, which the backend
 * has not. The gradient of the filters is itself a convolution, of the images by the cotangent, where channels and batch
 * have changed places; so it runs in the backend's fast Conv2D.
 */
function convolution(x: tf.Tensor4D, w: tf.Tensor4D, isFirst: boolean): tf.Tensor4D {
  const custom = tf.customGrad<tf.Tensor4D>((...args) => {
    const save = args.at(-1);
    if (typeof save === 'function') save([x, w]);   // or they are gone by the time of the backward pass
    return {
      value: tf.conv2d(x, w, 1, 'valid'),
      gradFunc: (cotangent, saved) => {
        const [images = x, filters = w] = saved.map(rank4);
        const channels = tf.transpose(images, [3, 1, 2, 0]);
        const ofFilters = tf.transpose(tf.conv2d(channels, tf.transpose(cotangent, [1, 2, 0, 3]), 1, 'valid'), [1, 2, 0, 3]);
        return isFirst ? ofFilters : [tf.conv2dTranspose(cotangent, filters, images.shape, 1, 'valid'), ofFilters];
      },
    };
  });
  return isFirst ? custom(w) : custom(x, w);   // the images need none
}

function rank4(x: tf.Tensor): tf.Tensor4D {
  const [a = 1, b = 1, c = 1, d = 1] = x.shape;
  return tf.reshape(x, [a, b, c, d]);
}

export const cnnRun = (optimizer: () => tf.Optimizer) => (problem: CnnProblem): TrainingRun<Batch> => {
  const { batch, side, filters: [, channels], classes } = problem.sizes;
  const rule = optimizer();
  let params: tf.Variable[] = [];

  const loss = (images: tf.Tensor4D, labels: tf.Tensor): tf.Scalar => {
    const { blocks, dense } = network(params);
    const features = blocks.reduce((x, { weights, bias }, i) => {
      const convolved = convolution(x, rank4(weights), i === 0);
      return tf.maxPool(tf.relu(tf.add<tf.Tensor4D>(convolved, bias)), pool, pool, 'valid');
    }, images);
    const logits = tf.add(tf.matMul(tf.reshape(features, [batch, -1]), dense.weights), dense.bias);
    return tf.losses.softmaxCrossEntropy(labels, logits);
  };

  return {
    async setup() {
      const shaped = problem.parameters.map(({ shape, values }) => tf.tensor(values, [...shape]));
      const { blocks, dense } = network(shaped);
      // [filters, channels, height, width] -> [height, width, channels, filters], and the rows of the dense layer with channels last.
      const rows = tf.transpose(tf.reshape(dense.weights, [channels, problem.last, problem.last, classes]), [1, 2, 0, 3]);
      params = [
        ...blocks.flatMap(({ weights, bias }) => [tf.transpose(weights, [2, 3, 1, 0]), bias]),
        tf.reshape(rows, [-1, classes]),
        dense.bias,
      ].map((value) => tf.variable(value));
    },
    train({ images, labels }) {
      return tf.tidy(() => {
        const pixels = tf.tensor4d(images, [batch, side, side, 1]);
        const oneHot = tf.oneHot(tf.tensor1d(labels, 'int32'), classes);
        const value = problem.learns ? rule.minimize(() => loss(pixels, oneHot), true) : loss(pixels, oneHot);
        return value?.dataSync()[0] ?? NaN;
      });
    },
    dispose() {
      tf.dispose(params);
      rule.dispose();
    },
  };
};
