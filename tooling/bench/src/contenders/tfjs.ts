/** TensorFlow.js on its WebAssembly backend, SIMD, one thread. Its operations are synchronous: a step is done when it returns. */
import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
// In Node, TF.js's core brings no gradients along; importing its layers registers them.
import '@tensorflow/tfjs-layers';
import type { Adapter } from '../contender.js';
import { adamContender, hyperparameters } from '../problems/adam.js';
import { matmulContender } from '../problems/matmul.js';
import { mlpContender } from '../problems/mlp.js';
import { trainingContender } from '../problems/training.js';
import { cnnRun } from './tfjs-cnn.js';
import { lstmRun } from './tfjs-lstm.js';
import { transformerRun } from './tfjs-transformer.js';

const name = 'TF.js';

/** The documented optimizer, and its documented way in for gradients that come from elsewhere. */
function optimizer(): tf.AdamOptimizer {
  const { learningRate, beta1, beta2, epsilon } = hyperparameters;
  return tf.train.adam(learningRate, beta1, beta2, epsilon);
}

export const tfjs: Adapter = {
  name,

  async init() {
    if (tf.getBackend() === 'wasm') return;
    setThreadsCount(1);
    if (!(await tf.setBackend('wasm'))) throw new Error('TF.js found no WebAssembly.');
    await tf.ready();
  },

  adam(problem) {
    const rule = optimizer();
    let params: tf.Variable[] = [];
    let grads: { name: string; tensor: tf.Tensor }[] = [];
    const release = (): void => tf.dispose(grads.map(({ tensor }) => tensor));
    const setGradients = (values: readonly Float32Array[]): void => {
      release();
      grads = values.map((value, i) => ({ name: params[i]?.name ?? '', tensor: tf.tensor1d(value) }));
    };
    return adamContender(name, problem, {
      async setup() {
        params = problem.params.map((param) => tf.variable(tf.tensor1d(param)));
        setGradients(problem.grads);
      },
      setGradients,
      step() {
        rule.applyGradients(grads);
        return undefined;
      },
      read: () => Promise.all(params.map(async (param) => Float32Array.from(await param.data()))),
      dispose() {
        release();
        tf.dispose(params);
        rule.dispose();
      },
    });
  },

  mlp(problem) {
    const rule = optimizer();
    let layers: { weights: tf.Variable<tf.Rank.R2>; biases: tf.Variable<tf.Rank.R1> }[] = [];
    /** Not tf.fused.matMul: while gradients are recorded, TF.js takes it apart again. */
    const logits = (images: tf.Tensor2D): tf.Tensor2D =>
      layers.reduce((x, { weights, biases }, i) => {
        const out = tf.add<tf.Tensor2D>(tf.matMul(x, weights), biases);
        return i < layers.length - 1 ? tf.relu(out) : out;
      }, images);
    return mlpContender(name, problem, {
      async setup() {
        layers = problem.layers.map(({ inputs, outputs, weights, biases }) => ({
          weights: tf.variable(tf.tensor2d(weights, [inputs, outputs])),
          biases: tf.variable(tf.tensor1d(biases)),
        }));
      },
      train(batch) {
        return tf.tidy(() => {
          const images = tf.tensor2d(batch.images, [problem.batchSize, problem.widths[0] ?? 0]);
          const labels = tf.oneHot(tf.tensor1d(batch.labels, 'int32'), problem.classes);
          const loss = rule.minimize(() => tf.losses.softmaxCrossEntropy(labels, logits(images)), true);
          return loss?.dataSync()[0] ?? NaN;
        });
      },
      dispose() {
        tf.dispose(layers.flatMap(({ weights, biases }) => [weights, biases]));
        rule.dispose();
      },
    });
  },

  cnn: (checked) => trainingContender(name, checked, cnnRun(optimizer)),

  lstm: (checked) => trainingContender(name, checked, lstmRun(optimizer)),

  transformer: (checked) => trainingContender(name, checked, transformerRun(optimizer)),

  matmul(problem) {
    let operands: tf.Tensor2D[] = [];
    const product = (): tf.Tensor2D => {
      const [a, b] = operands;
      if (a === undefined || b === undefined) throw new Error('Call setup() first.');
      return tf.matMul(a, b);
    };
    return matmulContender(name, problem, {
      async setup() {
        operands = [problem.a, problem.b].map((values) => tf.tensor2d(values, [values.length / problem.n, problem.n]));
      },
      step() {
        product().dispose();
        return undefined;
      },
      async read() {
        const result = product();
        const values = Float32Array.from(await result.data());
        result.dispose();
        return values;
      },
      dispose: () => tf.dispose(operands),
    });
  },

  bundle: {
    // Without the layers API, the converter and WebGL: the modules that TF.js's guide to small bundles leaves for such a program.
    source: `
      import '@tensorflow/tfjs-core/dist/register_all_gradients';
      import { losses, matMul, oneHot, ready, setBackend, tensor2d, tidy, train, variable } from '@tensorflow/tfjs-core';
      import '@tensorflow/tfjs-backend-wasm';
      export async function main(pixels, digits, weights) {
        await setBackend('wasm');
        await ready();
        const w = variable(tensor2d(weights, [784, 10]));
        const rule = train.adam(1e-3);
        return () => tidy(() => rule.minimize(() => losses.softmaxCrossEntropy(
          oneHot(digits, 10), matMul(tensor2d(pixels, [128, 784]), w)), true).dataSync()[0]);
      }`,
    fetches: ['@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  },
};
