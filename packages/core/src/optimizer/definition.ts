/** What a rule says of itself: its types, by name of hyperparameter, setting and state, and the checks where it is defined. */
import { OptimizerError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { isPlain } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import type { HyperparameterOption, Range } from './hyperparameter.js';
import type { SettingOption, SettingSeen, Settings } from './settings.js';
import type { Variable, VariableValue } from '../values/variable.js';

/** Hyperparameters and their defaults. */
export type Defaults = Readonly<Record<string, number>>;
/** Hyperparameters and their bounds. */
export type Ranges = Readonly<Record<string, Range>>;
/** First values by name; undefined where a parameter has no such state. */
export type FirstValues = Readonly<Record<string, VariableValue | undefined>>;

/** Of a record that may be one of several, as `Pick` of each. */
type Each<T, F> = T extends unknown ? { readonly [K in keyof T]: T[K] extends undefined ? undefined : undefined extends T[K] ? F | undefined : F } : never;

/** The parts of a definition that give names to what a rule sees. */
export interface NamesOf<D extends Defaults, R extends Ranges, O extends Ranges, S extends Settings> {
  /** Hyperparameters with a default. */
  readonly defaults: D;
  /** Hyperparameters without a default, which must be given. */
  readonly required: R;
  /** Hyperparameters that may be left out, and are undefined then. */
  readonly optional: O;
  /** What is fixed when the rule is called. */
  readonly settings: S;
}

/** Any such parts. */
export type Names = NamesOf<Defaults, Ranges, Ranges, Settings>;

/** The options of a rule that are its own: those with a default may be left out, those required may not. Each has the docstring that the definition gives it. */
export type OwnOptions<N extends Names> = { readonly [K in keyof N['defaults']]?: HyperparameterOption } & { readonly [K in keyof N['optional']]?: HyperparameterOption } & {
  readonly [K in keyof N['settings']]?: SettingOption<N['settings'][K]>;
} & { readonly [K in keyof N['required']]: HyperparameterOption };

/** Hyperparameters and settings, as a rule sees them. */
export type SeenOptions<N extends Names> = { readonly [K in keyof N['defaults'] | keyof N['required']]: Expr } & { readonly [K in keyof N['optional']]: Expr | undefined } & {
  readonly [K in keyof N['settings']]: SettingSeen<N['settings'][K]>;
};

/** State and what it becomes: an expression for each first value. */
export type Slots<St> = Each<St, Expr>;

/** What a parameter and each part of its state, by name, become: of their shapes and dtypes, or scalars. */
export type RuleAnswer<St> = {
  /** What the parameter becomes. */
  readonly param: Expr;
} & Slots<St>;

/** What `checkDefinition` looks at. */
type Field = 'name' | 'defaults' | 'required' | 'optional' | 'settings' | 'update' | 'updateAll' | 'state' | 'shared';

/**
 * What a rule or a transform says of itself, checked where it is defined.
 *
 * @throws {OptimizerError} if there is no name, no `update`, or the defaults are no record of numbers
 */
export function checkDefinition(operation: string, definition: unknown): void {
  const wrong = (what: string): OptimizerError => new OptimizerError(`${operation}: ${what}; give { name, defaults, update }`);
  if (!isPlain(definition)) throw wrong(`takes a definition, not ${show(definition)}`);
  const { name, defaults, required, optional, settings, update, updateAll, state, shared }: Partial<Readonly<Record<Field, unknown>>> = definition;
  if (typeof name !== 'string' || name === '') throw wrong(`the name must be a text, not ${show(name)}`);
  if (!isPlain(defaults)) throw wrong(`the defaults of ${name} must be numbers by name, not ${show(defaults)}`);
  for (const [key, value] of Object.entries<unknown>({ ...defaults })) {
    if (typeof value !== 'number') throw wrong(`the default of ${key} must be a number, not ${show(value)}; what is no number is a setting, as in settings: { ${key}: setting.flag(false) }`);
  }
  for (const [what, bounds] of [['requires', required], ['has as options', optional]] as const) {
    if (bounds !== undefined && !isPlain(bounds)) throw wrong(`what ${name} ${what} must be bounds by name, as in { learningRate: range.nonNegative }, not ${show(bounds)}`);
  }
  if (settings !== undefined && !isPlain(settings)) throw wrong(`the settings of ${name} must be kinds by name, as in { nesterov: setting.flag(false) }, not ${show(settings)}`);
  for (const [key, value] of Object.entries<unknown>({ ...(settings ?? {}) })) {
    if (!isPlain(value) || !('kind' in value)) throw wrong(`the setting ${key} must be a kind, as in setting.flag(false), not ${show(value)}`);
  }
  if (updateAll === undefined && typeof update !== 'function') throw wrong(`the update of ${name} must be a function, not ${show(update)}`);
  if (updateAll !== undefined && (typeof updateAll !== 'function' || update !== undefined)) throw wrong(`${name} has either update, for one parameter, or updateAll, for all of them`);
  if (state !== undefined && typeof state !== 'function') throw wrong(`the state of ${name} must be a function, not ${show(state)}`);
  if (shared !== undefined && (typeof shared !== 'function' || updateAll === undefined)) throw wrong(`what the parameters of ${name} share must be a function, beside updateAll, which says what it becomes`);
  checkOnce(wrong, [...RESERVED.map((key) => [key]), ...[defaults, required, optional, settings].map((table) => Object.keys(isPlain(table) ? table : {}))]);
}

/** What every rule sees, and the options of every rule. */
const RESERVED: readonly string[] = ['param', 'grad', 'next', 't', 'each', 'clearNan', 'maximize', 'name'];

/** What a rule sees has each name once. */
function checkOnce(wrong: (what: string) => OptimizerError, names: readonly (readonly string[])[]): void {
  const seen = new Set<string>();
  for (const name of names.flat()) {
    if (seen.has(name)) throw wrong(RESERVED.includes(name) ? `the name ${name} is taken: every rule sees ${name} as something else` : `the name ${name} is given to two things`);
    seen.add(name);
  }
}

/** A parameter, the gradient and the options, as `state` sees them. */
export type First<N extends Names> = {
  /** The gradient of the loss by the parameter in the first step. */
  readonly grad: Expr;
} & SeenOptions<N>;

/** The state of one parameter, by name: first values, which may depend on the parameter, its gradient and the options. */
export type StateOf<N extends Names, St> = (param: Variable, first: First<N>) => St;
