/** The convolutional network in jax-js, all of it under jit. */
import { jit, lax, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { network, pool, type CnnProblem } from '../problems/cnn.js';
import type { Batch } from '../problems/mlp.js';
import type { TrainingRun } from '../problems/training.js';
import { adamStep, floats, initialState, part, type Clock, type Form, type State } from './jax-js-adam.js';

export const cnnRun = (form: Form) => (problem: CnnProblem): TrainingRun<Batch> => {
  const { batch, side, classes } = problem.sizes;

  /** Of windows that do not overlap: an axis for each window, and the maximum over what is in them. */
  const pooled = (x: np.Array): np.Array => {
    const [channels, height, width] = [part(x.shape, 1), part(x.shape, 2) / pool, part(x.shape, 3) / pool];
    return x.reshape([batch, channels, height, pool, width, pool]).max([3, 5]);
  };
  const loss = (params: np.Array[], images: np.Array, labels: np.Array): np.Array => {
    const { blocks, dense } = network(params);
    const features = blocks.reduce((x, { weights, bias }) => pooled(nn.relu(lax.conv(x, weights, [1, 1], 'VALID').add(bias.reshape([-1, 1, 1])))), images);
    const logits = np.matmul(features.reshape([batch, -1]), dense.weights).add(dense.bias);
    return nn.logSoftmax(logits).mul(nn.oneHot(labels, classes)).sum().mul(-1 / batch);
  };
  const step = jit((state: State, images: np.Array, labels: np.Array, clock: Clock) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(state.params), images, labels);
    return { value, ...adamStep(form, state, grads, clock) };
  });
  const forward = jit(loss);

  let state: State = { params: [], m: [], v: [] };
  let clock: Clock = [];
  let t = 0;
  return {
    async setup() {
      state = initialState(problem.parameters.map(({ values }) => values), problem.parameters.map(({ shape }) => shape));
    },
    async train(given) {
      const [images, labels] = [np.array(given.images).reshape([batch, 1, side, side]), np.array(given.labels)];
      let value: np.Array;
      if (problem.learns) ({ value, state, clock } = step(state, images, labels, form.clock(++t, clock)));
      else value = forward(tree.ref(state.params), images, labels);
      return (await floats(value))[0] ?? NaN;   // waits for every kernel of the step
    },
    dispose() {
      tree.dispose([clock, state.params, state.m, state.v]);
      step.dispose();
      forward.dispose();
    },
  };
};
