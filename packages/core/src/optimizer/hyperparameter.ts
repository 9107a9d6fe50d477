/** Hyperparameters: numbers or scalar expressions, the bounds of those given as numbers, and reading them from options. */
import { isExpr } from '../graph/brand.js';
import { construct, unrounded } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { checkDType, type DType } from '../graph/dtype.js';
import { OptimizerError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { isPlain, unknownOption } from '../arguments/options.js';
import { show } from '../arguments/show.js';

/** A number, or a scalar expression: a variable set between steps, an input of the step, a function of the step count. */
export type Hyperparameter = number | Expr;

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
  if (max !== Number.MAX_VALUE) return `from ${min} to ${max}${open ? ' (excluded)' : ''}`;
  return min === -Number.MAX_VALUE ? 'a finite number' : `a finite number of at least ${min}`;
}

/**
 * What a rule or a transform says of itself, checked where it is defined.
 *
 * @throws {OptimizerError} if there is no name, no `update`, or the defaults are no record of numbers
 */
export function checkDefinition(operation: string, definition: unknown): void {
  const wrong = (what: string): OptimizerError => new OptimizerError(`${operation}: ${what}; give { name, defaults, update }`);
  if (!isPlain(definition)) throw wrong(`takes a definition, not ${show(definition)}`);
  const { name, defaults, required, update, state }: Partial<Readonly<Record<'name' | 'defaults' | 'required' | 'update' | 'state', unknown>>> = definition;
  if (typeof name !== 'string' || name === '') throw wrong(`the name must be a text, not ${show(name)}`);
  if (!isPlain(defaults)) throw wrong(`the defaults of ${name} must be numbers by name, not ${show(defaults)}`);
  for (const [key, value] of Object.entries<unknown>({ ...defaults })) if (typeof value !== 'number') throw wrong(`the default of ${key} must be a number, not ${show(value)}`);
  if (required !== undefined && !isPlain(required)) throw wrong(`what ${name} requires must be bounds by name, as in { learningRate: range.nonNegative }, not ${show(required)}`);
  if (typeof update !== 'function') throw wrong(`the update of ${name} must be a function, not ${show(update)}`);
  if (state !== undefined && typeof state !== 'function') throw wrong(`the state of ${name} must be a function, not ${show(state)}`);
}

/** What a rule says of its hyperparameters. */
export interface HyperparameterTable {
  /** The rule's, for messages. */
  readonly name: string;
  readonly defaults: Readonly<Record<string, number>>;
  readonly required?: Readonly<Record<string, Range>>;
  readonly ranges?: Readonly<Record<string, Range | undefined>>;
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
  const [name, clearNan] = [given.get('name'), given.get('clearNan')];
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw new OptimizerError(`${rule}: the option name must be a text of at least one letter, not ${show(name)}`);
  if (clearNan !== undefined && typeof clearNan !== 'boolean') throw new OptimizerError(`${rule}: the option clearNan must be true or false, not ${show(clearNan)}`);
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
): ReadonlyMap<string, Hyperparameter> {
  const { defaults, required = {}, ranges = {} } = table;
  const names = [...Object.keys(defaults), ...Object.keys(required)];
  for (const name of given.keys()) {
    if (!others.includes(name) && !names.includes(name)) {
      throw new OptimizerError(unknownOption(table.name, name, [...names, ...others]));
    }
  }
  return new Map(
    names.map((name) => {
      const value = given.get(name);
      return [name, checkHyperparameter(value === undefined ? defaults[name] : value, `${table.name}: ${name}`, required[name] ?? ranges[name] ?? range.finite)];
    }),
  );
}
