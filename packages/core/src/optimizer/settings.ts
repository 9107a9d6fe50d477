/** Settings of a rule: what is fixed when the rule is called, such as flags and counts, in the place of symbolic scalars. */
import { isExpr } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { OptimizerError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { show } from '../arguments/show.js';

/** A setting that is a plain value: what it is where it is not given, and which values it takes. */
export interface PlainSetting<T> {
  /** Tells kinds of settings apart. */
  readonly kind: 'plain';
  /** The value where none is given. */
  readonly fallback: T;
  /** The values in words, for messages: `true or false`. */
  readonly wanted: string;
  /** Whether it takes a value. */
  readonly takes: (value: unknown) => value is T;
}

/** The loss itself, for rules whose step depends on its value: the one that the rule is called with, or where gradients are given the option. */
export interface LossSetting {
  /** Tells kinds of settings apart. */
  readonly kind: 'loss';
}

/** An expression for each parameter, of its shape and dtype, in the order of the parameters; undefined where the option is not given. */
export interface PerParameterSetting {
  /** Tells kinds of settings apart. */
  readonly kind: 'perParameter';
}

/** What is fixed when a rule is called. */
export type Setting = PlainSetting<unknown> | LossSetting | PerParameterSetting;

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

/** What the option of a setting takes. */
export type SettingOption<S> = S extends PlainSetting<infer T> ? T : S extends LossSetting ? Expr : S extends PerParameterSetting ? readonly Expr[] : never;

/** What a rule over one parameter sees of a setting. */
export type SettingSeen<S> = S extends PlainSetting<infer T> ? T : S extends LossSetting ? Expr : S extends PerParameterSetting ? Expr | undefined : never;

/** Bounds of a whole number. */
export interface WholeBounds {
  /** The least that is allowed. Default 0. */
  readonly min?: number;
  /** The most that is allowed. Default 2^53 - 1. */
  readonly max?: number;
}

/** The kinds of settings that rules have. */
export const setting = {
  /** true or false. */
  flag(fallback: boolean): PlainSetting<boolean> {
    return plain(fallback, 'true or false', (value): value is boolean => typeof value === 'boolean');
  },
  /** A whole number in bounds. */
  wholeNumber(fallback: number, bounds: WholeBounds = {}): PlainSetting<number> {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
    const wanted = max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
    return plain(fallback, wanted, (value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max);
  },
  /** One of these texts, the first where none is given. */
  oneOf<const T extends readonly [string, ...string[]]>(...texts: T): PlainSetting<T[number]> {
    return plain<T[number]>(texts[0], texts.map(show).join(' or '), (value): value is T[number] => texts.some((text) => text === value));
  },
  /** A list of finite numbers, as many as these. */
  numbers(fallback: readonly number[]): PlainSetting<readonly number[]> {
    const takes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.length === fallback.length && value.every(Number.isFinite);
    return plain(fallback, `a list of ${fallback.length} finite numbers`, takes);
  },
  /** The loss itself. */
  loss: { kind: 'loss' } satisfies LossSetting as LossSetting,
  /** An expression for each parameter. */
  perParameter: { kind: 'perParameter' } satisfies PerParameterSetting as PerParameterSetting,
} as const;

function plain<T>(fallback: T, wanted: string, takes: (value: unknown) => value is T): PlainSetting<T> {
  return { kind: 'plain', fallback, wanted, takes };
}

/**
 * The settings that options give, by name: plain values, the loss, or lists for all parameters.
 *
 * @param loss the loss that the rule was called with, if it was one
 * @param checkList checks a list of an expression for each parameter
 * @throws {OptimizerError} if a value is none that the setting takes, or a loss is needed and there is none
 */
export function readSettings(
  rule: string,
  settings: Settings,
  given: ReadonlyMap<string, unknown>,
  loss: Expr | undefined,
  checkList: (list: unknown, what: string) => readonly Expr[],
): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(settings).map(([name, kind]) => {
      const value = given.get(name);
      switch (kind.kind) {
        case 'plain':
          if (value !== undefined && !kind.takes(value)) throw new OptimizerError(`${rule}: the option ${name} must be ${kind.wanted}, not ${show(value)}`);
          return [name, value === undefined ? kind.fallback : value];
        case 'loss':
          return [name, lossOf(rule, name, value, loss)];
        case 'perParameter':
          return [name, value === undefined ? undefined : checkList(value, `the option ${name}`)];
      }
    }),
  );
}

function lossOf(rule: string, name: string, value: unknown, loss: Expr | undefined): Expr {
  const found = value === undefined ? loss : value;
  if (found === undefined) throw new OptimizerError(`${rule}: needs the loss itself; call it with the loss, or give it beside the gradients, as in { ${name}: loss }`);
  if (!isExpr(found, `${rule}: ${name}`)) throw new OptimizerError(`${rule}: the option ${name} must be a scalar expression, not ${show(found)}`);
  if (found.rank !== 0) throw new OptimizerError(`${rule}: the loss must be a scalar; take its .sum() or .mean()`);
  if (found.dtype === 'bool') throw new OptimizerError(`${rule}: the loss must be a number, and ${describe(found)} is bool`);
  return found;
}
