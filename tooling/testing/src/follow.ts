// Runs an optimizer along a trajectory that other people's code computed, on any backend.
import { type Backend, compile, type Expr, input, type InputValue, type Optimizer, type Variable, variable } from '@pappus/core';
import { allClose } from './all-close.js';
import type { RuleTrajectory } from './reference.js';

export interface FollowOptions {
  readonly dtype: 'float32' | 'float64';
  /** Relative to the expected value, or to its change since the start: that shows a wrong epsilon, the value hides it. */
  readonly rtol: number;
  readonly of?: 'value' | 'change';
  /** How a learning rate that changes at each step is given. Default: a variable that is set. */
  readonly rate?: 'variable' | 'input';
}

/**
 * Throws at the first step and parameter where the optimizer leaves the trajectory. The change of a value is also allowed
 * an absolute error of two units in the last place of the value at every step so far: it is a difference of rounded numbers.
 */
export async function follow(optimizer: Optimizer, trajectory: RuleTrajectory, backend: Backend, options: FollowOptions): Promise<void> {
  const { name, shapes, initial, gradients, expected, learningRatePerStep } = trajectory;
  const { dtype, rtol, of = 'value', rate = 'variable' } = options;
  const array = (values: readonly number[]): Float32Array | Float64Array => (dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values));
  const params = shapes.map((shape, p) => variable({ data: array(initial[p] ?? []), shape }, { name: `w${p}` }));
  const inputs: Record<string, Expr> = Object.fromEntries(shapes.map((shape, p) => [`g${p}`, input(dtype, shape, `g${p}`)]));
  const grads = Object.values(inputs);
  let learningRate: Expr | Variable | undefined;
  if (learningRatePerStep !== undefined) {
    learningRate = rate === 'input' ? (inputs['rate'] = input('float64', [], 'rate')) : variable(0, { name: 'rate', dtype: 'float64' });
  }
  const given = learningRate === undefined ? trajectory.options : { ...trajectory.options, learningRate };
  const step = await compile({ inputs, updates: optimizer(grads, params, given) }, backend);
  for (const [t, now] of gradients.entries()) {
    const values: Record<string, InputValue> = Object.fromEntries(now.map((g, p) => [`g${p}`, array(g)]));
    const rateNow = learningRatePerStep?.[t] ?? NaN;
    if (rate === 'input' && learningRate !== undefined) values['rate'] = rateNow;
    if (learningRate !== undefined && 'set' in learningRate) await learningRate.set(rateNow);
    await step(values);
    for (const [p, param] of params.entries()) {
      const label = `${name}: step ${t + 1}, parameter ${p}`;
      const actual = await param.read();
      const wanted = expected[t]?.[p] ?? [];
      if (of === 'value') {
        allClose(actual, wanted, { rtol, atol: Number.MIN_VALUE, label });
        continue;
      }
      const start = initial[p] ?? [];
      for (const [i, value] of wanted.entries()) {
        const from = start[i] ?? NaN;
        const units = 2 * (t + 1) * (dtype === 'float32' ? 2 ** -24 : 2 ** -53) * Math.max(Math.abs(from), Math.abs(value));
        allClose([(actual[i] ?? NaN) - from], [value - from], { rtol, atol: units, label: `${label}, element ${i}` });
      }
    }
  }
}
