// Averages of parameters against plain arithmetic over the values that the parameter took.
import { compile, defineOptimizer, input, interpreter, OptimizerError, substitute, type Updates, type Variable, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { averagesOf, equalAverage, exponentialAverage, polynomialAverage } from '../src/index.js';

/** Takes the gradient off. */
const descent = defineOptimizer({ name: 'descent', defaults: {}, update: ({ param, grad }) => ({ param: param.sub(grad) }) });

/** The values that the parameter takes. */
const VALUES = [3, -1, 4, 1, -5, 9, 2, -6];

/** What `averagesOf` has of the parameter, which begins at 7, before the first step and after each. */
async function averages(wrap: (rule: typeof descent) => typeof descent): Promise<number[]> {
  const w = variable(7, { name: 'w', dtype: 'float64' });
  const g = input('float64', [], 'g');
  const updates: Updates = wrap(descent)([g], [w]);
  const backend = interpreter();
  const [mean] = substitute([w.mul(1)], averagesOf(updates));
  const read = await compile({ outputs: { mean } }, backend);
  const step = await compile({ inputs: { g }, updates }, backend);
  const path = [await (await read()).mean.item()];
  let before = 7;
  for (const value of VALUES) {
    await step({ g: before - value });
    before = value;
    path.push(await (await read()).mean.item());
  }
  return path;
}

/** The path of a mean, by the weights of the first n values that it is made of. */
const byWeights = (weights: (n: number) => readonly number[], values: readonly number[] = VALUES): number[] =>
  values.map((_, k) => {
    const own = weights(k + 1);
    return own.reduce((sum, weight, i) => sum + weight * (values[i] ?? NaN), 0) / own.reduce((a, b) => a + b);
  });

function expectPath(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, k) => expect(value).toBeCloseTo(expected[k] ?? NaN, 12));
}

describe('averages of parameters', () => {
  const powers = (decay: number) => (n: number): number[] => Array.from({ length: n }, (_, k) => decay ** (n - 1 - k));

  it('equal: the mean of all values; the start is none of them', async () => {
    expectPath(await averages((rule) => equalAverage(rule)), [7, ...byWeights((n) => new Array<number>(n).fill(1))]);
  });

  it('exponential: the first value weighs as if it had been there forever', async () => {
    const first = (n: number): number[] => powers(0.75)(n).map((power, k) => (k === 0 ? power : 0.25 * power));
    expectPath(await averages((rule) => exponentialAverage(rule, { decay: 0.75 })), [7, ...byWeights(first)]);
  });

  it('exponential, debiased: weights of the first are those of all', async () => {
    expectPath(await averages((rule) => exponentialAverage(rule, { decay: 0.75, debias: true })), [7, ...byWeights(powers(0.75))]);
  });

  it('with a decay of 0: the last value', async () => {
    for (const debias of [false, true]) expectPath(await averages((rule) => exponentialAverage(rule, { decay: 0, debias })), [7, ...VALUES]);
  });

  it('polynomial: the weight of value k is that of a product of gamma falling factors', async () => {
    // mean_n = (1 - (g + 1) / (g + n)) mean_(n - 1) + (g + 1) / (g + n) x_n gives x_k a weight like (k + g - 1)! / (k - 1)!, for whole g.
    const rising = (gamma: number) => (n: number): number[] => Array.from({ length: n }, (_, k) => Array.from({ length: gamma }, (__, j) => k + 1 + j).reduce((a, b) => a * b, 1));
    for (const gamma of [0, 1, 3]) expectPath(await averages((rule) => polynomialAverage(rule, { gamma })), [7, ...byWeights(rising(gamma))]);
    expectPath(await averages((rule) => polynomialAverage(rule)), [7, ...byWeights(rising(8))]);
  });

  it('of every third value from the second step on; before, the parameter itself', async () => {
    const taken = [1, 4, 7].map((k) => VALUES[k] ?? NaN);
    const means = byWeights((n) => new Array<number>(n).fill(1), taken);
    const [a = NaN, b = NaN, c = NaN] = means;
    expectPath(await averages((rule) => equalAverage(rule, { start: 2, every: 3 })), [7, 3, a, a, a, b, b, b, c]);
    const [x = NaN, y = NaN, z = NaN] = byWeights(powers(0.5), taken);
    expectPath(await averages((rule) => exponentialAverage(rule, { decay: 0.5, debias: true, start: 2, every: 3 })), [7, 3, x, x, x, y, y, y, z]);
  });

  it('takes a decay that is a function of the step', async () => {
    const mean = VALUES.reduce<number[]>((path, value, k) => {
      const decay = (k + 1) / (k + 3);
      return [...path, k === 0 ? value : (path[k - 1] ?? NaN) * decay + (1 - decay) * value];
    }, []);
    expectPath(await averages((rule) => exponentialAverage(rule, { decay: ({ t }) => t.div(t.add(2)) })), [7, ...mean]);
  });

  it('beside each other, each by its name', async () => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const g = input('float64', [], 'g');
    const updates = equalAverage(exponentialAverage(exponentialAverage(descent, { decay: 0, name: 'last' }), { decay: 0.5 }))([g], [w]);
    const step = await compile({ inputs: { g }, updates }, interpreter());
    for (const value of [-2, -2]) await step({ g: value });
    const read = async (name: string): Promise<number> => {
      const kept: Variable = updates.slot(w, `${name}/mean`);
      expect([...averagesOf(updates, name).keys()]).toEqual([w]);
      return kept.item();
    };
    expect([await read('last'), await read('exponentialAverage'), await read('equalAverage')]).toEqual([4, 3, 3]);
    expect(() => averagesOf(updates, 'first')).toThrow(new OptimizerError('averagesOf: the updates keep no average named first; make them by exponentialAverage(rule), equalAverage(rule) or polynomialAverage(rule)'));
  });

  it('are none where no wrapper keeps any', () => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    expect(() => averagesOf(descent([w], [w]))).toThrow(/the updates keep no average; make them by/);
  });

  it('stay beside what is done to updates afterwards', () => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const updates = equalAverage(descent)([w], [w]).mapValues((next) => next.mul(1));
    expect([...averagesOf(updates).keys()]).toEqual([w]);
  });
});
