// One computation run by two backends, the results side by side: outputs of every step and variables after it.
import {
  type Backend,
  compile,
  type DimensionLike,
  type DType,
  type Expr,
  input,
  interpreter,
  isFloat,
  type TypedArray,
  variable,
  type Variable,
} from '@pappus/core';
import { expect } from 'vitest';

/** A tensor that a computation is given. */
export interface Value {
  /** The dtype of its elements. */
  readonly dtype: DType;
  /** The sizes of its axes. */
  readonly shape: readonly number[];
  /** Its elements in row-major order. */
  readonly data: TypedArray;
}

/** A value for an input; `open` names the axes that are open dimensions. */
export interface InputValue extends Value {
  /** The shape as it is declared. Default: that of the value. */
  readonly open?: readonly DimensionLike[];
}

/** What the computation of a subject is built of. */
export interface Leaves {
  /** By the names in its steps. */
  readonly inputs: Readonly<Record<string, Expr>>;
  /** By their names. */
  readonly variables: Readonly<Record<string, Variable>>;
}

/** What a subject computes. */
export interface Computed {
  /** What a step answers, by name. */
  readonly outputs?: Readonly<Record<string, Expr>>;
  /** What variables become in a step. */
  readonly updates?: ReadonlyMap<Variable, Expr>;
}

/** A computation and what it is given, as often as it is run. */
export interface Subject {
  /** The inputs of each step; all steps have the same names. */
  readonly steps?: readonly Readonly<Record<string, InputValue>>[];
  /** What variables start from. */
  readonly variables?: Readonly<Record<string, Value>>;
  /** Builds the computation. */
  readonly build: (leaves: Leaves) => Computed;
}

/** How far two results may be apart. Integers and booleans may not at all. */
export interface Closeness {
  /** Relative to the expected value, by float dtype. */
  readonly relative: {
    /** Of results in float32. */
    readonly float32: number;
    /** Of results in float64. */
    readonly float64: number;
  };
  /** The magnitude that absolute errors are measured by: `relative * scale` is allowed everywhere. Default 0. */
  readonly scale?: number;
  /** An absolute error that is allowed everywhere: results below it may be 0. Default 0. */
  readonly tiny?: number;
  /** Whether -0 must be -0. Default false. */
  readonly signedZeros?: boolean;
}

/** Something that a subject computed. */
interface Result {
  /** What it is called in messages. */
  readonly name: string;
  /** What it is. */
  readonly value: Value;
}

/** The names that a function must be given for a leaf that a subject says it has. */
export function leaf<T>(leaves: Readonly<Record<string, T>>, name: string): T {
  const found = leaves[name];
  if (found === undefined) throw new Error(`the subject has no leaf '${name}'`);
  return found;
}

/** Everything that a subject computes on a backend, in order. */
export async function execute(subject: Subject, backend: Backend): Promise<Result[]> {
  const steps = subject.steps ?? [{}];
  const inputs: Record<string, Expr> = {};
  for (const [name, { dtype, shape, open }] of Object.entries(steps[0] ?? {})) inputs[name] = input(dtype, open ?? shape, name);
  const variables: Record<string, Variable> = {};
  for (const [name, { dtype, shape, data }] of Object.entries(subject.variables ?? {})) {
    variables[name] = variable({ data, shape }, { name, dtype });
  }
  const { outputs = {}, updates = new Map<Variable, Expr>() } = subject.build({ inputs, variables });
  const run = await compile({ inputs, outputs, updates }, backend);
  const results: Result[] = [];
  for (const [step, given] of steps.entries()) {
    const values = Object.fromEntries(Object.entries(given).map(([name, { data, shape }]) => [name, { data, shape }]));
    for (const [name, output] of Object.entries(await run(values))) {
      results.push({ name: `${name} of step ${step}`, value: { dtype: output.dtype, shape: output.shape, data: await output.read() } });
    }
    for (const [name, held] of Object.entries(variables)) {
      results.push({ name: `variable ${name} after step ${step}`, value: { dtype: held.dtype, shape: held.shape, data: await held.read() } });
    }
  }
  return results;
}

/** Where a backend computes something else than the interpreter, a line for each result. */
export async function disagreementsOf(subject: Subject, backend: Backend, closeness: Closeness): Promise<readonly string[]> {
  const expected = await execute(subject, interpreter());
  const actual = await execute(subject, backend);
  const kinds = (results: readonly Result[]): string => results.map((r) => `${r.name} ${r.value.dtype}[${r.value.shape.join()}]`).join('; ');
  if (kinds(actual) !== kinds(expected)) return [`the results are ${kinds(actual)}, not ${kinds(expected)}`];
  return expected.flatMap(({ name, value }, k) => {
    const other = actual[k]?.value;
    const complaint = other === undefined ? 'is missing' : difference(other, value, closeness);
    return complaint === undefined ? [] : [`${name}: ${complaint}`];
  });
}

/** Fails unless the backend computes what the interpreter does. */
export async function expectAgreement(subject: Subject, backend: Backend, closeness: Closeness): Promise<void> {
  expect(await disagreementsOf(subject, backend, closeness)).toEqual([]);
}

/** The smallest positive numbers: results below the normal range are rounded to multiples of these. */
const SUBNORMAL = { float32: 2 ** -149, float64: 2 ** -1074 };

/** Where two tensors part, in words; undefined if they are close. */
export function difference(actual: Value, expected: Value, { relative, scale = 0, tiny = 0, signedZeros = false }: Closeness): string | undefined {
  if (actual.data.length !== expected.data.length) return `${actual.data.length} numbers where ${expected.data.length} were expected`;
  const { dtype } = expected;
  let wrong = 0;
  let first = '';
  for (let i = 0; i < expected.data.length; i++) {
    const a = actual.data[i] ?? NaN;
    const e = expected.data[i] ?? NaN;
    const same = signedZeros ? Object.is(a, e) : a === e || (Number.isNaN(a) && Number.isNaN(e));
    const close =
      isFloat(dtype) && Number.isFinite(a) && Number.isFinite(e) && !(signedZeros && a === 0 && e === 0) &&
      Math.abs(a - e) <= relative[dtype] * (Math.abs(e) + scale) + 4 * SUBNORMAL[dtype] + tiny;
    if (same || close) continue;
    wrong++;
    if (wrong === 1) first = `[${i}] is ${show(a)}, not ${show(e)}`;
  }
  return wrong === 0 ? undefined : `${wrong} of ${expected.data.length} differ; ${first}`;
}

function show(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}
