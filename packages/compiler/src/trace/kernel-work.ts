/** How much a kernel has to do: the bytes that it must move and the operations that it must apply, for traces. */
import { BYTES_PER_ELEMENT, sizeOf } from '@pappus/core/backend';
import { bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import type { Access, Body, Buffer, Kernel, ScanKernel, Segment } from '../kernels/kernel.js';
import type { ElementBytes } from '../memory/memory.js';
import { lost } from '../required.js';

/** What one run of a kernel has to do. */
export interface KernelWork {
  /** Bytes of the elements that it reaches, those of each tensor once for reading and once for writing. */
  readonly bytes: number;
  /** One for each operation at an element, of whatever kind, one for each element that is reduced, two for each multiply-add of a product. */
  readonly flop: number;
}

/**
 * What a kernel has to do in one run.
 *
 * @param elementBytes bytes of an element on the backend
 */
export function kernelWork(kernel: Exclude<Kernel, ScanKernel>, elementBytes: ElementBytes = BYTES_PER_ELEMENT): KernelWork {
  const reads = new Map<Buffer, number>();
  const writes = new Map<Buffer, number>();
  let flop = 0;
  const add = (body: Body, extents: readonly number[], segments: readonly Segment[] = []): void => {
    if (segments.length > 1) {
      for (const segment of segments) flop += segment.size * applied(body);
      reachSegments(body, segments, reads, writes);
      return;
    }
    flop += sizeOf(extents) * applied(body);
    for (const i of body.instructions) if (i.kind === 'load' || i.kind === 'gather') reach(reads, i.access.buffer, i.kind === 'gather' ? sizeOf(extents) : reached(i.access, extents));
    for (const { access } of body.stores) reach(writes, access.buffer, reached(access, extents));
  };
  switch (kernel.kind) {
    case 'routine':
      // Loops go as far as the numbers say: what is known is what goes in and comes out.
      for (const buffer of kernelAccesses(kernel).reads) reach(reads, buffer, buffer.size);
      for (const buffer of kernelAccesses(kernel).writes) reach(writes, buffer, buffer.size);
      break;
    case 'elementwise':
      add(kernel.body, kernel.extents, kernel.segments);
      break;
    case 'scatter':
      add(kernel.body, kernel.extents);
      flop += sizeOf(kernel.extents);
      // What is added to is read before.
      for (const { access } of kernel.body.stores) reach(reads, access.buffer, access.buffer.size);
      for (const { access } of kernel.body.stores) reach(writes, access.buffer, access.buffer.size);
      break;
    case 'reduce': {
      for (const { body, extents, segments } of kernel.parts) {
        add(body, extents, segments);
        flop += kernel.reductions.length * (segments.length > 1 ? segments.reduce((sum, { size }) => sum + size, 0) : sizeOf(extents));
      }
      const [first] = kernel.parts;
      if (first !== undefined) add(kernel.epilogue, first.extents.map((n, axis) => (first.reduced[axis] === true ? 1 : n)));
      break;
    }
    case 'matmul': {
      const { batch, rows, columns, depth, left, right, epilogue, product } = kernel;
      add(left, [...batch, ...rows, ...depth]);
      add(right, [...batch, ...depth, ...columns]);
      add(epilogue, [...batch, ...rows, ...columns]);
      flop += 2 * sizeOf([...batch, ...rows, ...columns, ...depth]);
      reach(writes, product, product.size);
      break;
    }
  }
  const bytesOf = (touched: ReadonlyMap<Buffer, number>): number => [...touched].reduce((sum, [{ dtype }, elements]) => sum + elements * elementBytes[dtype], 0);
  return { bytes: bytesOf(reads) + bytesOf(writes), flop };
}

function applied({ instructions }: Body): number {
  return instructions.filter(({ kind }) => kind === 'apply').length;
}

/** At most how many elements an access reaches. */
function reached({ strides }: Access, extents: readonly number[]): number {
  return sizeOf(extents.filter((_, axis) => strides[axis] !== 0));
}

function reach(touched: Map<Buffer, number>, buffer: Buffer, elements: number): void {
  touched.set(buffer, Math.min(buffer.size, Math.max(elements, touched.get(buffer) ?? 0)));
}

/** Segments are in one dimension and contiguous, or stay at one element. */
function reachSegments(body: Body, segments: readonly Segment[], reads: Map<Buffer, number>, writes: Map<Buffer, number>): void {
  const loaded = new Set(body.instructions.flatMap((i) => (i.kind === 'load' || i.kind === 'gather' ? [i.access.buffer] : [])));
  const stored = new Set(body.stores.map(({ access }) => access.buffer));
  for (const [k, own] of bodyBuffers(body).entries()) {
    for (const { size, buffers } of segments) {
      const buffer = buffers[k] ?? lost(`a buffer of a segment in the place of ${own.name}`);
      if (loaded.has(own)) reach(reads, buffer, size);
      if (stored.has(own)) reach(writes, buffer, size);
    }
  }
}
