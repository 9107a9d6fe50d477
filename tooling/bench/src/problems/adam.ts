/** The Adam step alone: gradients are given and rest on the device, so that nobody pays for an upload. */
import { WrongResult } from '../contender.js';
import type { Contender } from '../contender.js';
import { uniform } from '../random.js';

export const hyperparameters = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export interface AdamProblem {
  /** Elements of each parameter. */
  readonly sizes: readonly number[];
  readonly elements: number;
  readonly params: readonly Float32Array<ArrayBuffer>[];
  readonly grads: readonly Float32Array<ArrayBuffer>[];
}

/** How one library does it; {@link adamContender} adds the check. */
export interface AdamRun {
  setup(problem: AdamProblem): Promise<void>;
  setGradients(grads: readonly Float32Array<ArrayBuffer>[]): Promise<void> | void;
  step(): Promise<unknown> | undefined;
  read(): Promise<readonly Float32Array[]>;
  dispose(): void;
}

export function adamProblem(sizes: readonly number[]): AdamProblem {
  return {
    sizes,
    elements: sizes.reduce((sum, size) => sum + size, 0),
    params: sizes.map((size, i) => uniform(size, -1, 1, 2 * i + 1)),
    grads: sizes.map((size, i) => uniform(size, 0.01, 1, 2 * i + 2)),
  };
}

/** The check's gradients change from step to step; under a constant gradient Adam's step would not depend on its betas. */
const checkedFactors = [1, -0.5, 0.25, 2] as const;
/** Wrong by this fraction of a step (learningRate) is wrong: float32 rounds a parameter of size one to 3e-5 of it in each step. */
const tolerance = 4e-4;

export function adamContender(name: string, problem: AdamProblem, run: AdamRun): Contender {
  return {
    name,
    setup: () => run.setup(problem),
    step: () => run.step(),
    dispose: () => run.dispose(),
    async check() {
      for (const factor of checkedFactors) {
        await run.setGradients(problem.grads.map((grad) => grad.map((g) => g * factor)));
        await run.step();
      }
      const params = await run.read();
      problem.sizes.forEach((size, i) => {
        const stride = Math.max(1, Math.floor(size / 5000));
        for (let at = 0; at < size; at += stride) compare(name, problem, params, i, at);
        compare(name, problem, params, i, size - 1);
      });
      await run.setGradients(problem.grads);
    },
  };
}

function compare(name: string, problem: AdamProblem, params: readonly Float32Array[], i: number, at: number): void {
  const expected = referenceAdam(problem.params[i]?.[at] ?? NaN, problem.grads[i]?.[at] ?? NaN);
  const actual = params[i]?.[at] ?? NaN;
  if (!(Math.abs(actual - expected) <= tolerance * hyperparameters.learningRate)) {
    throw new WrongResult(`${name}: Adam, parameter ${i}, element ${at}: ${actual}, expected ${expected}`);
  }
}

/** One element after the checked steps, in float64. Kingma & Ba (2014), algorithm 1. */
function referenceAdam(param: number, grad: number): number {
  const { learningRate, beta1, beta2, epsilon } = hyperparameters;
  let m = 0;
  let v = 0;
  checkedFactors.forEach((factor, i) => {
    const g = Math.fround(grad * factor);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const mHat = m / (1 - beta1 ** (i + 1));
    const vHat = v / (1 - beta2 ** (i + 1));
    param -= (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
  });
  return param;
}
