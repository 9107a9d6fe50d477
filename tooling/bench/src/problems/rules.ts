/** One step of an update rule alone: gradients are given and rest on the device. Any rule of the table, on matrices. */
import * as pappus from 'pappus';
import { compile, type Backend, type Expr, interpreter, type Updates, type Variable, variable } from 'pappus';
import { rules, type RuleName, type RuleRow } from '@pappus/rule-table';
import { WrongResult } from '../contender.js';
import { uniform } from '../random.js';

export type Shape = readonly [number, number];

/** What a rule is called with, beside parameters and gradients. */
export type RuleOptions = Readonly<Record<string, unknown>> & { readonly learningRate: number };

type Rule = (grads: readonly Expr[], params: readonly Variable[], options: RuleOptions) => Updates;

const exported: Readonly<Record<RuleName, Rule>> = pappus;

/** A rule with its options, as it is measured. */
export interface MeasuredRule {
  readonly name: RuleName;
  readonly row: RuleRow;
  readonly options: RuleOptions;
}

export function measuredRule(name: RuleName, options: Readonly<Record<string, unknown>> = {}): MeasuredRule {
  const row: RuleRow = rules[name];
  return { name, row, options: { learningRate: row.mnist.learningRate, ...row.options, ...options } };
}

/** Parameters, gradients at rest, and what the rule makes of them. */
export interface RuleStep {
  readonly params: readonly Variable[];
  readonly grads: readonly Variable[];
  readonly updates: Updates;
}

export function ruleStep({ name, row, options }: MeasuredRule, shapes: readonly Shape[], dtype: 'float32' | 'float64' = 'float32'): RuleStep {
  const make = (seed: number, low: number): Variable[] =>
    shapes.map((shape, k) => {
      const data = uniform(shape[0] * shape[1], low, 1, 2 * k + seed);
      return variable({ data: dtype === 'float32' ? data : Float64Array.from(data), shape });
    });
  const [params, grads] = [make(1, -1), make(2, 0.01)];
  const given = row.needs === undefined ? {} : row.needs === 'loss' ? { loss: variable(0.5, { dtype }) } : { hessian: make(3, 0.01) };
  return { params, grads, updates: exported[name](grads, params, { ...given, ...options }) };
}

/** Gradients that change from step to step, and turn: what remembers them shows. */
export const factors = [1, -0.5, 0.25, 2] as const;

export const smallShapes: readonly Shape[] = [[9, 7], [4, 5]];

/** The gradients of a step of the check. */
export function scaledGradients(shapes: readonly Shape[], factor: number): Float32Array<ArrayBuffer>[] {
  return shapes.map(([rows, columns], k) => uniform(rows * columns, 0.01, 1, 2 * k + 2).map((g) => g * factor));
}

/** Parameters of small matrices after the steps of the check. */
export async function afterChecked(rule: MeasuredRule, backend: Backend, dtype: 'float32' | 'float64'): Promise<Float64Array[]> {
  const { params, grads, updates } = ruleStep(rule, smallShapes, dtype);
  const step = await compile({ updates }, backend);
  for (const factor of factors) {
    const values = scaledGradients(smallShapes, factor);
    await Promise.all(grads.map((grad, k) => grad.set(dtype === 'float32' ? values[k] ?? [] : Float64Array.from(values[k] ?? []))));
    await step();
  }
  return Promise.all(params.map(async (param) => Float64Array.from(await param.read())));
}

/** What plain float64 TypeScript makes of them: the definition. */
export async function expectedAfterChecked(rule: MeasuredRule): Promise<Float64Array[]> {
  return afterChecked(rule, interpreter(), 'float64');
}

/**
 * Throws unless parameters agree.
 *
 * @param share of the largest change of a parameter's elements that they may differ by
 * @param rounding the share of an element itself
 */
export function requireAgreement(name: string, actual: readonly ArrayLike<number>[], expected: readonly Float64Array[], share: number, rounding: number): void {
  for (const [k, [rows, columns]] of smallShapes.entries()) {
    const start = uniform(rows * columns, -1, 1, 2 * k + 1);
    const [got, wanted] = [actual[k], expected[k]];
    if (got?.length !== start.length || wanted === undefined) throw new WrongResult(`${name}: parameter ${k} has ${got?.length ?? 'no'} elements, and should have ${start.length}`);
    const change = Math.max(...wanted.map((value, at) => Math.abs(value - (start[at] ?? NaN))));
    for (const [at, value] of wanted.entries()) {
      const difference = Math.abs((got[at] ?? NaN) - value);
      if (!(difference <= share * change + rounding * Math.abs(value))) throw new WrongResult(`${name}: parameter ${k}, element ${at}: ${got[at]}, expected ${value}, where the largest change is ${change}`);
    }
  }
}
