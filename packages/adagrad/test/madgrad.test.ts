import { compile, input, interpreter, OptimizerError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { madgrad } from '../src/index.js';

const course = async (options: Parameters<typeof madgrad>[2]): Promise<number[]> => {
  const w = variable(1, { name: 'w', dtype: 'float64' });
  const g = input('float64', []);
  const step = await compile({ inputs: { g }, updates: madgrad([g], [w], options) }, interpreter());
  const values: number[] = [];
  for (const now of [2, -1, 0.5]) {
    await step({ g: now });
    values.push(await w.item());
  }
  return values;
};

describe('madgrad', () => {
  it('takes a first step of (rate g)^(2/3) by sign, less what momentum keeps', async () => {
    // The sum is 4 * 2 and the sum of squares 4 * 4: z is 1 - 8 / 16^(1/3).
    const [first] = await course({ learningRate: 4, momentum: 0.75, epsilon: 0 });
    expect(first).toBeCloseTo(0.75 + 0.25 * (1 - 8 / Math.cbrt(16)), 14);
  });

  it('decays by the rate of the parameter before the step, or beside the gradient', async () => {
    const options = { learningRate: 4, momentum: 0.75, epsilon: 0 } as const;
    const [decoupled] = await course({ ...options, weightDecay: 1 / 16, decay: 'decoupled' });
    expect(decoupled).toBeCloseTo(0.75 + 0.25 * (1 - 8 / Math.cbrt(16)) - 4 / 16, 14);
    // The gradient is 2 + 6.
    const [coupled] = await course({ ...options, weightDecay: 6 });
    expect(coupled).toBeCloseTo(0.75 + 0.25 * (1 - 4 * 8 / Math.cbrt(4 * 64)), 14);
  });

  it('recovers the start that it would have kept', async () => {
    const [kept, recovered] = [await course({ momentum: 0 }), await course({ momentum: 0, start: 'recovered' })];
    for (const [t, value] of recovered.entries()) expect(value).toBeCloseTo(kept[t] ?? NaN, 14);
    const w = variable(1, { name: 'w' });
    expect(madgrad([w], [w], { momentum: 0, start: 'recovered' }).state.map(({ name }) => name)).toEqual(['madgrad/sum/w', 'madgrad/sumSquares/w', 'madgrad/t']);
  });

  it('refuses to recover it where there is momentum', () => {
    const w = variable(1, { name: 'w' });
    expect(() => madgrad([w], [w], { start: 'recovered' })).toThrow(OptimizerError);
    expect(() => madgrad([w], [w], { start: 'recovered' })).toThrow(/^madgrad: start: 'recovered' is for momentum: 0, /);
  });
});
