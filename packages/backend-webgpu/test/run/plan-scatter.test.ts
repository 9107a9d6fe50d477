// Scatters: three dispatches over two lists.
import type { Body, ScatterKernel } from '@pappus/compiler';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Memory } from '../../src/device/memory.js';
import { planScatter, scatterScratchBytes } from '../../src/run/plan-scatter.js';
import { deviceMemory } from './device-memory.js';
import { buffer, contextOf } from './context.js';

describe.runIf(adapterOrComplaint('plans of scatters on WebGPU'))('a scatter', () => {
  let scratch: Memory;
  beforeAll(async () => {
    scratch = await deviceMemory(2 ** 20);
  });

  it('a scatter forgets its lists, links them, and adds', () => {
    const [index, value, to] = [buffer(0, 70, 'int32'), buffer(1, 70 * 9), buffer(2, 50 * 9)];
    const body: Body = {
      instructions: [{ kind: 'load', access: { buffer: index, offset: 0, strides: [1, 0] }, dtype: 'int32' }, { kind: 'load', access: { buffer: value, offset: 0, strides: [9, 1] }, dtype: 'float32' }],
      stores: [{ access: { buffer: to, offset: 0, strides: [0, 1] }, value: 1 }],
    };
    const kernel: ScatterKernel = { kind: 'scatter', extents: [70, 9], body, index: 0, stride: 9, count: 600 };
    const dispatches = planScatter(kernel, contextOf([[index], [value], [to]], {}, scratch));
    expect(dispatches.map(({ groups, numbers }) => [groups, numbers.count])).toEqual([[3, 600], [1, undefined], [Math.ceil((70 * 9) / 256), 630]]);
    // The last position of each index, and behind it the position before each.
    expect(scatterScratchBytes(kernel)).toBe(600 * 4 + 288);
    const link = dispatches[1]?.ranges.find(({ memory }) => memory === scratch);
    expect([link?.start, link?.bytes]).toEqual([0, 600 * 4 + 288]);
    expect([planScatter({ ...kernel, count: 0 }, contextOf([])), scatterScratchBytes({ ...kernel, extents: [0, 9] })]).toEqual([[], 0]);
  });
});
