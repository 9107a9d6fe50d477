/** An operation of TensorFlow.js as a contender, where it has one. */
import * as tf from '@tensorflow/tfjs-core';
import type { Contender } from '../contender.js';
import { type OperationProblem, requireRight } from '../problems/operations.js';

export function tfjsOperation(problem: OperationProblem): Contender | undefined {
  const { tfjs } = problem;
  if (tfjs === undefined) return undefined;
  const name = 'TF.js';
  let operands: tf.Tensor[] = [];
  const run = (): tf.Tensor[] => tf.tidy(() => [...tfjs(tf, operands)]);
  return {
    name,
    async setup() {
      operands = problem.operands.map(({ data, shape }) => tf.tensor(data, [...shape]));
    },
    async check() {
      const results = run();
      requireRight(name, problem, await Promise.all(results.map(async (result) => Float32Array.from(await result.data()))));
      tf.dispose(results);
    },
    step() {
      tf.dispose(run());
      return undefined;
    },
    dispose() {
      tf.dispose(operands);
    },
  };
}
