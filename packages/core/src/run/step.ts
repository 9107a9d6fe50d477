/** The state behind a compiled function: its programs, and its calls in their order. */
import type { Backend, Computation, DeviceTensor, Executable, PrepareOptions } from './backend.js';
import { bindInputs, type BoundInputs } from './bind-inputs.js';
import { type IndexCheck, indexChecks } from './check-indices.js';
import { checkGivenIndices, rootsOf } from './check-values.js';
import { checkSizes } from '../graph/check-sizes.js';
import type { TypedArray } from '../graph/dtype.js';
import { BackendError, GraphError, InputError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { countDisposals, holding, Lifetime } from './lifetime.js';
import { type Generation, Output } from './output.js';
import { ProgramCache } from './program-cache.js';
import type { Trace } from './trace.js';
import { Turns, turnsOf } from './turns.js';
import type { Variable } from '../values/variable.js';

/** Those behind compiled functions. */
export const steps = new WeakMap<object, Step>();

export class Step {
  private readonly programs = new ProgramCache();
  readonly life = new Lifetime(
    () => `${functionName(this.computation)} was disposed of, and its outputs with it; compile it again, or dispose of it later`,
    () => this.programs.clear(),
  );
  private readonly generation: Generation = { current: 0, life: this.life };
  /** At how many disposals all variables were there. */
  private checkedAt = -1;
  private readonly turns: Turns;
  private readonly roots: readonly Expr[];
  private readonly indices: readonly IndexCheck[];

  /** @throws {DisposedError} if a variable was disposed of */
  constructor(
    private readonly computation: Computation,
    /** All that are read or updated. */
    private readonly variables: ReadonlySet<Variable>,
    private readonly backend: Backend,
    private readonly how: PrepareOptions,
  ) {
    this.turns = turnsOf(backend);
    this.roots = rootsOf(computation);
    this.indices = indexChecks(this.roots);
    this.checkDisposals();
  }

  /** What ran last, or was compiled last before anything ran. */
  get executable(): Executable {
    this.life.check();
    const { latest } = this.programs;
    if (latest === undefined) {
      throw new GraphError('the program is known once its sizes are: call the function first, or give compile the option { sizes }');
    }
    return latest;
  }

  async trace(): Promise<Trace> {
    this.life.check();
    if (this.how.trace !== true) throw new GraphError('trace: times are taken of functions that are compiled with the option { trace: true }');
    const times = await this.programs.latest?.times?.();
    if (times === undefined || times.steps === 0) throw new GraphError('trace: there are no times before a call; call the function first');
    // Who does not trace does without the code for it.
    const { traceOf } = await import('./trace.js');
    return traceOf(times);
  }

  /** Compiles before any call: after what waits and concerns its variables, and before moves of theirs that come later. */
  compile(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    const before = this.waiting();
    const compilation = holding(this.lives(), () =>
      before.length === 0 ? this.prepare(sizes) : new Turns().wait(() => this.prepare(sizes), before),
    );
    for (const variable of this.variables) variable.isCompiledInto(compilation);
    return compilation;
  }

  async call(inputs: readonly unknown[]): Promise<Record<string, Output>> {
    if (inputs.length > 1) throw new InputError(`a call takes one object with a value for each input, not ${inputs.length} arguments`);
    this.life.check();
    if (this.checkedAt !== countDisposals()) this.checkDisposals();
    const bound = bindInputs(this.computation.inputs, inputs[0], this.backend);
    if (this.indices.length > 0) checkGivenIndices(this.indices, this.computation.inputs, bound);
    const executable = this.programs.find(bound.sizes);
    const ready = this.turns.areTaken ? undefined : executable?.ready?.(bound.values);
    if (executable !== undefined && !this.turns.areTaken && ready === undefined) return this.run(executable, bound.values);
    return this.enqueue(bound, ready);
  }

  private async prepare(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    checkSizes(this.roots, sizes);
    const executable = await this.backend.prepare(this.computation, sizes, this.how);
    if (this.how.trace === true && executable.times === undefined) {
      executable.release?.();
      throw new BackendError(`the backend ${this.backend.name} cannot take the times of its kernels; compile without the option trace`);
    }
    this.programs.add(sizes, executable);
    return executable;
  }

  /** The orders in which something waits that concerns its variables. */
  private waiting(): Turns[] {
    return [...this.variables].flatMap(({ turns }) => (turns === undefined ? [] : [turns]));
  }

  private lives(): Lifetime[] {
    return [...this.variables].map(({ life }) => life);
  }

  private checkDisposals(): void {
    for (const { life } of this.variables) life.check();
    this.checkedAt = countDisposals();
  }

  /** Prepares and runs a step when it is its turn; the caller may change its arrays meanwhile, as after any call. */
  private enqueue({ values, sizes, outputs }: BoundInputs, ready: Promise<void> | undefined): Promise<Record<string, Output>> {
    // Who waits for it may have failed before.
    ready?.catch(() => undefined);
    const given = outputs();
    const kept = values.map((value) => ('backend' in value ? value : value.slice()));
    const work = async (): Promise<Record<string, Output>> => {
      const executable = this.programs.find(sizes) ?? (await this.prepare(sizes));
      const wanted = (): Promise<void> | undefined => {
        for (const output of given) output.checkCurrent();
        return executable.ready?.(kept);
      };
      // While one thing comes to pass others may change: it is asked again until there is nothing to wait for.
      for (let waiting = ready ?? wanted(); waiting !== undefined; waiting = wanted()) await waiting;
      return this.run(executable, kept);
    };
    const lives = [this.life, ...this.lives(), ...given.map(({ life }) => life)];
    const result = holding(lives, () => this.turns.wait(work, this.waiting()));
    for (const variable of this.variables) variable.waitsIn(this.turns);
    return result;
  }

  private run(executable: Executable, values: readonly (TypedArray | DeviceTensor)[]): Record<string, Output> {
    const tensors = executable.run(values);
    this.generation.current++;
    this.programs.latest = executable;
    for (const { variable } of this.computation.updates) variable.wasUpdated();
    const outputs: Record<string, Output> = {};
    for (const [k, { name }] of this.computation.outputs.entries()) {
      const tensor = tensors[k];
      if (tensor !== undefined) setField(outputs, name, new Output(name, tensor, this.generation));
    }
    return outputs;
  }
}

/** Sets a field of the object itself, whatever its name. */
function setField<T>(object: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

/** How errors name a function: by what it answers and updates. */
function functionName({ outputs, updates }: Computation): string {
  const few = (names: readonly string[]): string => [...names.slice(0, 3), ...(names.length > 3 ? ['...'] : [])].join(', ');
  const parts = [
    ...(outputs.length > 0 ? [`answers ${few(outputs.map(({ name }) => `'${name}'`))}`] : []),
    ...(updates.length > 0 ? [`updates ${few(updates.map(({ variable }) => variable.name))}`] : []),
  ];
  return parts.length === 0 ? 'a function' : `the function that ${parts.join(' and ')}`;
}
