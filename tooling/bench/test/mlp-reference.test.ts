import { expect, it } from 'vitest';
import { hyperparameters } from '../src/problems/adam.js';
import { referenceLosses } from '../src/problems/mlp-reference.js';
import { mlpProblem, type MlpProblem } from '../src/problems/mlp.js';

/** The same numbers by central differences of a forward pass that shares no code with the reference. */
it('takes the steps that finite differences of the loss lead to', () => {
  const problem = mlpProblem([3, 5, 4], 6, 3);
  const params = problem.layers.flatMap(({ weights, biases }) => [Float64Array.from(weights), Float64Array.from(biases)]);
  const state = params.map((param) => ({ m: param.map(() => 0), v: param.map(() => 0) }));
  const { learningRate, beta1, beta2, epsilon } = hyperparameters;
  const expected = [0, 1, 2].map((step) => {
    const loss = lossOf(problem, params, step);
    const grads = params.map((param) => param.map((value, i) => {
      const h = 1e-6;
      param[i] = value + h;
      const above = lossOf(problem, params, step);
      param[i] = value - h;
      const below = lossOf(problem, params, step);
      param[i] = value;
      return (above - below) / (2 * h);
    }));
    params.forEach((param, p) => param.forEach((value, i) => {
      const [g, { m, v }] = [grads[p]?.[i] ?? NaN, state[p] ?? { m: param, v: param }];
      m[i] = beta1 * (m[i] ?? NaN) + (1 - beta1) * g;
      v[i] = beta2 * (v[i] ?? NaN) + (1 - beta2) * g ** 2;
      const mHat = (m[i] ?? NaN) / (1 - beta1 ** (step + 1));
      param[i] = value - (learningRate * mHat) / (Math.sqrt((v[i] ?? NaN) / (1 - beta2 ** (step + 1))) + epsilon);
    }));
    return loss;
  });
  referenceLosses(problem, 3, hyperparameters).forEach((loss, step) => expect(loss).toBeCloseTo(expected[step] ?? NaN, 6));
});

function lossOf(problem: MlpProblem, params: readonly Float64Array[], step: number): number {
  const { images, labels } = problem.batches[step] ?? { images: [], labels: [] };
  let total = 0;
  for (let row = 0; row < problem.batchSize; row++) {
    let x = Array.from(images.slice(row * 3, row * 3 + 3));
    problem.layers.forEach(({ outputs }, i) => {
      const out = Array.from({ length: outputs }, (_, j) =>
        x.reduce((sum, value, k) => sum + value * (params[2 * i]?.[k * outputs + j] ?? NaN), params[2 * i + 1]?.[j] ?? NaN));
      x = i < problem.layers.length - 1 ? out.map((value) => Math.max(0, value)) : out;
    });
    total += Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0)) - (x[labels[row] ?? -1] ?? NaN);
  }
  return total / problem.batchSize;
}
