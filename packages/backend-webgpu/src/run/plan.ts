/**
 * From kernels and places to dispatches: which bindings each needs, what it is told, and how it is cut where a device's limits ask
 * for it. Nothing here touches the device but to make room for tensors that are brought together.
 */
import {
  type Access, type Body, bodyBuffers, type Buffer, type Kernel, kernelAccesses, type LoopKernel, type MatmulKernel, readAccesses, type ReduceKernel,
  type ReducePart, type RepeatKernel, type ScatterKernel, segmentRows, type SegmentRow,
} from '@pappus/compiler';
import { BackendError, sizeOf } from '@pappus/core';
import { emitLoop, loopLanes } from '../codegen/loop.js';
import { emitMatmul, matmulGroups } from '../codegen/matmul.js';
import { emitPartials, emitReduce, emitReduceSegments, partialsShape, type Partials, reduceGroups, reduceShape, SEGMENT_CHUNK } from '../codegen/reduce.js';
import { emitScatter, scatterColumns } from '../codegen/scatter.js';
import { type Bindings, ELEMENT_BYTES, type NumberName, type ShaderText, WORKGROUP } from '../codegen/shader.js';
import type { Limits } from '../device/acquire.js';
import type { Memory, Place } from '../device/memory.js';
import { type Bound, bindWindows, type Range, tensorBytes, type Window } from './windows.js';

/** Bytes that are copied before or after a dispatch. */
export interface Copy {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
}

export interface Dispatch {
  readonly text: ShaderText;
  readonly ranges: readonly Range[];
  readonly groups: number;
  /** Where each tensor of the kernel begins in its binding. */
  readonly offsets: readonly number[];
  readonly numbers: Readonly<Partial<Record<NumberName, number>>>;
  readonly table: readonly number[];
  readonly before: readonly Copy[];
  readonly after: readonly Copy[];
}

export interface Ground {
  readonly limits: Limits;
  readonly place: (buffer: Buffer) => Place;
  /** Room for partial results, which the next kernel overwrites. */
  readonly scratch: Memory | undefined;
  /** Memory in which tensors are brought together that are too many for the bindings of one kernel. */
  readonly gather: (bytes: number) => Memory;
  /** Whether a kernel reads a tensor. */
  readonly isRead: (buffer: Buffer) => boolean;
}

/** What is left of a dispatch when its bindings are known. */
type Rest = Pick<Dispatch, 'text' | 'groups' | 'numbers' | 'table'>;

/** Partial results of a reduction, and where each part's begin. */
export function partialCounts(kernel: ReduceKernel): { readonly count: number; readonly first: readonly number[] } | undefined {
  const [only] = kernel.parts;
  if (only === undefined) return undefined;
  if (kernel.parts.length === 1 && only.segments.length <= 1) {
    const { chunks, results } = reduceShape(only);
    return chunks === 1 ? undefined : { count: chunks * results, first: [0] };
  }
  const first: number[] = [];
  let count = 0;
  for (const { segments } of kernel.parts) {
    first.push(count);
    for (const { size } of segments) count += Math.ceil(size / SEGMENT_CHUNK);
  }
  return { count, first };
}

export function scratchBytes(kernels: readonly Kernel[]): number {
  const bytesOf = (kernel: Kernel): number => {
    if (kernel.kind === 'repeat') return scratchBytes(kernel.kernels);
    return kernel.kind === 'reduce' ? (partialCounts(kernel)?.count ?? 0) * kernel.reductions.length * 4 + 16 * kernel.reductions.length : 0;
  };
  return Math.max(0, ...kernels.map(bytesOf));
}

export function planKernel(kernel: Kernel, ground: Ground): Dispatch[] {
  switch (kernel.kind) {
    case 'loop':
      return new LoopPlan(kernel, ground).dispatches();
    case 'reduce':
      return planReduce(kernel, ground);
    case 'matmul':
      return planMatmul(kernel, ground);
    case 'scatter':
      return planScatter(kernel, ground);
    case 'repeat':
      return Array.from({ length: kernel.count }, (_, step) => planStep(kernel, step, ground)).flat();
  }
}

