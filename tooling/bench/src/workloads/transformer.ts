/** The transformer of the text example. */
import type { Contender } from '../contender.js';
import { measure } from '../measure.js';
import { checkedTransformer, transformerProblem } from '../problems/transformer.js';
import type { Workload } from '../workload.js';

const sizes = { vocabulary: 83, length: 64, batch: 16, layers: 2, heads: 4, width: 128, hidden: 512 };

export const workload: Workload = {
  name: 'transformer',
  title: `Transformer of ${sizes.layers} layers, width ${sizes.width}, batch ${sizes.batch} x ${sizes.length}, whole training step with Adam`,
  async run({ adapters, rounds }) {
    const checked = checkedTransformer(transformerProblem(sizes));
    const contenders = adapters
      .filter((adapter) => adapter.name !== 'jax-js (count)')   // differs from jax-js in Adam alone
      .map((adapter) => adapter.transformer?.(checked))
      .filter((found): found is Contender => found !== undefined);
    return (await measure(contenders, rounds)).map(({ contender, median, ...rest }) => {
      const note = `${((sizes.batch * sizes.length) / median).toFixed(2)} tokens/ms`;
      return { case: 'training step', contender, value: median, unit: 'ms', ...rest, note, ...(contender !== 'Pappus' && { target: { times: 1 } }) };
    });
  },
};
