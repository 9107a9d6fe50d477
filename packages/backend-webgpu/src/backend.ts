/** The WebGPU backend: programs as compute shaders over the memory of one device. */
import { compileProgram, type Instruction, kernelBodies, type Program } from '@pappus/compiler';
import { type Backend, BackendError, type Computation, type Executable, type TypedArray, type Variable, type VariableStorage } from '@pappus/core';
import { acquire, type WebGpuInfo, type WebGpuOptions } from './device/acquire.js';
import { Gpu } from './device/gpu.js';
import { Pipelines } from './device/pipelines.js';
import { GpuExecutable, LAYOUT } from './run/executable.js';
import { GpuStorage, noFloat64, VariableStore } from './run/storage.js';

export class WebGpuBackend implements Backend {
  readonly name = 'webgpu';
  private readonly pipelines: Pipelines;
  private readonly variables: VariableStore;

  /** @internal Use `webgpu(options)`. */
  constructor(private readonly gpu: Gpu) {
    this.pipelines = new Pipelines(gpu.device);
    this.variables = new VariableStore(this, gpu);
  }

  get info(): WebGpuInfo {
    return this.gpu.info;
  }

  store(variable: Variable, values: TypedArray): VariableStorage {
    const storage = this.variables.place([[variable]], () => values, true).get(variable);
    if (storage === undefined) throw new BackendError(`no memory for variable ${variable.name}`);
    return storage;
  }

  async prepare(computation: Computation, sizes: ReadonlyMap<string, number>): Promise<Executable> {
    this.gpu.check();
    const program = compileProgram(computation, sizes, LAYOUT);
    checkDTypes(program);
    this.adopt(program);
    const executable = new GpuExecutable(this, this.gpu, this.pipelines, program, () => this.adopt(program));
    await executable.prepare();
    return executable;
  }

  /**
   * Puts variables that are on no backend yet on this device, those that are updated together side by side; and those that came
   * one by one from another backend beside the others.
   */
  private adopt(program: Program): void {
    for (const { name, storage } of program.variables) {
      if (storage !== undefined && !(storage instanceof GpuStorage && storage.backend === this)) {
        throw new BackendError(`variable ${name} lives on the backend ${storage.backend.name}; move it with await ${name}.to(backend)`);
      }
    }
    const source = (variable: Variable): TypedArray | GpuStorage | undefined => {
      const { storage } = variable;
      if (storage instanceof GpuStorage) return storage.isAlone ? storage : undefined;
      return variable.hostValue();
    };
    const seen = new Set<Variable>();
    const groups = [...program.arenas, ...program.variables.map((v) => [v])].map((group) =>
      group.filter((variable) => {
        if (seen.has(variable) || source(variable) === undefined) return false;
        seen.add(variable);
        return true;
      }),
    );
    const loose = groups.filter((group) => group.length > 0);
    if (loose.length === 0) return;
    for (const [variable, storage] of this.variables.place(loose, (v) => source(v) ?? new Float32Array(0), false)) variable.place(storage);
  }
}

/** @throws {DTypeError} if a kernel computes in float64; scalars that the host computes may be */
function checkDTypes(program: Program): void {
  for (const buffer of program.buffers) {
    if (buffer.dtype === 'float64' && !(buffer.place.kind === 'variable' && buffer.place.variable.shape.length === 0)) throw noFloat64(buffer.name);
  }
  const isWide = (i: Instruction): boolean => i.dtype === 'float64' || (i.kind === 'apply' && i.operand === 'float64');
  for (const body of program.kernels.flatMap(kernelBodies)) {
    const wide = body.instructions.find(isWide);
    if (wide !== undefined) throw noFloat64(wide.kind === 'apply' ? `an operand or the result of ${wide.op}` : `a ${wide.kind} in a kernel`);
  }
}

/**
 * A WebGPU backend: in browsers through `navigator.gpu`, in Node through the npm package `webgpu`. Each call makes a backend with a
 * device of its own; functions that share variables need the same one. It computes in float32, int32 and bool; float64 is an
 * error when compiling, but for scalars that the host evaluates.
 *
 * @throws {AdapterError} if there is no WebGPU or no adapter
 * @example
 * const backend = await webgpu();
 * console.log(backend.info.adapter, backend.info.software);
 * const train = await compile({ updates: adam(loss, [w]) }, backend);
 */
export async function webgpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  return new WebGpuBackend(new Gpu(await acquire(options)));
}