/** The kernels of a loop at one step, which are dispatches of their own: only the places of the slices differ from step to step. */
function planStep({ kernels, slices }: RepeatKernel, step: number, ground: Ground): Dispatch[] {
  const place = (buffer: Buffer): Place => {
    const slice = slices.find((s) => s.buffer === buffer);
    if (slice === undefined) return ground.place(buffer);
    const { memory, offset } = ground.place(slice.of);
    return { memory, offset: offset + (slice.start + step * slice.stride) * ELEMENT_BYTES[buffer.dtype] };
  };
  return kernels.flatMap((kernel) => planKernel(kernel, { ...ground, place }));
}

/** The whole of a tensor. */
function whole(buffer: Buffer, { place }: Ground, writes: boolean): Window {
  const { memory, offset } = place(buffer);
  return { buffer, memory, origin: offset, start: offset, end: offset + tensorBytes(buffer), writes };
}

function tooLarge(windows: readonly Window[], limits: Limits): BackendError {
  const largest = windows.reduce((a, b) => (b.end - b.start > a.end - a.start ? b : a));
  return new BackendError(
    `${largest.buffer.name} is ${largest.end - largest.start} bytes, and a kernel of this device binds at most ${limits.maxStorageBufferBindingSize}; ` +
      'use smaller tensors or batches, or split it',
  );
}

/** A dispatch with its bindings; tensors that are in too many blocks are brought together first. */
function bind(windows: readonly Window[], operands: readonly Buffer[], tables: number, ground: Ground, emit: (bindings: Bindings, bound: Bound) => Rest): Dispatch {
  const { limits } = ground;
  const bound = bindWindows(windows, limits);
  if (bound === undefined) throw tooLarge(windows, limits);
  if (bound.ranges.length + tables <= limits.maxStorageBuffersPerShaderStage) return finish(bound, operands, emit, [], []);
  let bytes = 0;
  const offsets = windows.map(({ start, end }) => {
    const at = bytes;
    bytes += Math.ceil((end - start) / 256) * 256;
    return at;
  });
  const memory = ground.gather(bytes);
  const copies = windows.map(({ memory: from, start, end }, k): Copy => ({ from: { memory: from, offset: start }, to: { memory, offset: offsets[k] ?? 0 }, bytes: end - start }));
  const moved = windows.map((w, k): Window => {
    const at = offsets[k] ?? 0;
    return { ...w, memory, origin: at + w.origin - w.start, start: at, end: at + w.end - w.start };
  });
  const together = bindWindows(moved, limits);
  if (together === undefined) throw tooLarge(windows, limits);
  const back = copies.flatMap((copy, k) => (windows[k]?.writes === true ? [{ ...copy, from: copy.to, to: copy.from }] : []));
  return finish(together, operands, emit, copies, back);
}

function finish(bound: Bound, operands: readonly Buffer[], emit: (bindings: Bindings, bound: Bound) => Rest, before: readonly Copy[], after: readonly Copy[]): Dispatch {
  return { ...emit(bound.bindings, bound), ranges: bound.ranges, offsets: operands.map((b) => bound.origins.get(b) ?? 0), before, after };
}

/** A loop: over the rows of its segments, or over its own nest. */
class LoopPlan {
  private readonly order: readonly Buffer[];
  private readonly lanes: 1 | 4;
  private readonly written: ReadonlySet<Buffer>;

  constructor(
    private readonly kernel: LoopKernel,
    private readonly ground: Ground,
  ) {
    this.order = bodyBuffers(kernel.body);
    this.lanes = loopLanes(kernel);
    this.written = new Set(kernel.body.stores.map((s) => s.access.buffer));
  }

  dispatches(): Dispatch[] {
    const { kernel } = this;
    if (kernel.segments.length <= 1) {
      const [extent = 1] = kernel.extents;
      return sizeOf(kernel.extents) === 0 ? [] : this.nest(0, extent);
    }
    return this.byMemory().flatMap((part) => {
      const address = (buffer: Buffer): number => this.ground.place(buffer).offset;
      return this.rows(part, segmentRows(part, this.lanes, address, { elementBytes: ELEMENT_BYTES }));
    });
  }

  /** Segments whose tensors lie in the same blocks. */
  private byMemory(): LoopKernel[] {
    const groups: { readonly memories: readonly Memory[]; readonly segments: LoopKernel['segments'][number][] }[] = [];
    for (const segment of this.kernel.segments) {
      const memories = segment.buffers.map((b) => this.ground.place(b).memory);
      const known = groups.find((g) => g.memories.every((m, k) => m === memories[k]));
      if (known === undefined) groups.push({ memories, segments: [segment] });
      else known.segments.push(segment);
    }
    return groups.map(({ segments }) => ({ ...this.kernel, segments }));
  }

