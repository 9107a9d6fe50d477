/** Matrix products: a large one, which is most of a network's training step, and those of few rows, which are predictions for one example or a few. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { matmulProblem } from '../problems/matmul.js';
import type { Row, Workload } from '../workload.js';

const SHAPES = [[512, 512], [1, 1024], [2, 1024], [4, 1024], [8, 1024], [16, 1024]] as const;

export const workload: Workload = {
  name: 'matmul',
  title: 'Matrix products',
  async run({ adapters, rounds }) {
    const results: Row[] = [];
    for (const [rows, n] of SHAPES) {
      const problem = matmulProblem(rows, n);
      const contenders = adapters
        .filter((adapter) => adapter.name !== 'jax-js (count)')   // differs from jax-js in Adam alone
        .map((adapter) => adapter.matmul?.(problem))
        .filter((found): found is Contender => found !== undefined);
      for (const { contender, median, ...rest } of await measure(contenders, rounds)) {
        const note = `${((2 * rows * n ** 2) / median / 1e6).toFixed(1)} GFLOP/s, ${((4 * n ** 2) / median / 1e6).toFixed(1)} GB/s of the right operand`;
        results.push({ case: `${rows} x ${n} x ${n}`, contender, value: median, unit: 'ms', ...rest, note });
      }
    }
    return results;
  },
};
