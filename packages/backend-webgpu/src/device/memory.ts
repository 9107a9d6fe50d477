/** Device memory: blocks that are given out with what their allocation came to, and that several holders may share. */
import { OutOfMemoryError } from '../errors.js';

/** The values of GPUBufferUsage and GPUMapMode, which are globals in browsers only. */
export const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const MAP_READ = 0x1;

/** Of what a kernel computes with. */
export const TENSORS = USAGE.copySource | USAGE.copyTarget | USAGE.storage;

/** A binding begins at a multiple of this many bytes, on every device. */
export const ALIGNMENT = 256;

/** The next multiple. */
export function align(count: number, to: number): number {
  return Math.ceil(count / to) * to;
}

/** What tensors lie in. */
export interface Block {
  readonly buffer: GPUBuffer;
}

export class Memory implements Block {
  readonly buffer: GPUBuffer;
  /** Ends when it is known whether the memory is there. */
  readonly settled: Promise<void>;
  /** Why it is not. */
  failure: OutOfMemoryError | undefined;
  private holders = 0;

  constructor(
    device: GPUDevice,
    readonly bytes: number,
    what: string,
    usage: number,
  ) {
    device.pushErrorScope('out-of-memory');
    this.buffer = device.createBuffer({ size: bytes, usage, label: what });
    this.settled = device.popErrorScope().then(
      (error) => {
        if (error === null) return;
        this.failure = new OutOfMemoryError(`the GPU has no ${bytes} bytes for ${what} beside what is held there: dispose() of what nobody needs; use smaller tensors or batches (${error.message})`, true);
      },
      () => undefined, // a device that is lost says so elsewhere
    );
  }

  hold(): void {
    this.holders++;
  }

  /** Work that was submitted still ends. */
  release(): void {
    this.holders--;
    if (this.holders <= 0) this.buffer.destroy();
  }
}

/**
 * Ends when all of them are there; nothing may be done with them before.
 *
 * @throws {OutOfMemoryError} if there was no room for one
 */
export async function settle(memories: Iterable<Memory>): Promise<void> {
  const all = [...memories];
  await Promise.all(all.map((memory) => memory.settled));
  for (const { failure } of all) if (failure !== undefined) throw failure;
}

/** Whether something failed for want of memory, of which there may be some later. */
export function isFull(error: unknown): boolean {
  return error instanceof OutOfMemoryError && error.mayPass;
}

/** Memory that is made when it is known how much is wanted of it at a time. */
export class LateMemory implements Block {
  /** The most that was wanted. */
  bytes = 0;
  memory: Memory | undefined;

  want(bytes: number): void {
    this.bytes = Math.max(this.bytes, bytes);
  }

  get buffer(): GPUBuffer {
    if (this.memory === undefined) throw new TypeError('memory that was wanted is not there yet');
    return this.memory.buffer;
  }
}

/** A tensor's place: bytes from the beginning of a block. */
export interface Place {
  readonly memory: Block;
  readonly offset: number;
}
