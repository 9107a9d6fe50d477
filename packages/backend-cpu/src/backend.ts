/** The CPU backend: programs as WebAssembly modules over one memory. */
import { checkComputation, compileProgram, describeProgram, type Program, SPOKEN_GRAPH_VERSION } from '@pappus/compiler';
import { type Backend, BackendError, checkOptions, type Computation, type Executable, option, requireOwn, type TypedArray, type Variable, type VariableStorage } from '@pappus/core';
import { layOutBlock } from './codegen/block.js';
import { emitModule, STEP } from './codegen/module.js';
import { hasRelaxedSimd } from './codegen/rendering.js';
import { layOutScratch } from './codegen/scratch.js';
import { Checks } from './debug/checks.js';
import { CpuExecutable } from './executable.js';
import { CpuMemory } from './memory.js';
import { CpuStorage, VariableStore } from './storage.js';

/** What the engine gives. */
export interface CpuInfo {
  /** Multiply-add of relaxed SIMD, which may round once or twice. */
  readonly relaxedSimd: boolean;
}

export interface CpuOptions {
  /**
   * Checks every load and store of the kernels against the bounds of its tensor, and guards each tensor with memory that nothing may
   * write to: to find errors of the library itself. What reaches out of its tensor is a BackendError of the call. Slow. Default false.
   */
  readonly debug?: boolean;
}

export class CpuBackend implements Backend {
  readonly name = 'cpu';
  readonly graphVersion = SPOKEN_GRAPH_VERSION;
  private readonly memory: CpuMemory;
  private readonly variables: VariableStore;
  private readonly debug: boolean;

  constructor(
    readonly info: CpuInfo,
    { debug = false }: CpuOptions = {},
  ) {
    this.debug = debug;
    this.memory = new CpuMemory({ guarded: debug });
    this.variables = new VariableStore(this, this.memory);
  }

  /** Bytes of WebAssembly memory in use, and reserved. */
  get bytes(): { readonly used: number; readonly reserved: number } {
    return { used: this.memory.usedBytes, reserved: this.memory.totalBytes };
  }

  store(variable: Variable, values: TypedArray): VariableStorage {
    requireOwn(variable, 'cpu');
    const [storage] = this.variables.place([{ variable, values }]);
    if (storage === undefined) throw new BackendError(`no memory for variable ${variable.name}`);
    return storage;
  }

  check(computation: Computation): void {
    checkComputation(computation);
  }

  prepare(computation: Computation, sizes: ReadonlyMap<string, number>): Promise<Executable> {
    return this.load(compileProgram(computation, sizes));
  }

  /** Makes a program ready to run. @internal */
  async load(program: Program): Promise<Executable> {
    const block = layOutBlock(program, this.debug);
    const scratch = layOutScratch(program.kernels, this.info.relaxedSimd);
    let checks: Checks | undefined;
    const code = emitModule(program, block, scratch, this.info.relaxedSimd, this.debug ? (module) => (checks = new Checks(module)) : undefined);
    const { instance } = await instantiate(code, this.memory.memory);
    const step = instance.exports[STEP];
    if (!isStep(step)) throw new BackendError('the module of a program has no step');
    this.adopt(program);
    return new CpuExecutable(this, this.memory, program, block, step, describeProgram(program, code.length), scratch.bytes, checks);
  }

  /** Puts variables that are on no backend yet into this memory, those that are updated together side by side. */
  private adopt(program: Program): void {
    for (const variable of program.variables) {
      if (variable.storage !== undefined && !(variable.storage instanceof CpuStorage && variable.storage.backend === this)) {
        throw new BackendError(
          `variable ${variable.name} lives on the backend ${variable.storage.backend.name}; move it with await ${variable.name}.to(backend)`,
        );
      }
    }
    for (const group of [...program.arenas, ...program.variables.map((v) => [v])]) {
      const entries = group.flatMap((variable) => {
        const values = variable.hostValue();
        return values === undefined ? [] : [{ variable, values }];
      });
      for (const [k, storage] of this.variables.place(entries).entries()) entries[k]?.variable.place(storage);
    }
  }
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
 * @throws {BackendError} if the engine has no WebAssembly SIMD
 * @throws {InputError} for an option that there is not
 * @example const train = await compile({ updates: adam(loss, [w]) }, await cpu());
 */
export function cpu(options: CpuOptions = {}): Promise<CpuBackend> {
  return new Promise((resolve) => {
    resolve(make(options));
  });
}

function make(options: CpuOptions): CpuBackend {
  checkOptions('cpu', options, { debug: option.flag });
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new BackendError('this engine has no WebAssembly SIMD; use Node 20.19 or later, or a browser of 2023 or later');
  }
  return new CpuBackend({ relaxedSimd: hasRelaxedSimd() }, options);
}

/** (module (func (result v128) i32.const 0 i8x16.splat)) */
const SIMD_PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11]);
