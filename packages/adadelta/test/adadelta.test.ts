import { compile, interpreter, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adadelta } from '../src/index.js';

describe('adadelta', () => {
  it('adds the decayed parameter to the gradient', async () => {
    const [w, same] = [8, 8].map((value, k) => variable(value, { name: `w${k}`, dtype: 'float64' }));
    if (w === undefined || same === undefined) throw new Error('two variables');
    const decaying = await compile({ updates: adadelta(w.mul(3), [w], { weightDecay: 0.25 }) }, interpreter());
    const added = await compile({ updates: adadelta(same.mul(3).add(same.square().mul(0.125)), [same]) }, interpreter());
    for (let t = 0; t < 5; t++) {
      await decaying();
      await added();
    }
    expect(await w.item()).toBeLessThan(8);
    expect(await w.item()).toBeCloseTo(await same.item(), 14);
  });
});
