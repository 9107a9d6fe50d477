// Scans: in every step its kernels reach the parts of that step, in either direction.
import { type Buffer, type Kernel, kernelNames, type ScanKernel, type Slice } from '@pappus/compiler';
import { describe, expect, it } from 'vitest';
import type { Dispatch, PlanContext } from '../../src/run/dispatch.js';
import { planKernel } from '../../src/run/plan.js';
import { planScan } from '../../src/run/plan-scan.js';
import { tensorBytes } from '../../src/run/windows.js';
import { buffer, contextOf, nest, rangeOf } from './context.js';

const COUNT = 5;
const [stack, results, carry] = [buffer(0, COUNT * 12), buffer(1, COUNT * 12), buffer(2, 12)];
const [part, result] = [buffer(3, 12, 'float32', 'slice'), buffer(4, 12, 'float32', 'slice')];
const slices = (reverse: boolean): Slice[] => [part, result].map((b, k) => ({ buffer: b, of: k === 0 ? stack : results, start: reverse ? (COUNT - 1) * 12 : 0, stride: reverse ? -12 : 12 }));

function check(kernels: readonly Kernel[], moving: readonly Slice[], context: PlanContext, touched: readonly Buffer[]): Dispatch[] {
  const scan: ScanKernel = { kind: 'scan', count: COUNT, kernels, slices: moving };
  const dispatches = planScan(scan, { ...context, names: kernelNames([scan]) }, planKernel);
  expect(dispatches).toHaveLength(COUNT * kernels.length);
  for (const [k, dispatch] of dispatches.entries()) {
    const step = Math.floor(k / kernels.length);
    for (const b of dispatch.operands) {
      expect(touched).toContain(b);
      const slice = moving.find((s) => s.buffer === b);
      const place = context.place(slice?.of ?? b);
      const offset = place.offset + 4 * (slice === undefined ? 0 : slice.start + step * slice.stride);
      const range = rangeOf(dispatch, b, { memory: place.memory, offset }, 0, 11);
      expect(range, `${b.name} in step ${step}`).toBeDefined();
      // Each tensor has a block of its own: behind it there is nothing to bind.
      expect((range?.start ?? NaN) + (range?.bytes ?? NaN)).toBeLessThanOrEqual(tensorBytes(slice?.of ?? b));
    }
  }
  return dispatches;
}

const row = { offset: 0, strides: [1] };

describe('a scan', () => {
  it.each([false, true])('moves from part to part, from the end %s', (reverse) => {
    const context = contextOf([[stack], [results], [carry]]);
    const kernels = [nest([12], part, carry, row), nest([12], carry, result, row)];
    check(kernels, slices(reverse), context, [part, carry, result]);
  });

  it('plans a kernel once where it may, and binds all that it reaches in any step', () => {
    const context = contextOf([[stack], [results], [carry]]);
    const dispatches = check([nest([12], part, result, row)], slices(true), context, [part, result]);
    expect(new Set(dispatches.map(({ text }) => text)).size).toBe(1);
    expect(new Set(dispatches.map(({ ranges }) => ranges)).size).toBe(1);
    // What does not move is the same dispatch.
    const same = check([nest([12], carry, carry, row)], slices(false), context, [carry]);
    expect(new Set(same).size).toBe(1);
  });

  it.each([false, true])('binds a step by itself where all of them are more than a binding, from the end %s', (reverse) => {
    // Parts begin where bindings may.
    const [long, there] = [buffer(10, COUNT * 64), buffer(11, COUNT * 64)];
    const [own, next] = [buffer(12, 64, 'float32', 'slice'), buffer(13, 64, 'float32', 'slice')];
    const moving = [own, next].map((b, k): Slice => ({ buffer: b, of: k === 0 ? long : there, start: reverse ? (COUNT - 1) * 64 : 0, stride: reverse ? -64 : 64 }));
    const context = contextOf([[long], [there]], { maxStorageBufferBindingSize: 512 });
    const dispatches = check([nest([64], own, next, row)], moving, context, [own, next]);
    for (const { ranges, before } of dispatches) {
      expect(before).toEqual([]);
      for (const { bytes } of ranges) expect(bytes).toBeLessThanOrEqual(512);
    }
  });

  it('in a scan moves within the part of the outer step', () => {
    const inner: ScanKernel = { kind: 'scan', count: 3, kernels: [nest([4], buffer(20, 4, 'float32', 'slice'), carry, row)], slices: [] };
    const [small] = inner.kernels.flatMap((k) => (k.kind === 'elementwise' ? k.segments.flatMap(({ buffers }) => buffers) : []));
    if (small === undefined) throw new Error('a part of a part');
    const nested: ScanKernel = { kind: 'scan', count: COUNT, slices: slices(false), kernels: [{ ...inner, slices: [{ buffer: small, of: part, start: 0, stride: 4 }] }] };
    const context = contextOf([[stack], [results], [carry]]);
    const dispatches = planScan(nested, { ...context, names: kernelNames([nested]) }, planKernel);
    expect(dispatches).toHaveLength(COUNT * 3);
    const place = context.place(stack);
    for (const [k, dispatch] of dispatches.entries()) expect(rangeOf(dispatch, small, { memory: place.memory, offset: place.offset + 16 * k }, 0, 3), `${k}`).toBeDefined();
  });
});
