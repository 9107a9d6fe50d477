/**
 * Variables on a device: side by side in one block those that are placed together. A scalar is known on the host too, where host
 * programs read and update it; each side is told of the other's changes when it next looks.
 */
import { type Backend, DTypeError, type DType, sizeOf, type TypedArray, type Variable, type VariableStorage } from '@pappus/core';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { fromWords, rounded, scalarArray, toWords } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import { Memory, type Place } from '../device/memory.js';
import type { OutOfMemoryError } from '../errors.js';
import { tensorBytes } from './windows.js';

export class GpuStorage implements VariableStorage {
  readonly dtype: DType;
  readonly length: number;
  private readonly isScalar: boolean;
  /** The value of a scalar, if the host knows it. */
  private held: number | undefined;
  /** Whether the device has the value that the host knows. */
  private told = true;
  /** What was set after the device was lost. */
  private saved: TypedArray | undefined;
  private changes = 0;

  constructor(
    readonly backend: Backend,
    private readonly gpu: Gpu,
    variable: Variable,
    /** Undefined for float64 scalars, which live on the host alone. */
    readonly place: Place | undefined,
    /** Whether it has a block of its own, and may be placed beside others. */
    readonly isAlone: boolean,
  ) {
    this.dtype = variable.dtype;
    this.length = sizeOf(variable.shape);
    this.isScalar = variable.shape.length === 0;
  }

  async read(): Promise<TypedArray> {
    if (this.saved !== undefined) return this.saved.slice();
    this.check();
    if (this.held !== undefined) return scalarArray(this.dtype, this.held);
    const { place } = this;
    if (place === undefined) return scalarArray(this.dtype, NaN);
    return fromWords(this.dtype, await this.gpu.read(place.memory.buffer, place.offset, this.length * ELEMENT_BYTES[this.dtype]));
  }

  /** On a lost device the value is kept for the move to another one. */
  write(values: TypedArray): void {
    this.changes++;
    if (this.gpu.failure !== undefined) {
      this.saved = values.slice();
      return;
    }
    if (this.isScalar) this.held = values[0] ?? NaN;
    if (this.place !== undefined) this.upload(this.place, values);
  }

  /** Throws if the value is not there: its device is lost, or it never had room. */
  check(): void {
    this.gpu.check();
    if (this.failure !== undefined) throw this.failure;
  }

  private get failure(): OutOfMemoryError | undefined {
    return this.place?.memory instanceof Memory ? this.place.memory.failure : undefined;
  }

  /** The value of a scalar; undefined where it is not known, which `learn` sees to. */
  get scalar(): number | undefined {
    return this.held;
  }

  /** Has the host change a scalar. */
  update(value: number): void {
    this.changes++;
    this.held = rounded(this.dtype, value);
    this.told = false;
  }

  /** Has the host know a scalar that a kernel has written; undefined if it does. */
  learn(): Promise<void> | undefined {
    if (!this.isScalar || this.held !== undefined) return undefined;
    const before = this.changes;
    return this.read().then(([value]) => {
      if (this.changes === before) this.held = value;
    });
  }

  /** Before kernels read it. */
  tellDevice(): void {
    if (!this.told && this.held !== undefined && this.place !== undefined) this.upload(this.place, scalarArray(this.dtype, this.held));
    this.told = true;
  }

  /** After kernels have written it. */
  wasWritten(): void {
    this.changes++;
    this.held = undefined;
    this.told = true;
  }

  /** Takes over what the host knows, when the value is copied to another place. */
  continueFrom(other: GpuStorage): void {
    this.held = other.held;
  }

  private upload({ memory, offset }: Place, values: TypedArray): void {
    this.gpu.device.queue.writeBuffer(memory.buffer, offset, toWords(values));
    this.told = true;
  }
}

/** Gives memory to variables, and takes it back when a variable has moved away or is collected. */
export class VariableStore {
  private readonly collected = new FinalizationRegistry<Memory>((memory) => memory.release());

  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
  ) {}

  /** Puts variables side by side in the order given, in as few blocks as their size allows; values come from the host or from where they are. */
  place(groups: readonly (readonly Variable[])[], values: (variable: Variable) => TypedArray | GpuStorage, isAlone: boolean): ReadonlyMap<Variable, GpuStorage> {
    const placed = new Map<Variable, GpuStorage>();
    const blocks = this.blocks(groups);
    const encoder = this.gpu.device.createCommandEncoder();
    for (const { variables, bytes } of blocks) {
      const memory = bytes === 0 ? undefined : this.gpu.allocate(bytes, variables.length === 1 ? `variable ${variables[0]?.variable.name ?? ''}` : 'variables');
      for (const { variable, offset } of variables) {
        const place = memory === undefined || variable.dtype === 'float64' ? undefined : { memory, offset };
        const storage = new GpuStorage(this.backend, this.gpu, variable, place, isAlone);
        const value = values(variable);
        if (value instanceof GpuStorage) {
          value.tellDevice();
          storage.continueFrom(value);
          if (value.place !== undefined && place !== undefined) {
            encoder.copyBufferToBuffer(value.place.memory.buffer, value.place.offset, place.memory.buffer, place.offset, tensorBytes({ dtype: variable.dtype, size: storage.length }));
          }
        } else {
          storage.write(value);
        }
        if (memory !== undefined && place !== undefined) {
          memory.hold();
          this.collected.register(storage, memory);
        }
        placed.set(variable, storage);
      }
    }
    this.gpu.device.queue.submit([encoder.finish()]);
    return placed;
  }

  /** Groups stay together where they fit into one binding; each begins where a binding may begin. */
  private blocks(groups: readonly (readonly Variable[])[]): Block[] {
    const most = Math.min(this.gpu.limits.maxBufferSize, this.gpu.limits.maxStorageBufferBindingSize);
    const blocks: Block[] = [];
    let block: Block | undefined;
    for (const group of groups) {
      const sizes = group.map((variable) => {
        if (variable.dtype !== 'float64') return tensorBytes({ dtype: variable.dtype, size: sizeOf(variable.shape) });
        if (variable.shape.length > 0) throw noFloat64(`variable ${variable.name}`);
        return 0;
      });
      const total = sizes.reduce((a, b) => a + b, 0);
      if (block === undefined || align(block.bytes) + total > most) blocks.push((block = { variables: [], bytes: 0 }));
      block.bytes = align(block.bytes);
      for (const [k, variable] of group.entries()) {
        const bytes = sizes[k] ?? 0;
        if (block.bytes > 0 && block.bytes + bytes > most) blocks.push((block = { variables: [], bytes: 0 }));
        block.variables.push({ variable, offset: block.bytes });
        block.bytes += bytes;
      }
    }
    return blocks;
  }
}

interface Block {
  readonly variables: { readonly variable: Variable; readonly offset: number }[];
  bytes: number;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 256) * 256;
}

export function noFloat64(what: string): DTypeError {
  return new DTypeError(`${what} is float64, which GPUs do not compute in here; use float32 (cast it, or make it with dtype: 'float32'), or compile for cpu()`);
}
