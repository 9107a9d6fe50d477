// Kernels in parts: partial results that lie apart, and every element in one part.
import { bodyBuffers, type Body, type MatmulKernel, type ReduceKernel, type ReducePart, type ScatterKernel } from '@pappus/compiler';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Memory } from '../../src/device/memory.js';
import { SEGMENT_CHUNK } from '../../src/codegen/reduce.js';
import type { Dispatch } from '../../src/run/dispatch.js';
import { matmulScratchBytes, planMatmul } from '../../src/run/plan-matmul.js';
import { planReduce, reduceScratchBytes } from '../../src/run/plan-reduce.js';
import { planScatter, scatterScratchBytes } from '../../src/run/plan-scatter.js';
import { scratchBytes } from '../../src/run/plan.js';
import { bytesOfScratch, scratchOf } from '../../src/run/scratch.js';
import { deviceMemory } from './device-memory.js';
import { buffer, groundOf, LIMITS, loop } from './ground.js';

const out = buffer(90, 1);
const epilogue: Body = { instructions: [{ kind: 'result', index: 0, dtype: 'float32' }], stores: [{ access: { buffer: out, offset: 0, strides: [0] }, value: 0 }] };

/** Sums of many tensors. */
function sums(sizes: readonly number[]): { readonly kernel: ReduceKernel; readonly tensors: readonly ReturnType<typeof buffer>[] } {
  const tensors = sizes.map((size, k) => buffer(k, size));
  const [first = out] = tensors;
  const body: Body = { instructions: [{ kind: 'load', access: { buffer: first, offset: 0, strides: [1] }, dtype: 'float32' }], stores: [] };
  const part: ReducePart = { extents: [Math.max(...sizes)], reduced: [true], body, values: [0], segments: tensors.map((b) => ({ size: b.size, buffers: [b] })) };
  return { tensors, kernel: { kind: 'reduce', parts: [part], reductions: [{ op: 'sum', dtype: 'float32' }], epilogue } };
}

const chunks = (size: number): number => Math.ceil(size / SEGMENT_CHUNK);

