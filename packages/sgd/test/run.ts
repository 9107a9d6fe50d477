// Runs rules for a few steps.
import { compile, type Expr, input, type InputValue, interpreter, type Updates, type Variable, variable } from '@pappus/core';

/** A parameter of float64, and its gradient, which each step is given. */
export function given(value: number): { readonly w: Variable; readonly g: Expr } {
  return { w: variable(value, { name: 'w', dtype: 'float64' }), g: input('float64', []) };
}

/** What a variable is after each step. */
export async function course(updates: Updates, of: Variable, inputs: Readonly<Record<string, Expr>>, steps: readonly Readonly<Record<string, InputValue>>[]): Promise<number[]> {
  const step = await compile({ inputs, updates }, interpreter());
  const values: number[] = [];
  for (const now of steps) {
    await step(now);
    values.push(await of.item());
  }
  return values;
}
