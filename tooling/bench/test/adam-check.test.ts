import { expect, it } from 'vitest';
import { WrongResult } from '../src/contender.js';
import { adamContender, adamProblem, hyperparameters, type AdamRun } from '../src/problems/adam.js';

/** A contender in plain float32 arrays, with hyperparameters that may be wrong. */
function plainRun({ learningRate, beta1, beta2, epsilon }: Record<keyof typeof hyperparameters, number>): AdamRun {
  let params: Float32Array[] = [];
  let grads: readonly Float32Array[] = [];
  let [m, v]: Float32Array[][] = [[], []];
  let t = 0;
  return {
    async setup(problem) {
      params = problem.params.map((param) => param.slice());
      [m, v] = [params, params].map((list) => list.map((param) => new Float32Array(param.length)));
      grads = problem.grads;
    },
    setGradients(values) {
      grads = values;
    },
    step() {
      t++;
      params.forEach((param, p) => param.forEach((value, i) => {
        const [g, mp, vp] = [grads[p]?.[i] ?? NaN, m?.[p] ?? param, v?.[p] ?? param];
        mp[i] = beta1 * (mp[i] ?? NaN) + (1 - beta1) * g;
        vp[i] = beta2 * (vp[i] ?? NaN) + (1 - beta2) * g * g;
        const mHat = (mp[i] ?? NaN) / (1 - beta1 ** t);
        param[i] = value - (learningRate * mHat) / (Math.sqrt((vp[i] ?? NaN) / (1 - beta2 ** t)) + epsilon);
      }));
      return undefined;
    },
    read: async () => params,
    dispose: () => undefined,
  };
}

const check = async (wrong: Partial<Record<keyof typeof hyperparameters, number>>): Promise<void> => {
  const contender = adamContender('plain', adamProblem([3, 1000]), plainRun({ ...hyperparameters, ...wrong }));
  await contender.setup();
  await contender.check();
};

it('lets Adam pass', async () => {
  await expect(check({})).resolves.toBeUndefined();
});

it.each([{ learningRate: 1.01e-3 }, { beta1: 0.91 }, { beta2: 0.99 }, { epsilon: 1e-3 }])('refuses Adam with %o', async (wrong) => {
  await expect(check(wrong)).rejects.toThrow(WrongResult);
});
