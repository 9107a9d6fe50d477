/** The plain backend: compiled programs run by kernels.ts, with temporaries where the memory plan puts them, and all else in typed arrays. */
import { type Backend, BackendError, type DeviceTensor, DisposedError, type DType, type TypedArray, type Variable } from '@pappus/core';
import { allocate, BYTES_PER_ELEMENT, type Computation, DISPOSE, type Executable, frozen, type PrepareOptions, requireOwn, type VariableStorage } from '@pappus/core/backend';
import { type Buffer, checkComputation, compileProgram, describeProgram, type Kernel, meetCore, type MemoryLayout, type Program, SPOKEN_GRAPH_VERSION } from '@pappus/compiler';
import { checkPass, checkProgram } from '@pappus/compiler/check';
import { copyOf, type Memory, type Run, runKernel } from './kernels.js';

/** Options of `plain`. */
export interface PlainOptions {
  /** Of loops that run from their last element to the first: what depends on the order is wrong. Default false. */
  readonly backwards?: boolean;
  /** How memory is laid out, as `compileProgram` is told. Default: as on the CPU. */
  readonly layout?: MemoryLayout;
  /** Whether operations are computed together where `compile` does not say. Default true. */
  readonly fuse?: boolean;
  /** Told of every kernel before it runs. */
  readonly before?: (kernel: Kernel, run: Run, program: Program) => void;
}

/** A variable's value. */
class PlainStorage implements VariableStorage {
  constructor(
    readonly backend: PlainBackend,
    /** The value itself. */
    readonly values: TypedArray,
    private readonly dtype: DType,
  ) {}

  async read(): Promise<TypedArray> {
    this.backend.checkAlive();
    return copyOf(this.dtype, this.values);
  }

  write(values: TypedArray): void {
    this.backend.checkAlive();
    this.values.set(values);
  }
}

class PlainTensor implements DeviceTensor {
  readonly shape: readonly number[];

  constructor(
    readonly backend: PlainBackend,
    readonly dtype: DType,
    shape: readonly number[],
    readonly values: TypedArray,
  ) {
    this.shape = frozen(shape);
  }

  async read(): Promise<TypedArray> {
    this.backend.checkAlive();
    return copyOf(this.dtype, this.values);
  }
}

/** The plain backend: what a compiled program means, in a few lines. Made by `plain()`. */
export class PlainBackend implements Backend {
  readonly name = 'plain';
  readonly graphVersion = SPOKEN_GRAPH_VERSION;
  private isDisposed = false;

  constructor(private readonly options: PlainOptions = {}) {}

  /**
   * Refuses what is done after `dispose()`.
   *
   * @throws {DisposedError} if it was disposed of
   */
  checkAlive(): void {
    if (this.isDisposed) throw new DisposedError('the backend plain was disposed of, and what was on it is gone; make a new one');
  }

  check(computation: Computation): void {
    this.checkAlive();
    checkComputation(computation);
  }

  store(variable: Variable, values: TypedArray): PlainStorage {
    requireOwn(variable, 'plain');
    this.checkAlive();
    return new PlainStorage(this, copyOf(variable.dtype, values), variable.dtype);
  }

  dispose(): void {
    this.isDisposed = true;
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  prepare(computation: Computation, sizes: ReadonlyMap<string, number>, { fuse = this.options.fuse }: PrepareOptions = {}): Promise<Executable> {
    const program = compileProgram(computation, sizes, { ...this.options.layout, fuse, inspect: checkPass });
    checkProgram(program, this.options.layout);
    return Promise.resolve(this.load(program));
  }

  /** Makes a program ready to run. */
  load(program: Program): Executable {
    for (const variable of program.variables) this.storageOf(variable);
    return { program: describeProgram(program, 0), run: (inputs) => this.run(program, inputs) };
  }

  private run(program: Program, inputs: readonly (TypedArray | DeviceTensor)[]): PlainTensor[] {
    this.checkAlive();
    const given = inputs.map((value) => (value instanceof PlainTensor ? value.values : value));
    const input = (position: number): TypedArray => {
      const value = given[position];
      if (value === undefined || 'backend' in value) throw new BackendError(`input ${position} is not on this backend`);
      return value;
    };
    const first = (values: TypedArray): number => values[0] ?? NaN;
    const scalars = program.host.evaluate((position) => first(input(position)), (variable) => first(this.storageOf(variable).values));
    const memory = this.memoryOf(program, input);
    const run = { memory, scalars, backwards: this.options.backwards === true };
    for (const kernel of program.kernels) {
      this.options.before?.(kernel, run, program);
      runKernel(kernel, run);
    }
    const outputs = program.outputs.map((output) => {
      const values = output.kind === 'host' ? copyOf(output.dtype, [scalars[output.index] ?? NaN]) : memory.get(output.buffer);
      if (values === undefined) throw new BackendError('an output has no place');
      return new PlainTensor(this, output.dtype, output.shape, values);
    });
    for (const { variable, index } of program.hostUpdates) this.storageOf(variable).values[0] = scalars[index] ?? NaN;
    return outputs;
  }

  private memoryOf({ buffers, temporaries }: Program, input: (position: number) => TypedArray): Memory {
    const block = new ArrayBuffer(temporaries.bytes);
    const place = (buffer: Buffer): TypedArray | undefined => {
      switch (buffer.place.kind) {
        case 'input':
          return copyOf(buffer.dtype, input(buffer.place.position));
        case 'variable':
          return this.storageOf(buffer.place.variable).values;
        case 'data':
          return buffer.place.data;
        case 'output':
          return poisoned(allocate(buffer.dtype, buffer.size));
        case 'temporary': {
          const offset = temporaries.offsets.get(buffer);
          return offset === undefined ? undefined : poisoned(viewOf(buffer, block, offset));
        }
        case 'slice':
          return undefined;
      }
    };
    return new Map(buffers.flatMap((buffer) => {
      const array = place(buffer);
      return array === undefined ? [] : [[buffer, array] as const];
    }));
  }

  private storageOf(variable: Variable): PlainStorage {
    const values = variable.hostValue();
    if (values !== undefined) variable.place(this.store(variable, values));
    const { storage } = variable;
    if (storage instanceof PlainStorage && storage.backend === this) return storage;
    throw new BackendError(`variable ${variable.name} lives on another backend; move it with await ${variable.name}.to(backend)`);
  }
}

/** What nobody has computed is no number that looks right. */
function poisoned(array: TypedArray): TypedArray {
  return array instanceof Int32Array || array instanceof Uint8Array ? array.fill(0x5a) : array.fill(NaN);
}

function viewOf({ dtype, size, name }: Buffer, block: ArrayBuffer, offset: number): TypedArray {
  if (offset % BYTES_PER_ELEMENT[dtype] !== 0) throw new RangeError(`${name} is not aligned`);
  switch (dtype) {
    case 'float32':
      return new Float32Array(block, offset, size);
    case 'float64':
      return new Float64Array(block, offset, size);
    case 'int32':
      return new Int32Array(block, offset, size);
    case 'bool':
      return new Uint8Array(block, offset, size);
  }
}

/**
 * A plain backend: kernels as `@pappus/compiler` hands them out, run one element at a time in typed arrays. It is what the authors of a backend compare
 * theirs with, kernel by kernel, and as slow as it looks. It checks every program and every pass.
 */
export async function plain(options: PlainOptions = {}): Promise<PlainBackend> {
  await meetCore();
  return new PlainBackend(options);
}
