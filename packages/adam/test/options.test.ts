import { addScaled, compile, hyperparameter, input, interpreter, OptimizerError, type Optimizer, type Updates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adabelief, adabound, adam, adamw, nadam, nadamw, radam, yogi } from '../src/index.js';

/** Where 1 is after steps with a gradient of 2 in each. */
async function after(steps: number, rule: (grads: Parameters<Optimizer>[0], params: Parameters<Optimizer>[1]) => Updates): Promise<number> {
  const w = variable(1, { name: 'w', dtype: 'float64' });
  const g = input('float64');
  const step = await compile({ inputs: { g }, updates: rule([g], [w]) }, interpreter());
  for (let t = 0; t < steps; t++) await step({ g: 2 });
  return w.item();
}

describe('first steps by hand', () => {
  // From moments of 0, with a gradient of 2: the corrected mean is 2, and so is the corrected root.
  it.each<readonly [string, (...given: Parameters<Optimizer>) => Updates, number]>([
    ['epsilon on the corrected root', (g, w) => adam(g, w, { learningRate: 1, epsilon: 1, epsilonPlace: 'corrected' }), 1 - 2 / 3],
    ['epsilon inside the corrected root', (g, w) => adam(g, w, { learningRate: 1, epsilon: 0, epsilonRoot: 5, epsilonPlace: 'corrected' }), 1 - 2 / 3],
    ['decay in the gradient', (g, w) => adam(g, w, { learningRate: 1, epsilon: 1, epsilonPlace: 'corrected', weightDecay: 1 }), 1 - 3 / 4],
    ['decay in the step, times the rate', (g, w) => adamw(g, w, { learningRate: 0.5, epsilon: 1, weightDecay: 0.1 }), 1 - 0.5 * (2 / 3 + 0.1)],
    ['decay in the step, not times the rate', (g, w) => adamw(g, w, { learningRate: 0.5, epsilon: 1, weightDecay: 0.1, decay: 'independent' }), 1 - 0.5 * (2 / 3) - 0.1],
    ['a mask', (g, w) => adamw(g, w, { learningRate: 0.5, epsilon: 1, weightDecay: ({ param }) => (param.rank > 0 ? 0.1 : 0) }), 1 - 0.5 * (2 / 3)],
    ['the first of RAdam goes along the mean', (g, w) => radam(g, w, { learningRate: 0.1 }), 1 - 0.1 * 2],
    ['or nowhere', (g, w) => radam(g, w, { learningRate: 0.1, unrectified: 'none' }), 1],
    // g - m = 1.8, and the corrected root is that.
    ['AdaBelief divides by the distance from the mean', (g, w) => adabelief(g, w, { learningRate: 1, epsilon: 0, epsilonRoot: 0 }), 1 - 2 / 1.8],
    // Bounds of 0.05 and 0.2 about 0.1, with m = 0.2.
    ['AdaBound at its lower bound', (g, w) => adabound(g, w, { learningRate: 1e-6, gamma: 1 }), 1 - 0.05 * 0.2],
    ['AdaBound at its upper bound', (g, w) => adabound(g, w, { learningRate: 1e6, gamma: 1 }), 1 - 0.2 * 0.2],
    // v = 0.75 + 0.25 of 1 = sign(4 - 0.75) 0.0625 4.
    ['Yogi goes by the square', (g, w) => yogi(g, w, { learningRate: 1, beta2: 0.9375, epsilon: 1, initialAccumulator: 0.75 }), 1 - 0.2 / 2],
  ])('%s', async (_what, rule, expected) => {
    expect(await after(1, rule)).toBeCloseTo(expected, 12);
  });
});

describe('nadam', () => {
  it('shares one product of momenta, in float64', async () => {
    const [w, b] = [variable([1, 2], { name: 'w' }), variable(0, { name: 'b' })];
    const updates = nadam([w.mul(1), b.mul(1)], [w, b], { momentumDecay: 0 });
    expect(updates.state.map(({ name }) => name)).toEqual(['nadam/m/w', 'nadam/v/w', 'nadam/m/b', 'nadam/v/b', 'nadam/product', 'nadam/t']);
    await (await compile({ updates }, interpreter()))();
    // With a decay of 0 a momentum is half of beta1.
    expect(await updates.slot('product').item()).toBe(0.45);
  });

  it('is Adam that looks ahead where its momentum is constant', async () => {
    const ofAdam = await after(7, (g, w) => adamw(g, w, { learningRate: 0.1, nesterov: true }));
    expect(await after(7, (g, w) => nadamw(g, w, { learningRate: 0.1, momentumSchedule: 'constant' }))).toBeCloseTo(ofAdam, 12);
  });

  it('needs one beta1 for all', () => {
    const [w, b] = [variable([1, 2], { name: 'w' }), variable(0, { name: 'b' })];
    expect(() => nadam([w.mul(1), b.mul(1)], [w, b], { beta1: ({ param }) => (param.rank === 0 ? 0.5 : 0.9) })).toThrow(OptimizerError);
  });
});

it('addScaled leaves away what a product with 0 scales', () => {
  const w = variable([1, 2], { name: 'w' });
  const rate = variable(1, { name: 'rate' });
  expect(addScaled(w, rate.mul(hyperparameter(0, 'float32', 'decay')), w)).toBe(w);
});
