// Files of recorded trajectories: what other people's code did with the same gradients, read and checked. `null` stands for NaN among numbers.

/** An option under its peer's name. */
export type PeerValue = number | boolean | string | null | readonly PeerValue[] | { readonly [name: string]: PeerValue };

/** Options under the peer's names. */
export type PeerRecord = Readonly<Record<string, PeerValue>>;

/** `values[parameter]`, row-major. */
export type Tensors = readonly (readonly number[])[];

/** One run of a peer's code. */
export interface Recorded {
  /** For people; two may have the same. */
  readonly name: string;
  /** Whose code ran. With `function` it says which. */
  readonly peer: string;
  readonly function: string;
  /** As given to it. */
  readonly options: PeerRecord;
  /** The peer's own defaults, where the file has them. */
  readonly defaults: PeerRecord;
  readonly shapes: readonly (readonly number[])[];
  /** The parameters before the first step. */
  readonly initial: Tensors;
  /** `gradients[step]`; not there where they follow from `problem`. */
  readonly gradients: readonly Tensors[] | undefined;
  /** The parameters after each step. */
  readonly expected: readonly Tensors[];
  /** The parameters for evaluation after each step. */
  readonly expectedEval: readonly Tensors[] | undefined;
  /** The average of the parameters after each step. */
  readonly expectedAverage: readonly Tensors[] | undefined;
  /** The learning rate of each step, where it changes. */
  readonly learningRatePerStep: readonly number[] | undefined;
  /** The loss of each step, before it. */
  readonly losses: readonly number[] | undefined;
  /** Diagonals of Hessians by the step, counted from 1, that they are handed to. */
  readonly hessians: ReadonlyMap<number, Tensors> | undefined;
  /** Random numbers of each step. */
  readonly noise: readonly Tensors[] | undefined;
  /** What a loss is made of: the sum over all elements of a x^2 / 2 + c sin x. */
  readonly problem: { readonly a: Tensors; readonly c: Tensors } | undefined;
  /** The rule that a wrapper goes over, as in `torch SGD(lr=0.05, momentum=0.9)`. */
  readonly base: string | undefined;
  /** What was asked for in another precision, in words. */
  readonly precision: string | undefined;
  /** How many times a relative change of the gradients grows in the change of the parameters. Default 1. */
  readonly amplification: number;
}

/** Schedules of a file: a learning rate for each step by the text of the call that made it. */
export interface RecordedSchedules {
  /** The optimizer's learning rate, where the call does not have it. */
  readonly baseRate: number | undefined;
  readonly rates: ReadonlyMap<string, readonly number[]>;
}

export interface RecordedFile {
  readonly trajectories: readonly Recorded[];
  readonly schedules: RecordedSchedules;
}

/** A file that is not of the format; the message says where. */
export class RecordedFileError extends Error {
  override readonly name = 'RecordedFileError';
}

/**
 * Reads the text of a file.
 *
 * @param name the file's, for messages
 * @throws {RecordedFileError} if it is no file of recorded trajectories
 */