  private rows(part: LoopKernel, rows: readonly SegmentRow[]): Dispatch[] {
    if (rows.length === 0) return [];
    const fixed = this.order.map((buffer) => staysPut(part.body, buffer));
    const windows = this.order.map((buffer, k): Window => {
      const memory = this.ground.place(part.segments[0]?.buffers[k] ?? buffer).memory;
      const starts = rows.map((row) => row.addresses[k] ?? 0);
      const ends = rows.map((row) => (row.addresses[k] ?? 0) + (fixed[k] === true ? 16 : row.steps * this.lanes * 4));
      const start = Math.min(...starts);
      return { buffer, memory, origin: start, start, end: Math.max(...ends), writes: this.written.has(buffer) };
    });
    if (bindWindows(windows, this.ground.limits) === undefined) return this.halves(part, rows, fixed, windows);
    const byTable = rows.length > 1;
    return [
      bind(windows, this.order, byTable ? 1 : 0, this.ground, (bindings, { origins }) => {
        const text = emitLoop(part, bindings, this.order, byTable);
        let groups = 0;
        const table: number[] = [];
        for (const { steps, addresses } of rows) {
          const begins = this.order.map((buffer, k) => (origins.get(buffer) ?? 0) + ((addresses[k] ?? 0) - (windows[k]?.start ?? 0)) / 4);
          table.push(groups, steps, ...begins);
          groups += Math.ceil(steps / WORKGROUP);
        }
        return { text, groups, numbers: byTable ? { rows: rows.length } : { count: rows[0]?.steps ?? 0, start: 0 }, table: byTable ? table : [] };
      }),
    ];
  }

  private halves(part: LoopKernel, rows: readonly SegmentRow[], fixed: readonly boolean[], windows: readonly Window[]): Dispatch[] {
    const middle = Math.floor(rows.length / 2);
    if (middle > 0) return [...this.rows(part, rows.slice(0, middle)), ...this.rows(part, rows.slice(middle))];
    const [row] = rows;
    if (row === undefined || row.steps < 2) throw tooLarge(windows, this.ground.limits);
    const steps = Math.floor(row.steps / 2);
    const addresses = row.addresses.map((a, k) => (fixed[k] === true ? a : a + steps * this.lanes * 4));
    return [...this.rows(part, [{ ...row, steps }]), ...this.rows(part, [{ steps: row.steps - steps, addresses }])];
  }

  /** The nest from `from` to `to` of its first axis. */
  private nest(from: number, to: number): Dispatch[] {
    const { kernel, order, lanes } = this;
    const { extents } = kernel;
    const inner = sizeOf(extents.slice(1));
    const all = extents.length === 0 || (from === 0 && to === extents[0]);
    const windows = order.map((buffer) => (all ? whole(buffer, this.ground, this.written.has(buffer)) : this.windowOf(buffer, from, to)));
    if (bindWindows(windows, this.ground.limits) === undefined) {
      const unit = extents.length === 1 ? lanes : 1;
      const middle = from + Math.floor((to - from) / 2 / unit) * unit;
      if (middle === from || extents.length === 0) throw tooLarge(windows, this.ground.limits);
      return [...this.nest(from, middle), ...this.nest(middle, to)];
    }
    const count = Math.ceil(((extents.length === 0 ? 1 : to - from) * inner) / lanes);
    return [
      bind(windows, order, 0, this.ground, (bindings) => ({
        text: emitLoop(kernel, bindings, order, false), groups: Math.ceil(count / WORKGROUP), numbers: { count, start: from }, table: [],
      })),
    ];
  }

  /** What a part of the nest reaches of a tensor; all of one that is read at computed positions. */
  private windowOf(buffer: Buffer, from: number, to: number): Window {
    const { kernel } = this;
    const all = whole(buffer, this.ground, this.written.has(buffer));
    if (kernel.body.instructions.some((i) => i.kind === 'gather' && i.access.buffer === buffer)) return all;
    let low = Infinity;
    let high = -Infinity;
    for (const access of accesses(kernel.body)) {
      if (access.buffer !== buffer) continue;
      let [first, last] = [access.offset, access.offset];
      for (const [axis, stride] of access.strides.entries()) {
        const [a, b] = axis === 0 ? [from, to - 1] : [0, (kernel.extents[axis] ?? 1) - 1];
        first += Math.min(a * stride, b * stride);
        last += Math.max(a * stride, b * stride);
      }
      low = Math.min(low, first);
      high = Math.max(high, last + 1);
    }
    return { ...all, start: all.origin + Math.floor(low / 4) * 16, end: all.origin + Math.min(Math.ceil(high / 4) * 16, all.end - all.origin) };
  }
}

