/** Which kernel of a step is wrong: the values that each leaves, beside those of the interpreter. */
import { type Backend, BackendError, checkOptions, type ComputationSpec, type DType, type Expr, type InputValue, InputError, isFloat, option, type TypedArray, type Variable } from '@pappus/core';
import { bindDimension, bindInputs, checkSpec, checkValues, type Executable, interpret, inTurn, requireBackend, sizeOf } from '@pappus/core/backend';
import { copyKernel } from '../emit/in-place.js';
import { kernelAccesses } from '../kernels/accesses.js';
import type { Buffer, Kernel, Program } from '../kernels/kernel.js';
import { kernelNames } from '../kernels/kernel-names.js';
import { compileProgram, type ProgramOptions } from '../program.js';
import { lost, required } from '../required.js';
import { roundingNoise } from './rounding-noise.js';

/** A backend that runs programs of this compiler. */
export interface ProgramBackend extends Backend {
  /** How programs for it are compiled. */
  readonly layout: ProgramOptions;
  /** Makes a program ready to run, whoever compiled it. */
  load(program: Program): Promise<Executable>;
}

/** Options of `findDifference`. */
export interface FindDifferenceOptions {
  /**
   * How far from the interpreter's a value of a float may be, as a part of the largest of its tensor; int32 and bool must be the same. By default
   * 1e-3 of float32 and 1e-9 of float64, and more where rounding alone can do more: where what is large cancels, or a comparison is close.
   */
  readonly tolerance?: number;
  /** Whether operations are computed together, as for `compile`. With false the kernel that is named has one operation. Default true. */
  readonly fuse?: boolean;
}

/** The first kernel of a step of whose values one is wrong. */
export interface Difference {
  /** Its name within the program, such as `k3 update`. */
  readonly kernel: string;
  /** Kernels between the last one that was seen to be right and this one, of whose values no expression of the graph is one: it may be their fault. */
  readonly unseen: readonly string[];
  /** The name of the tensor. */
  readonly tensor: string;
  /** The expression whose value it should be. */
  readonly expr: Expr;
  /** Indices of the element that is furthest off. */
  readonly at: readonly number[];
  /** The element as the kernel has it. */
  readonly actual: number;
  /** The element as the interpreter has it. */
  readonly expected: number;
  /** All of it in words. */
  readonly message: string;
}

/**
 * Runs a step once on a backend, and compares what each of its kernels leaves with the interpreter: answers the first that differs, and
 * undefined if none does. Variables have the values afterwards that they had before, and calls and settings that come later wait for it; those
 * that were on no backend yet are on this one, as after `compile`. It takes as long as the interpreter, so that small batches are better.
 *
 * @param values as for a call, but for outputs of other functions: give what `await output.read()` answers
 * @throws {BackendError} if the backend runs no programs of this compiler (the interpreter)
 * @throws {GraphError|InputError|ShapeError|DTypeError|OptimizerError} as `compile` and a call do
 * @example console.log((await findDifference(spec, backend, { x, y }))?.message ?? 'all kernels agree with the interpreter');
 */