export function parseRecordedFile(text: string, name: string): RecordedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RecordedFileError(`${name} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const file = new Reading(json, name);
  const trajectories = file.field('trajectories').list().map(trajectoryOf);
  const schedules = file.optional('schedules');
  return { trajectories, schedules: schedules === undefined ? { baseRate: undefined, rates: new Map() } : schedulesOf(schedules) };
}

function trajectoryOf(entry: Reading): Recorded {
  const shapes = entry.field('shapes').list().map((shape) => shape.numbers());
  const sizes = shapes.map((shape) => shape.reduce((size, length) => size * length, 1));
  const expected = entry.field('expected').list().map((step) => step.tensors(sizes));
  const each = (name: string): readonly Tensors[] | undefined => entry.optional(name)?.steps(expected.length).map((step) => step.tensors(sizes));
  const numbers = (name: string): readonly number[] | undefined => entry.optional(name)?.numbers(expected.length);
  const text = (name: string): string | undefined => entry.optional(name)?.text();
  const problem = entry.optional('problem');
  const gradients = each('gradients');
  if (gradients === undefined && problem === undefined) throw entry.wrong('has neither gradients nor a problem that they follow from');
  return {
    name: text('name') ?? entry.field('function').text(),
    peer: entry.field('peer').text(),
    function: entry.field('function').text(),
    options: entry.field('options').options(),
    defaults: entry.optional('defaults')?.options() ?? {},
    shapes,
    initial: entry.field('initial').tensors(sizes),
    gradients,
    expected,
    expectedEval: each('expectedEval') ?? each('evalParams'),
    expectedAverage: each('expectedAverage'),
    learningRatePerStep: numbers('learningRatePerStep'),
    losses: numbers('losses'),
    hessians: entry.optional('hessians')?.byStep((step) => step.tensors(sizes)),
    noise: entry.optional('noise')?.steps(expected.length).map((step) => step.list().map((values) => values.numbers())),
    problem: problem === undefined ? undefined : { a: problem.field('a').tensors(sizes), c: problem.field('c').tensors(sizes) },
    base: text('base'),
    precision: text('precision'),
    amplification: entry.optional('amplification')?.number() ?? 1,
  };
}

/** Torch's have a base rate and their list behind it, Optax's are the list itself. */
function schedulesOf(entry: Reading): RecordedSchedules {
  const base = entry.optional('base_lr')?.number();
  const list = entry.optional('rate_before_each_step') ?? entry;
  const rates = new Map(list.entries().map(([call, values]) => [call, values.numbers()]));
  return { baseRate: base, rates };
}

/** A value in a file, and where it stands. */
class Reading {
  constructor(private readonly value: unknown, private readonly where: string) {}

  wrong(what: string): RecordedFileError {
    return new RecordedFileError(`${this.where} ${what}`);
  }

  private get fields(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) throw this.wrong('is no object, and so no part of a file of recorded trajectories');
    return Object.fromEntries(Object.entries(this.value));
  }

  entries(): readonly (readonly [string, Reading])[] {
    return Object.entries(this.fields).map(([name, value]) => [name, new Reading(value, `${this.where}: ${name}`)]);
  }

  optional(name: string): Reading | undefined {
    const value = this.fields[name];
    return value === undefined || value === null ? undefined : new Reading(value, `${this.where}: ${name}`);
  }

  field(name: string): Reading {
    const found = this.optional(name);
    if (found === undefined) throw this.wrong(`has no field ${name}, which a file of recorded trajectories has`);
    return found;
  }

  list(): readonly Reading[] {
    if (!Array.isArray(this.value)) throw this.wrong('is no list');
    return this.value.map((value: unknown, k) => new Reading(value, `${this.where}[${k}]`));
  }

  /** A list with an entry for each step. */
  steps(count: number): readonly Reading[] {
    const list = this.list();
    if (list.length !== count) throw this.wrong(`has ${list.length} entries for ${count} steps`);
    return list;
  }

  number(): number {
    if (this.value === null) return NaN;
    if (typeof this.value !== 'number') throw this.wrong('is no number');
    return this.value;
  }

  numbers(count?: number): readonly number[] {
    const list = this.list();
    if (count !== undefined && list.length !== count) throw this.wrong(`has ${list.length} numbers where ${count} belong`);
    return list.map((value) => value.number());
  }

  /** Numbers for each parameter: as many as its shape has. */
  tensors(sizes: readonly number[]): Tensors {
    const list = this.list();
    if (list.length !== sizes.length) throw this.wrong(`is of ${list.length} parameters, and the shapes of ${sizes.length}`);
    return list.map((values, p) => values.numbers(sizes[p]));
  }

  byStep<T>(read: (step: Reading) => T): ReadonlyMap<number, T> {
    return new Map(this.entries().map(([step, values]) => [Number(step), read(values)]));
  }

  text(): string {
    if (typeof this.value !== 'string') throw this.wrong('is no text');
    return this.value;
  }

  options(): PeerRecord {
    return Object.fromEntries(this.entries().map(([name, value]) => [name, value.option()]));
  }

  private option(): PeerValue {
    const { value } = this;
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' || value === null) return value;
    return Array.isArray(value) ? this.list().map((entry) => entry.option()) : this.options();
  }
}
