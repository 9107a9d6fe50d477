/** Variables in the memory of a CPU backend, alone or side by side in an arena. */
import { alignedBytes, itemAt, weightOf } from '@pappus/compiler';
import { type Backend, DisposedError, type DType, type TypedArray, type Variable } from '@pappus/core';
import { sizeOf, type VariableStorage } from '@pappus/core/backend';
import { type CpuMemory, LINE } from './memory.js';

/** Bytes of an arena that a variable has. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/** A block of memory that several variables share; what a variable had is free when it is gone, as far as it had whole lines. */
class Arena {
  /** Those that are still there, by address. */
  private readonly parts: Part[] = [];
  private readonly start: number;
  private readonly end: number;

  /** @throws {NoRoomError} if there is no room for it */
  constructor(
    private readonly memory: CpuMemory,
    variables: readonly Variable[],
  ) {
    const bytes = variables.reduce((sum, v) => sum + variableBytes(v), 0);
    this.start = memory.allocate(bytes, variables.map((v) => v.name).join());
    this.end = this.start + Math.max(LINE, up(bytes));
    let at = this.start;
    for (const variable of variables) {
      this.parts.push({ start: at, end: at + variableBytes(variable) });
      at += variableBytes(variable);
    }
  }

  get all(): readonly Part[] {
    return [...this.parts];
  }

  release(part: Part): void {
    const at = this.parts.indexOf(part);
    if (at < 0) return;
    // Between its neighbours that are there lines may be free already, up to its own.
    const free = { start: up(this.parts[at - 1]?.end ?? this.start), end: down(this.parts[at + 1]?.start ?? this.end) };
    this.parts.splice(at, 1);
    const start = Math.max(free.start, down(part.start));
    const end = Math.min(free.end, up(part.end));
    if (start < end) this.memory.release(start, end - start);
  }
}

function up(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}

function down(bytes: number): number {
  return Math.floor(bytes / LINE) * LINE;
}

function variableBytes(variable: Variable): number {
  return alignedBytes({ dtype: variable.dtype, size: sizeOf(variable.shape) });
}

export class CpuStorage implements VariableStorage {
  readonly length: number;
  /** The engine's reason to collect it. */
  protected weight: object | undefined;
  /** Gives the memory back; undefined when it has gone back. */
  private giveBack: (() => void) | undefined;

  constructor(
    readonly backend: Backend,
    readonly memory: CpuMemory,
    private readonly name: string,
    readonly dtype: DType,
    shape: readonly number[],
    readonly address: number,
    giveBack: (storage: CpuStorage) => void,
  ) {
    this.length = sizeOf(shape);
    this.weight = weightOf(alignedBytes({ dtype, size: this.length }));
    this.giveBack = () => giveBack(this);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejected promise, not a thrown error, where it is gone
  async read(): Promise<TypedArray> {
    this.check();
    return this.memory.copy(this.dtype, this.address, this.length);
  }

  write(values: TypedArray): void {
    this.check();
    this.memory.view(this.dtype, this.address, this.length).set(values);
  }

  release(): void {
    this.giveBack?.();
    this.giveBack = undefined;
    this.weight = undefined;
  }

  /** The value of a scalar. */
  get scalar(): number {
    return itemAt(this.memory.view(this.dtype, this.address, 1), 0, 'scalar');
  }

  set scalar(value: number) {
    this.memory.view(this.dtype, this.address, 1)[0] = value;
  }

  private check(): void {
    if (this.giveBack === undefined) throw new DisposedError(`the value of variable ${this.name} is not there any more: it was disposed of, or has moved`);
  }
}

/** Places for variables that are not there yet. */
export interface Places {
  /** Puts the values there; who asked says so to the variables. */
  readonly take: () => readonly { readonly variable: Variable; readonly storage: CpuStorage }[];
  readonly undo: () => void;
}

interface Entry {
  readonly variable: Variable;
  readonly values: TypedArray;
}

/** Of all backends: an engine may stop finalizing when a registry is itself collected while it has something to do. */
const collected = new FinalizationRegistry<{ readonly arena: Arena; readonly part: Part }>(({ arena, part }) => arena.release(part));

/** Gives memory to variables, and takes it back when a variable has moved away, is disposed of, or is collected. */
export class VariableStore {
  constructor(
    private readonly backend: Backend,
    private readonly memory: CpuMemory,
  ) {}

  /**
   * Makes room for groups of variables, those of a group side by side in the order given; for all or for none.
   *
   * @throws {NoRoomError} if there is none
   */
  reserve(groups: readonly (readonly Entry[])[]): Places {
    // Guarded, each lies by itself.
    const arenas = this.memory.zones === undefined ? groups : groups.flatMap((group) => group.map((entry) => [entry]));
    const made: { readonly arena: Arena; readonly entries: readonly Entry[] }[] = [];
    const undo = (): void => {
      for (const { arena } of made) for (const part of arena.all) arena.release(part);
    };
    try {
      for (const entries of arenas) if (entries.length > 0) made.push({ arena: new Arena(this.memory, entries.map((e) => e.variable)), entries });
    } catch (error) {
      undo();
      throw error;
    }
    return { undo, take: () => made.flatMap(({ arena, entries }) => this.fill(arena, entries)) };
  }

  private fill(arena: Arena, entries: readonly Entry[]): { readonly variable: Variable; readonly storage: CpuStorage }[] {
    const parts = arena.all;
    return entries.flatMap(({ variable, values }, k) => {
      const part = parts[k];
      if (part === undefined) return [];
      const giveBack = (storage: CpuStorage): void => {
        collected.unregister(storage);
        arena.release(part);
      };
      const storage = new CpuStorage(this.backend, this.memory, variable.name, variable.dtype, variable.shape, part.start, giveBack);
      storage.write(values);
      collected.register(storage, { arena, part }, storage);
      return [{ variable, storage }];
    });
  }
}
