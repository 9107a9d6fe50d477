/** Outputs of a call: tensors that may be read until the same function is called again. */
import type { Backend, DeviceTensor } from './backend.js';
import { BRAND, type Brand, brand } from '../graph/brand.js';
import type { DType, TypedArray } from '../graph/dtype.js';
import { ShapeError, StaleOutputError } from '../errors.js';
import { holding, type Lifetime } from './lifetime.js';
import { formatShape, sizeOf } from '../graph/shape.js';
import { turnsOf } from './turns.js';

/** Counts the calls of one compiled function. */
export interface Generation {
  current: number;
  /** That of the function, with which the memory of its outputs goes. */
  readonly life: Lifetime;
}

const OUTPUT = brand('output');

/**
 * A tensor that a call has answered. It stays on its backend until it is read, and may be given to another function of the backend as
 * an input.
 */
export class Output {
  private readonly born: number;

  /** @internal Compiled functions make outputs. */
  constructor(
    private readonly name: string,
    private readonly tensor: DeviceTensor,
    private readonly generation: Generation,
  ) {
    this.born = generation.current;
  }

  /** @internal */
  get [BRAND](): Brand {
    return OUTPUT;
  }

  /** The sizes of its axes; none of a scalar. */
  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  /** The dtype of its elements. */
  get dtype(): DType {
    return this.tensor.dtype;
  }

  /** The backend that it is on. */
  get backend(): Backend {
    return this.tensor.backend;
  }

  /**
   * The values, in a typed array of their own.
   *
   * @throws {StaleOutputError} if the function was called again before, whether that call was waited for or not
   * @throws {DisposedError} if the function or its backend was disposed of before
   */
  async read(): Promise<TypedArray> {
    const turns = turnsOf(this.backend);
    if (!turns.areTaken) return this.device().read();
    this.life.check();
    return holding([this.life], async () => {
      const { reading } = await turns.wait(() => {
        this.checkCurrent();
        return Promise.resolve({ reading: this.tensor.read() });
      });
      return reading;
    });
  }

  /** The value of an output of one element. */
  async item(): Promise<number> {
    if (sizeOf(this.shape) !== 1) {
      throw new ShapeError(`item: the output '${this.name}' has the shape ${formatShape(this.shape)}; use read()`);
    }
    return (await this.read())[0] ?? NaN;
  }

  /** @internal The tensor on its backend, if it is still this call's. */
  device(): DeviceTensor {
    this.life.check();
    this.checkCurrent();
    return this.tensor;
  }

  /** @internal With which its memory goes. */
  get life(): Lifetime {
    return this.generation.life;
  }

  /** @internal Throws if it is not this call's any more; what waits may use it though its function is disposed of. */
  checkCurrent(): void {
    if (this.born !== this.generation.current) {
      throw new StaleOutputError(
        `the output '${this.name}' belongs to an earlier call; its function was called again since, and the values are gone. Read it before the next call`,
      );
    }
  }
}
