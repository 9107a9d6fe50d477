/** The convolutions of the MNIST example's network, forward and backward. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { checkedCnn, cnnProblem } from '../problems/cnn.js';
import type { Row, Workload } from '../workload.js';

const sizes = { batch: 128, side: 28, filters: [16, 32], classes: 10 } as const;
const cases = [
  { name: 'forward pass', learns: false },
  { name: 'training step', learns: true },
];

export const workload: Workload = {
  name: 'cnn',
  title: `Two convolutions of 5 x 5 (${sizes.filters.join(' and ')} filters) with max pooling, batch ${sizes.batch} of ${sizes.side} x ${sizes.side}; the step with Adam`,
  async run({ adapters, rounds }) {
    const rows: Row[] = [];
    for (const { name, learns } of cases) {
      const checked = checkedCnn(cnnProblem(sizes, learns));
      const contenders = adapters
        .filter((adapter) => adapter.name !== 'jax-js (count)')   // differs from jax-js in Adam alone
        .map((adapter) => adapter.cnn?.(checked))
        .filter((found): found is Contender => found !== undefined);
      for (const { contender, median, ...rest } of await measure(contenders, rounds)) {
        const note = contender === 'TF.js' && learns ? 'no kernel for filter gradients' : '';
        rows.push({ case: name, contender, value: median, unit: 'ms', ...rest, note, ...(contender !== 'Pappus' && { target: { times: 1 } }) });
      }
    }
    return rows;
  },
};
