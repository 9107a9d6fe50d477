/** Variables in the memory of a CPU backend, alone or side by side in an arena. */
import { alignedBytes } from '@pappus/compiler';
import { type Backend, type DType, sizeOf, type TypedArray, type Variable, type VariableStorage } from '@pappus/core';
import type { CpuMemory } from './memory.js';

/** A block of memory that several variables share; it is free when the last of them is gone. */
class Arena {
  private readonly address: number;
  private readonly bytes: number;
  private holders: number;

  constructor(
    private readonly memory: CpuMemory,
    variables: readonly Variable[],
  ) {
    this.bytes = variables.reduce((sum, v) => sum + variableBytes(v), 0);
    this.holders = variables.length;
    this.address = memory.allocate(this.bytes, variables.map((v) => v.name).join());
  }

  get start(): number {
    return this.address;
  }

  release(): void {
    this.holders--;
    if (this.holders === 0) this.memory.release(this.address, this.bytes);
  }
}

function variableBytes(variable: Variable): number {
  return alignedBytes({ dtype: variable.dtype, size: sizeOf(variable.shape) });
}

export class CpuStorage implements VariableStorage {
  readonly length: number;

  constructor(
    readonly backend: Backend,
    readonly memory: CpuMemory,
    readonly dtype: DType,
    shape: readonly number[],
    readonly address: number,
  ) {
    this.length = sizeOf(shape);
  }

  read(): Promise<TypedArray> {
    return Promise.resolve(this.memory.copy(this.dtype, this.address, this.length));
  }

  write(values: TypedArray): void {
    this.memory.view(this.dtype, this.address, this.length).set(values);
  }

  /** The value of a scalar. */
  get scalar(): number {
    return this.memory.view(this.dtype, this.address, 1)[0] ?? NaN;
  }

  set scalar(value: number) {
    this.memory.view(this.dtype, this.address, 1)[0] = value;
  }
}

/** Gives memory to variables, and takes it back when a variable has moved away or is collected. */
export class VariableStore {
  private readonly collected = new FinalizationRegistry<Arena>((arena) => arena.release());

  constructor(
    private readonly backend: Backend,
    private readonly memory: CpuMemory,
  ) {}

  /** Puts values side by side in the order given. */
  place(entries: readonly { readonly variable: Variable; readonly values: TypedArray }[]): CpuStorage[] {
    if (entries.length === 0) return [];
    // Guarded, each lies by itself.
    if (this.memory.zones !== undefined && entries.length > 1) return entries.flatMap((entry) => this.place([entry]));
    const arena = new Arena(this.memory, entries.map((e) => e.variable));
    let at = arena.start;
    return entries.map(({ variable, values }) => {
      const storage = new CpuStorage(this.backend, this.memory, variable.dtype, variable.shape, at);
      storage.write(values);
      this.collected.register(storage, arena);
      at += variableBytes(variable);
      return storage;
    });
  }
}
