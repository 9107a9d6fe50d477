/** `compile`: a computation checked once, compiled for each combination of sizes, called with checked values. */
import type { Backend, Computation, DeviceTensor, Executable, ProgramDescription } from './backend.js';
import { requireBackend } from './backend-checks.js';
import { bindInputs, type BoundInputs, type InputValue } from './bind-inputs.js';
import { type IndexCheck, indexChecks, verifyIndices } from './check-indices.js';
import { checkSizes } from './check-sizes.js';
import { checkSpec } from './check-spec.js';
import { dimension, openNames } from './dimension.js';
import type { TypedArray } from './dtype.js';
import { GraphError, InputError, ShapeError } from './errors.js';
import type { Expr } from './expr.js';
import { fieldsOf } from './fields.js';
import { type Generation, Output } from './output.js';
import { show } from './show.js';
import { Turns, turnsOf } from './turns.js';
import type { Variable } from './variable.js';

export interface ComputationSpec<I extends Readonly<Record<string, Expr>>, O extends Readonly<Record<string, Expr>>> {
  /** Inputs by the name under which a call gives them. */
  readonly inputs?: I;
  /** Expressions to answer, by name. */
  readonly outputs?: O;
  /** What variables become: the answer of a rule, a plain Map, or several of them. */
  readonly updates?: ReadonlyMap<Variable, Expr> | readonly ReadonlyMap<Variable, Expr>[];
}

export interface CompileOptions {
  /** Sizes of open dimensions to compile for at once; others are compiled at their first call. */
  readonly sizes?: Readonly<Record<string, number>>;
}

type CallArguments<I> = keyof I extends never ? [inputs?: Readonly<Record<string, never>>] : [inputs: { readonly [K in keyof I]: InputValue }];

/** A compiled step. Calls run in their order; an output may be read until the next call. */
export interface CompiledFunction<I, O> {
  (...inputs: CallArguments<I>): Promise<{ readonly [K in keyof O]: Output }>;
  /** What the last call ran, or what will run if the sizes are known. */
  readonly program: ProgramDescription;
  readonly backend: Backend;
}

/**
 * Compiles outputs and updates into one step. Where dimensions are open, each combination of sizes is compiled at its
 * first call and kept.
 *
 * @throws {GraphError} if an expression depends on an input that is not in `inputs`, two variables have one name, the spec or the
 *   options hold what there is not, or two copies of `@pappus/core` are installed
 * @throws {OptimizerError} if a variable is updated twice
 * @throws {ShapeError|DTypeError} if an update has not its variable's shape or dtype
 * @throws {BackendError} if no backend is given (a promise of one is none), it speaks another version of the graph, a variable lives
 *   on another backend, or the backend cannot compile an operation
 */
export async function compile<
  const I extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
  const O extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
>(spec: ComputationSpec<I, O>, backend: Backend, options: CompileOptions = {}): Promise<CompiledFunction<I, O>> {
  const { computation, variables } = checkSpec(spec);
  requireBackend(backend, 'compile');
  backend.check?.(computation);
  const step = new Step(computation, variables, backend);
  const open = new Set(computation.inputs.flatMap(({ expr }) => expr.shape.flatMap(openNames)));
  const sizes = checkedSizes(options, open);
  if ([...open].every((name) => sizes.has(name))) await step.compile(sizes);
  const run = (...inputs: CallArguments<I>): Promise<Record<string, Output>> => step.call(inputs);
  Object.defineProperty(run, 'program', { get: () => step.program, enumerable: true });
  Object.defineProperty(run, 'backend', { value: backend, enumerable: true });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the properties are defined above, and the outputs are those of the spec
  return run as CompiledFunction<I, O>;
}

function checkedSizes(options: unknown, open: ReadonlySet<string>): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [option, value] of fieldsOf(options, 'compile: the options', GraphError)) {
    if (option !== 'sizes') throw new GraphError(`compile: there is no option '${option}'; the option is sizes`);
    for (const [name, size] of fieldsOf(value, 'compile: the option sizes', GraphError)) {
      if (typeof size !== 'number') throw new ShapeError(`sizes: the size of '${name}' must be a number, not ${show(size)}`);
      if (!Number.isSafeInteger(dimension(size))) throw new ShapeError(`sizes: the size of '${name}' is too large: ${size}`);
      if (!open.has(name)) throw new GraphError(`sizes: no input has an open dimension '${name}'`);
      sizes.set(name, size);
    }
  }
  return sizes;
}

