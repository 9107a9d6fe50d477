/** A dispatch and what it is bound to: tensors that are too many for the bindings of one kernel are brought together first. */
import type { Buffer, Kernel, RoutineKernel } from '@pappus/compiler';
import { BackendError } from '@pappus/core';
import type { Guards } from '../debug/guards.js';
import type { Bindings, NumberName, ShaderText } from '../codegen/shader.js';
import type { Limits } from '../device/options.js';
import { align, ALIGNMENT, type LateMemory, type Memory, type Place } from '../device/memory.js';
import { type Bound, bindPages, bindWindows, overlapping, type Range, reachedBytes, type Window } from './windows.js';
import { lost } from '@pappus/compiler';

/** Bytes that are copied before or after a dispatch. */
export interface Copy {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
}

export interface Dispatch {
  /** The name of the kernel that it is of, in the whole or in part. */
  readonly kernel: string;
  /** The scalar of the host without which it is left out; undefined if it never is. */
  readonly when: number | undefined;
  readonly text: ShaderText;
  readonly ranges: readonly Range[];
  readonly groups: number;
  /** The tensors of the kernel, and where each begins in its binding, in elements. */
  readonly operands: readonly Buffer[];
  readonly offsets: readonly number[];
  /** Elements of each, which debug builds compare with. */
  readonly extents: readonly number[];
  readonly numbers: Readonly<Partial<Record<NumberName, number>>>;
  readonly table: readonly number[];
  readonly before: readonly Copy[];
  readonly after: readonly Copy[];
}

/** What planning needs to know beside the kernel. */
export interface PlanContext {
  /** Of all kernels of the program. */
  readonly names: ReadonlyMap<Kernel, string>;
  /** The name of the kernel that is planned. */
  readonly kernel: string;
  /** The scalar of the host without which it does not run. */
  readonly when?: number | undefined;
  readonly limits: Limits;
  /** Of the device, as `WebGpuInfo` has it. */
  readonly subgroupSize: number;
  readonly place: (buffer: Buffer) => Place;
  /** How far before and behind its place a tensor lies in other steps of the scan that the kernel is in, in bytes. */
  readonly offsetRange: (buffer: Buffer) => readonly [number, number];
  /** Room for partial results, which the next kernel overwrites. */
  readonly scratch: Memory | undefined;
  /** Where tensors are brought together that are too many for the bindings of one kernel; the next kernel may do the same. */
  readonly gathered: LateMemory;
  /** Of debug builds. */
  readonly guards: Guards | undefined;
  /** Whether a kernel reads a tensor. */
  readonly isRead: (buffer: Buffer) => boolean;
  /** Plans routines; undefined in programs that have none. */
  readonly planRoutine: RoutinePlanner | undefined;
}

/** The dispatches of a routine. */
export type RoutinePlanner = (kernel: RoutineKernel, context: PlanContext) => Dispatch[];

/** What is left of a dispatch when its bindings are known. */
type Rest = Pick<Dispatch, 'text' | 'groups' | 'numbers' | 'table'>;

/** The whole of a tensor. */
export function whole(buffer: Buffer, context: PlanContext, writes: boolean): Window {
  return reach(buffer, context, writes, 0, reachedBytes(buffer));
}

/** A tensor from one of its bytes to another, in every step of a scan. */
export function reach(buffer: Buffer, { place, offsetRange }: PlanContext, writes: boolean, from: number, to: number): Window {
  const { memory, offset } = place(buffer);
  const [before, behind] = offsetRange(buffer);
  return {
    buffer,
    memory,
    origin: offset,
    start: offset + from + before,
    end: offset + Math.min(to, reachedBytes(buffer)) + behind,
    writes,
  };
}

function tooLarge(windows: readonly Window[], limits: Limits): BackendError {
  const bytes = (w: Window): number => w.end - w.start;
  const largest = windows.reduce((a, b) => (bytes(b) > bytes(a) ? b : a));
  return new BackendError(
    `a kernel reads and writes ${windows.reduce((sum, w) => sum + bytes(w), 0)} bytes of ${windows.length} tensors, ${largest.buffer.name} with ${bytes(largest)} the ` +
      `largest, and this device binds at most ${limits.maxStorageBuffersPerShaderStage} times ${limits.maxStorageBufferBindingSize} for it; use smaller tensors or batches, or split it`,
  );
}

/** A dispatch with its bindings; tensors that are in too many blocks are brought together first. */
export function bind(
  windows: readonly Window[],
  operands: readonly Buffer[],
  tables: number,
  context: PlanContext,
  emit: (bindings: Bindings, bound: Bound) => Rest,
): Dispatch {
  const { limits, gathered } = context;
  const most = limits.maxStorageBuffersPerShaderStage - tables;
  const bound = bindWindows(windows, limits) ?? bindPages(windows, limits);
  if (bound.ranges.length <= most) return finish(bound, windows, operands, context, emit, [], []);
  let bytes = 0;
  const moved: Window[] = [];
  const before: Copy[] = [];
  const after: Copy[] = [];
  for (const { memory: block, start, end, windows: own } of overlapping(windows)) {
    const there = { memory: block, offset: start };
    const here = { memory: gathered, offset: bytes };
    before.push({ from: there, to: here, bytes: end - start });
    if (own.some((w) => w.writes)) after.push({ from: here, to: there, bytes: end - start });
    const by = bytes - start;
    for (const w of own) moved.push({ ...w, memory: gathered, origin: w.origin + by, start: w.start + by, end: w.end + by });
    bytes += align(end - start, ALIGNMENT);
  }
  if (bytes > Math.min(most * limits.maxStorageBufferBindingSize, limits.maxBufferSize)) throw tooLarge(windows, limits);
  const inOrder = windows.flatMap((w) => moved.filter((m) => m.buffer === w.buffer));
  const together = bindWindows(inOrder, limits) ?? bindPages(inOrder, limits);
  if (together.ranges.length > most) throw tooLarge(windows, limits);
  gathered.want(bytes);
  return finish(together, windows, operands, context, emit, before, after);
}

function finish(
  bound: Bound,
  windows: readonly Window[],
  operands: readonly Buffer[],
  { guards, kernel, when }: PlanContext,
  emit: (bindings: Bindings, bound: Bound) => Rest,
  before: readonly Copy[],
  after: readonly Copy[],
): Dispatch {
  const rest = emit(guards === undefined ? bound.bindings : { ...bound.bindings, checked: true }, bound);
  return {
    ...rest,
    kernel,
    when,
    numbers: guards === undefined ? rest.numbers : { ...rest.numbers, kernel: guards.numberOf(kernel, operands) },
    ranges: bound.ranges,
    operands,
    offsets: operands.map((b) => bound.origins.get(b) ?? lost(`the binding of ${b.name}`)),
    extents: operands.map((b) => windows.find((w) => w.buffer === b)?.extent ?? b.size),
    before,
    after,
  };
}
