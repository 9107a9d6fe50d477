// Kernels by hand, and what they compute beside the plain backend.
import { type Affine, type Body, type Buffer, bodyBuffers, type Kernel, type MatmulKernel, type ScatterKernel } from '@pappus/compiler';
import type { DType } from '@pappus/core';
import { allocate } from '@pappus/core/backend';
import { copied, type Memory, programOfKernel, runKernel } from '@pappus/testing/plain';
import { expect } from 'vitest';
import { cpu } from '../../src/index.js';

export function buffer(id: number, size: number, dtype: DType = 'float32'): Buffer {
  return { id, name: `b${id}`, dtype, size, place: { kind: 'temporary' } };
}

export const load = (from: Buffer, place: Affine): Body => ({ instructions: [{ kind: 'load', access: { buffer: from, ...place }, dtype: from.dtype }], stores: [] });

export interface Axes {
  readonly batch?: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly depth: readonly number[];
}

/** Row-major strides. */
export function contiguous(...groups: readonly (readonly number[])[]): number[] {
  const shape = groups.flat();
  return shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
}

interface Strides {
  readonly left?: readonly number[];
  readonly right?: readonly number[];
}

/** A product of two tensors as they lie, of which nothing follows. */
export function product({ batch = [], rows, columns, depth }: Axes, { left, right }: Strides = {}, dtype: 'float32' | 'float64' | 'int32' = 'float32'): MatmulKernel {
  const size = (strides: readonly number[], extents: readonly number[]): number => 1 + strides.reduce((sum, s, k) => sum + s * Math.max(0, (extents[k] ?? 1) - 1), 0);
  const l = left ?? contiguous(batch, rows, depth);
  const r = right ?? contiguous(batch, depth, columns);
  const from = [buffer(0, size(l, [...batch, ...rows, ...depth]), dtype), buffer(1, size(r, [...batch, ...depth, ...columns]), dtype)];
  const [a = buffer(0, 1), b = buffer(1, 1)] = from;
  const out = buffer(2, [...batch, ...rows, ...columns].reduce((x, y) => x * y, 1), dtype);
  return { kind: 'matmul', dtype, batch, rows, columns, depth, left: load(a, { offset: 0, strides: l }), right: load(b, { offset: 0, strides: r }), product: out, epilogue: { instructions: [], stores: [] } };
}

export function scatter(extents: readonly number[], indexStrides: readonly number[], storeStrides: readonly number[], count: number, dtype: DType = 'float32'): ScatterKernel {
  const index = buffer(0, 64, 'int32');
  const value = buffer(1, extents.reduce((a, b) => a * b, 1), dtype);
  const instructions: Body['instructions'] = [
    { kind: 'load', access: { buffer: index, offset: 0, strides: indexStrides }, dtype: 'int32' },
    { kind: 'load', access: { buffer: value, offset: 0, strides: contiguous(extents) }, dtype },
  ];
  const out = buffer(2, 4096, dtype);
  return { kind: 'scatter', extents, body: { instructions, stores: [{ access: { buffer: out, offset: 0, strides: storeStrides }, value: 1 }] }, index: 0, stride: 1, count };
}

/** Small whole numbers, of which sums and products are exact. */
function numbers({ dtype, size, id }: Buffer): Memory extends Map<Buffer, infer A> ? A : never {
  const array = allocate(dtype, size);
  for (let k = 0; k < size; k++) array[k] = dtype === 'bool' ? k % 2 : ((k * (7 + 2 * id) + (k >> 3)) % 13) - 6;
  return array;
}

const backends: Partial<Record<'debug' | 'plain', ReturnType<typeof cpu>>> = {};

/**
 * Runs a kernel on the CPU and by the plain backend, and compares all that it may touch.
 *
 * @param debug whether reads and writes are compared with the bounds of what they may reach
 */
export async function sameAsPlain(kernel: Kernel, buffers: readonly Buffer[], what: string, { debug = false } = {}): Promise<void> {
  const memory: Memory = new Map(buffers.map((b) => [b, numbers(b)]));
  const expected = copied(memory);
  runKernel(kernel, { memory: expected, scalars: [] });
  const { program, variables } = programOfKernel({ kernel, run: { memory, scalars: [] } });
  const executable = await (await (backends[debug ? 'debug' : 'plain'] ??= cpu({ debug }))).load(program);
  await executable.ready?.([]);
  executable.run([]);
  for (const [b, values] of expected) expect(Array.from((await variables.get(b)?.read()) ?? []), `${what}: ${b.name}`).toEqual(Array.from(values));
  executable.release?.();
  for (const held of variables.values()) held.dispose();
}

export function productBuffers(kernel: MatmulKernel): Buffer[] {
  return [...new Set([...bodyBuffers(kernel.left), ...bodyBuffers(kernel.right), kernel.product])];
}
