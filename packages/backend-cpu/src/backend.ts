/** The CPU backend: programs as WebAssembly modules over one memory. */
import { type Buffer, checkComputation, compileProgram, describeProgram, meetCore, pauseAfter, type Program, type ProgramOptions, SPOKEN_GRAPH_VERSION, withRoom } from '@pappus/compiler';
import { type Backend, BackendError, checkOptions, option, type TypedArray, type Variable } from '@pappus/core';
import { type Computation, DISPOSE, type Executable, type PrepareOptions, requireOwn, type VariableStorage } from '@pappus/core/backend';
import { layOutBlock } from './codegen/block.js';
import { loadOnDemand } from './codegen/on-demand.js';
import { emitModule, STEP } from './codegen/module.js';
import { hasRelaxedSimd } from './codegen/rendering.js';
import { layOutScratch } from './codegen/scratch.js';
import type { Checks } from './debug/checks.js';
import type { Debugging } from './debug/index.js';
import { CpuExecutable, type ExecutableMemory } from './executable.js';
import { FunctionMemory } from './function-memory.js';
import { layOutProgram, type ProgramLayout } from './layout.js';
import { CpuMemory, NoRoomError } from './memory.js';
import { Region } from './region.js';
import { CpuStorage, VariableStore } from './storage.js';
import { VERSION } from './version.js';

/** Bytes of a backend's WebAssembly memory. */
export interface CpuBytes {
  /** In use: variables, blocks of functions, constants. */
  readonly used: number;
  /** Taken from the engine, which has none of it back before the backend goes. */
  readonly reserved: number;
}

/** What the engine gives. */
export interface CpuInfo {
  /** Multiply-add of relaxed SIMD, which may round once or twice. */
  readonly relaxedSimd: boolean;
}

/** Options of `cpu`. */
export interface CpuOptions {
  /**
   * Checks every load and store of the kernels against the bounds of its tensor, and guards each tensor with memory that nothing may
   * write to: to find errors of the library itself. What reaches out of its tensor is a BackendError of the call. Slow. Default false.
   */
  readonly debug?: boolean;
}

