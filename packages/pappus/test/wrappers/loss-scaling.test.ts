// What scaling a loss is for, in float32 on the CPU.
import { describe, expect, it } from 'vitest';
import { adam, compile, cpu, input, lossScaling, type Rule, sgd, skipNonFinite, type TypedArray, variable } from '../../src/index.js';

describe('lossScaling in float32', () => {
  it('saves gradients that would be 0 on their way', async () => {
    const changeBy = async (rule: Rule<[{ learningRate: number }]>): Promise<number> => {
      const w = variable([0, 0], { name: 'w' });
      const g = input('float32', [2], 'g');
      // Backwards 1e-25, then times g 1e-47, which is 0 in float32, then times 1e25.
      const updates = rule(w.mul(1e25).mul(g).mul(1e-25).sum(), [w], { learningRate: 1 });
      await (await compile({ inputs: { g }, updates }, await cpu()))({ g: [1e-22, 1e-22] });
      const [changed = NaN] = await w.read();
      return changed;
    };
    expect(await changeBy(sgd)).toBe(0);
    // 1e-47 2^40 = 1e-35: three roundings of 6e-8 each.
    expect(Math.abs((await changeBy(lossScaling(sgd, { initial: 2 ** 40 }))) / -1e-22 - 1)).toBeLessThan(5e-7);
  });

  it('does not grow beyond what is finite', async () => {
    const w = variable([1, 2], { name: 'w' });
    const updates = lossScaling(sgd, { initial: 2 ** 127, interval: 1 })(w.sum().mul(2 ** -10), [w], { learningRate: 0 });
    const step = await compile({ updates }, await cpu());
    for (let k = 0; k < 2; k++) await step();
    expect(await updates.slot('scale').item()).toBe(2 ** 127);
  });

  it('and skipNonFinite leave every bit of adam and its count in a bad step', async () => {
    for (const wrap of [skipNonFinite<[]>, lossScaling<[]>]) {
      const w = variable([1, 2, -3], { name: 'w' });
      const g = input('float32', [3], 'g');
      const updates = wrap((loss, params) => adam(loss, params))(w.mul(g).sum(), [w]);
      const step = await compile({ inputs: { g }, updates }, await cpu());
      const kept = [...updates.keys()].filter(({ name }) => name === 'w' || name.startsWith('adam/'));
      expect(kept).toHaveLength(4);
      const read = (): Promise<TypedArray[]> => Promise.all(kept.map((v) => v.read()));
      await step({ g: [1, -2, 3] });
      const before = await read();
      for (const bad of [NaN, Infinity, -Infinity]) await step({ g: [1, bad, 3] });
      expect(await read()).toEqual(before);
      expect(await updates.slot('adam/t').item()).toBe(1);
      expect(await updates.slot('skipped').item()).toBe(3);
    }
  });
});
