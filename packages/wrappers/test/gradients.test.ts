// Gradients that a wrapper has changed: means and noise, in the place of a list and of a loss.
import { compile, defineOptimizer, input, interpreter, setting, type Updates, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { gradientAverage, gradientNoise } from '../src/index.js';

const descent = defineOptimizer({ name: 'descent', defaults: {}, update: ({ param, grad }) => ({ param: param.sub(grad) }) });
const byLoss = defineOptimizer({ name: 'byLoss', defaults: {}, settings: { loss: setting.loss }, update: ({ param, grad, loss }) => ({ param: param.sub(grad.mul(loss)) }) });

async function changes(wrap: (rule: typeof descent) => typeof descent, gradients: readonly number[]): Promise<number[]> {
  const w = variable(0, { name: 'w', dtype: 'float64' });
  const g = input('float64', [], 'g');
  const step = await compile({ inputs: { g }, updates: wrap(descent)([g], [w]) }, interpreter());
  const found: number[] = [];
  for (const value of gradients) {
    await w.set(0);
    await step({ g: value });
    found.push(-(await w.item()));
  }
  return found;
}

describe('gradientAverage', () => {
  const gradients = [2, -1, 4, 0, 3];
  const sums = (decay: number): number[] => gradients.map((_, k) => gradients.slice(0, k + 1).reduce((sum, g, i) => sum + (1 - decay) * decay ** (k - i) * g, 0));

  it('is the exponential mean, whose weights sum to 1 where it is debiased', async () => {
    for (const decay of [0, 0.5, 0.9]) {
      const plain = await changes((rule) => gradientAverage(rule, { decay, debias: false }), gradients);
      const debiased = await changes((rule) => gradientAverage(rule, { decay }), gradients);
      sums(decay).forEach((sum, k) => {
        expect(plain[k]).toBeCloseTo(sum, 14);
        expect(debiased[k]).toBeCloseTo(sum / (1 - decay ** (k + 1)), 13);
      });
    }
  });

  it('gives a rule the loss as it is', async () => {
    const w = variable(2, { name: 'w', dtype: 'float64' });
    // The loss 4, its gradient 4, half of it the mean: 2 - 4 * 2.
    await (await compile({ updates: gradientAverage(byLoss, { decay: 0.5, debias: false })(w.square(), [w]) }, interpreter()))();
    expect(await w.item()).toBe(-6);
  });
});

describe('gradientNoise', () => {
  const SIZE = 1000;

  /** The noise of some steps over two parameters. */
  async function noise(options: Parameters<typeof gradientNoise>[1], call: (rule: typeof descent) => typeof descent = (rule) => rule): Promise<Float64Array[][]> {
    const params = ['a', 'b'].map((name) => variable(new Array<number>(SIZE).fill(0), { name, dtype: 'float64' }));
    const updates: Updates = call(gradientNoise(descent, options))(params.map((p) => zerosLike(p)), params);
    const step = await compile({ updates }, interpreter());
    const found: Float64Array[][] = [];
    let before = params.map(() => new Float64Array(SIZE));
    for (let t = 1; t <= 3; t++) {
      await step();
      const now = await Promise.all(params.map(async (p) => Float64Array.from(await p.read())));
      found.push(now.map((values, k) => values.map((value, i) => (before[k]?.[i] ?? NaN) - value)));
      before = now;
    }
    return found;
  }

  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
  const product = (a: Float64Array, b: Float64Array): number => mean(a.map((x, i) => x * (b[i] ?? NaN)));

  it('has the mean 0, the variance eta / t^gamma, and no correlation between steps and parameters', async () => {
    const found = await noise({ eta: 4, gamma: 0.5 });
    for (const [k, step] of found.entries()) {
      const variance = 4 / (k + 1) ** 0.5;
      for (const values of step) {
        // Five deviations: of a mean sqrt(variance / n), of a variance that times sqrt(2 / n).
        expect(Math.abs(mean(values))).toBeLessThan(5 * Math.sqrt(variance / SIZE));
        expect(Math.abs(product(values, values) / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / SIZE));
      }
    }
    const all = found.flatMap((step, k) => step.map((values) => values.map((x) => x / Math.sqrt(4 / (k + 1) ** 0.5))));
    for (const [i, a] of all.entries()) for (const b of all.slice(0, i)) expect(Math.abs(product(a, b))).toBeLessThan(5 / Math.sqrt(SIZE));
  });

  it('is the same in every run of a seed, and another of another', async () => {
    const [first, again, other] = [await noise({ seed: 1 }), await noise({ seed: 1 }), await noise({ seed: 2 })];
    expect(again).toEqual(first);
    expect(Math.abs(product(first[0]?.[0] ?? new Float64Array(1), other[0]?.[0] ?? new Float64Array(1)))).toBeLessThan((5 * 0.01) / Math.sqrt(SIZE));
  });

  it('is another in a rule of another name, as in two groups', async () => {
    const named = await noise({}, (rule) => (grads, params) => rule(grads, params, { name: 'group' }));
    expect(named[0]?.[0]).not.toEqual((await noise({}))[0]?.[0]);
  });

  it('is none where eta is 0', async () => {
    expect((await noise({ eta: 0 })).flat().every((values) => values.every((x) => x === 0))).toBe(true);
  });
});
