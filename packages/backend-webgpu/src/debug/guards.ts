/**
 * A debug build: shaders compare every read and write with the bounds of its tensor, and leave a report instead of reaching out of them;
 * memory between tensors that belongs to none is filled with a pattern, and looked at after every step.
 *
 * A tensor has its elements; code that works on vectors of four may also reach what fills up its last vector, which belongs to that
 * tensor alone. Shared memory of a workgroup, tables and words are not checked: their places are numbers of the shader's text.
 */
import { BackendError } from '@pappus/core';
import type { Block } from '../device/memory.js';

/** Bytes before and behind every tensor. */
export const GUARD = 64;

/** NaN as a float, and a large number as an integer. */
const PATTERN = 0x7ff45a5a;

/** Words of a report: how many there were; then of the first its kernel, its operand and kind, the element, and elements of the tensor. */
export const REPORT_WORDS = 8;

const STORAGE = 0x80 | 0x4 | 0x8;
const STAGING = 0x1 | 0x8;
const MAP_READ = 0x1;

interface Zone {
  readonly start: number;
  readonly bytes: number;
  /** The tensor that it lies behind, or before. */
  readonly beside: string;
}

interface Kernel {
  readonly name: string;
  readonly operands: readonly string[];
}

export class Guards {
  /** What shaders report to. */
  readonly report: GPUBuffer;
  private readonly zones = new WeakMap<Block, Zone[]>();
  private readonly kernels: Kernel[] = [];
  private under: Promise<void> = Promise.resolve();
  private waiting = 0;

  /** @param complain is told of what is found */
  constructor(
    private readonly device: GPUDevice,
    private readonly complain: (error: BackendError) => void,
  ) {
    this.report = device.createBuffer({ size: REPORT_WORDS * 4, usage: STORAGE, label: 'report' });
  }

  /** The number by which a dispatch of a kernel of this name reports. */
  numberOf(kernel: string, operands: readonly { readonly name: string }[]): number {
    return this.kernels.push({ name: `kernel ${kernel}`, operands: operands.map(({ name }) => name) }) - 1;
  }

  /** Fills memory whose values nobody may use. */
  poison({ buffer }: Block, start: number, bytes: number): void {
    this.device.queue.writeBuffer(buffer, start, new Int32Array(bytes / 4).fill(PATTERN));
  }

  add(memory: Block, start: number, bytes: number, beside: string): void {
    this.poison(memory, start, bytes);
    const zones = this.zones.get(memory) ?? [];
    zones.push({ start, bytes, beside });
    this.zones.set(memory, zones);
  }

  /** Guards tensors that lie in a block as `pack` has placed them. */
  enclose(memory: Block, items: readonly { readonly name: string; readonly offset: number; readonly bytes: number }[]): void {
    let end = 0;
    for (const { name, offset, bytes } of items) {
      this.add(memory, end, offset - end, `before ${name}`);
      end = offset + bytes;
    }
    this.add(memory, end, GUARD, 'behind the last tensor of a block');
  }

  /** Has a step end with a look at what was reported and at the zones of what it has reached; answers what begins it once submitted. */
  inspect(encoder: GPUCommandEncoder, memories: Iterable<Block>): () => void {
    const zones = [...new Set(memories)].flatMap((memory) => (this.zones.get(memory) ?? []).map((zone) => ({ memory, ...zone })));
    const size = REPORT_WORDS * 4 + zones.reduce((sum, { bytes }) => sum + bytes, 0);
    const staging = this.device.createBuffer({ size, usage: STAGING, label: 'guards' });
    encoder.copyBufferToBuffer(this.report, 0, staging, 0, REPORT_WORDS * 4);
    let at = REPORT_WORDS * 4;
    for (const { memory, start, bytes } of zones) {
      encoder.copyBufferToBuffer(memory.buffer, start, staging, at, bytes);
      at += bytes;
    }
    encoder.clearBuffer(this.report);
    return () => {
      this.waiting++;
      const mapped = staging.mapAsync(MAP_READ).then(
        () => {
          this.look(new Int32Array(staging.getMappedRange()), zones);
          staging.destroy();
        },
        () => undefined, // a device that is lost says so elsewhere
      );
      this.under = Promise.all([this.under, mapped]).then(() => {
        this.waiting--;
      });
    };
  }

  /** Whether a step has not been looked at yet. */
  get isInFlight(): boolean {
    return this.waiting > 0;
  }

  /** Ends when all steps that were submitted have been looked at. */
  settled(): Promise<void> {
    return this.under;
  }

  private look(words: Int32Array, zones: readonly Zone[]): void {
    const [count = 0, number = 0, site = 0, element = 0, length = 0] = words;
    if (count !== 0) this.complain(new BackendError(this.describe(number, site, element, length)));
    let at = REPORT_WORDS;
    for (const { bytes, beside } of zones) {
      const zone = words.subarray(at, at + bytes / 4);
      const damaged = zone.findIndex((word) => word !== PATTERN);
      if (damaged >= 0) this.complain(new BackendError(`a kernel has written to the guard zone ${beside}, at its byte ${4 * damaged}; please report it with the program`));
      at += bytes / 4;
    }
  }

  private describe(number: number, site: number, element: number, length: number): string {
    const kernel = this.kernels[number];
    const what = kernel?.operands[site >> 1] ?? 'a tensor';
    return `${kernel?.name ?? 'a kernel'} ${site % 2 === 1 ? 'writes' : 'reads'} element ${element} of ${what}, which has ${length}; nothing was touched, please report it with the program`;
  }
}
