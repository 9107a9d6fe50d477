// Options of RMSProp. Its numbers against torch.optim are in the recorded trajectories.
import { compile, input, interpreter, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { rmsprop } from '../src/index.js';

const course = async (options: Parameters<typeof rmsprop>[2], gradients: readonly number[], rates?: readonly number[]): Promise<number[]> => {
  const w = variable(8, { name: 'w', dtype: 'float64' });
  const [g, learningRate] = [input('float64', []), input('float64', [])];
  const step = await compile({ inputs: { g, learningRate }, updates: rmsprop([g], [w], { ...options, learningRate }) }, interpreter());
  const values: number[] = [];
  for (const [t, now] of gradients.entries()) {
    await step({ g: now, learningRate: rates?.[t] ?? 1 });
    values.push(await w.item());
  }
  return values;
};

describe('rmsprop', () => {
  it('keeps a mean where it is centred and a velocity where there is momentum', () => {
    const w = variable([1, 2], { name: 'w' });
    const names = (options: Parameters<typeof rmsprop>[2]): string[] => rmsprop(w.sum(), [w], options).state.map(({ name }) => name.split('/')[1] ?? '');
    expect(names({})).toEqual(['meanSquare']);
    expect(names({ centered: true, momentum: 0 })).toEqual(['meanSquare', 'mean', 'velocity']);
  });

  it('divides by the root of the variance where it is centred', async () => {
    // The mean of squares is 8, the mean 2: the variance 4.
    expect(await course({ centered: true, rho: 0.5, epsilon: 0 }, [4])).toEqual([6]);
    expect(await course({ centered: true, rho: 0.5, epsilon: 2, epsilonPlace: 'outsideRoot' }, [4])).toEqual([7]);
    expect(await course({ centered: true, rho: 0.5, epsilon: 12 }, [4])).toEqual([7]);
  });

  it('stays finite under a gradient that stays, where the variance is 0 and rounding could make it less', async () => {
    const values = await course({ centered: true, rho: 0.3, epsilon: 1e-8, epsilonPlace: 'outsideRoot' }, Array.from({ length: 60 }, () => 0.1));
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('has the rate outside of the velocity or inside, which differs once it changes', async () => {
    const options = { momentum: 0.5, rho: 0, epsilon: 0 };
    // Each gradient over its root is 1: the velocity is 1, then 1.5, or 1, then 0.5 + 0.25.
    expect(await course(options, [3, 3], [1, 0.25])).toEqual([7, 7 - 1.5 * 0.25]);
    expect(await course({ ...options, ratePlace: 'insideVelocity' }, [3, 3], [1, 0.25])).toEqual([7, 7 - 0.75]);
  });

  it('begins at the mean of squares that it is given, and decays by what is added to the gradient', async () => {
    // 0.25 * 8 + 1 is 3, and 0.5 * 23 + 0.5 * 9 is 16.
    expect(await course({ rho: 0.5, epsilon: 0, initialAccumulator: 23, weightDecay: 0.25 }, [1])).toEqual([8 - 3 / 4]);
  });
});
