/** Pieces of the memory of a CPU backend that somebody holds: they go back when they are released, or when nobody holds them any more. */
import { weightOf } from '@pappus/compiler';
import type { CpuMemory } from './memory.js';

interface Piece {
  readonly memory: CpuMemory;
  readonly address: number;
  readonly bytes: number;
}

const collected = new FinalizationRegistry<Piece>(({ memory, address, bytes }) => memory.release(address, bytes));

export class Region {
  readonly address: number;
  /** The engine's reason to collect it. */
  protected weight: object | undefined;
  private released = false;

  /**
   * @param what names it in messages of debug builds
   * @throws {NoRoomError} if the memory has no room for it
   */
  constructor(
    private readonly memory: CpuMemory,
    readonly bytes: number,
    what?: string,
  ) {
    this.address = memory.allocate(bytes, what);
    this.weight = weightOf(bytes);
    collected.register(this, { memory, address: this.address, bytes }, this);
  }

  /** Whether somebody else may have its bytes by now. */
  get isReleased(): boolean {
    return this.released;
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.weight = undefined;
    collected.unregister(this);
    this.memory.release(this.address, this.bytes);
  }
}
