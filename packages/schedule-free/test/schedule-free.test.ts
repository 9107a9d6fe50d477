import { compile, evaluate, input, interpreter, mergeUpdates, OptimizerError, substitute, Updates, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { evaluationParameters, scheduleFreeAdamw, scheduleFreeRadam, scheduleFreeSgd } from '../src/index.js';

describe('evaluationParameters', () => {
  it.each([['sgd', scheduleFreeSgd], ['adamw', scheduleFreeAdamw], ['radam', scheduleFreeRadam]])('of %s is the parameter itself before the first step', async (_, rule) => {
    const w = variable([3, -4], { name: 'w', dtype: 'float64' });
    const at = evaluationParameters(rule(w.square().sum(), [w])).get(w);
    expect(Array.from((await evaluate(at ?? w)).data)).toEqual([3, -4]);
  });

  it('is the average of the iterates z where weights are equal', async () => {
    // Gradients 1, 2, 3 and the rate 1: z = 9, 7, 4 from 10, whose mean is 20 / 3.
    const w = variable(10, { name: 'w', dtype: 'float64' });
    const g = input('float64');
    const updates = scheduleFreeSgd([g], [w], { learningRate: 1 });
    const step = await compile({ inputs: { g }, updates }, interpreter());
    for (const value of [1, 2, 3]) await step({ g: value });
    const [x] = substitute([w.mul(3)], evaluationParameters(updates));
    expect((await evaluate(x)).data[0]).toBeCloseTo(20, 12);
    // y is nine parts of it and one of z.
    expect(await w.item()).toBeCloseTo(0.9 * (20 / 3) + 0.4, 12);
  });

  it('weighs late steps more by stepPower, and has what other rules train left out', async () => {
    const w = variable(10, { name: 'w', dtype: 'float64' });
    const frozen = variable(1, { name: 'other', dtype: 'float64' });
    const g = input('float64');
    const others = new Updates().setParam(frozen, frozen.add(1));
    const updates = mergeUpdates(scheduleFreeSgd([g], [w], { learningRate: 1, stepPower: 1 }), others);
    const step = await compile({ inputs: { g }, updates }, interpreter());
    for (const value of [1, 2, 3]) await step({ g: value });
    const at = evaluationParameters(updates);
    expect([...at.keys()]).toEqual([w]);
    expect((await evaluate(at.get(w) ?? w)).data[0]).toBeCloseTo((9 + 2 * 7 + 3 * 4) / 6, 12);
  });

  it('refuses updates without such a rule', () => {
    expect(() => evaluationParameters(new Updates())).toThrow(OptimizerError);
    expect(() => evaluationParameters(new Updates())).toThrow(/no state of a schedule-free rule/);
  });
});

describe('schedule-free rules', () => {
  it('keep z, the moment of squares, and three scalars of the host', () => {
    const w = variable([1, 2], { name: 'w' });
    const { state } = scheduleFreeAdamw(w.square().sum(), [w]);
    expect(state.map((s) => `${s.name} ${s.dtype}[${s.shape.join()}]`)).toEqual([
      'scheduleFreeAdamw/z/w float32[2]', 'scheduleFreeAdamw/v/w float32[2]', 'scheduleFreeAdamw/rateMax float64[]', 'scheduleFreeAdamw/weightSum float64[]',
      'scheduleFreeAdamw/interpolation float64[]', 'scheduleFreeAdamw/t int32[]',
    ]);
  });

  it('move nothing while RAdam is silent, and as SGD where it is not', async () => {
    const g = input('float64');
    const moved = await Promise.all([true, false].map(async (silent) => {
      const w = variable(1, { name: 'w', dtype: 'float64' });
      const step = await compile({ inputs: { g }, updates: scheduleFreeRadam([g], [w], { learningRate: 0.5, silent }) }, interpreter());
      await step({ g: 0.25 });
      return w.item();
    }));
    // c is 1 in the first step, so that y is z.
    expect(moved).toEqual([1, 0.875]);
  });

  it('with inner momentum, a corrected rate and a decay, as a loop of numbers has it', async () => {
    const [rate, b1, b2, inner, decay] = [0.1, 0.8, 0.9, 0.7, 0.05];
    const g = input('float64');
    for (const correction of ['moment', 'rate'] as const) {
      const w = variable(2, { name: 'w', dtype: 'float64' });
      const updates = scheduleFreeAdamw([g], [w], { learningRate: rate, beta1: b1, beta2: b2, innerMomentum: inner, weightDecay: decay, warmupSteps: 3, correction });
      const step = await compile({ inputs: { g }, updates }, interpreter());
      let [y, z, v, m, sum, max] = [2, 2, 0, 0, 0, 0];
      for (const [k, value] of [0.5, -1, 2, 0.25].entries()) {
        const t = k + 1;
        await step({ g: value });
        v = b2 * v + (1 - b2) * value ** 2;
        m = inner * m + (1 - inner) * value;
        const bias = 1 - b2 ** t;
        const own = rate * Math.min(1, t / 3) * (correction === 'rate' ? Math.sqrt(bias) : 1);
        const d = m / (1 - inner ** t) / (Math.sqrt(correction === 'rate' ? v : v / bias) + 1e-8) + decay * y;
        max = Math.max(max, own);
        sum += max ** 2;
        const c = max ** 2 / sum;
        y = (1 - c) * y + c * z + own * (b1 * (1 - c) - 1) * d;
        z -= own * d;
      }
      expect(await w.item()).toBeCloseTo(y, 12);
    }
  });

  it.each([[{ momentum: 0 }, 'momentum must be a number above 0 and below 1'], [{ momentum: 1 }, 'momentum must be a number above 0 and below 1'], [{ warmupSteps: -1 }, 'warmupSteps must be']])('refuse %o', (options, text) => {
    const w = variable(1, { name: 'w' });
    expect(() => scheduleFreeSgd(w.square(), [w], options)).toThrow(text);
  });
});