export async function findDifference<const I extends Readonly<Record<string, Expr>>, const O extends Readonly<Record<string, Expr>>>(
  spec: ComputationSpec<I, O>,
  backend: Backend,
  values: { readonly [K in keyof I]: InputValue },
  options: FindDifferenceOptions = {},
): Promise<Difference | undefined> {
  const { tolerance, fuse = true } = checkOptions('findDifference', options, { tolerance: TOLERANCE, fuse: option.flag });
  requireBackend(backend, 'findDifference');
  if (!runsPrograms(backend)) throw new BackendError(`findDifference: the backend ${backend.name} runs no compiled programs; give it cpu() or webgpu()`);
  const { computation, variables } = checkSpec(spec);
  backend.check?.(computation);
  const bound = bindInputs(computation.inputs, values, backend);
  const given = bound.values.map((value, k): TypedArray => {
    if ('backend' in value) throw new InputError(`findDifference: give values for the input '${computation.inputs[k]?.name ?? String(k)}', not an output; await output.read() has them`);
    return value.slice();
  });
  const dataOf = (k: number): TypedArray => given[k] ?? lost(`input ${k}`);
  checkValues(computation, bound);

  let origins: ReadonlyMap<Buffer, Expr> = new Map();
  const program = compileProgram(computation, bound.sizes, { ...backend.layout, fuse, origins: (found) => (origins = found) });
  const watched = watch(program, origins);

  const { before, outputs: actual } = await inTurn(backend, variables, () => run(backend, watched.program, given, variables));

  const feeds = new Map<Expr, { readonly data: Float64Array; readonly shape: readonly number[] }>();
  for (const [k, { expr }] of computation.inputs.entries()) {
    feeds.set(expr, { data: Float64Array.from(dataOf(k)), shape: expr.shape.map((d) => bindDimension(d, bound.sizes)) });
  }
  for (const [v, data] of before) feeds.set(v, { data: Float64Array.from(data), shape: v.shape });
  const seen = watched.looks.map(({ expr }) => expr);
  const hosted = program.outputs.flatMap((output, k) => (output.kind === 'host' ? [k] : []));
  const compared = [...seen, ...hosted.map((k) => (computation.outputs[k] ?? lost(`output ${k}`)).expr)];
  const expected = interpret(compared, (leaf) => feeds.get(leaf), bound.sizes);
  let noisy: readonly (readonly Float64Array[])[] | undefined;
  /** What rounding makes of value k: asked where one is off, which is seldom. A tolerance that is given is all there is. */
  const roundings = (k: number): readonly Float64Array[] => {
    if (tolerance !== undefined) return [];
    noisy ??= Array.from({ length: TRIALS }, (_, trial) => interpret(compared, (leaf) => feeds.get(leaf), bound.sizes, roundingNoise(trial)).map(({ data }) => data));
    return noisy.map((trial) => required(trial[k], 'a trial'));
  };

  const firstOf = (values: ArrayLike<number> | undefined, what: string): number => required(values?.[0], what);
  const scalars = program.host.evaluate((k) => firstOf(dataOf(k), `input ${k}`), (v) => firstOf(before.get(v), v.name));
  let unseen: string[] = [];
  let looked = 0;
  for (const { name, when, tensors } of watched.kernels) {
    const isSkipped = when !== undefined && scalars[when] === 0;
    for (const { buffer, expr } of tensors) {
      const k = looked++;
      // What a kernel has not written is no value of its expression.
      if (isSkipped) continue;
      const [values, { data, shape }] = [required(actual[program.outputs.length + k], buffer.name), required(expected[k], buffer.name)];
      const wrong = furthest(values, data, buffer.dtype, tolerance, () => roundings(k));
      if (wrong === undefined) continue;
      return differenceOf({ kernel: name, unseen, tensor: buffer.name, expr, at: indicesOf(wrong, shape), actual: required(values[wrong], buffer.name), expected: required(data[wrong], buffer.name) });
    }
    if (!isSkipped) unseen = tensors.length > 0 ? [] : [...unseen, name];
  }
  for (const [j, k] of hosted.entries()) {
    const { name, expr } = computation.outputs[k] ?? lost(`output ${k}`);
    const [values, { data }] = [required(actual[k], name), required(expected[seen.length + j], name)];
    if (furthest(values, data, expr.dtype, tolerance, () => roundings(seen.length + j)) === undefined) continue;
    return differenceOf({ kernel: 'the host', unseen: [], tensor: name, expr, at: [], actual: required(values[0], name), expected: required(data[0], name) });
  }
  return undefined;
}

function runsPrograms(backend: Backend): backend is ProgramBackend {
  return 'load' in backend && typeof backend.load === 'function' && 'layout' in backend;
}

/** What a kernel leaves that is the value of an expression. */
interface Look {
  readonly buffer: Buffer;
  readonly expr: Expr;
}

interface Watched {
  readonly program: Program;
  readonly kernels: readonly { readonly name: string; readonly when: number | undefined; readonly tensors: readonly Look[] }[];
  /** Of all kernels, in their order. */
  readonly looks: readonly Look[];
}

/** The program with a copy of what each kernel leaves, made at once: all else, memory too, is as it was. Copies are answered after the outputs. */
function watch(program: Program, origins: ReadonlyMap<Buffer, Expr>): Watched {
  const names = kernelNames(program.kernels);
  const copies: Buffer[] = [];
  const kernels: Kernel[] = [];
  const left = lastWriters(program.kernels);
  const seen = program.kernels.map((kernel) => {
    kernels.push(kernel);
    const tensors: Look[] = [];
    for (const buffer of new Set(kernelAccesses(kernel).writes)) {
      const expr = origins.get(buffer);
      if (expr === undefined || left.get(buffer) !== kernel || buffer.size === 0) continue;
      tensors.push({ buffer, expr });
      const position = program.outputs.length + copies.length;
      const copy: Buffer = { id: program.buffers.length + copies.length, name: `copy of ${buffer.name}`, dtype: buffer.dtype, size: buffer.size, place: { kind: 'output', position } };
      copies.push(copy);
      kernels.push({ ...copyKernel(buffer, copy), update: false });
    }
    return { name: required(names.get(kernel), 'the name of a kernel'), when: kernel.when, tensors };
  });
  const looks = seen.flatMap(({ tensors }) => tensors);
  const outputs = copies.map((buffer) => ({ kind: 'buffer', buffer, shape: [buffer.size], dtype: buffer.dtype }) as const);
  return { kernels: seen, looks, program: { ...program, kernels, buffers: [...program.buffers, ...copies], outputs: [...program.outputs, ...outputs] } };
}

