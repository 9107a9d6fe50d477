/** The transformer's step in TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingRun } from '../problems/training.js';
import { arranged, scoreBias, type TransformerProblem, type Windows } from '../problems/transformer.js';

export const transformerRun = (optimizer: () => tf.Optimizer) => (problem: TransformerProblem): TrainingRun<Windows> => {
  const { batch, length, heads, width, vocabulary } = problem.sizes;
  const rule = optimizer();
  const rows = batch * length;
  let params: tf.Variable[] = [];
  let added: tf.Tensor | undefined;

  const norm = (x: tf.Tensor, { scale, bias }: { scale: tf.Tensor; bias: tf.Tensor }): tf.Tensor => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5))), scale), bias);
  };
  const dense = (x: tf.Tensor, { weights, bias }: { weights: tf.Tensor; bias: tf.Tensor }): tf.Tensor => tf.add(tf.matMul(x, weights), bias);
  const gelu = (x: tf.Tensor): tf.Tensor => {
    const inner = tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  };
  const apart = (x: tf.Tensor): tf.Tensor => tf.transpose(tf.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);

  /** Rows are positions of all windows: products of matrices are faster than those of batches, and broadcast no weights. */
  const logits = (tokens: tf.Tensor1D, bias: tf.Tensor): tf.Tensor2D => {
    const network = arranged(problem, params);
    // Not tf.gather: its gradient needs UnsortedSegmentSum, which the WebAssembly backend has not. And a cast: asked for
    // float32, that backend's oneHot gives zeros.
    let x = tf.matMul<tf.Tensor>(tf.cast(tf.oneHot(tokens, vocabulary), 'float32'), network.tokens);
    for (const { attentionNorm, query, key, value, attended, denseNorm, inner, outer } of network.layers) {
      const read = norm(x, attentionNorm);
      const [q, k, v] = [apart(tf.matMul(read, query)), apart(tf.matMul(read, key)), apart(tf.matMul(read, value))];
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)), bias);
      const joined = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [rows, width]);
      x = tf.add(x, dense(joined, attended));
      x = tf.add(x, dense(gelu(dense(norm(x, denseNorm), inner)), outer));
    }
    return tf.reshape(dense(norm(x, network.norm), network.logits), [rows, vocabulary]);
  };

  return {
    async setup() {
      params = problem.parameters.map(({ shape, values }) => tf.variable(tf.tensor(values, [...shape])));
      added = tf.tensor3d(scoreBias(problem.sizes), [heads, length, length]);
    },
    train({ tokens, targets }) {
      return tf.tidy(() => {
        const seen = tf.tensor1d(tokens, 'int32');
        const labels = tf.oneHot(tf.tensor1d(targets, 'int32'), vocabulary);
        const bias = added;
        if (bias === undefined) throw new Error('Call setup() first.');
        const loss = rule.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(seen, bias)), true);
        return loss?.dataSync()[0] ?? NaN;
      });
    },
    dispose() {
      tf.dispose(params);
      added?.dispose();
      rule.dispose();
    },
  };
};
