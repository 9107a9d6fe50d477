// Updates in place: a variable is overwritten where nothing needs its old value any more, and else takes it last.
import { expect, it } from 'vitest';
import { BufferTable } from '../../src/emit/buffers.js';
import { copyKernel, updatedSafely } from '../../src/emit/in-place.js';
import { bodyBuffers } from '../../src/kernels/accesses.js';
import type { Buffer, ElementwiseKernel, Instruction, Kernel } from '../../src/kernels/kernel.js';
import { HostProgram } from '../../src/lower/host.js';
import type { Affine } from '../../src/kernels/affine.js';
import { at, ran } from '../tensors.js';

const HERE: Affine = { offset: 0, strides: [1] };
const BACKWARDS: Affine = { offset: 3, strides: [-1] };

function setting(): { readonly buffers: BufferTable; readonly v: Buffer; readonly w: Buffer; readonly out: Buffer } {
  const buffers = new BufferTable();
  return { buffers, v: buffers.temporary('v', 'float32', 4), w: buffers.temporary('w', 'float32', 4), out: buffers.output(0, 'float32', 4) };
}

/** `to = from + 10` over four elements. */
function nest(from: Buffer, place: Affine, to: Buffer, update = true): ElementwiseKernel {
  const instructions: Instruction[] = [
    { kind: 'load', access: { buffer: from, ...place }, dtype: 'float32' },
    { kind: 'constant', value: 10, dtype: 'float32' },
    { kind: 'apply', op: 'add', args: [0, 1], operand: 'float32', dtype: 'float32' },
  ];
  const body = { instructions, stores: [{ access: { buffer: to, ...HERE }, value: 2 }] };
  return { kind: 'elementwise', extents: [4], body, update, segments: [{ size: 4, buffers: bodyBuffers(body) }] };
}

/** What the named buffers hold in the end, given 1 2 3 4 and 5 6 7 8 at first. */
function results(kernels: readonly Kernel[], { buffers, v, w, out }: ReturnType<typeof setting>): number[][] {
  const memory = ran(kernels, buffers.all, (b) => (b === v ? [1, 2, 3, 4] : b === w ? [5, 6, 7, 8] : undefined));
  return [v, w, out].map((b) => Array.from(memory.get(b) ?? []));
}

const OUT = [NaN, NaN, NaN, NaN];

it('what reads its own element alone is overwritten', () => {
  const all = setting();
  const { buffers, v } = all;
  const kernels = updatedSafely([nest(v, HERE, v)], new Set([v]), buffers, new HostProgram());
  expect(kernels).toEqual([nest(v, HERE, v)]);
  expect(results(kernels, all)).toEqual([[11, 12, 13, 14], [5, 6, 7, 8], OUT]);
});

it('what reads another element goes to a temporary first', () => {
  const all = setting();
  const { buffers, v } = all;
  const kernels = updatedSafely([nest(v, BACKWARDS, v)], new Set([v]), buffers, new HostProgram());
  expect(kernels).toHaveLength(2);
  expect(results(kernels, all)).toEqual([[14, 13, 12, 11], [5, 6, 7, 8], OUT]);
  expect(buffers.all.at(-1)).toMatchObject({ name: 'new v', size: 4, place: { kind: 'temporary' } });
  // The segments say the same buffers as the code.
  const [first] = kernels;
  expect(first?.kind === 'elementwise' && at(first.segments, 0)).toEqual({ size: 4, buffers: [v, buffers.all.at(-1)] });
});

it('what looks up elements does so too', () => {
  const { buffers, v, w } = setting();
  const instructions: Instruction[] = [
    { kind: 'index', value: HERE, dtype: 'int32' },
    { kind: 'gather', access: { buffer: v, offset: 0, strides: [0] }, index: 0, stride: 1, count: 4, outside: 0, dtype: 'float32' },
  ];
  const kernel = (to: Buffer): ElementwiseKernel => {
    const body = { instructions, stores: [{ access: { buffer: to, ...HERE }, value: 1 }] };
    return { kind: 'elementwise', extents: [4], body, update: true, segments: [{ size: 4, buffers: bodyBuffers(body) }] };
  };
  expect(updatedSafely([kernel(v)], new Set([v]), buffers, new HostProgram())).toHaveLength(2);
  expect(updatedSafely([kernel(w)], new Set([w]), buffers, new HostProgram())).toHaveLength(1);
});

it('what is read later keeps its old value until then', () => {
  const all = setting();
  const { buffers, v, w, out } = all;
  const later = updatedSafely([nest(v, HERE, v), nest(v, HERE, out, false)], new Set([v]), buffers, new HostProgram());
  expect(later).toHaveLength(3);
  expect(results(later, all)).toEqual([[11, 12, 13, 14], [5, 6, 7, 8], [11, 12, 13, 14]]);
  // Each takes the other's old value.
  const swap = setting();
  const swapped = updatedSafely([nest(swap.w, HERE, swap.v), nest(swap.v, HERE, swap.w)], new Set([swap.v, swap.w]), swap.buffers, new HostProgram());
  expect(swapped).toHaveLength(3);
  expect(results(swapped, swap)).toEqual([[15, 16, 17, 18], [11, 12, 13, 14], OUT]);
  // What is read before is not read later.
  expect(updatedSafely([nest(v, HERE, out, false), nest(v, HERE, v)], new Set([v]), buffers, new HostProgram())).toHaveLength(2);
  // Nor is what an update can read before another overwrites it.
  const [pushed, pulled] = [nest(w, HERE, w), nest(w, HERE, v)];
  expect(updatedSafely([pushed, pulled], new Set([v, w]), buffers, new HostProgram())).toEqual([pulled, pushed]);
});

it('what no variable is, and what no update does, is left as it is', () => {
  const { buffers, v, out } = setting();
  const kernels = [nest(v, BACKWARDS, out), nest(v, BACKWARDS, v, false), nest(v, HERE, out)];
  expect(updatedSafely(kernels, new Set([v]), buffers, new HostProgram())).toEqual(kernels);
  expect(updatedSafely([nest(v, BACKWARDS, v)], new Set(), buffers, new HostProgram())).toHaveLength(1);
});

it('a copy copies all elements', () => {
  const all = setting();
  expect(results([copyKernel(all.v, all.out), copyKernel(all.w, all.v)], all)).toEqual([[5, 6, 7, 8], [5, 6, 7, 8], [1, 2, 3, 4]]);
});
