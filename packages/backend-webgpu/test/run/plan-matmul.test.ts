// Products in parts of their depth.
import { bodyBuffers, type MatmulKernel } from '@pappus/compiler';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Memory } from '../../src/device/memory.js';
import type { Dispatch } from '../../src/run/dispatch.js';
import { matmulScratchBytes, planMatmul } from '../../src/run/plan-matmul.js';
import { deviceMemory } from './device-memory.js';
import { buffer, contextOf, LIMITS } from './context.js';

describe.runIf(adapterOrComplaint('plans of products on WebGPU'))('a product', () => {
  let scratch: Memory;
  beforeAll(async () => {
    scratch = await deviceMemory(2 ** 20);
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
    const plan = (kernel: MatmulKernel): Dispatch[] => planMatmul(kernel, contextOf(buffersOf(kernel).map((b) => [b]), {}, scratch));
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
});
