/**
 * The recurrent step in TensorFlow.js: a loop in JavaScript over its operations, as in its own layers, but with the product of all
 * inputs taken at once before the loop. The layers API itself is slower: it takes the inputs apart in every step.
 */
import * as tf from '@tensorflow/tfjs-core';
import { network, type LstmProblem } from '../problems/lstm.js';
import type { TrainingRun } from '../problems/training.js';
import type { Windows } from '../problems/transformer.js';

export const lstmRun = (optimizer: () => tf.Optimizer) => (problem: LstmProblem): TrainingRun<Windows> => {
  const { batch, length, width, vocabulary } = problem.sizes;
  const rule = optimizer();
  let params: tf.Variable[] = [];

  const logits = (tokens: tf.Tensor1D): tf.Tensor2D => {
    const { tokens: table, ofInput, ofState, bias, dense } = network(params);
    // Not tf.gather: its gradient needs UnsortedSegmentSum, which the WebAssembly backend has not.
    const embedded = tf.matMul(tf.cast(tf.oneHot(tokens, vocabulary), 'float32'), table);
    const inputs = tf.split(tf.add(tf.matMul(embedded, ofInput), bias), length, 0);   // time comes first
    let hidden: tf.Tensor = tf.zeros([batch, width]);
    let cell: tf.Tensor = tf.zeros([batch, width]);
    const outputs = inputs.map((read) => {
      const [forget, write, candidate, output] = tf.split(tf.add(read, tf.matMul(hidden, ofState)), 4, 1);
      if (forget === undefined || write === undefined || candidate === undefined || output === undefined) throw new RangeError('Four gates.');
      cell = tf.add(tf.mul(tf.sigmoid(forget), cell), tf.mul(tf.sigmoid(write), tf.tanh(candidate)));
      hidden = tf.mul(tf.sigmoid(output), tf.tanh(cell));
      return hidden;
    });
    return tf.add(tf.matMul(tf.concat(outputs, 0), dense.weights), dense.bias);
  };

  return {
    async setup() {
      params = problem.parameters.map(({ shape, values }) => tf.variable(tf.tensor(values, [...shape])));
    },
    train({ tokens, targets }) {
      return tf.tidy(() => {
        const seen = tf.tensor1d(tokens, 'int32');
        const labels = tf.oneHot(tf.tensor1d(targets, 'int32'), vocabulary);
        const loss = rule.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(seen)), true);
        return loss?.dataSync()[0] ?? NaN;
      });
    },
    dispose() {
      tf.dispose(params);
      rule.dispose();
    },
  };
};
