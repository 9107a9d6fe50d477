// Every recorded schedule of torch.optim and Optax, on the interpreter and on the CPU.
import { recordedPlateaus, recordedSchedules, scheduleOf } from '@pappus/test-support/schedules';
import { describe, expect, it } from 'vitest';
import { compile, cpu, evaluate, input, interpreter, reduceOnPlateau } from '../../src/index.js';
import { along } from './along.js';

/** To 12 digits of the value, and to some roundings of the largest one: torch goes on from the rate of the step before, and both let `1 + cos` cancel. */
function expectNear(values: readonly number[], expected: readonly number[], digits = 1e-12): void {
  const largest = Math.max(...expected);
  expect(values).toHaveLength(expected.length);
  for (const [k, value] of expected.entries()) expect(Math.abs((values[k] ?? NaN) - value), `count ${k}: ${String(values[k])} for ${value}`).toBeLessThanOrEqual(digits * Math.abs(value) + 4 * 2 ** -52 * largest);
}

describe.each(recordedSchedules())('$text', ({ text, baseRate, values }) => {
  const { at } = scheduleOf(text, baseRate);

  it('on the interpreter, at counts that are numbers of any dtype', async () => {
    for (const dtype of ['float64', 'int32', 'float32'] as const) {
      const t = input(dtype, [], 't');
      const answer = at(t);
      expect([answer.dtype, answer.rank]).toEqual(['float64', 0]);
      const own: number[] = [];
      for (const count of values.keys()) own.push((await evaluate(answer, [[t, count]])).data[0] ?? NaN);
      expectNear(own, values);
    }
  });

  it('on the CPU, as the rate of a rule whose one kernel it leaves alone', async () => {
    const { ways, kernels } = await along(await cpu(), at, values.length, 'float64');
    expectNear(ways, values);
    expect(kernels).toBe(1);
  });
});

describe('reduceOnPlateau', () => {
  const { baseRate, plateaus } = recordedPlateaus();

  it.each(plateaus)('as ReduceLROnPlateau with $options', async ({ options, losses, rate_after_each_loss: expected }) => {
    for (const backend of [interpreter(), await cpu()]) {
      const loss = input('float64', [], 'loss');
      const { rate, updates } = reduceOnPlateau(loss, {
        initial: baseRate, mode: options.mode ?? 'min', factor: options.factor ?? 0.1, patience: options.patience ?? 10, threshold: options.threshold ?? 1e-4,
        thresholdMode: options.threshold_mode === 'abs' ? 'absolute' : 'relative', cooldown: options.cooldown ?? 0, minRate: options.min_lr ?? 0, epsilon: options.eps ?? 1e-8,
      });
      const step = await compile({ inputs: { loss }, updates }, backend);
      const own: number[] = [];
      for (const seen of losses) {
        await step({ loss: seen });
        own.push(await rate.item());
      }
      expectNear(own, expected, 1e-14);
      expect(step.program.kernels).toHaveLength(0);
    }
  });
});
