/** An operation of Pappus as a contender: operands are variables on the CPU. */
import { compile, cpu, type Output, variable } from 'pappus';
import type { Contender } from '../contender.js';
import { type OperationProblem, requireRight } from '../problems/operations.js';

export function pappusOperation(problem: OperationProblem): Contender {
  const name = 'Pappus';
  let run: (() => Promise<Readonly<Record<string, Output>>>) | undefined;
  return {
    name,
    async setup() {
      const operands = problem.operands.map(({ data, shape }) => variable({ data, shape }));
      const results = problem.pappus(operands);
      const compiled = await compile({ outputs: Object.fromEntries(results.map((result, k) => [`result${k}`, result])) }, await cpu());
      run = () => compiled();
    },
    async check() {
      const outputs = await run?.();
      const results = await Promise.all(Object.values(outputs ?? {}).map(async (output) => Float32Array.from(await output.read())));
      requireRight(name, problem, results);
    },
    step: () => run?.(),
    dispose() {
      run = undefined;
    },
  };
}