/** A WebAssembly memory that holds variables, and modules that run computations over it: made by `cpu()`. */
export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly graphVersion = SPOKEN_GRAPH_VERSION;
  readonly version = `@pappus/backend-cpu ${VERSION}`;
  /** How programs for it are compiled. @internal */
  readonly layout: ProgramOptions = {};
  private readonly memory: CpuMemory;
  private readonly variables: VariableStore;
  /** What the programs of a function share, by what it computes. */
  private readonly functions = new WeakMap<object, FunctionMemory>();
  /** Those that are held by somebody. */
  private readonly executables = new Set<WeakRef<CpuExecutable>>();

  /** @internal Use `cpu(options)`. */
  constructor(
    /** What the engine gives. */
    readonly info: CpuInfo,
    private readonly debugging?: Debugging,
  ) {
    this.memory = new CpuMemory({ makeZones: debugging?.makeZones });
    this.variables = new VariableStore(this, this.memory);
  }

  /** Bytes of its WebAssembly memory. */
  get bytes(): CpuBytes {
    return { used: this.memory.usedBytes, reserved: this.memory.totalBytes };
  }

  /**
   * Gives the memory back at once, whatever is in it. Variables, functions and outputs that are on this backend throw a `DisposedError`
   * afterwards, and calls that wait are rejected with it; what is wanted is read or moved before. A second time does nothing.
   */
  dispose(): void {
    for (const executable of this.executables) executable.deref()?.release();
    this.executables.clear();
    this.memory.dispose();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  async store(variable: Variable, values: TypedArray): Promise<VariableStorage> {
    requireOwn(variable, 'cpu');
    await pauseAfter(values.byteLength);
    return withRoom(() => {
      const [placed] = this.variables.reserve([[{ variable, values }]]).take();
      if (placed === undefined) throw new BackendError(`no memory for variable ${variable.name}`);
      return placed.storage;
    }, isFull);
  }

  /** @throws {DisposedError} if this backend was disposed of */
  check(computation: Computation): void {
    checkComputation(computation);
    this.memory.check();
  }

  prepare(computation: Computation, sizes: ReadonlyMap<string, number>, { fuse, trace }: PrepareOptions = {}): Promise<Executable> {
    const program = compileProgram(computation, sizes, { ...this.layout, fuse });
    this.debugging?.checkProgram(program);
    return this.load(program, computation, trace);
  }

  /** Makes a program ready to run; it shares memory with those of the same computation. @internal */
  async load(program: Program, computation: object = program, trace = false): Promise<Executable> {
    const { debugging } = this;
    const block = layOutBlock(program, debugging !== undefined);
    const scratch = layOutScratch(program.kernels, this.info.relaxedSimd);
    let checks: Checks | undefined;
    const onDemand = await loadOnDemand(program.kernels, scratch);
    const emit = (): Uint8Array<ArrayBuffer> =>
      emitModule(program, block, scratch, {
        relaxed: this.info.relaxedSimd,
        onDemand,
        makeChecks: debugging === undefined ? undefined : (module) => (checks = debugging.makeChecks(module)),
        exportsKernels: trace,
      });
    const code = emit();
    const { instance } = await instantiate(code, this.memory.memory);
    const step = instance.exports[STEP];
    if (!isStep(step)) throw new BackendError('the module of a program has no step');
    const tracing = trace ? (await import('./debug/index.js')).traceStep(program, block, instance.exports, () => new Int32Array(this.memory.memory.buffer)) : undefined;
    const layout = layOutProgram(program, block, scratch.bytes, debugging !== undefined);
    await pauseAfter(layout.work + layout.outputs + program.variables.reduce((sum, v) => sum + (v.hostValue()?.byteLength ?? 0), 0));
    const reserved = await withRoom(() => this.reserveMemory(computation, program, layout), isFull);
    const executable = new CpuExecutable({ backend: this, memory: this.memory, program, block, layout, reserved, step: tracing?.step ?? step, description: describeProgram(program, code.length), emit, checks, takeTimes: tracing?.times });
    const reference = new WeakRef(executable);
    const { executables } = this;
    executables.add(reference);
    collected.register(executable, { executables, reference });
    return executable;
  }

  /** Makes room for a program and for those of its variables that are on no backend yet; for all of it, or nothing changes. */
  private reserveMemory(computation: object, program: Program, layout: ProgramLayout): ExecutableMemory {
    this.checkPlaces(program);
    const shared = this.functions.get(computation) ?? new FunctionMemory(this.memory);
    try {
      return this.reserveIn(shared, program, layout);
    } catch (error) {
      shared.releaseUnused();
      throw error;
    } finally {
      if (shared.isUsed) this.functions.set(computation, shared);
    }
  }

  private reserveIn(shared: FunctionMemory, program: Program, layout: ProgramLayout): ExecutableMemory {
    const { places, block, constants } = shared.reserve(layout, () => {
      const reserved = this.reserve(shared, layout);
      try {
        const places = this.variables.reserve(this.unplacedVariables(program));
        const undo = (): void => {
          reserved.undo();
          places.undo();
        };
        return { ...reserved, places, undo };
      } catch (error) {
        reserved.undo();
        throw error;
      }
    });
    for (const { variable, storage } of places.take()) variable.place(storage);
    return { shared, block, constants };
  }

  /** A program's block and its constants. */
  private reserve(shared: FunctionMemory, layout: ProgramLayout): Omit<ExecutableMemory, 'shared'> & { readonly undo: () => void } {
    const block = new Region(this.memory, layout.block, 'the block of addresses');
    const constants = new Map<Buffer, Region>();
    const used: TypedArray[] = [];
    const undo = (): void => {
      block.release();
      for (const data of used) shared.releaseConstant(data);
    };
    try {
      for (const { buffer, data, bytes } of layout.constants) {
        const region = shared.constant(data, bytes);
        used.push(data);
        constants.set(buffer, region);
        this.memory.view(buffer.dtype, region.address, buffer.size).set(data);
      }
    } catch (error) {
      undo();
      throw error;
    }
    return { block, constants, undo };
  }

  /** @throws {BackendError} if a variable lives on another backend */
  private checkPlaces(program: Program): void {
    for (const variable of program.variables) {
      if (variable.storage !== undefined && !(variable.storage instanceof CpuStorage && variable.storage.backend === this)) {
        throw new BackendError(
          `variable ${variable.name} lives on another backend (${variable.storage.backend.name}) than this function (${this.name}): each await cpu() makes a new one; use one for both, or move it with await ${variable.name}.to(backend)`,
        );
      }
    }
  }

  /** The variables that are on no backend yet, with their values, those that are updated together side by side. */
  private unplacedVariables(program: Program): { readonly variable: Variable; readonly values: TypedArray }[][] {
    const seen = new Set<Variable>();
    return [...program.arenas, ...program.variables.map((v) => [v])].map((group) =>
      group.flatMap((variable) => {
        const values = variable.hostValue();
        if (values === undefined || seen.has(variable)) return [];
        seen.add(variable);
        return [{ variable, values }];
      }),
    );
  }
}

/** Of all backends: see storage.ts. */
const collected = new FinalizationRegistry<{ readonly executables: Set<WeakRef<CpuExecutable>>; readonly reference: WeakRef<CpuExecutable> }>(
  ({ executables, reference }) => executables.delete(reference),
);

function isFull(error: unknown): boolean {
  return error instanceof NoRoomError;
}

/** @throws {BackendError} if the engine does not take the module, being at one of its limits */
async function instantiate(code: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
  try {
    return await WebAssembly.instantiate(code, { env: { memory } });
  } catch (error) {
    throw new BackendError(
      `the engine does not compile this computation of ${code.length} bytes; cut it into several functions, or write repeated steps as a scan: ${String(error)}`,
    );
  }
}

function isStep(value: unknown): value is (block: number) => void {
  return typeof value === 'function';
}

/**
 * A CPU backend: WebAssembly with SIMD, in Node and in browsers. Each call makes a backend with a memory of its own;
 * functions that share variables need the same one.
 *
 * @throws {BackendError} if the engine has no WebAssembly SIMD, or no room for one more memory, or `@pappus/core` is too old
 * @throws {InputError} for an option that there is not
 * @example const train = await compile({ updates: adam(loss, [w]) }, await cpu());
 */
export async function cpu(options: CpuOptions = {}): Promise<CpuBackend> {
  checkOptions('cpu', options, { debug: option.flag });
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new BackendError('this engine has no WebAssembly SIMD; use Node 20.19 or later, or a browser of 2023 or later');
  }
  await meetCore();
  const info = { relaxedSimd: hasRelaxedSimd() };
  const debugging = options.debug === true ? (await import('./debug/index.js')).debugging : undefined;
  return withRoom(() => new CpuBackend(info, debugging), isFull);
}

/** (module (func (result v128) i32.const 0 i8x16.splat)) */
const SIMD_PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11]);
