/** The WebGPU backend: programs as compute shaders over the memory of one device. */
import { checkComputation, compileProgram, type Instruction, kernelBodies, meetCore, type Program, type ProgramOptions, SPOKEN_GRAPH_VERSION } from '@pappus/compiler';
import { type Backend, type TypedArray, type Variable } from '@pappus/core';
import { type Computation, DISPOSE, type Executable, type PrepareOptions, requireOwn, type VariableStorage } from '@pappus/core/backend';
import { acquire } from './device/acquire.js';
import { Gpu } from './device/gpu.js';
import type { WebGpuInfo, WebGpuOptions } from './device/options.js';
import { Pipelines } from './device/pipelines.js';
import { noFloat64 } from './errors.js';
import { GpuExecutable } from './run/executable.js';
import { FunctionMemory } from './run/function-memory.js';
import { VariableStore } from './run/variable-store.js';
import { LAYOUT } from './run/windows.js';
import { VERSION } from './version.js';

/** A device that runs computations as compute shaders and holds variables: made by `webgpu()`. */
export class WebGpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly graphVersion = SPOKEN_GRAPH_VERSION;
  readonly version = `@pappus/backend-webgpu ${VERSION}`;
  /** How programs for it are compiled. @internal */
  readonly layout: ProgramOptions = LAYOUT;
  private readonly pipelines: Pipelines;
  private readonly variables: VariableStore;
  /** What the programs of a function share. */
  private readonly functions = new WeakMap<object, FunctionMemory>();

  /** @internal Use `webgpu(options)`. */
  constructor(private readonly gpu: Gpu) {
    this.pipelines = new Pipelines(gpu.device);
    this.variables = new VariableStore(this, gpu);
  }

  /** The adapter behind it, and what it gives. */
  get info(): WebGpuInfo {
    return this.gpu.info;
  }

  /**
   * Gives the device back at once, and all that is on it. Variables, functions and outputs that are on this backend throw a `DisposedError`
   * afterwards, and calls and reads that wait are rejected with it; what is wanted is read or moved before. A second time does nothing.
   */
  dispose(): void {
    this.gpu.dispose();
    this.pipelines.clear();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  async store(variable: Variable, values: TypedArray): Promise<VariableStorage> {
    requireOwn(variable, 'webgpu');
    return this.variables.store(variable, values);
  }

  /**
   * @throws {DTypeError} if a tensor that is given, answered or kept is float64
   * @throws {DisposedError} if this backend was disposed of
   */
  check(computation: Computation): void {
    checkComputation(computation);
    this.gpu.checkDisposed();
    const { inputs, outputs, updates } = computation;
    const named = [
      ...inputs.map(({ name, expr }) => ({ what: `input ${name}`, expr })),
      ...outputs.map(({ name, expr }) => ({ what: `output ${name}`, expr })),
      ...updates.map(({ variable }) => ({ what: `variable ${variable.name}`, expr: variable })),
    ];
    for (const { what, expr } of named) if (expr.dtype === 'float64' && expr.rank > 0) throw noFloat64(what);
  }

  async prepare(computation: Computation, sizes: ReadonlyMap<string, number>, { fuse, trace }: PrepareOptions = {}): Promise<Executable> {
    this.gpu.check();
    const program = compileProgram(computation, sizes, { ...this.layout, fuse });
    if (this.gpu.guards !== undefined) (await import('@pappus/compiler/check')).checkProgram(program, this.layout);
    return this.load(program, computation, trace);
  }

  /** Makes a program ready to run; it shares memory with those of the same computation. @internal */
  async load(program: Program, computation: object = program, trace = false): Promise<Executable> {
    checkDTypes(program);
    // Guard zones lie where one program's tensors end.
    const known = this.gpu.guards === undefined ? this.functions.get(computation) : undefined;
    const shared = known ?? new FunctionMemory(this.gpu);
    this.functions.set(computation, shared);
    const tracer = trace ? new (await import('./trace/index.js')).Tracer(this.gpu.device, program) : undefined;
    const executable = new GpuExecutable(this, this.gpu, this.pipelines, program, this.variables, shared, tracer);
    await executable.prepare();
    return executable;
  }
}

/** @throws {DTypeError} if a kernel computes in float64; scalars that the host computes may be, and others are narrowed before */
function checkDTypes(program: Program): void {
  for (const buffer of program.buffers) {
    if (buffer.dtype === 'float64' && !(buffer.place.kind === 'variable' && buffer.place.variable.shape.length === 0))
      throw noFloat64(buffer.name);
  }
  const isWide = (i: Instruction): boolean => i.dtype === 'float64' || (i.kind === 'apply' && i.operand === 'float64');
  for (const body of program.kernels.flatMap(kernelBodies)) {
    const wide = body.instructions.find(isWide);
    if (wide !== undefined)
      throw noFloat64(wide.kind === 'apply' ? `an operand or the result of ${wide.op}` : `a ${wide.kind} in a kernel`);
  }
}

/**
 * A WebGPU backend: in browsers through `navigator.gpu`, in Node through the npm package `webgpu`. Each call makes a backend with a
 * device of its own; functions that share variables need the same one. It computes in float32, int32 and bool; float64 is an
 * error when compiling, but for scalars: those that the host evaluates are float64, and those within a computation that depend on tensors,
 * such as a count of steps under `skipNonFinite`, float32.
 *
 * @throws {AdapterError} if there is no WebGPU or no adapter
 * @throws {BackendError} if `@pappus/core` is too old
 * @example
 * const backend = await webgpu();
 * console.log(backend.info.adapter, backend.info.software);
 * const train = await compile({ updates: adam(loss, [w]) }, backend);
 */
export async function webgpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  await meetCore();
  return new WebGpuBackend(new Gpu(await acquire(options), options.debug));
}
