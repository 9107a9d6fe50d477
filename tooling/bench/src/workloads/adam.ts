/** The Adam step alone, from 3 elements to ten million, and over many parameters. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { adamProblem } from '../problems/adam.js';
import type { Row, Workload } from '../workload.js';

const cases: readonly { name: string; sizes: readonly number[]; times: number }[] = [
  { name: '3 elements', sizes: [3], times: 10 },
  { name: '1,000 elements', sizes: [1000], times: 8 },
  { name: '10,000 elements', sizes: [10_000], times: 8 },
  { name: '1,000,000 elements', sizes: [1_000_000], times: 8 },
  { name: '10,000,000 elements', sizes: [10_000_000], times: 8 },
  { name: '100 x 10,000 elements', sizes: Array.from({ length: 100 }, () => 10_000), times: 8 },
];

export const workload: Workload = {
  name: 'adam',
  title: 'Adam, one step with given gradients',
  async run({ adapters, rounds }) {
    const rows: Row[] = [];
    for (const { name, sizes, times } of cases) {
      const problem = adamProblem(sizes);
      const contenders = adapters.map((adapter) => adapter.adam?.(problem)).filter((found): found is Contender => found !== undefined);
      for (const { contender, median, ...rest } of await measure(contenders, rounds)) {
        const note = problem.elements < 1000 ? '' : `${((median * 1e6) / problem.elements).toFixed(2)} ns/element`;
        const isRival = contender !== 'Pappus' && contender !== 'ceiling';
        rows.push({ case: name, contender, value: median, unit: 'ms', ...rest, note, ...(isRival && { target: { times } }) });
      }
    }
    return rows;
  },
};
