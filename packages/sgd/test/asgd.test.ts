import { describe, expect, it } from 'vitest';
import { asgd } from '../src/index.js';
import { course, given } from './run.js';

describe('asgd', () => {
  it('keeps the parameter as its average until step t0 + 2, and from then on the mean of what it was since', async () => {
    const { w, g } = given(0);
    const updates = asgd([g], [w], { learningRate: 1, lambda: 0, t0: 1 });
    // The parameter goes 1, 3, 4, 8, 9; the mean of the last three is 7.
    const steps = [-1, -2, -1, -4, -1].map((value) => ({ g: value }));
    const averages = await course(updates, updates.slot(w, 'average'), { g }, steps);
    expect(averages.slice(0, 4)).toEqual([1, 3, 4, 6]);
    expect(averages[4]).toBeCloseTo(7, 14);
    expect(await w.item()).toBe(9);
  });

  it('takes steps that fall with a power of the count', async () => {
    const { w, g } = given(0);
    const values = await course(asgd([g], [w], { learningRate: 1, lambda: 1, alpha: 1 }), w, { g }, [{ g: -1 }, { g: -1 }, { g: -1 }]);
    // Rates 1, 1/2, 1/3, which the parameter is decayed by, too: 1, then 1/2 + 1/2, then 2/3 + 1/3.
    for (const value of values) expect(value).toBeCloseTo(1, 14);
  });
});
