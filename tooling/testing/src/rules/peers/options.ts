// Options under a peer's names, read one by one: what nobody reads is an error, since a rule that ignores an option is another rule.
import type { PeerRecord, PeerValue } from '../recorded-file.js';

/** Options without effect on values: how a peer computes, or what it prints. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'foreach', 'capturable', 'fused', 'differentiable', 'print_change_log', 'no_deprecation_warning', 'rank', 'world_size', 'verbose', 'log_every', 'fsdp_in_use',
]);

/** Optax's dtypes of parts of the state. Without effect where they are that of the parameters, float64. */
const STATE_DTYPES: ReadonlySet<string> = new Set(['mu_dtype', 'accumulator_dtype', 'state_dtype']);

/** An option that is not understood, or is not what the entry says it must be. */
export class PeerOptionError extends Error {
  override readonly name = 'PeerOptionError';
}

/** A recorded function that the table has no entry for. */
export class NoRuleError extends Error {
  override readonly name = 'NoRuleError';
}

/** `Array.isArray` for lists that are read only. */
function isList(value: PeerValue): value is readonly PeerValue[] {
  return Array.isArray(value);
}

/** Options as given, above the defaults of the file and these above those of the table. */
export class PeerOptions {
  private readonly read = new Set<string>();
  private readonly values: PeerRecord;

  /** @param literals the numbers in the function's name, in their order: 0.01 and 3 of `MultiSteps(adam(0.01), 3)` */
  constructor(
    private readonly what: string,
    private readonly given: PeerRecord,
    defaults: PeerRecord,
    private readonly literals: readonly number[] = [],
  ) {
    this.values = { ...defaults, ...given };
  }

  number(name: string): number {
    const value = this.value(name);
    if (typeof value !== 'number') throw this.wrong(name, 'a number');
    return value;
  }

  /** A number, or undefined where the peer has None. */
  numberOrNone(name: string): number | undefined {
    return this.value(name) === null ? undefined : this.number(name);
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string') throw this.wrong(name, 'a text');
    return value;
  }

  /** Two numbers, such as Adam's betas. */
  pair(name: string): readonly [number, number] {
    const [first, second, ...more] = this.numbers(name);
    if (first === undefined || second === undefined || more.length > 0) throw this.wrong(name, 'a list of two numbers');
    return [first, second];
  }

  /** Three numbers. */
  triple(name: string): readonly [number, number, number] {
    const [first, second, third, ...more] = this.numbers(name);
    if (first === undefined || second === undefined || third === undefined || more.length > 0) throw this.wrong(name, 'a list of three numbers');
    return [first, second, third];
  }

  numbers(name: string): readonly number[] {
    const value = this.value(name);
    if (!isList(value)) throw this.wrong(name, 'a list of numbers');
    return value.map((entry) => {
      if (typeof entry !== 'number') throw this.wrong(name, 'a list of numbers');
      return entry;
    });
  }

  /** Three numbers, or a list of lists of three. */
  triples(name: string): readonly [number, number, number] | readonly (readonly [number, number, number])[] {
    const value = this.value(name);
    if (!isList(value) || !value.every(isList)) return this.triple(name);
    return value.map(([first, second, third, ...more]) => {
      if (typeof first !== 'number' || typeof second !== 'number' || typeof third !== 'number' || more.length > 0) throw this.wrong(name, 'a list of lists of three numbers');
      return [first, second, third];
    });
  }

  /** A list of so many numbers, each undefined where the peer has None. */
  numbersOrNone(name: string, length: number): readonly (number | undefined)[] {
    const value = this.value(name);
    if (!isList(value) || value.length !== length) throw this.wrong(name, `a list of ${length} numbers`);
    return value.map((entry) => {
      if (entry !== null && typeof entry !== 'number') throw this.wrong(name, `a list of ${length} numbers`);
      return entry ?? undefined;
    });
  }

  /** Options inside of an option. */
  record(name: string): PeerRecord {
    const value = this.value(name);
    if (typeof value !== 'object' || value === null || isList(value)) throw this.wrong(name, 'a record of options');
    return value;
  }

  /** Whether an option has a value: given, or a default. */
  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  /** Whether an option has this value. */
  is(name: string, value: number | boolean | string | null): boolean {
    return this.value(name) === value;
  }

  /** A number in the function's name, by its place. */
  literal(place: number): number {
    const value = this.literals[place];
    if (value === undefined) throw new PeerOptionError(`${this.what} has no number in place ${place} of its name`);
    return value;
  }

  /** For what our rule does in one way only: another value is an error. */
  must(name: string, ...allowed: readonly (number | boolean | string | null)[]): void {
    const value = this.value(name);
    if (!allowed.some((one) => one === value)) throw this.wrong(name, allowed.map((one) => JSON.stringify(one)).join(' or '));
  }

  /** For an option that has no effect in this run, which the entry knows; say why where it is called. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.read.add(name);
  }

  /** For the options that the text of a wrapper's base has, too. @throws {PeerOptionError} if one was given with another value */
  repeating(others: PeerRecord): void {
    for (const [name, value] of Object.entries(others)) {
      // A wrapper can have an option of its own of that name.
      if (this.given[name] === undefined || this.read.has(name)) continue;
      if (JSON.stringify(this.value(name)) !== JSON.stringify(value)) throw this.wrong(name, `what the base has, ${JSON.stringify(value)}`);
    }
  }

  /** @throws {PeerOptionError} if an option was given that nobody read */
  checkRead(): void {
    for (const name of Object.keys(this.given)) if (!this.read.has(name) && STATE_DTYPES.has(name)) this.must(name, null, 'float64');
    const left = Object.keys(this.given).filter((name) => !this.read.has(name) && !WITHOUT_EFFECT.has(name));
    if (left.length > 0) throw new PeerOptionError(`${this.what}: the option ${left.join(', ')} is not understood`);
  }

  private value(name: string): PeerValue {
    this.read.add(name);
    const value = this.values[name];
    if (value === undefined) throw new PeerOptionError(`${this.what}: the option ${name} is neither given nor among the defaults of the file or the table`);
    return value;
  }

  private wrong(name: string, what: string): PeerOptionError {
    return new PeerOptionError(`${this.what}: the option ${name} must be ${what}, and is ${JSON.stringify(this.values[name])}`);
  }
}

/** Where weight decay enters by `weight_decouple` and `fixed_decay`, of which the second says something of decoupled decay only. */
export function decayOf(options: PeerOptions): 'decoupled' | 'independent' | 'coupled' {
  const [decoupled, fixed] = [options.boolean('weight_decouple'), options.boolean('fixed_decay')];
  return !decoupled ? 'coupled' : fixed ? 'independent' : 'decoupled';
}
