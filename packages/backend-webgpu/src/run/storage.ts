/**
 * The value of a variable on a device. A scalar is known on the host too, where host programs read and update it; each side gets
 * the other's changes when it next reads.
 */
import { itemAt, weightOf } from '@pappus/compiler';
import { type Backend, DisposedError, type DType, type TypedArray, type Variable } from '@pappus/core';
import { sizeOf, type VariableStorage } from '@pappus/core/backend';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { fromWords, rounded, scalarArray, toWords } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import type { Place } from '../device/memory.js';

export class GpuStorage implements VariableStorage {
  readonly dtype: DType;
  private readonly name: string;
  readonly length: number;
  private readonly isScalar: boolean;
  /** The value of a scalar, if the host knows it. */
  private held: number | undefined;
  /** Whether the device has the value that the host knows. */
  private isDeviceCurrent = true;
  /** What was set after the device was lost. */
  private saved: TypedArray | undefined;
  private changes = 0;
  /** Gives the memory back. */
  private giveBack: (() => void) | undefined;
  private isReleased = false;
  /** The engine's reason to collect it. */
  protected weight: object | undefined;

  constructor(
    readonly backend: Backend,
    private readonly gpu: Gpu,
    variable: Variable,
    /** Undefined where there are no elements. A float64 scalar has the float32 there that kernels read and write. */
    readonly place: Place | undefined,
    /** Whether it has a block of its own, and may be placed beside others. */
    readonly isAlone: boolean,
  ) {
    this.name = variable.name;
    this.dtype = variable.dtype;
    this.length = sizeOf(variable.shape);
    this.isScalar = variable.shape.length === 0;
  }

  async read(): Promise<TypedArray> {
    this.check();
    if (this.saved !== undefined) return this.saved.slice();
    this.gpu.checkLost();
    if (this.held !== undefined) return scalarArray(this.dtype, this.held);
    const { place } = this;
    if (place === undefined) return scalarArray(this.dtype, NaN);
    const { dtype } = this;
    const stored = dtype === 'float64' ? 'float32' : dtype;
    const values = fromWords(stored, await this.gpu.read(place.memory.buffer, place.offset, this.length * ELEMENT_BYTES[stored]));
    return stored === dtype ? values : Float64Array.from(values);
  }

  /** On a lost device the value is kept for the move to another one. */
  write(values: TypedArray): void {
    this.check();
    this.changes++;
    if (this.gpu.isLost) {
      this.saved = values.slice();
      return;
    }
    if (this.isScalar) this.held = itemAt(values, 0, 'scalar');
    if (this.place !== undefined) this.upload(this.place, values);
  }

  /** The value of a scalar; undefined where it is not known, which `syncHost` sees to. */
  get scalar(): number | undefined {
    return this.held;
  }

  /** Has the host change a scalar. */
  update(value: number): void {
    this.changes++;
    this.held = rounded(this.dtype, value);
    this.isDeviceCurrent = false;
  }

  /** Has the host know a scalar that a kernel has written; undefined if it does. */
  syncHost(): Promise<void> | undefined {
    if (!this.isScalar || this.held !== undefined) return undefined;
    const before = this.changes;
    return this.read().then(([value]) => {
      if (this.changes === before) this.held = value;
    });
  }

  /** Before kernels read it. */
  syncDevice(): void {
    if (!this.isDeviceCurrent && this.held !== undefined && this.place !== undefined) this.upload(this.place, scalarArray(this.dtype, this.held));
    this.isDeviceCurrent = true;
  }

  /** After kernels have written it. */
  wasWritten(): void {
    this.changes++;
    this.held = undefined;
    this.isDeviceCurrent = true;
  }

  /** Takes over what the host knows, when the value is copied to another place. */
  continueFrom(other: GpuStorage): void {
    this.held = other.held;
  }

  /** Says how the memory goes back when the variable has moved away. */
  holds(giveBack: () => void): void {
    this.giveBack = giveBack;
    this.weight = weightOf(this.length * ELEMENT_BYTES[this.dtype]);
  }

  release(): void {
    this.isReleased = true;
    this.giveBack?.();
    this.giveBack = undefined;
    this.weight = undefined;
  }

  private check(): void {
    this.gpu.checkDisposed();
    if (this.isReleased) throw new DisposedError(`the value of variable ${this.name} is not there any more: it was disposed of, or has moved`);
  }

  private upload(place: Place, values: TypedArray): void {
    this.gpu.write(place, toWords(values));
    this.isDeviceCurrent = true;
  }
}
