/** The transformer's step in jax-js, the whole of it under jit. */
import { jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { TrainingRun } from '../problems/training.js';
import { arranged, scoreBias, type TransformerProblem, type Windows } from '../problems/transformer.js';
import { adamStep, floats, initialState, type Clock, type Form, type State } from './jax-js-adam.js';

export const transformerRun = (form: Form) => (problem: TransformerProblem): TrainingRun<Windows> => {
  const { batch, length, heads, width, vocabulary } = problem.sizes;
  const rows = batch * length;

  // What a function is given, it consumes; `ref` keeps it for another use.
  const norm = (x: np.Array, { scale, bias }: { scale: np.Array; bias: np.Array }): np.Array => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale).add(bias);
  const dense = (x: np.Array, { weights, bias }: { weights: np.Array; bias: np.Array }): np.Array => np.matmul(x, weights).add(bias);
  const apart = (x: np.Array, axes: number[]): np.Array => x.reshape([batch, length, heads, width / heads]).transpose(axes);

  const loss = (params: np.Array[], tokens: np.Array, targets: np.Array, bias: np.Array): np.Array => {
    const network = arranged(problem, params);
    // A product with one-hot rows: under jit, jax-js 0.1.25 fails at the gradient of take ("scatter input is not imm").
    let x = np.matmul(nn.oneHot(tokens, vocabulary), network.tokens);
    for (const { attentionNorm, query, key, value, attended, denseNorm, inner, outer } of network.layers) {
      const read = norm(x.ref, attentionNorm);
      const q = apart(np.matmul(read.ref, query), [0, 2, 1, 3]);
      const k = apart(np.matmul(read.ref, key), [0, 2, 3, 1]);
      const v = apart(np.matmul(read, value), [0, 2, 1, 3]);
      // Written out: nn.dotProductAttention does the same, but needs iterator helpers, which Node 20 has not.
      const scores = np.matmul(q, k).mul(Math.sqrt(heads / width)).add(bias.ref);
      const joined = np.matmul(nn.softmax(scores), v).transpose([0, 2, 1, 3]).reshape([rows, width]);
      x = x.add(dense(joined, attended));
      x = x.ref.add(dense(nn.gelu(dense(norm(x, denseNorm), inner)), outer));
    }
    bias.dispose();
    const logits = dense(norm(x, network.norm), network.logits);
    return nn.logSoftmax(logits).mul(nn.oneHot(targets, vocabulary)).sum().mul(-1 / rows);
  };
  const step = jit((state: State, tokens: np.Array, targets: np.Array, bias: np.Array, clock: Clock) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(state.params), tokens, targets, bias);
    return { value, ...adamStep(form, state, grads, clock) };
  });

  let state: State = { params: [], m: [], v: [] };
  let clock: Clock = [];
  let bias = np.array(0);
  let t = 0;
  return {
    async setup() {
      bias = np.array(scoreBias(problem.sizes)).reshape([1, heads, length, length]);
      state = initialState(problem.parameters.map(({ values }) => values), problem.parameters.map(({ shape }) => shape));
    },
    async train({ tokens, targets }) {
      let value: np.Array;
      ({ value, state, clock } = step(state, np.array(tokens), np.array(targets), bias.ref, form.clock(++t, clock)));
      return (await floats(value))[0] ?? NaN;   // waits for every kernel of the step
    },
    dispose() {
      tree.dispose([bias, clock, state.params, state.m, state.v]);
      step.dispose();
    },
  };
};
