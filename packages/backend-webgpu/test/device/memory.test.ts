// Device memory: who holds it, and that it is said where there is none.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { align, isFull, LateMemory, Memory, settle, TENSORS } from '../../src/device/memory.js';
import { OutOfMemoryError } from '../../src/errors.js';
import { device } from '../run/device-memory.js';
import { replace } from '../watched.js';

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

describe.runIf(adapterOrComplaint('memory of WebGPU'))('on a device', () => {
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
});
