// Reductions in parts: every element in one partial result, and each partial result written once.
import type { Body, ReduceKernel } from '@pappus/compiler';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Memory } from '../../src/device/memory.js';
import { SEGMENT_CHUNK } from '../../src/codegen/reduce.js';
import type { Dispatch } from '../../src/run/dispatch.js';
import { planReduce, reduceScratchBytes } from '../../src/run/plan-reduce.js';
import { bytesOfScratch } from '../../src/run/scratch.js';
import { deviceMemory } from './device-memory.js';
import { buffer, contextOf } from './context.js';
import { epilogue, out, sums } from './sums.js';

const chunks = (size: number): number => Math.ceil(size / SEGMENT_CHUNK);

describe.runIf(adapterOrComplaint('plans of reductions on WebGPU'))('a reduction', () => {
  let scratch: Memory;
  beforeAll(async () => {
    scratch = await deviceMemory(2 ** 20);
  });

  describe('a sum over many tensors', () => {
    /** The rows of a dispatch: elements, where they begin in their binding, and the first of their partial results. */
    const rowsOf = (dispatch: Dispatch): { readonly steps: number; readonly offset: number; readonly partial: number }[] => {
      const { table, numbers, offsets, groups } = dispatch;
      if (table.length === 0) return [{ steps: numbers.count ?? NaN, offset: offsets[0] ?? NaN, partial: numbers.base ?? NaN }];
      let next = 0;
      const rows = Array.from({ length: table.length / 4 }, (_, k) => table.slice(4 * k, 4 * k + 4)).map(([first, steps = NaN, offset = NaN, partial = NaN]) => {
        expect(first).toBe(next);
        next += chunks(steps);
        return { steps, offset, partial };
      });
      expect(groups).toBe(next);
      return rows;
    };

    it.each([undefined, 5 * SEGMENT_CHUNK])('has each chunk of each in a partial result of its own; bindings of %s bytes', (binding) => {
      const sizes = [5000, 3, 1, 2 * SEGMENT_CHUNK, 0, 700];
      const { kernel, tensors } = sums(sizes);
      const context = contextOf([tensors, [out]], binding === undefined ? {} : { maxStorageBufferBindingSize: binding }, scratch);
      const dispatches = planReduce(kernel, context);
      const parts = dispatches.slice(0, -1);
      expect(parts.length > 1).toBe(binding !== undefined);
      const counts = new Array<number>(sizes.reduce((sum, size) => sum + chunks(size), 0)).fill(0);
      const seen = new Map<number, number>();
      for (const dispatch of parts) {
        const range = dispatch.ranges[0];
        for (const { steps, offset, partial } of rowsOf(dispatch)) {
          for (let k = 0; k < chunks(steps); k++) counts[partial + k] = (counts[partial + k] ?? NaN) + 1;
          const begins = (range?.start ?? NaN) + 4 * offset;
          for (let k = 0; k < steps; k++) seen.set(begins / 4 + k, (seen.get(begins / 4 + k) ?? 0) + 1);
          expect(begins + 4 * steps).toBeLessThanOrEqual((range?.start ?? NaN) + (range?.bytes ?? NaN));
        }
      }
      // Each partial result is written once, and each element of each tensor is in one.
      expect(counts.every((count) => count === 1)).toBe(true);
      const expected = tensors.flatMap((b) => Array.from({ length: b.size }, (_, k) => context.place(b).offset / 4 + k));
      expect([...seen.keys()].sort((a, b) => a - b)).toEqual(expected);
      expect([...seen.values()].every((count) => count === 1)).toBe(true);
      expect(reduceScratchBytes(kernel)).toBe(bytesOfScratch(['float32'], counts.length));
    });

    it('of several parts has the partial results of one behind those of another', () => {
      const [a, b] = [sums([5000, 3]), sums([9000, 5])];
      const other = b.kernel.parts.map((part) => ({ ...part, segments: part.segments.map(({ size }, k) => ({ size, buffers: [buffer(40 + k, size)] })) }));
      const tensors = [...a.tensors, ...other.flatMap((part) => part.segments.flatMap(({ buffers }) => buffers))];
      const kernel = { ...a.kernel, parts: [...a.kernel.parts, ...other] };
      const dispatches = planReduce(kernel, contextOf([tensors, [buffer(0, 1), ...b.tensors, out]], {}, scratch));
      const partials = dispatches.slice(0, -1).flatMap((d) => rowsOf(d).flatMap(({ steps, partial }) => Array.from({ length: chunks(steps) }, (_, k) => partial + k)));
      expect([...partials].sort((p, q) => p - q)).toEqual(Array.from({ length: chunks(5000) + 1 + chunks(9000) + 1 }, (_, k) => k));
    });
  });

  it('a long reduction has a second dispatch, a short one none', () => {
    const plan = (rows: number, columns: number): number => {
      const from = buffer(0, rows * columns);
      const to = buffer(1, rows);
      const body: Body = { instructions: [{ kind: 'load', access: { buffer: from, offset: 0, strides: [columns, 1] }, dtype: 'float32' }], stores: [] };
      const kernel: ReduceKernel = {
        kind: 'reduce',
        parts: [{ extents: [rows, columns], reduced: [false, true], body, values: [0], segments: [{ size: rows * columns, buffers: [from] }] }],
        reductions: [{ op: 'sum', dtype: 'float32' }],
        epilogue: { ...epilogue, stores: [{ access: { buffer: to, offset: 0, strides: [1, 0] }, value: 0 }] },
      };
      expect(reduceScratchBytes(kernel) > 0).toBe(planReduce(kernel, contextOf([[from], [to]], {}, scratch)).length === 2);
      return planReduce(kernel, contextOf([[from], [to]], {}, scratch)).length;
    };
    expect([plan(5, 100), plan(2, 100_000), plan(0, 100)]).toEqual([1, 2, 0]);
  });
});