/** The state behind a compiled function. */
class Step {
  private readonly executables = new Map<string, Executable>();
  private readonly generation: Generation = { current: 0 };
  private latest: Executable | undefined;
  private readonly turns: Turns;
  private readonly indices: readonly IndexCheck[];

  constructor(
    private readonly computation: Computation,
    /** All that are read or updated. */
    private readonly variables: ReadonlySet<Variable>,
    private readonly backend: Backend,
  ) {
    this.turns = turnsOf(backend);
    this.indices = indexChecks([...computation.outputs, ...computation.updates].map((root) => root.expr));
  }

  get program(): ProgramDescription {
    if (this.latest === undefined) {
      throw new GraphError('the program is known once its sizes are: call the function first, or give compile the option { sizes }');
    }
    return this.latest.program;
  }

  async prepare(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    checkSizes([...this.computation.outputs, ...this.computation.updates].map((root) => root.expr), sizes);
    const executable = await this.backend.prepare(this.computation, sizes);
    this.executables.set(sizesKey(sizes), executable);
    this.latest = executable;
    return executable;
  }

  /** Compiles before any call: after what waits and concerns its variables, and before moves of theirs that come later. */
  compile(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    const before = this.waiting();
    const compilation = before.length === 0 ? this.prepare(sizes) : new Turns().wait(() => this.prepare(sizes), before);
    for (const variable of this.variables) variable.isCompiledInto(compilation);
    return compilation;
  }

  /** The orders in which something waits that concerns its variables. */
  private waiting(): Turns[] {
    return [...this.variables].flatMap(({ turns }) => (turns === undefined ? [] : [turns]));
  }

  async call(inputs: readonly unknown[]): Promise<Record<string, Output>> {
    if (inputs.length > 1) throw new InputError(`a call takes one object with a value for each input, not ${inputs.length} arguments`);
    const bound = bindInputs(this.computation.inputs, inputs[0], this.backend);
    this.checkIndices(bound);
    const executable = this.executables.get(sizesKey(bound.sizes));
    const ready = this.turns.areTaken ? undefined : executable?.ready?.(bound.values);
    if (executable !== undefined && !this.turns.areTaken && ready === undefined) return this.run(executable, bound.values);
    return this.enqueue(bound, ready);
  }

  /** Checks what a call gives as indices; outputs of another function are on the device, and not checked. */
  private checkIndices({ values, sizes }: BoundInputs): void {
    const { inputs } = this.computation;
    const given = (input: Expr): { name: string; values: TypedArray } | undefined => {
      const at = inputs.findIndex(({ expr }) => expr === input);
      const value = values[at];
      return value === undefined || 'backend' in value ? undefined : { name: `input '${inputs[at]?.name ?? ''}'`, values: value };
    };
    verifyIndices(this.indices, given, sizes);
  }

  /** Prepares and runs a step when it is its turn; the caller may change its arrays meanwhile, as after any call. */
  private enqueue({ values, sizes, outputs }: BoundInputs, ready: Promise<void> | undefined): Promise<Record<string, Output>> {
    // Who waits for it may have failed before.
    ready?.catch(() => undefined);
    const given = outputs();
    const kept = values.map((value) => ('backend' in value ? value : value.slice()));
    const result = this.turns.wait(async () => {
      const executable = this.executables.get(sizesKey(sizes)) ?? (await this.prepare(sizes));
      const wanted = (): Promise<void> | undefined => {
        for (const output of given) output.device();
        return executable.ready?.(kept);
      };
      // While one thing comes to pass others may change: it is asked again until there is nothing to wait for.
      for (let waiting = ready ?? wanted(); waiting !== undefined; waiting = wanted()) await waiting;
      return this.run(executable, kept);
    }, this.waiting());
    for (const variable of this.variables) variable.waitsIn(this.turns);
    return result;
  }

  private run(executable: Executable, values: readonly (TypedArray | DeviceTensor)[]): Record<string, Output> {
    const tensors = executable.run(values);
    this.generation.current++;
    this.latest = executable;
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

function sizesKey(sizes: ReadonlyMap<string, number>): string {
  return [...sizes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size]) => `${name}=${size}`).join();
}
