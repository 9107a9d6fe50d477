/**
 * What a kernel reaches of the device's memory, and the few bindings through which it does: tensors of one block share a binding.
 * WebGPU asks that bindings of one block do not overlap where they are written, begin at multiples of 256 bytes, and end at a limit.
 */
import { alignedBytes, type Buffer, type ProgramOptions } from '@pappus/compiler';
import { type Bindings, type BindingType, ELEMENT_BYTES, type Slot, type StoredType, storedType } from '../codegen/shader.js';
import type { Limits } from '../device/options.js';
import { align, ALIGNMENT, type Block } from '../device/memory.js';

/**
 * A driver puts the functions of a shader in their place, and takes longer than in proportion: on SwiftShader the gradient of 300 steps of
 * a tanh is ready in less than half the time with 250 additions, and in five times it with 1,000. The cell of an LSTM is more than 250.
 */
export const LAYOUT: ProgramOptions = { elementBytes: ELEMENT_BYTES, line: ALIGNMENT, largestBody: 500, narrow: true };

/** Bytes of a block that a kernel reaches for a tensor. */
export interface Window {
  readonly buffer: Buffer;
  readonly memory: Block;
  /** Where the tensor begins. */
  readonly origin: number;
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
  /** Elements from the origin on that belong to the tensor, where it is not the buffer's own size. */
  readonly extent?: number;
}

/** A binding of a bind group. */
export interface Range {
  readonly memory: Block;
  readonly start: number;
  readonly bytes: number;
}

export interface Bound {
  readonly ranges: readonly Range[];
  readonly bindings: Bindings;
  /** Where each tensor begins in its binding, in elements; negative where the binding begins later. */
  readonly origins: ReadonlyMap<Buffer, number>;
}

/** Windows that lie in one stretch of a block. */
interface Cluster {
  readonly windows: Window[];
  readonly memory: Block;
  start: number;
  end: number;
}

/** The bindings of these windows; undefined if a window is larger than a binding may be. */
export function bindWindows(windows: readonly Window[], limits: Limits): Bound | undefined {
  const most = limits.maxStorageBufferBindingSize;
  const clusters: Cluster[] = [];
  for (const window of byStart(windows)) {
    const start = alignDown(window.start);
    const last = clusters.findLast((c) => c.memory === window.memory);
    if (window.end - start > most) return undefined;
    if (last !== undefined && Math.max(last.end, window.end) - last.start <= most) extend(last, window);
    else if (last !== undefined && last.end > start) return undefined;
    else clusters.push({ windows: [window], memory: window.memory, start, end: window.end });
  }
  return bindClusters(clusters, windows, undefined);
}

/** The bindings of windows of which some are larger than a binding may be, and take several, the pages. */
export function bindPages(windows: readonly Window[], limits: Limits): Bound {
  const page = 2 ** Math.floor(Math.log2(limits.maxStorageBufferBindingSize));
  const pages = (start: number, end: number): number => Math.ceil((end - start) / page);
  const clusters: Cluster[] = [];
  for (const window of byStart(windows)) {
    const start = alignDown(window.start);
    const last = clusters.findLast((c) => c.memory === window.memory);
    const joined = last === undefined ? Infinity : pages(last.start, Math.max(last.end, window.end));
    if (last !== undefined && (last.end > start || joined <= pages(last.start, last.end) + pages(start, window.end))) extend(last, window);
    else clusters.push({ windows: [window], memory: window.memory, start, end: window.end });
  }
  return bindClusters(clusters, windows, page);
}

/** The stretches that the windows cover; windows that overlap are in one. */
export function overlapping(windows: readonly Window[]): readonly Readonly<Cluster>[] {
  const clusters: Cluster[] = [];
  for (const window of byStart(windows)) {
    const last = clusters.findLast((c) => c.memory === window.memory);
    if (last !== undefined && window.start < last.end) extend(last, window);
    else clusters.push({ windows: [window], memory: window.memory, start: window.start, end: window.end });
  }
  return clusters;
}

function byStart(windows: readonly Window[]): Window[] {
  return [...windows].sort((a, b) => a.start - b.start);
}

function alignDown(address: number): number {
  return Math.floor(address / ALIGNMENT) * ALIGNMENT;
}

function extend(cluster: Cluster, window: Window): void {
  cluster.end = Math.max(cluster.end, window.end);
  cluster.windows.push(window);
}

/** @param page bytes of a page, if clusters may be larger */
function bindClusters(clusters: Cluster[], windows: readonly Window[], page = Infinity): Bound {
  // In the order of the tensors, so that where memory lies does not show in the text of a shader.
  const order = (c: Cluster): number => Math.min(...c.windows.map((w) => windows.indexOf(w)));
  clusters.sort((a, b) => order(a) - order(b));
  const slots = new Map<Buffer, Slot>();
  const origins = new Map<Buffer, number>();
  const ranges: Range[] = [];
  const types = clusters.map(({ memory, start, end, windows: own }, binding): BindingType => {
    const type = commonType(own);
    for (const { buffer, origin } of own) {
      slots.set(buffer, { binding, type });
      origins.set(buffer, (origin - start) / 4);
    }
    const count = Math.ceil((end - start) / page);
    for (let at = start; at < end; at += page) ranges.push({ memory, start: at, bytes: align(Math.min(end, at + page) - at, 16) });
    const writable = clusters.some((c) => c.memory === memory && c.windows.some((w) => w.writes));
    return count > 1 ? { type, writable, pages: { count, elements: page / 4 } } : { type, writable };
  });
  return { ranges, origins, bindings: { slots, types } };
}

function commonType(windows: readonly Window[]): StoredType {
  const types = new Set(windows.map((w) => storedType(w.buffer.dtype)));
  const [only] = types;
  return types.size === 1 && only !== undefined ? only : 'u32';
}

export function tensorBytes({ dtype, size }: Pick<Buffer, 'dtype' | 'size'>): number {
  return alignedBytes({ dtype, size }, LAYOUT);
}

/** What a kernel may touch of a tensor: of a part of another no more than it has, since behind it lies the next, or nothing. */
export function reachedBytes(buffer: Buffer): number {
  return buffer.place.kind === 'slice' ? Math.max(4, buffer.size * ELEMENT_BYTES[buffer.dtype]) : tensorBytes(buffer);
}
