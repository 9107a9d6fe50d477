import { beforeAll, describe, expect, it } from 'vitest';

import { backends } from '../../src/backends.js';
import { type Dataset, loadMnist, take } from '../../src/mnist/data.js';
import { trainGroups } from '../../src/steps/groups.js';
import { learnRate, type Round } from '../../src/steps/learned-rate.js';

let data: { train: Dataset; test: Dataset };
beforeAll(() => {
  const { train, test } = loadMnist();
  data = { train: take(train, 4000), test: take(test, 1000) };
});

describe('learnRate', () => {
  const learned = async (learningRate: number, rateOfTheRate: number): Promise<readonly Round[]> =>
    learnRate({ train: data.train, heldOut: data.test, unrolled: 3, batch: 100, learningRate, rateOfTheRate, rounds: 40, seed: 1, backend: await backends.cpu() });

  it('makes a rate larger that is too small, and ends with a lower loss than without', async () => {
    const [moving, fixed] = [await learned(1e-3, 0.2), await learned(1e-3, 0)];
    const [last, still] = [moving.at(-1), fixed.at(-1)];
    expect(last?.learningRate).toBeGreaterThan(0.05);
    expect(still?.learningRate).toBeCloseTo(1e-3, 8);
    expect(last?.heldOutLoss).toBeLessThan(0.5 * (still?.heldOutLoss ?? NaN));
  });

  it('makes a rate smaller that is too large', async () => {
    const rounds = await learned(20, 0.2);
    expect(rounds.at(-1)?.learningRate).toBeLessThan(0.25 * 20);
  });
});

describe('trainGroups', () => {
  it('learns with a frozen layer, and is better at the average of noisy weights', async () => {
    const { losses, atTheLast, atTheAverage, frozenMoved } = await trainGroups({ ...data, epochs: 3, batch: 50, seed: 1, backend: await backends.cpu() });
    expect(losses).toHaveLength(3 * 80);
    expect(frozenMoved).toBe(0);
    expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] ?? NaN));
    expect(atTheLast).toBeGreaterThan(0.8);
    expect(atTheAverage).toBeGreaterThan(atTheLast - 0.01);
  });
});
