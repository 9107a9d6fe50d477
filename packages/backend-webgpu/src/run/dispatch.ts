/** A dispatch and what it is bound to: tensors that are too many for the bindings of one kernel are brought together first. */
import { type Access, type Body, type Buffer, readAccesses } from '@pappus/compiler';
import { BackendError } from '@pappus/core';
import type { Bindings, NumberName, ShaderText } from '../codegen/shader.js';
import type { Limits } from '../device/acquire.js';
import type { Memory, Place } from '../device/memory.js';
import { type Bound, bindPages, bindWindows, type Range, reachedBytes, type Window } from './windows.js';

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
  /** The tensors of the kernel, and where each begins in its binding, in elements. */
  readonly operands: readonly Buffer[];
  readonly offsets: readonly number[];
  readonly numbers: Readonly<Partial<Record<NumberName, number>>>;
  readonly table: readonly number[];
  readonly before: readonly Copy[];
  readonly after: readonly Copy[];
}

export interface Ground {
  readonly limits: Limits;
  /** Of the device, as `WebGpuInfo` has it. */
  readonly subgroupSize: number;
  readonly place: (buffer: Buffer) => Place;
  /** How far before and behind its place a tensor lies in other steps of the loop that the kernel is in, in bytes. */
  readonly drift: (buffer: Buffer) => readonly [number, number];
  /** Room for partial results, which the next kernel overwrites. */
  readonly scratch: Memory | undefined;
  /** Memory in which tensors are brought together that are too many for the bindings of one kernel. */
  readonly gather: (bytes: number) => Memory;
  /** Whether a kernel reads a tensor. */
  readonly isRead: (buffer: Buffer) => boolean;
}

/** What is left of a dispatch when its bindings are known. */
type Rest = Pick<Dispatch, 'text' | 'groups' | 'numbers' | 'table'>;

/** The whole of a tensor. */
export function whole(buffer: Buffer, ground: Ground, writes: boolean): Window {
  return reach(buffer, ground, writes, 0, reachedBytes(buffer));
}

/** A tensor from one of its bytes to another, in every step of a loop. */
export function reach(buffer: Buffer, { place, drift }: Ground, writes: boolean, from: number, to: number): Window {
  const { memory, offset } = place(buffer);
  const [before, behind] = drift(buffer);
  return { buffer, memory, origin: offset, start: offset + from + before, end: offset + Math.min(to, reachedBytes(buffer)) + behind, writes };
}

function tooLarge(windows: readonly Window[], limits: Limits): BackendError {
  const largest = windows.reduce((a, b) => (b.end - b.start > a.end - a.start ? b : a));
  return new BackendError(
    `${largest.buffer.name} is ${largest.end - largest.start} bytes, and a kernel of this device binds at most ${limits.maxStorageBuffersPerShaderStage} times ` +
      `${limits.maxStorageBufferBindingSize}, with all that it reads and writes; use smaller tensors or batches, or split it`,
  );
}

/** A dispatch with its bindings; tensors that are in too many blocks are brought together first. */
export function bind(windows: readonly Window[], operands: readonly Buffer[], tables: number, ground: Ground, emit: (bindings: Bindings, bound: Bound) => Rest): Dispatch {
  const { limits } = ground;
  const most = limits.maxStorageBuffersPerShaderStage - tables;
  const bound = bindWindows(windows, limits) ?? bindPages(windows, limits);
  if (bound.ranges.length <= most) return finish(bound, operands, emit, [], []);
  let bytes = 0;
  const offsets = windows.map(({ start, end }) => {
    const at = bytes;
    bytes += Math.ceil((end - start) / 256) * 256;
    return at;
  });
  if (bytes > most * limits.maxStorageBufferBindingSize) throw tooLarge(windows, limits);
  const memory = ground.gather(bytes);
  const copies = windows.map(({ memory: from, start, end }, k): Copy => ({ from: { memory: from, offset: start }, to: { memory, offset: offsets[k] ?? 0 }, bytes: end - start }));
  const moved = windows.map((w, k): Window => {
    const at = offsets[k] ?? 0;
    return { ...w, memory, origin: at + w.origin - w.start, start: at, end: at + w.end - w.start };
  });
  const together = bindWindows(moved, limits) ?? bindPages(moved, limits);
  if (together.ranges.length > most) throw tooLarge(windows, limits);
  const back = copies.flatMap((copy, k) => (windows[k]?.writes === true ? [{ ...copy, from: copy.to, to: copy.from }] : []));
  return finish(together, operands, emit, copies, back);
}

function finish(bound: Bound, operands: readonly Buffer[], emit: (bindings: Bindings, bound: Bound) => Rest, before: readonly Copy[], after: readonly Copy[]): Dispatch {
  return { ...emit(bound.bindings, bound), ranges: bound.ranges, operands, offsets: operands.map((b) => bound.origins.get(b) ?? 0), before, after };
}

export function accesses(body: Body): readonly Access[] {
  return [...readAccesses(body), ...body.stores.map((s) => s.access)];
}

/** Whether every element of the code is given the same one of a tensor. */
export function staysPut(body: Body, buffer: Buffer | undefined): boolean {
  return accesses(body).every((a) => a.buffer !== buffer || a.strides.every((s) => s === 0));
}
