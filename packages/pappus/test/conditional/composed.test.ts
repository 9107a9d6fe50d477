// Many conditions in one step: groups that accumulate, average and estimate at paces of their own, compiled and by the definition.
import { describe, expect, it } from 'vitest';
import { accumulate, adam, type Backend, compile, cpu, equalAverage, exponentialAverage, interpreter, lookahead, lossScaling, momentum, nadam, partition, type Rule, skipNonFinite, sophia, type Updates, type Variable } from '../../src/index.js';
import { recurrent } from '../wrappers/recurrent.js';

type Given = ReturnType<typeof recurrent>;

const groups = ({ params: [embedding, ofInput, ofState, bias] }: Pick<Given, 'params'>): Rule<[]> =>
  partition({
    embedding: { params: [embedding], rule: accumulate(adam, { steps: 2 }), options: { learningRate: 0.05 } },
    input: { params: [ofInput], rule: accumulate(exponentialAverage(nadam, { every: 2, decay: 0.5 }), { steps: 3 }), options: { learningRate: 0.05 } },
    state: { params: [ofState], rule: lookahead(sophia, { steps: 4 }), options: { learningRate: 0.01, interval: 3, vectors: 'signs' } },
    bias: { params: [bias], rule: equalAverage(momentum, { start: 2, every: 3 }), options: { learningRate: 0.05 } },
    out: { rule: skipNonFinite(adam), options: { learningRate: 0.05 } },
  });

const BUILDS: Readonly<Record<string, (given: Given) => Updates>> = {
  'groups at paces of their own': (given) => groups(given)(given.loss, given.params),
  'accumulated': (given) => accumulate(groups(given), { steps: 2 })(given.loss, given.params),
  'of a scaled loss': (given) => lossScaling(groups(given), { initial: 16, interval: 4 })(given.loss, given.params),
};

const STEPS = 13;

async function after(build: (given: Given) => Updates, backend: Backend): Promise<ReadonlyMap<string, readonly number[]>> {
  const given = recurrent('float64');
  const updates = build(given);
  const step = await compile({ inputs: given.inputs, updates }, backend);
  for (let k = 0; k < STEPS; k++) await step(given.values);
  return new Map(await Promise.all([...updates.keys()].map(async (v: Variable) => [v.name, [...(await v.read())]] as const)));
}

describe('many conditions in one step', () => {
  it.each(Object.keys(BUILDS))('%s: compiled as by the definition', async (name) => {
    const build = BUILDS[name] ?? ((given) => groups(given)(given.loss, given.params));
    const [found, expected] = [await after(build, await cpu()), await after(build, interpreter())];
    for (const [of, values] of expected) {
      values.forEach((value, i) => {
        // Sums in another order, of 13 steps in float64.
        expect(Math.abs((found.get(of)?.[i] ?? NaN) - value), of).toBeLessThan(1e-10 * Math.max(1, Math.abs(value)));
      });
    }
  });
});
