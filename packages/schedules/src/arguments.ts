/** What schedules are given, checked: counts, rates, numbers of steps, lists of them. Everything of a schedule is float64. */
import { checkOptions, type Expr, type Hyperparameter, hyperparameter, InputError, option, type OptionTable, type OptionTest, type Range, range, show } from '@pappus/core';

/** A number of steps: a number, or a scalar expression of any numeric dtype, such as the `t` of a rule. */
export type Count = number | Expr;

/** A schedule whose options are chosen: the value at a count. */
export type Schedule = (count: Expr) => Hyperparameter;

/** A factor: at least 0. */
export const factor: Range = range.nonNegative;

/** The kinds of options of schedules; rates are checked by `hyperparameter`, which says more about them. */
export const kind = {
  rate: option.unchecked,
  flag: option.flag,
  /** Steps that may be none. */
  steps: { wanted: 'a number of steps, at least 0', takes: (value) => isSteps(value) },
  /** Steps that something takes. */
  someSteps: { wanted: 'a number of steps above 0', takes: (value) => isSteps(value) && value !== 0 },
  list: { wanted: 'a list', takes: (value) => isList(value) },
} as const satisfies Readonly<Record<string, OptionTest>>;

function isSteps(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

/** Whether it is an array; a proxy that was revoked is none. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** The count as a float64 scalar, which is not rounded to float32 on the way. */
export function countOf(schedule: string, count: Count): Expr {
  return hyperparameter(count, 'float64', `${schedule}: the count, as in ({ t }) => ${schedule}(t, { ... }),`);
}

/** A number or a scalar expression as a float64 scalar. */
export function rateOf(schedule: string, name: string, value: Hyperparameter, bounds: Range = range.finite): Expr {
  return hyperparameter(value, 'float64', `${schedule}: ${name}`, bounds);
}

/** Options that were checked: those that are required are there. */
export type Checked<O, K extends keyof O> = Partial<O> & { readonly [Name in K]-?: O[Name] };

/**
 * The options of a schedule, of which some are required.
 *
 * @throws {InputError} if one does not exist, is missing or is of another kind
 */
export function optionsOf<O extends object, const K extends keyof O & string>(schedule: string, options: O, table: NoInfer<OptionTable<O>>, required: readonly K[]): Checked<O, K> {
  const given = checkOptions(schedule, options, table);
  requireAll<O, K>(schedule, given, required);
  return given;
}

function requireAll<O extends object, K extends keyof O & string>(schedule: string, given: Partial<O>, required: readonly K[]): asserts given is Checked<O, K> {
  for (const name of required) if (given[name] === undefined) throw new InputError(`${schedule}: the option ${name} is required`);
}

/**
 * The entries of a list.
 *
 * @param what they are, for messages
 */
export function entriesOf<T>(schedule: string, name: string, list: readonly T[], what: string): readonly T[] {
  if (!isList(list)) throw new InputError(`${schedule}: ${name} must be a list of ${what}, not ${show(list)}`);
  try {
    return Array.from(list);
  } catch (error) {
    throw new InputError(`${schedule}: ${name} could not be read`, { cause: error });
  }
}

/**
 * Counts at which something changes: each at least 0, and none before the one in front of it.
 *
 * @throws {InputError} if they are no such list
 */
export function boundariesOf(schedule: string, name: string, list: readonly number[]): readonly number[] {
  const boundaries: number[] = [];
  for (const [k, value] of entriesOf(schedule, name, list, 'numbers of steps').entries()) {
    if (!isSteps(value)) throw new InputError(`${schedule}: ${name}[${k}] must be a number of steps, at least 0, not ${show(value)}`);
    const before = boundaries.at(-1);
    if (before !== undefined && value < before) throw new InputError(`${schedule}: ${name} must be sorted, and ${value} stands after ${before}`);
    boundaries.push(value);
  }
  return boundaries;
}

/**
 * Numbers or scalar expressions in a list.
 *
 * @throws {InputError|OptimizerError} if they are none
 */
export function ratesOf(schedule: string, name: string, list: readonly Hyperparameter[]): readonly Expr[] {
  return entriesOf(schedule, name, list, 'numbers').map((value, k) => rateOf(schedule, `${name}[${k}]`, value));
}
