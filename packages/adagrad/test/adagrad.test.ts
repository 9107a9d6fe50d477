import { compile, input, interpreter, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adagrad } from '../src/index.js';

const course = async (options: Parameters<typeof adagrad>[2], gradients: readonly number[]): Promise<number[]> => {
  const w = variable(8, { name: 'w', dtype: 'float64' });
  const g = input('float64', []);
  const step = await compile({ inputs: { g }, updates: adagrad([g], [w], options) }, interpreter());
  const values: number[] = [];
  for (const now of gradients) {
    await step({ g: now });
    values.push(await w.item());
  }
  return values;
};

describe('adagrad', () => {
  it('begins at the sum of squares that it is given', async () => {
    // 8 - 3 / sqrt(16 + 9).
    expect(await course({ initialAccumulator: 16, epsilon: 0 }, [3])).toEqual([8 - 3 / 5]);
  });

  it('has a rate that falls with the count', async () => {
    // The second step is 4 / sqrt(3^2 + 4^2) of a rate of 1 / (1 + 0.25).
    expect((await course({ learningRateDecay: 0.25, epsilon: 0 }, [3, 4]))[1]).toBeCloseTo(7 - 0.8 * 0.8, 14);
  });

  it('adds epsilon inside of the root or to it', async () => {
    expect(await course({ epsilon: 16 }, [3])).toEqual([8 - 3 / 5]);
    expect(await course({ epsilon: 1, epsilonPlace: 'outsideRoot' }, [3])).toEqual([8 - 3 / 4]);
  });

  it('adds the decayed parameter to the gradient, and counts no steps for that', async () => {
    // 0.25 * 8 is all of the gradient.
    expect(await course({ weightDecay: 0.25, epsilon: 0, initialAccumulator: 5 }, [0])).toEqual([8 - 2 / 3]);
    const w = variable(1, { name: 'w' });
    expect(adagrad([w], [w], { weightDecay: 0.25 }).state.map(({ name }) => name)).toEqual(['adagrad/sumSquares/w']);
  });
});