function accesses(body: Body): readonly Access[] {
  return [...readAccesses(body), ...body.stores.map((s) => s.access)];
}

/** Whether every element of the code is given the same one of a tensor. */
function staysPut(body: Body, buffer: Buffer | undefined): boolean {
  return accesses(body).every((a) => a.buffer !== buffer || a.strides.every((s) => s === 0));
}

function planScatter(kernel: ScatterKernel, ground: Ground): Dispatch[] {
  const count = scatterColumns(kernel);
  if (sizeOf(kernel.extents) === 0) return [];
  const order = bodyBuffers(kernel.body);
  const written = new Set(kernel.body.stores.map((s) => s.access.buffer));
  return [
    bind(order.map((b) => whole(b, ground, written.has(b))), order, 0, ground, (bindings) => ({
      text: emitScatter(kernel, bindings), groups: Math.ceil(count / WORKGROUP), numbers: { count }, table: [],
    })),
  ];
}

function planMatmul(kernel: MatmulKernel, ground: Ground): Dispatch[] {
  const shared = ground.limits.maxComputeWorkgroupStorageSize;
  const groups = matmulGroups(kernel, shared);
  if (groups === 0) return [];
  const { product } = kernel;
  const overwritten = kernel.epilogue.stores.some((s) => s.access.buffer === product);
  const keep = !overwritten && (product.place.kind !== 'temporary' || ground.isRead(product));
  const { reads, writes } = kernelAccesses(kernel);
  const operands = [...new Set([...reads, ...writes])].filter((b) => keep || b !== product || overwritten);
  return [
    bind(operands.map((b) => whole(b, ground, writes.includes(b))), operands, 0, ground, (bindings) => ({
      text: emitMatmul(kernel, bindings, operands, keep, shared), groups, numbers: {}, table: [],
    })),
  ];
}

function planReduce(kernel: ReduceKernel, ground: Ground): Dispatch[] {
  const [first] = kernel.parts;
  if (first === undefined) return [];
  const shape = reduceShape(first);
  if (shape.results === 0) return [];
  const counts = partialCounts(kernel);
  const written = kernel.epilogue.stores.map((s) => s.access.buffer);
  const windowsOf = (buffers: readonly Buffer[]): Window[] => buffers.map((b) => whole(b, ground, written.includes(b)));
  if (counts === undefined) {
    const operands = [...new Set([...bodyBuffers(first.body), ...bodyBuffers(kernel.epilogue)])];
    return [
      bind(windowsOf(operands), operands, 0, ground, (bindings) => ({
        text: emitReduce(kernel, first, bindings, operands), groups: reduceGroups(shape), numbers: {}, table: [],
      })),
    ];
  }
  const { partials, windows } = partialResults(kernel, counts.count, ground);
  const single = kernel.parts.length === 1 && first.segments.length <= 1;
  const parts = single
    ? [chunked(kernel, first, partials, windows, ground)]
    : kernel.parts.flatMap((part, k) => segments(kernel, part, partials, windows, counts.first[k] ?? 0, ground));
  const operands = [...new Set([...partials.buffers, ...bodyBuffers(kernel.epilogue)])];
  const own = windowsOf(bodyBuffers(kernel.epilogue));
  const end = bind([...windows.map((w) => ({ ...w, writes: false })), ...own], operands, 0, ground, (bindings) => ({
    text: emitPartials(kernel, bindings, operands, partials), groups: reduceGroups(partialsShape(shape.results, counts.count / shape.results)), numbers: {}, table: [],
  }));
  return [...parts, end];
}

