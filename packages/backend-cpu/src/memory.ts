/** The one memory of a CPU backend: blocks given out and taken back, first fit, in cache lines. */
import { BackendError, DisposedError, type DType, type TypedArray } from '@pappus/core';
import { allocate, BYTES_PER_ELEMENT, type TypedArrayOf } from '@pappus/core/backend';
import type { Zones } from './debug/zones.js';

const PAGE = 65536;
/** Bytes of which blocks are multiples. */
export const LINE = 64;
/** In debug builds, bytes before and behind every tensor: a cache line, so that tensors begin where they do in other builds. */
export const GUARD = 64;
/** Pointers may start before a tensor, by what instructions add to them: room at the beginning, where no tensor lies. */
export const FRONT = PAGE;
/** Vectors may be read beyond the end of a tensor: room at the end. */
const MARGIN = 1024;
/** 4 GiB, less the margin. */
const MAX_PAGES = 65536;
const FIRST_PAGES = 17;

export interface CpuMemoryOptions {
  /** Blocks lie between guard zones, and begin as what nobody may use. */
  readonly makeZones?: ((memory: WebAssembly.Memory) => Zones) | undefined;
}

/** There is no room, until garbage is collected or something is disposed of. */
export class NoRoomError extends BackendError {}

/** Blocks of at most so many bytes are small; the beginning of the memory is for them, up to here. */
const MOST_SMALL = 8192;
const SMALL_END = FRONT + 2 ** 18;

function gone(): never {
  throw new DisposedError('the backend cpu was disposed of, and what was on it is gone; make a new one with cpu()');
}

/** A memory takes 4 GiB or more of the engine's addresses, of which some engines have few, whatever it has in it. */
function makeMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MAX_PAGES });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NoRoomError(`the engine has no room for the memory of one more cpu(): use one backend for several functions, or dispose() of those that are done (${error.message})`);
  }
}

interface Range {
  start: number;
  end: number;
}

export class CpuMemory {
  private wasm: WebAssembly.Memory | undefined = makeMemory();
  /** Free ranges by address; neighbours are joined. */
  private readonly free: Range[] = [{ start: FRONT, end: FIRST_PAGES * PAGE - MARGIN }];
  private used = 0;
  /** Of debug builds. */
  readonly zones: Zones | undefined;

  /** @throws {NoRoomError} if the engine has no room for one more */
  constructor({ makeZones }: CpuMemoryOptions = {}) {
    this.zones = makeZones?.(this.memory);
  }

  /** @throws {DisposedError} if it was disposed of */
  get memory(): WebAssembly.Memory {
    return this.wasm ?? gone();
  }

  /** @throws {DisposedError} if it was disposed of */
  check(): void {
    if (this.wasm === undefined) gone();
  }

  /** Gives all of it back, whoever holds pieces of it. */
  dispose(): void {
    this.wasm = undefined;
    this.free.length = 0;
    this.used = 0;
  }

  /** Bytes given out. */
  get usedBytes(): number {
    return this.used;
  }

  /** Bytes of the WebAssembly memory. */
  get totalBytes(): number {
    return this.wasm?.buffer.byteLength ?? 0;
  }

  /**
   * The address of a new block, whose bytes are 0; in debug builds they are what nobody may use.
   *
   * @param what names it in messages of debug builds
   * @throws {NoRoomError} if there is no room for it
   */
  allocate(bytes: number, what = 'a block'): number {
    const { memory } = this;
    const size = this.sizeOf(bytes);
    // What is large leaves the beginning to what is small, so that no small block stands behind a large one that grows.
    const from = size > MOST_SMALL ? SMALL_END : 0;
    let range = this.free.find((r) => r.end - Math.max(r.start, from) >= size);
    range ??= this.grow(size, from);
    const address = Math.max(range.start, from);
    const after = { start: address + size, end: range.end };
    range.end = address;
    this.free.splice(this.free.indexOf(range), 1, ...[range, after].filter((r) => r.start < r.end));
    this.used += size;
    if (this.zones !== undefined) return this.zones.enclose(address, size, bytes, what);
    new Uint8Array(memory.buffer, address, size).fill(0);
    return address;
  }

  release(address: number, bytes: number): void {
    if (this.wasm === undefined) return;
    const size = this.sizeOf(bytes);
    this.used -= size;
    const start = this.zones === undefined ? address : address - GUARD;
    this.zones?.remove(start, start + size);
    const range = { start, end: start + size };
    const at = this.free.findIndex((r) => r.start > start);
    this.free.splice(at < 0 ? this.free.length : at, 0, range);
    this.joinAround(range);
  }

  /** A view of a tensor; it is good until the next allocation. */
  view<D extends DType>(dtype: D, address: number, length: number): TypedArrayOf[D];
  view(dtype: DType, address: number, length: number): TypedArray {
    const { buffer } = this.memory;
    switch (dtype) {
      case 'float32':
        return new Float32Array(buffer, address, length);
      case 'float64':
        return new Float64Array(buffer, address, length);
      case 'int32':
        return new Int32Array(buffer, address, length);
      case 'bool':
        return new Uint8Array(buffer, address, length);
    }
  }

  /** A copy of a tensor. */
  copy(dtype: DType, address: number, length: number): TypedArray {
    const values = allocate(dtype, length);
    values.set(this.view(dtype, address, length));
    return values;
  }

  copyWithin(from: number, to: number, dtype: DType, length: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + length * BYTES_PER_ELEMENT[dtype]);
  }

  /** Bytes of a block with what guards it. */
  private sizeOf(bytes: number): number {
    return Math.max(LINE, Math.ceil(bytes / LINE) * LINE) + (this.zones === undefined ? 0 : 2 * GUARD);
  }

  private grow(size: number, from: number): Range {
    const end = this.memory.buffer.byteLength;
    const last = this.free.at(-1);
    const tail = last !== undefined && last.end === end - MARGIN ? last : undefined;
    const missing = size - (tail === undefined ? 0 : Math.max(0, tail.end - Math.max(tail.start, from)));
    // At least an eighth more, so that many small variables do not grow the memory many times.
    const pages = Math.min(Math.max(Math.ceil(missing / PAGE), Math.ceil(end / PAGE / 8)), MAX_PAGES - end / PAGE);
    if (pages * PAGE < missing || !this.tryGrow(pages)) {
      throw new NoRoomError(
        `the CPU backend has no room for ${size} bytes more beside ${this.used}: WebAssembly memory ends at 4 GiB; use smaller tensors or batches, or dispose() of variables and functions that nobody needs`,
      );
    }
    if (tail !== undefined) {
      tail.end += pages * PAGE;
      return tail;
    }
    const range = { start: end - MARGIN, end: end - MARGIN + pages * PAGE };
    this.free.push(range);
    this.joinAround(range);
    return range;
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  private joinAround(range: Range): void {
    const at = this.free.indexOf(range);
    const next = this.free[at + 1];
    if (next?.start === range.end) {
      range.end = next.end;
      this.free.splice(at + 1, 1);
    }
    const previous = this.free[at - 1];
    if (previous?.end === range.start) {
      previous.end = range.end;
      this.free.splice(at, 1);
    }
  }
}
