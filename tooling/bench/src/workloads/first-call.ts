/** What the first training step costs: the price of compiling. */
import { runProcess } from '../child-process.js';
import { summary } from '../measure.js';
import type { Target, Workload } from '../workload.js';

/** A process for each sample: slow, and steadier than a sample in a process that is warm. */
const mostRounds = 9;
const targets: Readonly<Record<string, Target>> = { 'jax-js': { times: 1 }, 'jax-js (count)': { times: 1 } };

export const workload: Workload = {
  name: 'first-call',
  title: 'First call of the MLP step, in a fresh process: compile, upload, one step',
  async run({ adapters, rounds }) {
    const entrants = adapters.filter((adapter) => adapter.mlp !== undefined).map(({ name }) => ({ name, samples: [] as number[] }));
    for (let round = 0; round < Math.min(rounds, mostRounds); round++) {
      for (const { name, samples } of entrants) samples.push((await runProcess('first-call', name))['first'] ?? NaN);
    }
    return entrants.map(({ name, samples }) => {
      const { median, ...rest } = summary(samples);
      const target = targets[name];
      return { case: 'first call', contender: name, value: median, unit: 'ms', ...rest, repetitions: 1, ...(target && { target }) };
    });
  },
};
