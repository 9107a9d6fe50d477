// What stands between a program and a device: memory and who holds it, what is under way, numbers as words, subgroups.
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { fromWords, rounded, scalarArray, toWords } from '../../src/device/elements.js';
import { align, isFull, LateMemory, Memory, settle, TENSORS } from '../../src/device/memory.js';
import { areNeighbours, sizeOfSubgroups } from '../../src/device/subgroups.js';
import { UnderWay } from '../../src/device/under-way.js';
import { OutOfMemoryError } from '../../src/errors.js';
import { adapter, device } from '../run/device-memory.js';
import { replace } from '../watched.js';

describe('numbers as words', () => {
  it('are the same bytes, and a word for each bool', () => {
    expect([...toWords(Uint8Array.of(1, 0, 1))]).toEqual([1, 0, 1]);
    expect(toWords(Uint8Array.of(1, 0, 1))).toBeInstanceOf(Int32Array);
    const floats = Float32Array.of(1, 2.5, -3);
    expect(toWords(floats)).toBe(floats);
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(4);
    expect(toWords(shared)).not.toBe(shared);
    expect([...toWords(shared)]).toEqual([4, 4]);
  });

  it('are read as they were written', () => {
    expect(fromWords('float32', Float32Array.of(1.5, -2).buffer)).toEqual(Float32Array.of(1.5, -2));
    expect(fromWords('int32', Int32Array.of(7, -2).buffer)).toEqual(Int32Array.of(7, -2));
    expect(fromWords('bool', Int32Array.of(1, 0, 1).buffer)).toEqual(Uint8Array.of(1, 0, 1));
  });

  it('are rounded as their dtype is', () => {
    expect([rounded('float32', 0.1), rounded('int32', 2.9), rounded('bool', 1)]).toEqual([Math.fround(0.1), 2, 1]);
    expect(scalarArray('int32', 5)).toEqual(Int32Array.of(5));
  });
});

it('multiples, the next one', () => {
  expect([0, 1, 256, 257].map((n) => align(n, 256))).toEqual([0, 256, 256, 512]);
});

it('late memory is the most that was wanted', () => {
  const late = new LateMemory();
  for (const bytes of [100, 300, 200]) late.want(bytes);
  expect(late.bytes).toBe(300);
  expect(() => late.buffer).toThrow('not there yet');
});

it('only what failed for want of memory, and may pass, is tried again', () => {
  expect([isFull(new OutOfMemoryError('full', true)), isFull(new OutOfMemoryError('larger than all', false)), isFull(new Error('other'))]).toEqual([true, false, false]);
});

describe.runIf(adapterOrComplaint('a device of WebGPU'))('on a device', () => {
  it('memory stays as long as one holds it', async () => {
    const own = await device();
    const memory = new Memory(own, 64, 'two holders', TENSORS);
    let destroyed = 0;
    replace(memory.buffer, 'destroy', (destroy) => () => {
      destroyed++;
      destroy();
    });
    memory.hold();
    memory.hold();
    memory.release();
    expect(destroyed).toBe(0);
    memory.release();
    expect(destroyed).toBe(1);
    await settle([memory]);
  });

  it('memory that is not there is said, with its bytes and what it was for', async () => {
    const own = await device();
    replace(own, 'popErrorScope', (pop) => async () => {
      await pop();
      return { message: 'none left' };
    });
    await expect(settle([new Memory(own, 64, 'the inputs', TENSORS)])).rejects.toThrow('the GPU has no 64 bytes for the inputs');
  });

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

  it('subgroups count where they have one size', async () => {
    const own = await device();
    const { adapterInfo } = own;
    expect(adapterInfo).toBeDefined();
    // Whether they are neighbours is seen on the device: of a size that is not theirs they are not.
    const wrong = await areNeighbours(own, 1024);
    expect(wrong).toBe(false);
  });

  it('subgroups of several sizes, or of an odd one, or larger than a workgroup, are none', async () => {
    const own = await adapter();
    const { info } = own;
    const size = (features: readonly string[], least: number, most: number): number => {
      Object.defineProperty(info, 'subgroupMinSize', { value: least, configurable: true });
      Object.defineProperty(info, 'subgroupMaxSize', { value: most, configurable: true });
      Object.defineProperty(own, 'info', { value: info, configurable: true });
      Object.defineProperty(own, 'features', { value: new Set(features), configurable: true });
      return sizeOfSubgroups(own);
    };
    expect([size(['subgroups'], 32, 32), size(['subgroups'], 256, 256), size(['subgroups'], 16, 32), size([], 32, 32), size(['subgroups'], 24, 24), size(['subgroups'], 512, 512)]).toEqual([32, 256, 0, 0, 0, 0]);
  });
});
