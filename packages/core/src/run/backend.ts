/** What a backend is to core: it stores variables and turns a computation into a step that runs. */
import type { DType, TypedArray } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';
import type { DISPOSE } from './lifetime.js';
import type { Variable } from '../values/variable.js';
import type { KernelTimes } from './trace.js';

/** An input or output of a computation. */
export interface NamedExpr {
  /** The name by which a call gives or answers it. */
  readonly name: string;
  /** The input itself, or what is answered. */
  readonly expr: Expr;
}

/** What a variable becomes in a step. */
export interface VariableUpdate {
  /** The variable, whose value changes when all updates are computed. */
  readonly variable: Variable;
  /** Its next value, of its shape and dtype. */
  readonly expr: Expr;
}

/** What to compute in one step. All right-hand sides see the values from before the step. */
export interface Computation {
  /** The version of the graph that its expressions are of: `GRAPH_VERSION` of the core that made it. */
  readonly graphVersion: number;
  /** What a call gives, in this order. */
  readonly inputs: readonly NamedExpr[];
  /** What a call answers, in this order. */
  readonly outputs: readonly NamedExpr[];
  /** What variables become. */
  readonly updates: readonly VariableUpdate[];
}

/** Where the value of a variable is. */
export interface VariableStorage {
  /** The backend that the value is on. */
  readonly backend: Backend;
  /** A copy of the value as it is when called. */
  read(): Promise<TypedArray>;
  /** Puts another value in its place. */
  write(values: TypedArray): void;
  /** Gives its memory back at once: the value has moved elsewhere, or nobody wants it. It is not used any more. */
  release?(): void;
}

/** A tensor that a step left on its backend. */
export interface DeviceTensor {
  /** The backend that the values are on. */
  readonly backend: Backend;
  /** The dtype of its elements. */
  readonly dtype: DType;
  /** The sizes of its axes; none of a scalar. */
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
  /** What it will run. */
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

/** What runs computations and holds variables: made by `cpu()`, `webgpu()` or `interpreter()`, or someone else's. */
export interface Backend {
  /** What messages call it, such as `cpu`. */
  readonly name: string;
  /** The version of the graph that it understands; core refuses backends of another version than its own `GRAPH_VERSION`. */
  readonly graphVersion: number;
  /** Its package and the version of that, for messages, such as `@pappus/backend-cpu 1.0.0`. */
  readonly version?: string;
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
  /** `dispose()`, for `using`. */
  [DISPOSE](): void;
}

/** One kernel of a program, for people and tests. */
export interface KernelDescription {
  /** What it does, such as `matmul+add+relu` or `update`. */
  readonly name: string;
  /** Its name alone within the program, such as `k3 update`: the one that profilers, listings and traces show. */
  readonly label: string;
  /** The form of its code: `elementwise`, `reduce`, `matmul`, `scatter` or `scan`. */
  readonly kind: string;
  /** Operations per element, fused in this kernel. */
  readonly operations: readonly string[];
  /** Names of the buffers that are read. */
  readonly reads: readonly string[];
  /** Names of the buffers that are written. */
  readonly writes: readonly string[];
  /** Buffers that are read and overwritten in place. */
  readonly inPlace: readonly string[];
  /** Tensors of one rule that this kernel covers in one pass; 1 for other kernels. */
  readonly segments: number;
  /** How often it runs in a step: the number of steps of the scan that it is in; 1 for other kernels. */
  readonly repeats: number;
  /** The scalar of the host without which it does not run in a step, such as `eq(mod(t, 10), 0)`; undefined if it runs in every step. */
  readonly when?: string;
}

/** What will run in one step. */
export interface ProgramDescription {
  /** In the order in which they run. */
  readonly kernels: readonly KernelDescription[];
  /** Scalars evaluated on the host in float64 and handed to the kernels. */
  readonly hostScalars: readonly string[];
  /** Calls from JavaScript into the backend per step. */
  readonly calls: number;
  /** Sizes in bytes. */
  readonly bytes: {
    /** Of the inputs of one call. */
    readonly inputs: number;
    /** Of the outputs of one call. */
    readonly outputs: number;
    /** Of the variables that it reads or updates, whoever else uses them. */
    readonly variables: number;
    /** Of what lies between, which shares memory where lives do not overlap. */
    readonly temporaries: number;
    /** Of the kernels' code. */
    readonly code: number;
  };
}
