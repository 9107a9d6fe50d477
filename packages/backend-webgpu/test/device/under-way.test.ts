// What a device has been given and may not have done: not without bound.
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { UnderWay } from '../../src/device/under-way.js';
import { device } from '../run/device-memory.js';
import { replace } from '../watched.js';

describe.runIf(adapterOrComplaint('what is under way on a device of WebGPU'))('on a device', () => {
  it('four questions at most are under way', async () => {
    const own = await device();
    const answers: (() => void)[] = [];
    replace(own.queue, 'onSubmittedWorkDone', () => () => new Promise((resolve) => answers.push(() => resolve(undefined))));
    const underWay = new UnderWay(own.queue);
    const steps = (count: number): void => {
      for (let k = 0; k < count; k++) underWay.addStep();
    };
    steps(3);
    expect(answers).toHaveLength(0);
    steps(1);
    expect([answers.length, underWay.room()]).toEqual([1, undefined]);
    steps(8);
    expect([answers.length, underWay.room()]).toEqual([3, undefined]);
    steps(4);
    expect(underWay.room()).toBeInstanceOf(Promise);
    answers[0]?.();
    await underWay.room();
    expect(underWay.room()).toBeUndefined();
  });

  it('bytes under way have a bound as well', async () => {
    const own = await device();
    const answers: (() => void)[] = [];
    replace(own.queue, 'onSubmittedWorkDone', () => () => new Promise((resolve) => answers.push(() => resolve(undefined))));
    const underWay = new UnderWay(own.queue);
    underWay.addBytes(2 ** 26 - 1);
    underWay.addStep();
    expect(answers).toHaveLength(0);
    underWay.addBytes(1);
    underWay.addStep();
    expect([answers.length, underWay.room()]).toEqual([1, undefined]);
    underWay.addBytes(2 ** 28 - 2 ** 26);
    underWay.addStep();
    expect([answers.length, underWay.room()]).toEqual([2, expect.any(Promise)]);
  });
});
