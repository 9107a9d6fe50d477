/** Hyperparameters: numbers, scalar expressions or functions that answer these, the bounds of numbers, and reading them from options. */
import { isExpr } from '../graph/brand.js';
import { construct, unrounded } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { checkDType, type DType } from '../graph/dtype.js';
import { OptimizerError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { isPlain, unknownOption } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import type { Variable } from '../values/variable.js';

/** A number, or a scalar expression: a variable set between steps, an input of the step, a function of the step count. */
export type Hyperparameter = number | Expr;

/** What a hyperparameter that is a function is asked for. */
export interface HyperparameterPlace {
  /** The number of this step as the rule counts it, 1 in the first: a float64 scalar, which the host evaluates. */
  readonly t: Expr;
  /** The parameter, whose shape and name can be asked for. */
  readonly param: Variable;
}

/**
 * What a rule takes for a hyperparameter: a number, a scalar expression, or a function of the step count and the parameter that
 * answers one. So a schedule counts by the rule's own steps, and masks, rates by layer and decay by name need nothing else.
 *
 * @example adamw(loss, params, { weightDecay: ({ param }) => (param.rank > 1 ? 0.1 : 0) })
 */
export type HyperparameterOption = Hyperparameter | ((place: HyperparameterPlace) => Hyperparameter);

/** Bounds of a hyperparameter that is given as a number. */
export interface Range {
  /** The least that is allowed. */
  readonly min: number;
  /** The most that is allowed; it is allowed itself unless `open`. */
  readonly max: number;
  /** Whether `max` itself is outside. Default false. */
  readonly open?: boolean;
}

/** The ranges that hyperparameters usually have. */
export const range = {
  /** Any finite number. */
  finite: between(-Number.MAX_VALUE, Number.MAX_VALUE),
  /** Any finite number above 0. */
  positive: between(Number.MIN_VALUE, Number.MAX_VALUE),
  /** Any number of at least 0, and infinity, which is no bound at all. */
  bound: between(0, Infinity),
  /** Any finite number of at least 0. */
  nonNegative: between(0, Number.MAX_VALUE),
  /** 0 to 1, without 1: decay rates. */
  decayRate: between(0, 1, true),
} as const satisfies Readonly<Record<string, Range>>;

function between(min: number, max: number, open = false): Range {
  return { min, max, open };
}

/**
 * A hyperparameter as a scalar of a dtype, for functions that take one by itself; rules get theirs from `defineOptimizer`.
 *
 * @param what whose it is, for messages, such as `normConstraint: maxNorm`
 * @throws {OptimizerError} if it is no number in the range and no scalar expression of numbers
 * @example const limit = hyperparameter(maxNorm, x.dtype, 'normConstraint: maxNorm', range.nonNegative);
 */
export function hyperparameter(value: Hyperparameter, dtype: DType, what: string, bounds: Range = range.finite): Expr {
  return toScalar(checkHyperparameter(value, what, bounds), checkDType(dtype, what));
}

/**
 * A hyperparameter or a step count as a scalar of a dtype. It is not rounded to float32 where the host has it: there 1 - 0.999 would
 * be off by 1.3e-5. Where it meets a tensor, it is one of its numbers.
 */
export function toScalar(value: Hyperparameter, dtype: DType): Expr {
  if (!(value instanceof Expr)) return unrounded(value, dtype);
  return value.dtype === dtype ? value : construct({ kind: 'unroundedCast' }, [value], [], dtype);
}

function checkHyperparameter(value: unknown, what: string, bounds: Range): Hyperparameter {
  if (isExpr(value, what)) {
    if (value.rank !== 0) throw new OptimizerError(`${what} must be a scalar, and ${describe(value)} is none`);
    if (value.dtype === 'bool') throw new OptimizerError(`${what} must be a number, and ${describe(value)} is bool`);
    return value;
  }
  if (value === undefined) throw new OptimizerError(`${what} is required; give a number or a scalar expression`);
  if (typeof value !== 'number') throw new OptimizerError(`${what} must be a number or a scalar expression, not ${show(value)}`);
  const { min, max, open = false } = bounds;
  if (!(value >= min && (open ? value < max : value <= max))) {
    throw new OptimizerError(`${what} must be ${formatRange(min, max, open)}, not ${show(value)}`);
  }
  return value;
}

function formatRange(min: number, max: number, open: boolean): string {
  if (min === Number.MIN_VALUE) {
    if (max === Infinity) return 'a number above 0';
    return max === Number.MAX_VALUE ? 'a finite number above 0' : `a number above 0 ${open ? 'and below' : 'up to'} ${max}`;
  }
  if (min === -Number.MAX_VALUE && max !== Number.MAX_VALUE) return `a finite number ${open ? 'below' : 'of at most'} ${max}`;
  if (max === Infinity) return `a number of at least ${min}`;
  if (max !== Number.MAX_VALUE) return `from ${min} to ${max}${open ? ' (excluded)' : ''}`;
  return min === -Number.MAX_VALUE ? 'a finite number' : `a finite number of at least ${min}`;
}

/** What a rule says of its hyperparameters. */
export interface HyperparameterTable {
  /** The rule's, for messages. */
  readonly name: string;
  readonly defaults: Readonly<Record<string, number>>;
  readonly required?: Readonly<Record<string, Range>>;
  readonly optional?: Readonly<Record<string, Range>>;
  readonly ranges?: Readonly<Record<string, Range | undefined>>;
}

/** A hyperparameter that options give, or its default: undefined where it is one that may be left out, and was. */
export interface GivenHyperparameter {
  /** For a parameter: a number in its range, or a scalar expression. */
  readonly at: (place: () => HyperparameterPlace) => Hyperparameter | undefined;
}

/**
 * The options that a rule is given, by name.
 *
 * @throws {OptimizerError} if they are no plain object, or the name among them is no text
 */
export function givenOptions(rule: string, options: object | undefined): ReadonlyMap<string, unknown> {
  if (options === undefined) return new Map();
  if (!isPlain(options)) throw new OptimizerError(`${rule}: takes options by name, as in { learningRate: 0.1 }, not ${show(options)}`);
  const given = reading(rule, OptimizerError, () => new Map<string, unknown>(Object.entries(options)));
  const name = given.get('name');
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw new OptimizerError(`${rule}: the option name must be a text of at least one letter, not ${show(name)}`);
  for (const flag of ['clearNan', 'maximize']) {
    const value = given.get(flag);
    if (value !== undefined && typeof value !== 'boolean') throw new OptimizerError(`${rule}: the option ${flag} must be true or false, not ${show(value)}`);
  }
  return given;
}

/**
 * The hyperparameters that options give, by name, each checked.
 *
 * @param others names of further options, which are not read
 * @throws {OptimizerError} for an option that does not exist, is missing or is out of its range
 */
export function readHyperparameters(
  table: HyperparameterTable,
  given: ReadonlyMap<string, unknown>,
  others: readonly string[],
): ReadonlyMap<string, GivenHyperparameter> {
  const { defaults, required = {}, optional = {}, ranges = {} } = table;
  const names = [...Object.keys(defaults), ...Object.keys(required), ...Object.keys(optional)];
  for (const name of given.keys()) {
    if (!others.includes(name) && !names.includes(name)) {
      throw new OptimizerError(unknownOption(table.name, name, [...names, ...others]));
    }
  }
  return new Map(
    names.map((name) => {
      const value = given.get(name);
      const bounds = required[name] ?? optional[name] ?? ranges[name] ?? range.finite;
      return [name, asGiven(value === undefined ? defaults[name] : value, `${table.name}: ${name}`, bounds, name in optional)];
    }),
  );
}

function asGiven(value: unknown, what: string, bounds: Range, mayBeLeftOut: boolean): GivenHyperparameter {
  if (typeof value === 'function') {
    const call: (place: HyperparameterPlace) => unknown = (place) => Reflect.apply(value, undefined, [place]);
    return { at: (place) => checkHyperparameter(call(place()), `${what}, as its function answers for ${place().param.name},`, bounds) };
  }
  if (value === undefined && mayBeLeftOut) return { at: () => undefined };
  const checked = checkHyperparameter(value, what, bounds);
  return { at: () => checked };
}
