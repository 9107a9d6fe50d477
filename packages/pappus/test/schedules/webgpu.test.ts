// Every recorded schedule on WebGPU: scalars of the host in float64, which a float32 kernel is given.
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { recordedSchedules, scheduleOf } from '@pappus/test-support/schedules';
import { describe, expect, it } from 'vitest';
import { tabulated } from '../../src/index.js';
import { webgpu } from '../../src/webgpu.js';
import { along } from './along.js';

describe.runIf(adapterOrComplaint('schedules on WebGPU'))('schedules on WebGPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;

  it.each(recordedSchedules())('$text', async ({ text, baseRate, values }) => {
    const { ways, kernels } = await along(await (made ??= webgpu()), scheduleOf(text, baseRate).at, values.length, 'float32');
    expect(kernels).toBe(1);
    // The float64 rate is rounded to float32 once; one unit more where that is between two.
    const largest = Math.max(...values);
    for (const [k, value] of values.entries()) expect(Math.abs((ways[k] ?? NaN) - value), `count ${k}`).toBeLessThanOrEqual(2 ** -23 * Math.abs(value) + 2 ** -50 * largest);
  });

  it('a table of numbers', async () => {
    const values = Array.from({ length: 300 }, (_, k) => Math.sin(k) + 2);
    const { ways, kernels } = await along(await (made ??= webgpu()), (t) => tabulated(t, { values }), values.length, 'float32');
    expect(kernels).toBe(1);
    for (const [k, value] of values.entries()) expect(Math.abs((ways[k] ?? NaN) - value), `count ${k}`).toBeLessThanOrEqual(2 ** -23 * value);
  });
});
