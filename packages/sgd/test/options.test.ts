// Options of the momentum rules. Their numbers against torch.optim are in the recorded trajectories.
import { input, OptimizerError } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { momentum, nesterovMomentum, sgd } from '../src/index.js';
import { course, given } from './run.js';

describe.each([['momentum', momentum], ['nesterovMomentum', nesterovMomentum]] as const)('%s', (_name, rule) => {
  it('has the same course with the rate inside and outside of the velocity while the rate stays, and another when it changes', async () => {
    const run = async (ratePlace: 'insideVelocity' | 'outsideVelocity', rates: readonly number[]): Promise<number[]> => {
      const [{ w, g }, learningRate] = [given(1), input('float64', [])];
      // Powers of two: no rounding.
      return course(rule([g], [w], { learningRate, momentum: 0.5, ratePlace }), w, { g, learningRate }, rates.map((rate, t) => ({ g: 1 + t, learningRate: rate })));
    };
    expect(await run('outsideVelocity', [0.5, 0.5, 0.5])).toEqual(await run('insideVelocity', [0.5, 0.5, 0.5]));
    const [inside, outside] = [await run('insideVelocity', [0.5, 0.25]), await run('outsideVelocity', [0.5, 0.25])];
    expect(outside[0]).toBe(inside[0]);
    expect(outside[1]).not.toBe(inside[1]);
  });

  it('decays by what is added to the gradient, or beside it', async () => {
    const run = async (decay: 'coupled' | 'decoupled'): Promise<number[]> => {
      const { w, g } = given(8);
      return course(rule([g], [w], { learningRate: 0.5, momentum: 0.5, weightDecay: 0.25, decay }), w, { g }, [{ g: 0 }, { g: 0 }]);
    };
    expect(await run('decoupled')).toEqual([7, 8 * (7 / 8) ** 2]);
    // Coupled, the decay of the first step is in the velocity of the second: momentum goes 8 - 1, 7 - (0.5 + 7 / 8).
    expect(await run('coupled')).toEqual(rule === momentum ? [7, 5.625] : [6.5, 6.5 - 0.25 * 1 - 1.5 * 0.5 * 0.25 * 6.5]);
  });

  it('keeps a velocity and counts no steps', () => {
    const { w, g } = given(1);
    expect(rule([g], [w], { learningRate: 1 }).state.map(({ name }) => name)).toEqual([`${_name}/velocity/w`]);
  });
});

describe('dampening', () => {
  it('leaves the first gradient whole, as in PyTorch, and counts steps for that', async () => {
    const { w, g } = given(0);
    const updates = momentum([g], [w], { learningRate: 1, momentum: 0.5, dampening: 0.75, ratePlace: 'outsideVelocity' });
    expect(updates.state.map(({ name }) => name)).toEqual(['momentum/velocity/w', 'momentum/t']);
    // The velocity is 4, then 2 + 4 / 4.
    expect(await course(updates, w, { g }, [{ g: 4 }, { g: 4 }])).toEqual([-4, -7]);
  });

  it('is from 0 to 1', () => {
    const { w, g } = given(0);
    expect(() => momentum([g], [w], { learningRate: 1, dampening: 2 })).toThrow(new OptimizerError('momentum: dampening must be from 0 to 1, not 2'));
  });
});

describe('sgd', () => {
  it('adds the decayed parameter to the gradient', async () => {
    const { w, g } = given(8);
    expect(await course(sgd([g], [w], { learningRate: 0.5, weightDecay: 0.25 }), w, { g }, [{ g: 2 }])).toEqual([6]);
  });
});