/** The kernel after which a buffer is whole: several may write parts of it. */
function lastWriters(kernels: readonly Kernel[]): ReadonlyMap<Buffer, Kernel> {
  return new Map(kernels.flatMap((kernel) => kernelAccesses(kernel).writes.map((buffer) => [buffer, kernel] as const)));
}

/** What one run leaves, and the variables as they were before it, which they are again when it ends. */
interface Run {
  readonly outputs: readonly TypedArray[];
  readonly before: ReadonlyMap<Variable, TypedArray>;
}

async function run(backend: ProgramBackend, program: Program, inputs: readonly TypedArray[], variables: ReadonlySet<Variable>): Promise<Run> {
  const executable = await backend.load(program);
  try {
    const before = new Map(await Promise.all([...variables].map(async (v) => [v, await (v.storage?.read() ?? v.hostValue()?.slice() ?? lost(`the value of ${v.name}`))] as const)));
    for (let waiting = executable.ready?.(inputs); waiting !== undefined; waiting = executable.ready?.(inputs)) await waiting;
    try {
      return { before, outputs: await Promise.all(executable.run(inputs).map((output) => output.read())) };
    } finally {
      for (const [variable, values] of before) variable.storage?.write(values);
    }
  } finally {
    executable.release?.();
  }
}

const TOLERANCE = { wanted: 'a number from 0 on', takes: (value: unknown) => typeof value === 'number' && value >= 0 };
const TOLERANCES: Readonly<Record<DType, number>> = { float32: 1e-3, float64: 1e-9, int32: 0, bool: 0 };

/** So often the interpreter is asked with noise: a comparison that is close comes out the other way in one of so many. */
const TRIALS = 8;
/** How many times as far as in any trial a value may be off: the errors of a kernel may be of one sign. */
const BEYOND_TRIALS = 4;

/** The element that is furthest off, if one is by more than is allowed. */
function furthest(actual: TypedArray, expected: Float64Array, dtype: DType, tolerance = TOLERANCES[dtype], roundings: () => readonly Float64Array[] = () => []): number | undefined {
  const allowed = isFloat(dtype) ? tolerance : 0;
  let scale = 0;
  for (const value of expected) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  let worst: number | undefined;
  let most = allowed * scale;
  for (const [k, wanted] of expected.entries()) {
    const value = actual[k] ?? lost(`element ${k}`);
    if (Object.is(value, wanted) || value === wanted) continue;
    // What is no number, or no finite one, on one side alone is further off than any number.
    const off = Number.isFinite(value) && Number.isFinite(wanted) ? Math.abs(value - wanted) : Infinity;
    if (off > most && off > BEYOND_TRIALS * spreadOf(roundings(), k, wanted)) [worst, most] = [k, off];
  }
  return worst;
}

/** How far rounding takes an element. Where it makes none of a number, that is worth to be told. */
function spreadOf(trials: readonly Float64Array[], k: number, wanted: number): number {
  const spread = trials.map((trial) => Math.abs((trial[k] ?? lost(`element ${k}`)) - wanted)).filter(Number.isFinite);
  return Math.max(0, ...spread);
}

function indicesOf(position: number, shape: readonly number[]): number[] {
  let rest = position;
  return shape.map((_, axis) => {
    const size = sizeOf(shape.slice(axis + 1));
    const index = Math.floor(rest / size);
    rest -= index * size;
    return index;
  });
}

function differenceOf(found: Omit<Difference, 'message'>): Difference {
  const { kernel, unseen, tensor, at, actual, expected } = found;
  const where = at.length === 0 ? '' : ` at [${at.join(', ')}]`;
  const others = unseen.length === 0 ? 'all kernels before it agree' : `nothing is known of ${unseen.join(', ')} just before it; all others before it agree`;
  return { ...found, message: `${kernel}: ${tensor}${where} is ${actual}, and by the interpreter ${expected}; ${others}` };
}
