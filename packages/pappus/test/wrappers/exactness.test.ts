// Rules in float32 whose count lives on the device, under wrappers that may skip a step: as exact as the rule by itself.
import { describe, expect, it } from 'vitest';
import { accumulate, adabound, adam, adamw, averageLength, type Backend, compile, cpu, evaluate, exponentialAverage, gradientAverage, input, interpreter, lookahead, lossScaling, nadam, partition, radam, scheduleFreeRadam, scheduleFreeSgd, skipNonFinite, type Updates, variable, type Variable } from '../../src/index.js';

const ELEMENTS = 64;
const STEPS = 10;

type Build = (loss: ReturnType<typeof problem>['loss'], w: Variable) => Updates;

function problem(dtype: 'float32' | 'float64') {
  const g = input(dtype, [ELEMENTS], 'g');
  // From 0, so that what is seen is the step, and not the rounding of a sum with something larger.
  const w = variable(new Array<number>(ELEMENTS).fill(0), { name: 'w', dtype });
  // Linear: gradients are those given.
  return { g, w, loss: w.mul(g).sum() };
}

/** The way from 0, in steps of their own: the parameter is put back to 0 before each, and the state goes on. */
async function steps(build: Build, dtype: 'float32' | 'float64', backend: Backend): Promise<Float64Array[]> {
  const { g, w, loss } = problem(dtype);
  const step = await compile({ inputs: { g }, updates: build(loss, w) }, backend);
  const path: Float64Array[] = [];
  for (let k = 0; k < STEPS; k++) {
    // Numbers that float32 has, so that both see the same.
    const values = Float32Array.from({ length: ELEMENTS }, (_, i) => Math.sin(i * 1.7 + k) + (i % 2 === 0 ? 1.5 : -1.5));
    await w.set(dtype === 'float32' ? new Float32Array(ELEMENTS) : new Float64Array(ELEMENTS));
    await step({ g: dtype === 'float32' ? values : Float64Array.from(values) });
    path.push(Float64Array.from(await w.read()));
  }
  return path;
}

/** The largest relative error of any step's change. */
async function errorOf(build: Build): Promise<number> {
  const [found, expected] = [await steps(build, 'float32', await cpu()), await steps(build, 'float64', interpreter())];
  let worst = 0;
  for (const [k, values] of expected.entries()) {
    values.forEach((value, i) => {
      const other = found[k]?.[i] ?? NaN;
      if (value === 0) expect(other).toBe(0);
      else worst = Math.max(worst, Math.abs(other / value - 1));
    });
  }
  return worst;
}

const rate = { learningRate: 0.01 };

describe('the changes of the first steps in float32', () => {
  // Adam rounds eight times or so, each 6e-8: the corrections of the bias add next to nothing. They cost 6.9e-6 as differences.
  it.each<[string, Build]>([
    ['adam', (loss, w) => adam(loss, [w], rate)],
    ['skipNonFinite', (loss, w) => skipNonFinite(adam)(loss, [w], rate)],
    ['skipNonFinite over partition', (loss, w) => skipNonFinite(partition({ all: { rule: adam, options: rate } }))(loss, [w])],
    ['partition over skipNonFinite', (loss, w) => partition({ all: { rule: skipNonFinite(adam), options: rate } })(loss, [w])],
    ['skipNonFinite over accumulate', (loss, w) => skipNonFinite(accumulate(adam, { steps: 1 }))(loss, [w], rate)],
    ['accumulate over skipNonFinite', (loss, w) => accumulate(skipNonFinite(adam), { steps: 2 })(loss, [w], rate)],
    ['skipNonFinite over lookahead', (loss, w) => skipNonFinite(lookahead(adam, { steps: 20 }))(loss, [w], rate)],
    ['lossScaling', (loss, w) => lossScaling(adam, { initial: 1024, interval: 3 })(loss, [w], rate)],
    ['skipNonFinite over an average', (loss, w) => skipNonFinite(exponentialAverage(adam))(loss, [w], rate)],
    ['skipNonFinite over gradientAverage', (loss, w) => skipNonFinite(gradientAverage(adam, { decay: 0.99 }))(loss, [w], rate)],
    ['a schedule under skipNonFinite', (loss, w) => skipNonFinite(adam)(loss, [w], { learningRate: ({ t }) => t.mul(0.001) })],
    ['adamw under skipNonFinite', (loss, w) => skipNonFinite(adamw)(loss, [w], rate)],
    ['nadam under skipNonFinite', (loss, w) => skipNonFinite(nadam)(loss, [w], rate)],
    ['radam under skipNonFinite', (loss, w) => skipNonFinite(radam)(loss, [w], rate)],
    ['adabound under skipNonFinite', (loss, w) => skipNonFinite(adabound)(loss, [w], rate)],
    ['scheduleFreeRadam under skipNonFinite', (loss, w) => skipNonFinite(scheduleFreeRadam)(loss, [w], { ...rate, silent: false })],
    ['scheduleFreeSgd under skipNonFinite', (loss, w) => skipNonFinite(scheduleFreeSgd)(loss, [w], rate)],
  ])('%s', async (_, build) => {
    expect(await errorOf(build)).toBeLessThan(6e-7);
  });

  it('are off by what two roundings more cost', async () => {
    const bare = await errorOf((loss, w) => adam(loss, [w], rate));
    expect(await errorOf((loss, w) => skipNonFinite(adam)(loss, [w], rate))).toBeLessThan(bare + 2.4e-7);
  });
});

describe('averageLength in float32 on a device', () => {
  // A few roundings of 6e-8, and three binary digits that the difference loses where it is taken; of small lengths it would lose 1e-4.
  it.each([0.9, 0.99, 0.999, 0.9999])('is right at beta %s', async (beta) => {
    const counts = [1, 2, 3, 4, 5, 6, 7, 10, 20, 30, 100, 250, 300, 1000, 3000];
    const backend = await cpu();
    const length = await (await compile({ outputs: { length: averageLength(beta, variable(counts, { name: 'counts' })) } }, backend))();
    const expected = await evaluate(averageLength(beta, variable(counts, { name: 'counts', dtype: 'float64' })));
    (await length.length.read()).forEach((value, k) => expect(Math.abs(value / (expected.data[k] ?? NaN) - 1)).toBeLessThan(3e-6));
  });
});
