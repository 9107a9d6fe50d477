// The scratch memory: as much as the largest kernel needs, and behind it what is packed once for a whole scan.
import type { Buffer, Kernel, MatmulKernel, ScanKernel } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { planMatmul } from '../../src/codegen/matmul-plan.js';
import { planNarrow } from '../../src/codegen/narrow-plan.js';
import { layOutScatter } from '../../src/codegen/scatter-layout.js';
import { layOutScratch } from '../../src/codegen/scratch.js';
import { load, product, scatter } from './kernels.js';

const small = product({ rows: [4], columns: [4], depth: [4] });
const large = product({ rows: [40], columns: [400], depth: [40] });
const bytesOf = (kernel: MatmulKernel): number => planMatmul(kernel, false).bytes;
const rightBytes = (kernel: MatmulKernel): number => bytesOf(kernel) - planMatmul(kernel, false).leftBytes;
const scan = (...kernels: Kernel[]): ScanKernel => ({ kind: 'scan', count: 3, kernels, slices: [] });

it('is that of the largest kernel, which use it one after the other', () => {
  expect(layOutScratch([], false).bytes).toBe(0);
  expect(layOutScratch([small, large], false)).toEqual({ bytes: bytesOf(large), packed: new Map(), narrow: new Map([[small, planNarrow(small)]]) });
  const adding = scatter([5, 8], [8, 1], [0, 0], 6);
  expect(layOutScratch([adding], false).bytes).toBe(layOutScatter(adding).bytes);
});

it('has the right operands that no round changes behind it, each by itself', () => {
  const other = product({ rows: [4], columns: [9], depth: [5] });
  const { bytes, packed } = layOutScratch([scan(large, other)], false);
  const most = Math.max(bytesOf(large), bytesOf(other));
  expect([...packed]).toEqual([[large, most], [other, most + rightBytes(large)]]);
  expect(bytes).toBe(most + rightBytes(large) + rightBytes(other));
  // Scans that follow each other share the places, one in another has its own.
  const two = layOutScratch([scan(large), scan(other)], false);
  expect([...two.packed.values()]).toEqual([most, most]);
  expect(two.bytes).toBe(most + rightBytes(large));
  expect([...layOutScratch([scan(large, scan(other))], false).packed.values()]).toEqual([most, most + rightBytes(large)]);
});

it('has none of what a round changes, is a part, is batched, or is not packed as one', () => {
  const written = { ...small, right: load(small.product, { offset: 0, strides: [4, 1] }) };
  const part: Buffer = { id: 9, name: 'part', dtype: 'float32', size: 16, place: { kind: 'slice' } };
  const moving = { ...small, right: load(part, { offset: 0, strides: [4, 1] }) };
  const batched = product({ batch: [2], rows: [4], columns: [4], depth: [4] });
  const deep = product({ rows: [4], columns: [4], depth: [3000] });
  for (const kernel of [written, moving, batched, deep]) expect(layOutScratch([scan(kernel)], false).packed.size).toBe(0);
  // Outside of a scan none is.
  expect(layOutScratch([small], false).packed.size).toBe(0);
});
