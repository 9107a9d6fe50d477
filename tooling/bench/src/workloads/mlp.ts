/** The main job: the whole training step of a small network. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { mlpProblem } from '../problems/mlp.js';
import type { Target, Workload } from '../workload.js';

const widths = [784, 256, 128, 10];
const batchSize = 128;
const targets: Readonly<Record<string, Target>> = { 'TF.js': { times: 5 }, 'jax-js': { times: 1 }, 'jax-js (count)': { times: 1 } };

export const workload: Workload = {
  name: 'mlp',
  title: `MLP ${widths.join('-')}, batch ${batchSize}, whole training step with Adam`,
  async run({ adapters, rounds }) {
    const problem = mlpProblem(widths, batchSize);
    const contenders = adapters.map((adapter) => adapter.mlp?.(problem)).filter((found): found is Contender => found !== undefined);
    return (await measure(contenders, rounds)).map(({ contender, median, ...rest }) => {
      const target = targets[contender];
      return { case: 'training step', contender, value: median, unit: 'ms', ...rest, ...(target && { target }) };
    });
  },
};
