/** `compile`: a computation checked once, compiled for each combination of sizes, called with checked values. */
import type { Backend, Computation, DeviceTensor, Executable, ProgramDescription } from './backend.js';
import { bindInputs, type BoundInputs, type DeclaredInput, type InputValue } from './bind-inputs.js';
import { checkSizes } from './check-sizes.js';
import { describe, topological } from './describe.js';
import { dimension, openNames } from './dimension.js';
import type { TypedArray } from './dtype.js';
import { DTypeError, GraphError, InputError, ShapeError } from './errors.js';
import { Expr } from './expr.js';
import { countDisposals, DISPOSE, holding, Lifetime } from './lifetime.js';
import { type Generation, Output } from './output.js';
import { formatShape, sameShape } from './shape.js';
import { type Turns, turnsOf } from './turns.js';
import { mergeUpdates } from './updates.js';
import { Variable } from './variable.js';

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
  /**
   * Gives its memory back at once, that of its outputs included; variables stay. Without it memory comes back when nobody holds the
   * function or an output, and the engine collects garbage. Calls that were made before and still wait end first. What is called or read
   * afterwards is rejected with a `DisposedError`. A second time does nothing.
   */
  dispose(): void;
  [DISPOSE](): void;
}

/**
 * Compiles outputs and updates into one step. Where dimensions are open, each combination of sizes is compiled at its
 * first call and kept, until many others were used since. All of them share memory for inputs, outputs and what lies between.
 *
 * @throws {GraphError} if an expression depends on an input that is not in `inputs`
 * @throws {OptimizerError} if a variable is updated twice
 * @throws {ShapeError|DTypeError} if an update has not its variable's shape or dtype
 * @throws {BackendError} if a variable lives on another backend, or the backend cannot compile an operation
 * @throws {DisposedError} if a variable or the backend was disposed of
 */
export async function compile<
  const I extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
  const O extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
>(spec: ComputationSpec<I, O>, backend: Backend, options: CompileOptions = {}): Promise<CompiledFunction<I, O>> {
  const computation = check(spec);
  backend.check?.(computation);
  const step = new Step(computation, backend);
  const open = new Set(computation.inputs.flatMap(({ expr }) => expr.shape.flatMap(openNames)));
  const sizes = new Map(Object.entries(options.sizes ?? {}));
  for (const [name, size] of sizes) {
    dimension(size);
    if (!open.has(name)) throw new GraphError(`sizes: no input has an open dimension '${name}'`);
  }
  if ([...open].every((name) => sizes.has(name))) await step.prepareFirst(sizes);
  const run = (...inputs: CallArguments<I>): Promise<Record<string, Output>> => step.call(inputs[0] ?? {});
  Object.defineProperty(run, 'program', { get: () => step.program, enumerable: true });
  Object.defineProperty(run, 'backend', { value: backend, enumerable: true });
  const dispose = { value: (): void => step.life.dispose() };
  Object.defineProperties(run, { dispose, [DISPOSE]: dispose });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the properties are defined above, and the outputs are those of the spec
  return run as CompiledFunction<I, O>;
}

function check(spec: ComputationSpec<Readonly<Record<string, Expr>>, Readonly<Record<string, Expr>>>): Computation {
  const inputs: readonly DeclaredInput[] = Object.entries(spec.inputs ?? {}).map(([name, expr]) => {
    if (!(expr instanceof Expr) || expr.node.kind !== 'input') {
      throw new GraphError(`inputs: '${name}' is no input; make it with input(dtype, shape)`);
    }
    return { name, expr };
  });
  for (const [k, { name, expr }] of inputs.entries()) {
    const earlier = inputs.slice(0, k).find((other) => other.expr === expr);
    if (earlier !== undefined) throw new GraphError(`inputs: '${earlier.name}' and '${name}' are the same input; declare it once`);
  }
  const outputs = Object.entries(spec.outputs ?? {}).map(([name, expr]) => {
    if (!(expr instanceof Expr)) throw new GraphError(`outputs: '${name}' is no expression`);
    return { name, expr };
  });
  const maps = spec.updates ?? [];
  const merged = mergeUpdates(...(isMap(maps) ? [maps] : maps));
  const updates = [...merged].map(([variable, expr]) => {
    const target: unknown = variable;
    if (!(target instanceof Variable)) throw new GraphError('updates: a key is no variable; make it with variable(value)');
    if (expr.dtype !== variable.dtype) {
      throw new DTypeError(`the update of ${describe(variable)} is ${expr.dtype}; cast it with .cast('${variable.dtype}')`);
    }
    if (!sameShape(expr.shape, variable.shape)) {
      throw new ShapeError(`the update of ${describe(variable)} has the shape ${formatShape(expr.shape)}`);
    }
    return { variable, expr };
  });
  const declared = new Set(inputs.map((i) => i.expr));
  for (const expr of topological([...outputs, ...updates].map((root) => root.expr))) {
    if (expr.node.kind === 'placeholder') {
      throw new GraphError(`the computation depends on ${describe(expr)} outside of its step; let the step answer it among its outputs`);
    }
    if (expr.node.kind === 'input' && !declared.has(expr)) {
      throw new GraphError(`the computation depends on ${describe(expr)}, which is missing in 'inputs'; add it there under a name`);
    }
  }
  return { inputs, outputs, updates };
}

function isMap(
  updates: ReadonlyMap<Variable, Expr> | readonly ReadonlyMap<Variable, Expr>[],
): updates is ReadonlyMap<Variable, Expr> {
  return updates instanceof Map;
}

