// What a device has been given and may not have done: not without bound.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { InFlight } from '../../src/device/in-flight.js';
import { device } from '../run/device-memory.js';
import { replace } from '../watched.js';

describe.runIf(adapterOrComplaint('what is under way on a device of WebGPU'))('on a device', () => {
  it('four questions at most are under way', async () => {
    const own = await device();
    const answers: (() => void)[] = [];
    replace(own.queue, 'onSubmittedWorkDone', () => () => new Promise((resolve) => answers.push(() => resolve(undefined))));
    const inFlight = new InFlight(own.queue);
    const steps = (count: number): void => {
      for (let k = 0; k < count; k++) inFlight.addStep();
    };
    steps(3);
    expect(answers).toHaveLength(0);
    steps(1);
    expect([answers.length, inFlight.room()]).toEqual([1, undefined]);
    steps(8);
    expect([answers.length, inFlight.room()]).toEqual([3, undefined]);
    steps(4);
    expect(inFlight.room()).toBeInstanceOf(Promise);
    answers[0]?.();
    await inFlight.room();
    expect(inFlight.room()).toBeUndefined();
  });

  it('bytes under way have a bound as well', async () => {
    const own = await device();
    const answers: (() => void)[] = [];
    replace(own.queue, 'onSubmittedWorkDone', () => () => new Promise((resolve) => answers.push(() => resolve(undefined))));
    const inFlight = new InFlight(own.queue);
    inFlight.addBytes(2 ** 26 - 1);
    inFlight.addStep();
    expect(answers).toHaveLength(0);
    inFlight.addBytes(1);
    inFlight.addStep();
    expect([answers.length, inFlight.room()]).toEqual([1, undefined]);
    inFlight.addBytes(2 ** 28 - 2 ** 26);
    inFlight.addStep();
    expect([answers.length, inFlight.room()]).toEqual([2, expect.any(Promise)]);
  });
});
