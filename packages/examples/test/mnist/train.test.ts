import { type RuleName, ruleNames, type RuleRow, rules } from '@pappus/rule-table';
import { THOROUGH } from '@pappus/testing/thorough';
import { beforeAll, describe, expect, it } from 'vitest';

import { backends } from '../../src/backends.js';
import { DivergedError } from '../../src/diverged-error.js';
import { loadMnist, take, type Dataset } from '../../src/mnist/data.js';
import { models, type ModelName } from '../../src/mnist/models.js';
import { trainClassifier, type Result } from '../../src/mnist/train.js';
import { optimizers } from '../../src/optimizers.js';

describe('trainClassifier', () => {
  let data: { train: Dataset; test: Dataset };
  beforeAll(() => {
    const { train, test } = loadMnist();
    data = { train: take(train, 2000), test: take(test, 1500) };
  });

  type Overrides = { readonly seed?: number; readonly learningRate?: number };
  const run = async (model: ModelName, optimizer: RuleName, overrides: Overrides = {}): Promise<Result> => {
    const { learningRate } = rules[optimizer].mnist;
    const task = { model: models[model], rule: optimizers[optimizer], learningRate, epochs: 2, batch: 128, seed: 1, data };
    return trainClassifier({ ...task, backend: await backends.cpu(), ...overrides });
  };

  it('repeats itself to the last digit', async () => {
    const [first, second] = [await run('softmax', 'adam'), await run('softmax', 'adam')];
    expect(first.losses).toHaveLength(2 * 16);
    expect(second).toEqual(first);
  });

  it('differs by seed', async () => {
    expect((await run('softmax', 'adam', { seed: 2 })).losses).not.toEqual((await run('softmax', 'adam')).losses);
  });

  it.each<[ModelName, RuleName, number]>([
    ['softmax', 'sgd', 0.65],
    ['mlp', 'adam', 0.7],
  ])('learns: %s with %s', async (model, optimizer, accuracy) => {
    const { losses, epochs, confusion } = await run(model, optimizer);
    // With weights this small the classes begin about equally likely: ln 10 = 2.303.
    expect(Math.abs((losses[0] ?? 0) - Math.LN10)).toBeLessThan(0.5);
    expect(confusion.accuracy).toBeGreaterThan(accuracy);
    expect(confusion.counts.flat().reduce((sum, count) => sum + count, 0)).toBe(1500);
    expect(epochs[1]?.trainAccuracy).toBeGreaterThan(epochs[0]?.trainAccuracy ?? 1);
    expect(epochs[1]?.testAccuracy).toBe(confusion.accuracy);
  });

  // Every rule's steps have tests of their own; the soak trains with each.
  it.each(THOROUGH ? ruleNames : ruleNames.filter((_, k) => k % 6 === 0))('learns with every rule at its own rate: %s', async (optimizer) => {
    const { confusion, losses } = await run('mlp', optimizer);
    const { mnist }: RuleRow = rules[optimizer];
    if (mnist.slow === true) expect(losses.at(-1)).toBeLessThan(1.1 * (losses[0] ?? NaN));
    else expect(confusion.accuracy).toBeGreaterThan(0.7);
  });

  it('says so when the loss is no number any more', async () => {
    await expect(run('mlp', 'sgd', { learningRate: 1e30 })).rejects.toThrow(DivergedError);
  });
});
