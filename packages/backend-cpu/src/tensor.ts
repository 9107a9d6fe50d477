/** Outputs of a step in the memory of a CPU backend. */
import { type Backend, type DeviceTensor, DisposedError, type DType, type TypedArray } from '@pappus/core';
import { frozen, sizeOf } from '@pappus/core/backend';
import type { CpuMemory } from './memory.js';
import type { Region } from './region.js';

export class CpuTensor implements DeviceTensor {
  private readonly length: number;
  readonly shape: readonly number[];

  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    shape: readonly number[],
    private readonly memory: CpuMemory,
    /** Where it lies; held here, it stays also when the function is gone. */
    private region: Region,
    private offset: number,
  ) {
    this.shape = frozen(shape);
    this.length = sizeOf(shape);
  }

  get address(): number {
    return this.region.address + this.offset;
  }

  /** Its function has other memory from now on. */
  move(region: Region, offset: number): void {
    this.region = region;
    this.offset = offset;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejected promise, not a thrown error, where it is gone
  async read(): Promise<TypedArray> {
    if (this.region.isReleased) throw new DisposedError('the function of an output was disposed of, and the output with it; read it before');
    return this.memory.copy(this.dtype, this.address, this.length);
  }
}
