// Runs a rule along a recorded trajectory on any backend, and compares what it does to the parameters.
import { type Backend, compile, type Expr, input, type InputValue, type Updates, type Variable, variable } from '@pappus/core';
import { allClose } from '../all-close.js';

/** What a recording says: the gradients of each step, and the parameters after it. */
export interface Recording {
  /** For messages. */
  readonly name: string;
  /** Of the parameters. */
  readonly shapes: readonly (readonly number[])[];
  /** The parameters before the first step, row-major. */
  readonly initial: readonly (readonly number[])[];
  /** `gradients[step][parameter]`, row-major. */
  readonly gradients: readonly (readonly (readonly number[])[])[];
  /** `expected[step][parameter]`: the parameters after each step, row-major. */
  readonly expected: readonly (readonly (readonly number[])[])[];
  /** Where the rate changes: that of each step. */
  readonly learningRatePerStep?: readonly number[];
}

/** `values[step][parameter]`, row-major. */
export type Path = readonly (readonly (readonly number[])[])[];

/** How a recording is replayed. */
export interface ReplayOptions {
  /** In which dtype. */
  readonly dtype: 'float32' | 'float64';
  /** Where the parameters start. Default: as recorded. */
  readonly from?: 'initial' | 'zero';
  /** Multiplies the recorded gradients. Default 1. */
  readonly gradientScale?: number;
}

/** Updates of parameters from their gradients; `rate` is there where the recording has one for each step. */
export type ReplayedRule = (grads: readonly Expr[], params: readonly Variable[], rate: Expr | undefined) => Updates;

/** The parameters after each step. The learning rate of a recording that has one for each step is an input. */
export async function replay(rule: ReplayedRule, recording: Recording, backend: Backend, options: ReplayOptions): Promise<Path> {
  const { dtype, from = 'initial', gradientScale = 1 } = options;
  const { shapes, initial, gradients, learningRatePerStep } = recording;
  const array = (values: readonly number[], factor: number): Float32Array | Float64Array => {
    const scaled = values.map((value) => factor * value);
    return dtype === 'float32' ? Float32Array.from(scaled) : Float64Array.from(scaled);
  };
  const params = shapes.map((shape, p) => {
    return variable({ data: array(initial[p] ?? [], from === 'zero' ? 0 : 1), shape }, { name: `w${p}` });
  });
  const inputs: Record<string, Expr> = Object.fromEntries(shapes.map((shape, p) => [`g${p}`, input(dtype, shape)]));
  const grads = Object.values(inputs);
  const rate = learningRatePerStep === undefined ? undefined : (inputs['rate'] = input('float64', []));
  const step = await compile({ inputs, updates: rule(grads, params, rate) }, backend);
  const path: number[][][] = [];
  for (const [t, now] of gradients.entries()) {
    const values: Record<string, InputValue> = Object.fromEntries(
      now.map((g, p) => [`g${p}`, array(g, gradientScale)]),
    );
    if (rate !== undefined) values['rate'] = learningRatePerStep?.[t] ?? NaN;
    await step(values);
    path.push(await Promise.all(params.map(async (param) => Array.from(await param.read()))));
  }
  return path;
}

/** What each step changed since the start, in place of the values. */
export function changes(path: Path, initial: readonly (readonly number[])[]): Path {
  return path.map((params) => params.map((values, p) => values.map((value, i) => value - (initial[p]?.[i] ?? NaN))));
}

/** Throws unless every parameter after every step is within `rtol` of what is expected. */
export function expectPath(actual: Path, expected: Path, rtol: number, label: string): void {
  for (const [t, params] of expected.entries()) {
    for (const [p, values] of params.entries()) {
      allClose(actual[t]?.[p] ?? [], values, { rtol, atol: Number.MIN_VALUE, label: `${label}: step ${t + 1}, parameter ${p}` });
    }
  }
}

/**
 * Throws unless every element has gone where it should, within `rtol` of the way that it has gone: the sum of the sizes of
 * its steps, and not where it stands. So the size of a parameter hides nothing, and steps back and forth do not add up to
 * a small number that no rounding could meet.
 */
export function expectWay(actual: Path, expected: Path, rtol: number, label: string): void {
  const before = expected.map((_, t) => expected[t - 1]);
  const way = (expected[0] ?? []).map((values) => values.map(() => 0));
  for (const [t, params] of expected.entries()) {
    for (const [p, values] of params.entries()) {
      for (const [i, value] of values.entries()) {
        const gone = (way[p]?.[i] ?? 0) + Math.abs(value - (before[t]?.[p]?.[i] ?? 0));
        way[p]?.splice(i, 1, gone);
        const got = actual[t]?.[p]?.[i] ?? NaN;
        allClose([got], [value], { atol: rtol * gone, label: `${label}: step ${t + 1}, parameter ${p}, element ${i}` });
      }
    }
  }
}
