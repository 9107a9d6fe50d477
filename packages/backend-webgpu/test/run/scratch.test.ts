// Partial results between two kernels lie apart.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Memory } from '../../src/device/memory.js';
import { bytesOfScratch, scratchOf } from '../../src/run/scratch.js';
import { deviceMemory } from './device-memory.js';
import { contextOf } from './context.js';

describe.runIf(adapterOrComplaint('partial results on WebGPU'))('scratch memory', () => {
  let scratch: Memory;
  beforeAll(async () => {
    scratch = await deviceMemory(2 ** 20);
  });

  it('partial results of several dtypes lie one behind the other', () => {
    const { buffers, written, read } = scratchOf(['float32', 'int32', 'bool'], 5, contextOf([], {}, scratch));
    expect(buffers.map(({ dtype, size }) => [dtype, size])).toEqual([['float32', 5], ['int32', 5], ['bool', 5]]);
    expect(written.map(({ origin, start, end, writes }) => [origin, start, end, writes])).toEqual([[0, 0, 32, true], [32, 32, 64, true], [64, 64, 96, true]]);
    expect(read.map(({ start, end, writes }) => [start, end, writes])).toEqual([[0, 32, false], [32, 64, false], [64, 96, false]]);
    expect(bytesOfScratch(['float32', 'int32', 'bool'], 5)).toBe(96);
    expect(() => scratchOf(['float32'], 5, contextOf([]))).toThrow('no room for partial results');
  });
});