describe.runIf(adapterOrComplaint('plans in parts on WebGPU'))('kernels in parts', () => {
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
      const ground = groundOf([tensors, [out]], binding === undefined ? {} : { maxStorageBufferBindingSize: binding }, scratch);
      const dispatches = planReduce(kernel, ground);
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
      const expected = tensors.flatMap((b) => Array.from({ length: b.size }, (_, k) => ground.place(b).offset / 4 + k));
      expect([...seen.keys()].sort((a, b) => a - b)).toEqual(expected);
      expect([...seen.values()].every((count) => count === 1)).toBe(true);
      expect(reduceScratchBytes(kernel)).toBe(bytesOfScratch(['float32'], counts.length));
    });

    it('of several parts has the partial results of one behind those of another', () => {
      const [a, b] = [sums([5000, 3]), sums([9000, 5])];
      const other = b.kernel.parts.map((part) => ({ ...part, segments: part.segments.map(({ size }, k) => ({ size, buffers: [buffer(40 + k, size)] })) }));
      const tensors = [...a.tensors, ...other.flatMap((part) => part.segments.flatMap(({ buffers }) => buffers))];
      const kernel = { ...a.kernel, parts: [...a.kernel.parts, ...other] };
      const dispatches = planReduce(kernel, groundOf([tensors, [buffer(0, 1), ...b.tensors, out]], {}, scratch));
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
      expect(reduceScratchBytes(kernel) > 0).toBe(planReduce(kernel, groundOf([[from], [to]], {}, scratch)).length === 2);
      return planReduce(kernel, groundOf([[from], [to]], {}, scratch)).length;
    };
    expect([plan(5, 100), plan(2, 100_000), plan(0, 100)]).toEqual([1, 2, 0]);
  });

  it('a deep product has its parts one behind the other, and another dispatch that adds them', () => {
    const product = (m: number, k: number, n: number): MatmulKernel => {
      const [l, r, p] = [buffer(0, m * k), buffer(1, k * n), buffer(2, m * n)];
      return {
        kind: 'matmul', dtype: 'float32', batch: [], rows: [m], columns: [n], depth: [k], product: p, epilogue: { instructions: [], stores: [] },
        left: { instructions: [{ kind: 'load', access: { buffer: l, offset: 0, strides: [k, 1] }, dtype: 'float32' }], stores: [] },
        right: { instructions: [{ kind: 'load', access: { buffer: r, offset: 0, strides: [n, 1] }, dtype: 'float32' }], stores: [] },
      };
    };
    const buffersOf = (kernel: MatmulKernel): ReturnType<typeof buffer>[] => [...bodyBuffers(kernel.left), ...bodyBuffers(kernel.right), kernel.product];
    const plan = (kernel: MatmulKernel): Dispatch[] => planMatmul(kernel, groundOf(buffersOf(kernel).map((b) => [b]), {}, scratch));
    const [shallow, deep] = [product(40, 50, 60), product(40, 20_000, 60)];
    expect([plan(shallow).length, matmulScratchBytes(shallow, LIMITS)]).toEqual([1, 0]);
    const [parts, end] = plan(deep);
    const bytes = matmulScratchBytes(deep, LIMITS);
    expect(bytes % (40 * 60 * 4)).toBe(0);
    expect(bytes).toBeGreaterThan(40 * 60 * 4);
    for (const dispatch of [parts, end]) expect(dispatch?.ranges.find(({ memory }) => memory === scratch)).toEqual({ memory: scratch, start: 0, bytes });
    expect(end?.groups).toBe(Math.ceil((40 * 60) / 256));
    expect(plan(product(0, 5, 6))).toEqual([]);
  });

  it('a scatter forgets its lists, links them, and adds', () => {
    const [index, value, to] = [buffer(0, 70, 'int32'), buffer(1, 70 * 9), buffer(2, 50 * 9)];
    const body: Body = {
      instructions: [{ kind: 'load', access: { buffer: index, offset: 0, strides: [1, 0] }, dtype: 'int32' }, { kind: 'load', access: { buffer: value, offset: 0, strides: [9, 1] }, dtype: 'float32' }],
      stores: [{ access: { buffer: to, offset: 0, strides: [0, 1] }, value: 1 }],
    };
    const kernel: ScatterKernel = { kind: 'scatter', extents: [70, 9], body, index: 0, stride: 9, count: 600 };
    const dispatches = planScatter(kernel, groundOf([[index], [value], [to]], {}, scratch));
    expect(dispatches.map(({ groups, numbers }) => [groups, numbers.count])).toEqual([[3, 600], [1, undefined], [Math.ceil((70 * 9) / 256), 630]]);
    // The last position of each index, and behind it the position before each.
    expect(scatterScratchBytes(kernel)).toBe(600 * 4 + 288);
    const link = dispatches[1]?.ranges.find(({ memory }) => memory === scratch);
    expect([link?.start, link?.bytes]).toEqual([0, 600 * 4 + 288]);
    expect([planScatter({ ...kernel, count: 0 }, groundOf([])), scatterScratchBytes({ ...kernel, extents: [0, 9] })]).toEqual([[], 0]);
  });

  it('partial results of several dtypes lie one behind the other', () => {
    const { buffers, written, read } = scratchOf(['float32', 'int32', 'bool'], 5, groundOf([], {}, scratch));
    expect(buffers.map(({ dtype, size }) => [dtype, size])).toEqual([['float32', 5], ['int32', 5], ['bool', 5]]);
    expect(written.map(({ origin, start, end, writes }) => [origin, start, end, writes])).toEqual([[0, 0, 32, true], [32, 32, 64, true], [64, 64, 96, true]]);
    expect(read.map(({ start, end, writes }) => [start, end, writes])).toEqual([[0, 32, false], [32, 64, false], [64, 96, false]]);
    expect(bytesOfScratch(['float32', 'int32', 'bool'], 5)).toBe(96);
    expect(() => scratchOf(['float32'], 5, groundOf([]))).toThrow('no room for partial results');
  });

  it('as much scratch is there as the kernel with most needs, in scans too', () => {
    const few = sums([3, 5]).kernel;
    const many = sums([50_000, 60_000]).kernel;
    const elementwise = loop([4], buffer(0, 4), buffer(1, 4), { offset: 0, strides: [1] });
    expect(scratchBytes([], LIMITS)).toBe(0);
    expect(scratchBytes([few, elementwise, many, few], LIMITS)).toBe(reduceScratchBytes(many));
    expect(scratchBytes([few, { kind: 'scan', count: 3, kernels: [elementwise, many], slices: [] }], LIMITS)).toBe(reduceScratchBytes(many));
  });
});
