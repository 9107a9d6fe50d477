/** From one value to another in so many steps: linear and polynomial; and the schedule that does not change. */
import type { Expr, Hyperparameter } from '@pappus/core';
import { range } from '@pappus/core';
import { type Count, countOf, kind, optionsOf, rateOf } from './arguments.js';
import { mix, remaining } from './curves.js';

/** Options of `constantSchedule`. */
export interface ConstantOptions {
  /** The value at every count. Required. */
  readonly value: Hyperparameter;
}

/** Options of `linearSchedule`. */
export interface LinearOptions {
  /** The value up to the count `begin`. Required. */
  readonly initial: Hyperparameter;
  /** The value from the count `begin + steps` on. Default 0. */
  readonly final?: Hyperparameter;
  /** How many steps it takes from one to the other, above 0. Required. */
  readonly steps: number;
  /** The count at which it leaves the first value, at least 0. Default 0. */
  readonly begin?: number;
}

/** Options of `polynomialSchedule`. */
export interface PolynomialOptions extends LinearOptions {
  /** The power p, at least 0: above 1 it is steep at first, below 1 at the end. Default 1, a line, as in PyTorch. */
  readonly power?: Hyperparameter;
}

/**
 * The same value at every count: a part of `joinSchedules`, or what another schedule is compared with.
 *
 * Peers: `optax.constant_schedule`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example constantSchedule(t, { value: 1e-3 })
 */
export function constantSchedule(count: Count, options: ConstantOptions): Expr {
  const name = 'constantSchedule';
  countOf(name, count);
  const { value } = optionsOf(name, options, { value: kind.rate }, ['value']);
  return rateOf(name, 'value', value);
}

/**
 * Along a line from `initial` to `final`, which are held before and after it.
 *
 * ```text
 * initial + (final - initial) p        p = (count - begin) / steps, between 0 and 1
 * ```
 *
 * Peers: `optax.linear_schedule`; torch's `LinearLR` with the factors times the rate.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example linearSchedule(t, { initial: 0.1, final: 0.001, steps: 1000 })
 */
export function linearSchedule(count: Count, options: LinearOptions): Expr {
  const name = 'linearSchedule';
  const given = optionsOf(name, options, { initial: kind.rate, final: kind.rate, steps: kind.someSteps, begin: kind.steps }, ['initial', 'steps']);
  return polynomialFrom(name, countOf(name, count), given);
}

/**
 * From `initial` to `final` by a power of the share of the steps that remains: `final + (initial - final) r^power`.
 *
 * Peers: `optax.polynomial_schedule`; torch's `PolynomialLR`, whose final value is 0.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example polynomialSchedule(t, { initial: 0.1, steps: 1000, power: 2 })
 */
export function polynomialSchedule(count: Count, options: PolynomialOptions): Expr {
  const name = 'polynomialSchedule';
  const table = { initial: kind.rate, final: kind.rate, steps: kind.someSteps, begin: kind.steps, power: kind.rate };
  return polynomialFrom(name, countOf(name, count), optionsOf(name, options, table, ['initial', 'steps']));
}

/** The same with options that are checked by name; `steps` may be 0. */
export function polynomialFrom(name: string, count: Expr, { initial, final = 0, steps, begin = 0, power = 1 }: PolynomialOptions, initialName = 'initial'): Expr {
  const [first, last, exponent] = [rateOf(name, initialName, initial), rateOf(name, 'final', final), rateOf(name, 'power', power, range.nonNegative)];
  const share = remaining(count, begin, steps);
  return mix(first, last, power === 1 ? share : share.pow(exponent));
}