/** Partial results of each reduction, one list behind the other. */
function partialResults(kernel: ReduceKernel, count: number, { scratch }: Ground): { readonly partials: Partials; readonly windows: readonly Window[] } {
  if (scratch === undefined) throw new TypeError('a reduction in parts has no room for partial results');
  let at = 0;
  const windows = kernel.reductions.map(({ dtype }, k): Window => {
    const buffer: Buffer = { id: -1 - k, name: `partial results ${k}`, dtype, size: count, place: { kind: 'temporary' } };
    const start = at;
    at += tensorBytes(buffer);
    return { buffer, memory: scratch, origin: start, start, end: at, writes: true };
  });
  return { partials: { buffers: windows.map((w) => w.buffer), count }, windows };
}

function chunked(kernel: ReduceKernel, part: ReducePart, partials: Partials, scratch: readonly Window[], ground: Ground): Dispatch {
  const own = bodyBuffers(part.body);
  const operands = [...own, ...partials.buffers];
  return bind([...own.map((b) => whole(b, ground, false)), ...scratch], operands, 0, ground, (bindings) => ({
    text: emitReduce(kernel, part, bindings, operands, partials), groups: reduceGroups(reduceShape(part)), numbers: {}, table: [],
  }));
}

interface ReduceRow extends SegmentRow {
  readonly memories: readonly Memory[];
  readonly firstPartial: number;
}

/** Chunks of every tensor that a part covers. Rows are never joined: where tensors lie must not decide how they are summed. */
function segments(kernel: ReduceKernel, part: ReducePart, partials: Partials, scratch: readonly Window[], firstPartial: number, ground: Ground): Dispatch[] {
  const order = bodyBuffers(part.body);
  let next = firstPartial;
  const rows: ReduceRow[] = [];
  for (const { size, buffers } of part.segments) {
    const places = buffers.map(ground.place);
    if (size > 0) rows.push({ steps: size, addresses: places.map((p) => p.offset), memories: places.map((p) => p.memory), firstPartial: next });
    next += Math.ceil(size / SEGMENT_CHUNK);
  }
  const groups: ReduceRow[][] = [];
  for (const row of rows) {
    const known = groups.find((g) => g[0]?.memories.every((m, k) => m === row.memories[k]) === true);
    if (known === undefined) groups.push([row]);
    else known.push(row);
  }
  const single = part.segments.length <= 1;
  const plan = (members: readonly ReduceRow[]): Dispatch[] => {
    const windows = order.map((buffer, k): Window => {
      const memory = members[0]?.memories[k] ?? ground.place(buffer).memory;
      const start = Math.min(...members.map((row) => row.addresses[k] ?? 0));
      const end = Math.max(...members.map((row) => (row.addresses[k] ?? 0) + (single ? tensorBytes(buffer) : Math.ceil(row.steps / 4) * 16)));
      return { buffer, memory, origin: start, start, end, writes: false };
    });
    if (bindWindows(windows, ground.limits) === undefined) {
      const [row] = members;
      const middle = Math.floor(members.length / 2);
      if (middle > 0) return [...plan(members.slice(0, middle)), ...plan(members.slice(middle))];
      const chunks = row === undefined ? 0 : Math.floor(Math.ceil(row.steps / SEGMENT_CHUNK) / 2);
      if (row === undefined || chunks === 0 || part.extents.length > 1 || single) throw tooLarge(windows, ground.limits);
      const steps = chunks * SEGMENT_CHUNK;
      const addresses = row.addresses.map((a, k) => (staysPut(part.body, order[k]) ? a : a + steps * 4));
      const rest = { ...row, steps: row.steps - steps, firstPartial: row.firstPartial + chunks, addresses };
      return [...plan([{ ...row, steps }]), ...plan([rest])];
    }
    const byTable = members.length > 1;
    const operands = [...order, ...partials.buffers];
    return [
      bind([...windows, ...scratch], operands, byTable ? 1 : 0, ground, (bindings, { origins }) => {
        let count = 0;
        const table: number[] = [];
        for (const row of members) {
          table.push(count, row.steps, ...order.map((b, k) => (origins.get(b) ?? 0) + ((row.addresses[k] ?? 0) - (windows[k]?.start ?? 0)) / 4), row.firstPartial);
          count += Math.ceil(row.steps / SEGMENT_CHUNK);
        }
        const numbers = byTable ? { rows: members.length } : { count: members[0]?.steps ?? 0, base: members[0]?.firstPartial ?? 0 };
        return { text: emitReduceSegments(kernel, part, bindings, operands, partials, byTable), groups: count, numbers, table: byTable ? table : [] };
      }),
    ];
  };
  return groups.flatMap(plan);
}
