import { compile, interpreter, mergeUpdates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { optimisticGradientDescent, sgd } from '../src/index.js';
import { course, given } from './run.js';

describe('optimisticGradientDescent', () => {
  it('takes the gradient by itself in the first step, and its change on top in the second', async () => {
    const { w, g } = given(0);
    const updates = optimisticGradientDescent([g], [w], { learningRate: 1, alpha: 2, beta: 0.5 });
    // 2 * 4, then 2.5 * 6 - 0.5 * 4.
    expect(await course(updates, w, { g }, [{ g: 4 }, { g: 6 }])).toEqual([-8, -21]);
  });

  it('settles at the saddle of x y, from which gradient descent goes away', async () => {
    const distance = async (rule: typeof optimisticGradientDescent | typeof sgd): Promise<number> => {
      const [x, y] = [variable(1, { name: 'x', dtype: 'float64' }), variable(1, { name: 'y', dtype: 'float64' })];
      const game = x.mul(y);
      const updates = mergeUpdates(rule(game, [x], { learningRate: 0.3 }), rule(game, [y], { learningRate: 0.3, maximize: true, name: 'other' }));
      const step = await compile({ updates }, interpreter());
      for (let t = 0; t < 100; t++) await step();
      return Math.hypot(await x.item(), await y.item());
    };
    expect(await distance(optimisticGradientDescent)).toBeLessThan(0.05);
    expect(await distance(sgd)).toBeGreaterThan(10);
  });
});
