// The arguments of a parsed call, by position or by keyword in the order of the function that is called, and read by kind.
import type { CallValue, Value } from './call-text.js';

/** Shorter names that a keyword may have, by function. */
export type Aliases = Readonly<Record<string, string>>;

/** The arguments of one call, each read once; `rest` says which were not. */
export class Arguments {
  private readonly values = new Map<string, Value>();

  /**
   * @param parameters the names of the function's parameters in their order
   * @throws {Error} for an argument that the function does not have, or has twice
   */
  constructor(
    private readonly call: CallValue,
    parameters: readonly string[],
    aliases: Aliases = {},
  ) {
    const fullName = (name: string): string | undefined => (parameters.includes(name) ? name : aliases[name]);
    // The optimizer in front of a scheduler's own arguments says nothing here.
    const positional = call.positional.filter((value, k) => !(k === 0 && isNamed(value, ['optimizer', 'opt']) && !parameters.includes('optimizer')));
    let position = 0;
    for (const value of positional) {
      // The name of a parameter by itself is that flag, as in exponential_decay(1, 5, 0.6, staircase).
      const flag = typeof value === 'object' && value !== null && value.kind === 'name' ? fullName(value.name) : undefined;
      if (flag !== undefined) this.set(flag, true);
      else this.set(parameters[position++], value);
    }
    for (const [name, value] of call.keywords) this.set(fullName(name) ?? `?${name}`, value, name);
    for (const name of this.values.keys()) if (!parameters.includes(name)) throw this.wrong(`there is no ${name.replace('?', '')}`);
  }

  private set(name: string | undefined, value: Value, written = name): void {
    if (name === undefined) throw this.wrong('there are too many arguments');
    if (this.values.has(name)) throw this.wrong(`${written ?? name} is given twice`);
    this.values.set(name, value);
  }

  /** A number; without a fallback it must be there. */
  number(name: string, fallback?: number): number {
    const value = this.optionalNumber(name) ?? fallback;
    if (value === undefined) throw this.wrong(`${name} is missing`);
    return value;
  }

  /** A number, if it is there and not None. */
  optionalNumber(name: string): number | undefined {
    const value = this.values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number') throw this.wrong(`${name} must be a number`);
    return value;
  }

  /** True or false. */
  flag(name: string): boolean {
    const value = this.values.get(name);
    if (value !== undefined && typeof value !== 'boolean') throw this.wrong(`${name} must be True or False`);
    return value === true;
  }

  /** One of some words, in quotes or without. */
  word<const W extends string>(name: string, words: readonly W[], fallback?: W): W {
    const value = this.values.get(name);
    const given = value === undefined ? fallback : typeof value !== 'object' || value === null ? String(value) : value.kind === 'name' ? value.name : value.kind === 'text' ? value.text : value.kind;
    const word = words.find((other) => other === given);
    if (word === undefined) throw this.wrong(`${name} must be ${words.join(' or ')}, not ${String(given)}`);
    return word;
  }

  /** Numbers in a list. */
  numbers(name: string): readonly number[] {
    return this.list(name).map((entry) => {
      if (typeof entry !== 'number') throw this.wrong(`${name} must be numbers`);
      return entry;
    });
  }

  /** Calls in a list; a name by itself is a call without arguments. */
  calls(name: string): readonly CallValue[] {
    return this.list(name).map((entry) => {
      if (typeof entry !== 'object' || entry === null || entry.kind !== 'call') throw this.wrong(`${name} must be calls`);
      return entry;
    });
  }

  /** Dictionaries in a list, `{'a': 1}` or `dict(a=1)`, each as a call with keywords. */
  dictionaries(name: string): readonly CallValue[] {
    return this.list(name).map((entry) => {
      if (typeof entry === 'object' && entry !== null) {
        if (entry.kind === 'call' && entry.name === 'dict') return entry;
        if (entry.kind === 'dictionary') {
          return { kind: 'call', name: 'dict', positional: [], keywords: entry.entries.map(([key, value]) => [this.keyOf(name, key), value]) };
        }
      }
      throw this.wrong(`${name} must be dictionaries`);
    });
  }

  /** Pairs of numbers in a dictionary, the smallest key first; none where it is None. */
  pairs(name: string): readonly (readonly [number, number])[] {
    const value = this.values.get(name);
    if (value === undefined || value === null) return [];
    if (typeof value !== 'object' || value.kind !== 'dictionary') throw this.wrong(`${name} must be a dictionary`);
    return value.entries
      .map(([key, entry]): readonly [number, number] => {
        if (typeof key !== 'number' || typeof entry !== 'number') throw this.wrong(`${name} must have numbers by numbers`);
        return [key, entry];
      })
      .sort(([a], [b]) => a - b);
  }

  /** @throws {Error} if one of these is given, which a replay does not know */
  refuse(...names: readonly string[]): void {
    for (const name of names) {
      const value = this.values.get(name);
      if (value !== undefined && value !== null) throw this.wrong(`${name} is not replayed`);
    }
  }

  private list(name: string): readonly Value[] {
    const value = this.values.get(name);
    if (value === undefined) throw this.wrong(`${name} is missing`);
    if (typeof value !== 'object' || value === null || value.kind !== 'list') throw this.wrong(`${name} must be a list`);
    return value.entries;
  }

  private keyOf(name: string, key: Value): string {
    if (typeof key === 'object' && key !== null && key.kind === 'text') return key.text;
    if (typeof key === 'object' && key !== null && key.kind === 'name') return key.name;
    throw this.wrong(`the keys of ${name} must be texts`);
  }

  private wrong(what: string): Error {
    return new Error(`${this.call.name}: ${what}`);
  }
}

function isNamed(value: Value, names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && value.kind === 'name' && names.includes(value.name);
}
