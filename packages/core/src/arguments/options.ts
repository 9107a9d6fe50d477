/**
 * Options of functions, checked when they are given: names that do not exist, and values of a wrong kind. Each options type has one
 * table, a row an option; a missing row is a type error. Nothing is checked again in a compiled step.
 */
import { InputError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from './fields.js';
import type { CumsumOptions } from '../operations/cumulative.js';
import type { ReduceOptions } from '../operations/reductions.js';
import { show } from './show.js';

/** Which values an option takes. */
export interface OptionTest {
  /** These values in words, for messages: `a finite number`. */
  readonly wanted: string;
  /** Whether a value is one of them. */
  readonly takes: (value: unknown) => boolean;
}

/** The values that an option may have: the few of a list, or all that a test takes, in words. */
export type OptionKind<T> = readonly T[] | OptionTest;

/** A row for each option. */
export type OptionTable<O extends object> = { readonly [K in keyof O]-?: OptionKind<NonNullable<O[K]>> };

/** Kinds that many options are of. */
export const option = {
  /** true or false. */
  flag: test('true or false', (value) => typeof value === 'boolean'),
  /** A number that is neither infinite nor NaN. */
  finite: test('a finite number', Number.isFinite),
  /** An expression of this copy of core. */
  expression: test('an expression', (value) => value instanceof Expr),
  /** A string. */
  text: test('a text', (value) => typeof value === 'string'),
  /** What the function itself checks, with more to say about it. */
  unchecked: test('', () => true),
} as const;

function test(wanted: string, takes: (value: unknown) => boolean): OptionTest {
  return { wanted, takes };
}

/** Of reductions. */
export const REDUCE = { keepdims: [true, false] } as const satisfies OptionTable<ReduceOptions>;

/** Of cumulative sums and products. */
export const CUMULATIVE = { reverse: option.flag, exclusive: option.flag } as const satisfies OptionTable<CumsumOptions>;

/**
 * The options that a function was given; none where they are undefined.
 *
 * @param operation the function that was called
 * @throws {InputError} if they are no plain object, or one does not exist or has a value that it does not take
 * @example const { stride = 1 } = checkOptions('window', options, { stride: option.finite, dilation: option.finite });
 */
export function checkOptions<O extends object>(operation: string, options: O | undefined, table: OptionTable<O>): Partial<O> {
  if (options === undefined) return {};
  const names = Object.keys(table);
  if (!isPlain(options)) {
    throw new InputError(`${operation}: takes options by name, as in { ${names.slice(0, 2).join(', ')} }, not ${show(options)}`);
  }
  const rows: Readonly<Record<string, OptionKind<unknown>>> = table;
  // Read once: what was checked is what counts.
  const given = reading(operation, InputError, () => ({ ...options }));
  const entries: object = given;
  for (const [name, value] of Object.entries<unknown>({ ...entries })) {
    const row = names.includes(name) ? rows[name] : undefined;
    if (row === undefined) throw new InputError(unknownOption(operation, name, names));
    if (value !== undefined && !(isList(row) ? row.includes(value) : row.takes(value))) {
      throw new InputError(`${operation}: the option ${name} must be ${isList(row) ? alternatives(row) : row.wanted}, not ${show(value)}`);
    }
  }
  return given;
}

/** What to say of an option that there is not. */
export function unknownOption(operation: string, name: string, names: readonly string[]): string {
  const near = nearest(plain(name), names);
  const hint = near === undefined ? '' : `did you mean ${near}? `;
  return `${operation}: there is no option '${name}'; ${hint}${hint === '' ? 'the' : 'The'} options are ${names.join(', ')}`;
}

/** The name that was meant: one that is abbreviated, as `lr` and `eps` are, or the one with the fewest other letters, two at most. */
function nearest(given: string, names: readonly string[]): string | undefined {
  const abbreviated = names.find((name) => (given.length > 1 && given === initials(name)) || (given.length > 2 && plain(name).startsWith(given)));
  if (abbreviated !== undefined) return abbreviated;
  const distances = names.map((name) => distance(given, plain(name)));
  // Of a name of one letter or two, two other letters leave nothing.
  return [0, 1, 2].flatMap((most) => names.filter((name, k) => distances[k] === most && most < plain(name).length))[0];
}

function alternatives(values: readonly unknown[]): string {
  return values.map(show).join(' or ');
}

function isList<T>(row: OptionKind<T>): row is readonly T[] {
  return Array.isArray(row);
}

/** Whether it is an object of names and values, of whichever realm. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
  } catch {
    // A proxy may throw anything.
    return false;
  }
}

/** `keepDims` and `keep_dims` as `keepdims`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `lr` of `learningRate`. */
function initials(name: string): string {
  return plain(name.replace(/(?!^)[^A-Z]/g, ''));
}

/** Levenshtein's: how many letters to change, add or leave out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, k) => k);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + (a[i] === b[j] ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
