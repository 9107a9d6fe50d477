/** An operation of jax-js as a contender, where it has one, on its WebAssembly device. */
import * as jax from '@jax-js/jax';
import { floats } from '../contenders/jax-js-adam.js';
import type { Contender } from '../contender.js';
import { type OperationProblem, requireRight } from '../problems/operations.js';

export function jaxJsOperation(problem: OperationProblem): Contender | undefined {
  const { jaxJs } = problem;
  if (jaxJs === undefined) return undefined;
  const name = 'jax-js';
  let operands: jax.numpy.Array[] = [];
  const run = (): readonly jax.numpy.Array[] => jaxJs(jax, operands.map((operand) => operand.ref));
  return {
    name,
    async setup() {
      operands = problem.operands.map(({ data, shape }) => jax.numpy.array(data).reshape([...shape]));
      await jax.blockUntilReady(operands);
    },
    async check() {
      requireRight(name, problem, await Promise.all(run().map(floats)));
    },
    async step() {
      const results = run();
      await jax.blockUntilReady([...results]);
      jax.tree.dispose([...results]);
    },
    dispose() {
      jax.tree.dispose(operands);
    },
  };
}