/**
 * Programs that a function keeps, each for other sizes, and bytes of their code; beyond that the one that was not used for longest goes.
 * They share their memory for tensors. What each has of its own is about twenty times its code, as measured in Node, with what the engine
 * makes of it.
 */
const MOST_PROGRAMS = 256;
const MOST_CODE_BYTES = 2 ** 23;

/** The state behind a compiled function. */
class Step {
  /** Those that were used last come last. */
  private readonly executables = new Map<string, Executable>();
  readonly life = new Lifetime(
    () => `${functionName(this.computation)} was disposed of, and its outputs with it; compile it again, or dispose of it later`,
    () => this.drop(),
  );
  private readonly generation: Generation = { current: 0, life: this.life };
  private readonly variables: readonly Variable[];
  /** At how many disposals all variables were there. */
  private checkedAt = -1;
  private latest: Executable | undefined;
  private readonly turns: Turns;

  constructor(
    private readonly computation: Computation,
    private readonly backend: Backend,
  ) {
    this.turns = turnsOf(backend);
    const leaves = topological([...computation.outputs, ...computation.updates].map((root) => root.expr));
    this.variables = [...new Set([...leaves.filter((leaf) => leaf instanceof Variable), ...computation.updates.map((u) => u.variable)])];
    this.checkDisposals();
  }

  get program(): ProgramDescription {
    this.life.check();
    if (this.latest === undefined) {
      throw new GraphError('the program is known once its sizes are: call the function first, or give compile the option { sizes }');
    }
    return this.latest.program;
  }

  /** Before anybody can call it. */
  prepareFirst(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    return holding(this.variables.map((v) => v.life), () => this.prepare(sizes));
  }

  private async prepare(sizes: ReadonlyMap<string, number>): Promise<Executable> {
    checkSizes([...this.computation.outputs, ...this.computation.updates].map((root) => root.expr), sizes);
    const executable = await this.backend.prepare(this.computation, sizes);
    this.executables.set(sizesKey(sizes), executable);
    this.latest = executable;
    this.dropOldest();
    return executable;
  }

  /** The executable for these sizes, if it is kept; it counts as used. */
  private find(sizes: ReadonlyMap<string, number>): Executable | undefined {
    const key = sizesKey(sizes);
    const executable = this.executables.get(key);
    if (executable !== undefined && executable !== this.latest) {
      this.executables.delete(key);
      this.executables.set(key, executable);
    }
    return executable;
  }

  /** All but the latest may go. */
  private dropOldest(): void {
    let code = [...this.executables.values()].reduce((sum, { program }) => sum + program.bytes.code, 0);
    for (const [key, oldest] of this.executables) {
      if ((this.executables.size <= MOST_PROGRAMS && code <= MOST_CODE_BYTES) || oldest === this.latest) break;
      code -= oldest.program.bytes.code;
      this.executables.delete(key);
      oldest.release?.();
    }
  }

  private checkDisposals(): void {
    for (const { life } of this.variables) life.check();
    this.checkedAt = countDisposals();
  }

  private drop(): void {
    for (const executable of this.executables.values()) executable.release?.();
    this.executables.clear();
    this.latest = undefined;
  }

  async call(given: Readonly<Record<string, InputValue>>): Promise<Record<string, Output>> {
    const unknownValue: unknown = given;
    if (typeof unknownValue !== 'object' || unknownValue === null) throw new InputError('a call takes an object with a value for each input');
    this.life.check();
    if (this.checkedAt !== countDisposals()) this.checkDisposals();
    const bound = bindInputs(this.computation.inputs, given, this.backend);
    const executable = this.find(bound.sizes);
    const ready = this.turns.areTaken ? undefined : executable?.ready?.(bound.values);
    if (executable !== undefined && !this.turns.areTaken && ready === undefined) return this.run(executable, bound.values);
    return this.enqueue(bound, Object.values(given).filter((value) => value instanceof Output), ready);
  }

  /** Prepares and runs a step when it is its turn; the caller may change its arrays meanwhile, as after any call. */
  private enqueue({ values, sizes }: BoundInputs, outputs: readonly Output[], ready: Promise<void> | undefined): Promise<Record<string, Output>> {
    // Who waits for it may have failed before.
    ready?.catch(() => undefined);
    const kept = values.map((value) => ('backend' in value ? value : value.slice()));
    const lives = [this.life, ...this.variables.map((v) => v.life), ...outputs.map((output) => output.life)];
    return holding(lives, () => this.turns.wait(async () => {
      const executable = this.find(sizes) ?? (await this.prepare(sizes));
      const wanted = (): Promise<void> | undefined => {
        for (const output of outputs) output.checkCurrent();
        return executable.ready?.(kept);
      };
      // While one thing comes to pass others may change: it is asked again until there is nothing to wait for.
      for (let waiting = ready ?? wanted(); waiting !== undefined; waiting = wanted()) await waiting;
      return this.run(executable, kept);
    }));
  }

  private run(executable: Executable, values: readonly (TypedArray | DeviceTensor)[]): Record<string, Output> {
    const tensors = executable.run(values);
    this.generation.current++;
    this.latest = executable;
    for (const { variable } of this.computation.updates) variable.wasUpdated();
    const outputs: Record<string, Output> = {};
    for (const [k, { name }] of this.computation.outputs.entries()) {
      const tensor = tensors[k];
      if (tensor !== undefined) outputs[name] = new Output(name, tensor, this.generation);
    }
    return outputs;
  }
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

function sizesKey(sizes: ReadonlyMap<string, number>): string {
  return [...sizes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size]) => `${name}=${size}`).join();
}
