/**
 * Device memory that all programs of one function share, each for other sizes: one runs at a time, and a run ends the outputs of all. It
 * is as large as the largest of them needs, not as their sum.
 */
import { weightOf } from '@pappus/compiler';
import type { TypedArray } from '@pappus/core';
import type { Gpu } from '../device/gpu.js';
import type { Memory } from '../device/memory.js';

export type Purpose = 'inputs' | 'outputs' | 'temporaries' | 'partial results' | 'tensors of a kernel';

/** Bytes of the blocks that a program needs, by what for. */
export type Needs = Readonly<Partial<Record<Purpose, readonly number[]>>>;

/** Blocks that are not there yet; nothing has changed for anybody until they are taken. */
export interface Room {
  /** The blocks for a purpose, as many as were asked for. */
  readonly blocks: (purpose: Purpose) => readonly Memory[];
  /** Asks for one block more, when it is known how much is wanted. */
  readonly add: (purpose: Purpose, bytes: number) => Memory;
  /** Those that were made. */
  readonly memories: readonly Memory[];
  /** When they have settled. */
  take(): void;
  /** Gives back what was not taken. */
  release(): void;
}

/** Data that some programs have in common, packed into blocks. */
interface Constants {
  readonly data: readonly TypedArray[];
  readonly memories: readonly Memory[];
  users: number;
}

/** Memory of functions that are gone. */
const collected = new FinalizationRegistry<ReadonlySet<Memory>>((memories) => {
  for (const memory of memories) memory.release();
});

export class FunctionMemory {
  private readonly blocks = new Map<Purpose, Memory[]>();
  private readonly held = new Set<Memory>();
  /** The engine's reasons to collect it. */
  protected readonly weights = new Map<Memory, object | undefined>();
  /** Where outputs were before they moved: those of the last run may still be read, and be inputs of the next. */
  private readonly former: Memory[] = [];
  private readonly constants: Constants[] = [];
  private programs = 0;
  private moves = 0;

  constructor(private readonly gpu: Gpu) {
    collected.register(this, this.held, this);
  }

  /** How often something has moved: what was bound before must be bound again. */
  get version(): number {
    return this.moves;
  }

  reserve(needs: Needs): Room {
    const planned = new Map<Purpose, Memory[]>();
    const fresh: Memory[] = [];
    const add = (purpose: Purpose, bytes: number): Memory => {
      const list = planned.get(purpose) ?? [];
      planned.set(purpose, list);
      const there = this.blocks.get(purpose)?.[list.length];
      const memory = there !== undefined && there.bytes >= bytes ? there : this.make(bytes, there?.bytes, purpose);
      if (memory !== there) fresh.push(memory);
      list.push(memory);
      return memory;
    };
    const release = (): void => {
      for (const memory of fresh.splice(0)) memory.release();
    };
    try {
      for (const purpose of PURPOSES) for (const bytes of needs[purpose] ?? []) add(purpose, bytes);
    } catch (error) {
      release();
      throw error;
    }
    return { blocks: (purpose) => planned.get(purpose) ?? [], add, memories: fresh, take: () => this.take(planned, fresh), release };
  }

  /** The blocks of data that a program has; made by `make` and filled by `fill` where no other program has the same. */
  shareConstants(data: readonly TypedArray[]): readonly Memory[] | undefined {
    const known = this.constants.find((c) => c.data.length === data.length && c.data.every((d, k) => d === data[k]));
    if (known !== undefined) known.users++;
    return known?.memories;
  }

  /** Keeps data for other programs; the memory is held by the caller, who gives it away. */
  addConstants(data: readonly TypedArray[], memories: readonly Memory[]): void {
    for (const memory of memories) this.keep(memory);
    this.constants.push({ data, memories, users: 1 });
  }

  releaseConstants(memories: readonly Memory[]): void {
    const at = this.constants.findIndex((c) => c.memories === memories);
    const found = this.constants[at];
    if (found === undefined) return;
    found.users--;
    if (found.users > 0) return;
    this.constants.splice(at, 1);
    for (const memory of memories) this.drop(memory);
  }

  /** Another program uses it. */
  enter(): void {
    this.programs++;
  }

  /** A program is gone. */
  leave(): void {
    this.programs--;
    if (this.programs > 0) return;
    this.forgetFormer();
    for (const memory of [...this.held]) this.drop(memory);
    this.blocks.clear();
    this.moves++;
  }

  /** A step was submitted: what was answered before is gone. */
  forgetFormer(): void {
    for (const memory of this.former.splice(0)) this.drop(memory);
  }

  private take(planned: ReadonlyMap<Purpose, readonly Memory[]>, fresh: Memory[]): void {
    if (fresh.length === 0) return;
    const isFresh = new Set(fresh.splice(0));
    for (const [purpose, list] of planned) {
      const blocks = this.blocks.get(purpose) ?? [];
      this.blocks.set(purpose, blocks);
      for (const [k, memory] of list.entries()) {
        if (!isFresh.has(memory)) continue;
        const old = blocks[k];
        blocks[k] = memory;
        this.keep(memory);
        if (old === undefined) continue;
        if (purpose === 'outputs') this.former.push(old);
        else this.drop(old);
      }
    }
    this.moves++;
  }

  private keep(memory: Memory): void {
    this.held.add(memory);
    this.weights.set(memory, weightOf(memory.bytes));
  }

  private drop(memory: Memory): void {
    this.held.delete(memory);
    this.weights.delete(memory);
    memory.release();
  }

  /** Somewhat larger than before, so that sizes that grow little by little do not move all each time. */
  private make(bytes: number, before: number | undefined, purpose: Purpose): Memory {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.gpu.limits;
    const ahead = Math.min(before === undefined ? 0 : Math.ceil(before + before / 8), maxBufferSize, maxStorageBufferBindingSize);
    const memory = this.gpu.allocate(Math.max(bytes, ahead), purpose === 'partial results' || purpose === 'tensors of a kernel' ? purpose : `${purpose} of a function`);
    memory.hold();
    return memory;
  }
}

const PURPOSES: readonly Purpose[] = ['inputs', 'outputs', 'temporaries', 'partial results', 'tensors of a kernel'];
