/**
 * jax-js on its WebAssembly device. In Node it finds no global Worker and so runs on one thread.
 *
 * The whole step is under jit. Adam is written out here in jax-js's own operations, in two forms:
 * - `jax-js`: the two bias corrections are computed on the host and enter the step as scalars. It is the fastest form
 *   we found: the kernel then holds nothing but the parameter's own arithmetic for each element.
 * - `jax-js (count)`: the form of Optax, jax-js's documented optimizer: the step count is part of the state, and the corrections
 *   1 - beta^count are computed in the graph. From 10,000 elements on it takes several times as long, it seems because the powers
 *   are fused into the kernels and so taken for every element.
 * Nothing is donated or updated in place: jax-js has no way to say so.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { Adapter } from '../contender.js';
import { adamContender } from '../problems/adam.js';
import { matmulContender } from '../problems/matmul.js';
import { mlpContender } from '../problems/mlp.js';
import { trainingContender } from '../problems/training.js';
import { adamStep, countForm, floats, hostForm, initialState, part, type Clock, type Form, type State } from './jax-js-adam.js';
import { cnnRun } from './jax-js-cnn.js';
import { lstmRun } from './jax-js-lstm.js';
import { transformerRun } from './jax-js-transformer.js';

function jaxJs(form: Form): Adapter {
  const { name } = form;
  return {
    name,

    async init() {
      await init('wasm');
      defaultDevice('wasm');
    },

    adam(problem) {
      const step = jit((state: State, grads: np.Array[], clock: Clock) => adamStep(form, state, grads, clock));
      let state: State = { params: [], m: [], v: [] };
      let grads: np.Array[] = [];
      let clock: Clock = [];
      let t = 0;
      const setGradients = async (values: readonly Float32Array<ArrayBuffer>[]): Promise<void> => {
        tree.dispose(grads);
        grads = values.map((value) => np.array(value));
        await blockUntilReady(grads);
      };
      return adamContender(name, problem, {
        async setup() {
          state = initialState(problem.params, problem.sizes.map((size) => [size]));
          await setGradients(problem.grads);
        },
        setGradients,
        async step() {
          ({ state, clock } = step(state, tree.ref(grads), form.clock(++t, clock)));
          // All outputs of a jit wait for the same list of kernels; waiting for each of 300 arrays costs ten times the step itself.
          await part(state.params, 0).blockUntilReady();
        },
        read: () => Promise.all(state.params.map((param) => floats(param.ref))),
        dispose() {
          tree.dispose([grads, clock, state.params, state.m, state.v]);
          step.dispose();
        },
      });
    },

    mlp(problem) {
      const depth = problem.layers.length;
      /** [weights 1, biases 1, weights 2, ...] */
      const loss = (params: np.Array[], images: np.Array, labels: np.Array): np.Array => {
        let x = images;
        for (let i = 0; i < depth; i++) {
          x = np.dot(x, part(params, 2 * i)).add(part(params, 2 * i + 1));
          if (i < depth - 1) x = nn.relu(x);
        }
        return nn.logSoftmax(x).mul(nn.oneHot(labels, problem.classes)).sum().mul(-1 / problem.batchSize);
      };
      const step = jit((state: State, images: np.Array, labels: np.Array, clock: Clock) => {
        const [value, grads] = valueAndGrad(loss)(tree.ref(state.params), images, labels);
        return { value, ...adamStep(form, state, grads, clock) };
      });
      let state: State = { params: [], m: [], v: [] };
      let clock: Clock = [];
      let t = 0;
      return mlpContender(name, problem, {
        async setup() {
          state = initialState(
            problem.layers.flatMap(({ weights, biases }) => [weights, biases]),
            problem.layers.flatMap(({ inputs, outputs }) => [[inputs, outputs], [outputs]]),
          );
        },
        async train(batch) {
          const images = np.array(batch.images).reshape([problem.batchSize, -1]);
          let value: np.Array;
          ({ value, state, clock } = step(state, images, np.array(batch.labels), form.clock(++t, clock)));
          return (await floats(value))[0] ?? NaN;   // waits for every kernel of the step
        },
        dispose() {
          tree.dispose([clock, state.params, state.m, state.v]);
          step.dispose();
        },
      });
    },

    cnn: (checked) => trainingContender(name, checked, cnnRun(form)),

    lstm: (checked) => trainingContender(name, checked, lstmRun(form)),

    transformer: (checked) => trainingContender(name, checked, transformerRun(form)),

    matmul(problem) {
      const product = jit((a: np.Array, b: np.Array) => np.matmul(a, b));
      let operands: np.Array[] = [];
      const multiply = (): np.Array => product(part(operands, 0).ref, part(operands, 1).ref);
      return matmulContender(name, problem, {
        async setup() {
          operands = [problem.a, problem.b].map((values) => np.array(values).reshape([-1, problem.n]));
          await blockUntilReady(operands);
        },
        async step() {
          const result = multiply();
          await result.blockUntilReady();
          result.dispose();
        },
        read: () => floats(multiply()),
        dispose() {
          tree.dispose(operands);
          product.dispose();
        },
      });
    },
  };
}

export const jaxJsHost: Adapter = {
  ...jaxJs(hostForm),
  bundle: {
    // The WebGPU and WebGL devices are chunks that are loaded on demand; they are not counted.
    source: `
      import { jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
      const loss = (w, x, y) => nn.logSoftmax(np.dot(x, w)).mul(nn.oneHot(y, 10)).sum().mul(-1 / 128);
      export const step = jit((w, m, v, x, y, rate) => {
        const [value, g] = valueAndGrad(loss)(w.ref, x, y);
        const mNext = g.ref.mul(0.1).add(m.mul(0.9));
        const vNext = np.square(g).mul(0.001).add(v.mul(0.999));
        return [value, w.sub(mNext.ref.mul(rate).div(np.sqrt(vNext.ref).add(1e-8))), mNext, vNext];
      });
      export const array = np.array;`,
  },
};

export const jaxJsCount: Adapter = { ...jaxJs(countForm) };
