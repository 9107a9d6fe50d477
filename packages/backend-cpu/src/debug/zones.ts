/**
 * Guard zones of a debug build: memory between tensors that belongs to none, filled with a pattern that is NaN in either float
 * dtype, so that what is read from it shows, and looked at after every step, so that what is written to it does.
 */
import type { Kit } from './index.js';

/** As float32, and as the high word of a float64, a NaN; as int32 a large number; as bytes no bool. */
const PATTERN = 0x7ff45a5a;

interface Zone {
  readonly end: number;
  /** The tensor that it lies behind, or before. */
  readonly beside: string;
}

export class Zones {
  /** By the address where they begin. */
  private readonly zones = new Map<number, Zone>();

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly kit: Kit,
  ) {}

  /** Guards both ends of a block of `size` bytes, of which `bytes` are used; answers where they begin. */
  enclose(start: number, size: number, bytes: number, what: string): number {
    const { GUARD } = this.kit;
    const from = start + GUARD;
    const end = start + size;
    this.poison(start, end);
    this.add(start, from, `before ${what}`);
    this.add(Math.min(end - GUARD, from + Math.ceil(bytes / 16) * 16), end, `behind ${what}`);
    return from;
  }

  /** Fills memory whose values nobody may use; the addresses are multiples of 4. */
  poison(start: number, end: number): void {
    new Int32Array(this.memory.buffer, start, (end - start) / 4).fill(PATTERN);
  }

  add(start: number, end: number, beside: string): void {
    if (start === end) return;
    this.poison(start, end);
    this.zones.set(start, { end, beside });
  }

  /** Forgets the zones of memory that is given back. */
  remove(start: number, end: number): void {
    for (const at of this.zones.keys()) if (at >= start && at < end) this.zones.delete(at);
  }

  /** @throws {BackendError} if one has been written to; it is whole again then */
  verify(): void {
    const words = new Int32Array(this.memory.buffer);
    for (const [start, { end, beside }] of this.zones) {
      for (let at = start; at < end; at += 4) {
        if (words[at / 4] === PATTERN) continue;
        this.poison(start, end);
        throw new this.kit.BackendError(`a kernel has written to the guard zone ${beside}, at its byte ${at - start}; please report it with the program`);
      }
    }
  }
}
