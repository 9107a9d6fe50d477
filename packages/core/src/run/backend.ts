/** What a backend is to core: it stores variables and turns a computation into a step that runs. */
import type { DType, TypedArray } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';
import type { DISPOSE } from './lifetime.js';
import type { Variable } from '../values/variable.js';
import type { KernelTimes } from './trace.js';

/** What to compute in one step. All right-hand sides see the values from before the step. */
export interface Computation {
  /** The version of the graph that its expressions are of: `GRAPH_VERSION` of the core that made it. */
  readonly graphVersion: number;
  readonly inputs: readonly { readonly name: string; readonly expr: Expr }[];
  readonly outputs: readonly { readonly name: string; readonly expr: Expr }[];
  readonly updates: readonly { readonly variable: Variable; readonly expr: Expr }[];
}

/** Where the value of a variable is. */
export interface VariableStorage {
  readonly backend: Backend;
  /** A copy of the value as it is when called. */
  read(): Promise<TypedArray>;
  write(values: TypedArray): void;
  /** Gives its memory back at once: the value has moved elsewhere, or nobody wants it. It is not used any more. */
  release?(): void;
}

/** A tensor that a step left on its backend. */
export interface DeviceTensor {
  readonly backend: Backend;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** A copy of the values as they are when called. */
  read(): Promise<TypedArray>;
}

/** What `printProgram` shows. */
export interface PrintOptions {
  /** Whether the code that the backend made follows: WebAssembly text on the CPU, WGSL on the GPU. Default false. */
  readonly code?: boolean;
}

/** A computation that is ready to run, all its sizes known. */
export interface Executable {
  readonly program: ProgramDescription;
  /**
   * What must come to pass before `run` with these inputs: a value on its way to the host, room for another step under way.
   * Undefined, or no such method, where nothing must; asked again until it is.
   */
  ready?(inputs: readonly (TypedArray | DeviceTensor)[]): Promise<void> | undefined;
  /** Runs one step: values in the order of the computation's inputs, already checked; answers its outputs. */
  run(inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[];
  /** Of one that was prepared to trace: the times of its kernels in all runs so far. */
  times?(): Promise<KernelTimes>;
  /**
   * The program as text, for `printProgram`: its kernels, buffers and host scalars, and the code that the backend runs if that is wanted.
   * No such method where there is nothing to show.
   */
  print?(options: PrintOptions): Promise<string>;
  /** Gives its memory back at once; neither it nor its outputs are used any more. */
  release?(): void;
}

/** How a step is compiled: the options of `compile` that are a backend's to heed. */
export interface PrepareOptions {
  /** Whether operations are computed together. If not, each is a kernel of its own. Default true. */
  readonly fuse?: boolean;
  /** Whether the time of each kernel is taken. Default false. */
  readonly trace?: boolean;
}

export interface Backend {
  readonly name: string;
  /** The version of the graph that it understands; core refuses backends of another version than its own `GRAPH_VERSION`. */
  readonly graphVersion: number;
  /** Puts a value on this backend. */
  store(variable: Variable, values: TypedArray): VariableStorage | Promise<VariableStorage>;
  /** Throws if this backend will compile a computation for no sizes. */
  check?(computation: Computation): void;
  /**
   * Compiles a computation for these sizes of its open dimensions, and puts its variables on this backend. If it fails, they are where
   * they were. Executables of one computation are of one function: they run one at a time, and a run of one ends the outputs of all, so
   * that they can share memory.
   *
   * @throws {BackendError} if it is to trace, and cannot
   */
  prepare(computation: Computation, sizes: ReadonlyMap<string, number>, options?: PrepareOptions): Promise<Executable>;
  /**
   * Gives all memory back at once, and what else it holds. What is used of it afterwards, variables and outputs that are on it included,
   * throws a `DisposedError`; calls that wait are rejected with it. A second time does nothing.
   */
  dispose(): void;
  [DISPOSE](): void;
}

/** One kernel of a program, for people and tests. */
export interface KernelDescription {
  /** What it does, such as `matmul+add+relu` or `update`. */
  readonly name: string;
  /** Its name alone within the program, such as `k3 update`: the one that profilers, listings and traces show. */
  readonly label: string;
  readonly kind: string;
  /** Operations per element, fused in this kernel. */
  readonly operations: readonly string[];
  /** Names of the buffers that are read and written. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Buffers that are read and overwritten in place. */
  readonly inPlace: readonly string[];
  /** Tensors of one rule that this kernel covers in one pass; 1 for other kernels. */
  readonly segments: number;
  /** How often it runs in a step: the number of steps of the scan that it is in; 1 for other kernels. */
  readonly repeats: number;
}

/** What will run in one step. */
export interface ProgramDescription {
  readonly kernels: readonly KernelDescription[];
  /** Scalars evaluated on the host in float64 and handed to the kernels. */
  readonly hostScalars: readonly string[];
  /** Calls from JavaScript into the backend per step. */
  readonly calls: number;
  /** Sizes in bytes. */
  readonly bytes: {
    readonly inputs: number;
    readonly outputs: number;
    readonly variables: number;
    readonly temporaries: number;
    readonly code: number;
  };
}
