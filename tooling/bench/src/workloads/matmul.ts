/** The matrix product, which is most of a network's training step. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { matmulProblem } from '../problems/matmul.js';
import type { Workload } from '../workload.js';

const n = 512;

export const workload: Workload = {
  name: 'matmul',
  title: 'Matrix product',
  async run({ adapters, rounds }) {
    const problem = matmulProblem(n);
    const contenders = adapters
      .filter((adapter) => adapter.name !== 'jax-js (count)')   // differs from jax-js in Adam alone
      .map((adapter) => adapter.matmul?.(problem))
      .filter((found): found is Contender => found !== undefined);
    return (await measure(contenders, rounds)).map(({ contender, median, ...rest }) => {
      const note = `${((2 * n ** 3) / median / 1e6).toFixed(1)} GFLOP/s`;
      return { case: `${n} x ${n} x ${n}`, contender, value: median, unit: 'ms', ...rest, note };
    });
  },
};
