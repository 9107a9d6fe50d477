/** Outputs of a step. */
import { type Backend, type DeviceTensor, type DType, type TypedArray } from '@pappus/core';
import { type Executable, frozen, sizeOf } from '@pappus/core/backend';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { fromWords, scalarArray } from '../device/elements.js';
import type { Gpu } from '../device/gpu.js';
import type { Place } from '../device/memory.js';
import { required } from '@pappus/compiler';

/** An output on the device, or a scalar that the host has computed. */
export class GpuTensor implements DeviceTensor {
  readonly shape: readonly number[];
  private held: number | undefined;
  private runs = 0;

  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    shape: readonly number[],
    private readonly gpu: Gpu,
    private at: Place | undefined,
    /** Has the memory while it is there: an output may outlive its function. */
    readonly owner: Executable,
  ) {
    this.shape = frozen(shape);
  }

  /** Where it lies; undefined for a scalar that the host has computed. */
  get place(): Place | undefined {
    return this.at;
  }

  /** The value of a scalar, if the host knows it. */
  get scalar(): number | undefined {
    return this.held;
  }

  /** Begins the next run, whose value the host knows or not. */
  renew(place: Place | undefined, scalar: number | undefined): void {
    this.runs++;
    this.at = place;
    this.held = scalar;
  }

  /** Has the host know a scalar that the device has computed; undefined if it does. */
  syncHost(): Promise<void> | undefined {
    if (this.held !== undefined) return undefined;
    const { runs } = this;
    return this.read().then(([value]) => {
      if (this.runs === runs) this.held = value;
    });
  }

  async read(): Promise<TypedArray> {
    this.gpu.check();
    if (this.place === undefined) return scalarArray(this.dtype, required(this.held, 'a scalar output'));
    const { memory, offset } = this.place;
    const bytes = await this.gpu.read(memory.buffer, offset, sizeOf(this.shape) * ELEMENT_BYTES[this.dtype]);
    this.gpu.check();
    return fromWords(this.dtype, bytes);
  }
}
