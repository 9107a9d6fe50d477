/** The recurrent step in jax-js, all of it under jit: it has no scan, so the loop over time is unrolled when the step is traced. */
import { jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { network, type LstmProblem } from '../problems/lstm.js';
import type { TrainingRun } from '../problems/training.js';
import type { Windows } from '../problems/transformer.js';
import { adamStep, floats, initialState, part, type Clock, type Form, type State } from './jax-js-adam.js';

export const lstmRun = (form: Form) => (problem: LstmProblem): TrainingRun<Windows> => {
  const { batch, length, width, vocabulary } = problem.sizes;

  const loss = (params: np.Array[], tokens: np.Array, targets: np.Array): np.Array => {
    const { tokens: table, ofInput, ofState, bias, dense } = network(params);
    // A product with one-hot rows: under jit, jax-js 0.1.25 fails at the gradient of take ("scatter input is not imm").
    const embedded = np.matmul(nn.oneHot(tokens, vocabulary), table);
    const inputs = np.split(np.matmul(embedded, ofInput).add(bias), length);   // time comes first
    let hidden = np.zeros([batch, width]);
    let cell = np.zeros([batch, width]);
    const outputs = inputs.map((read) => {
      const gates = np.split(read.add(np.matmul(hidden, ofState.ref)), 4, 1);
      const kept = nn.sigmoid(part(gates, 0)).mul(cell);
      const next = kept.add(nn.sigmoid(part(gates, 1)).mul(np.tanh(part(gates, 2))));
      hidden = nn.sigmoid(part(gates, 3)).mul(np.tanh(next.ref));
      cell = next;
      return hidden.ref;
    });
    tree.dispose([hidden, cell, ofState]);
    const logits = np.matmul(np.concatenate(outputs), dense.weights).add(dense.bias);
    return nn.logSoftmax(logits).mul(nn.oneHot(targets, vocabulary)).sum().mul(-1 / (batch * length));
  };
  const step = jit((state: State, tokens: np.Array, targets: np.Array, clock: Clock) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(state.params), tokens, targets);
    return { value, ...adamStep(form, state, grads, clock) };
  });

  let state: State = { params: [], m: [], v: [] };
  let clock: Clock = [];
  let t = 0;
  return {
    async setup() {
      state = initialState(problem.parameters.map(({ values }) => values), problem.parameters.map(({ shape }) => shape));
    },
    async train({ tokens, targets }) {
      let value: np.Array;
      ({ value, state, clock } = step(state, np.array(tokens), np.array(targets), form.clock(++t, clock)));
      return (await floats(value))[0] ?? NaN;   // waits for every kernel of the step
    },
    dispose() {
      tree.dispose([clock, state.params, state.m, state.v]);
      step.dispose();
    },
  };
};
