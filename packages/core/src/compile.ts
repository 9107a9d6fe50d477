/** `compile`: a computation checked once, compiled for each combination of sizes, called with checked values. */
import type { Backend, Computation, DeviceTensor, Executable, ProgramDescription } from './backend.js';
import { bindInputs, type BoundInputs, type DeclaredInput, type InputValue } from './bind-inputs.js';
import { type IndexCheck, indexChecks, verifyIndices } from './check-indices.js';
import { checkSizes } from './check-sizes.js';
import { describe, topological } from './describe.js';
import { dimension, openNames } from './dimension.js';
import type { TypedArray } from './dtype.js';
import { DTypeError, GraphError, InputError, ShapeError } from './errors.js';
import { Expr } from './expr.js';
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
}

/**
 * Compiles outputs and updates into one step. Where dimensions are open, each combination of sizes is compiled at its
 * first call and kept.
 *
 * @throws {GraphError} if an expression depends on an input that is not in `inputs`
 * @throws {OptimizerError} if a variable is updated twice
 * @throws {ShapeError|DTypeError} if an update has not its variable's shape or dtype
 * @throws {BackendError} if a variable lives on another backend, or the backend cannot compile an operation
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
  if ([...open].every((name) => sizes.has(name))) await step.prepare(sizes);
  const run = (...inputs: CallArguments<I>): Promise<Record<string, Output>> => step.call(inputs[0] ?? {});
  Object.defineProperty(run, 'program', { get: () => step.program, enumerable: true });
  Object.defineProperty(run, 'backend', { value: backend, enumerable: true });
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

/** The state behind a compiled function. */
class Step {
  private readonly executables = new Map<string, Executable>();
  private readonly generation: Generation = { current: 0 };
  private latest: Executable | undefined;
  private readonly turns: Turns;
  private readonly indices: readonly IndexCheck[];

  constructor(
    private readonly computation: Computation,
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

  async call(given: Readonly<Record<string, InputValue>>): Promise<Record<string, Output>> {
    const unknownValue: unknown = given;
    if (typeof unknownValue !== 'object' || unknownValue === null) throw new InputError('a call takes an object with a value for each input');
    const bound = bindInputs(this.computation.inputs, given, this.backend);
    this.checkIndices(bound);
    const executable = this.executables.get(sizesKey(bound.sizes));
    const ready = this.turns.areTaken ? undefined : executable?.ready?.(bound.values);
    if (executable !== undefined && !this.turns.areTaken && ready === undefined) return this.run(executable, bound.values);
    return this.enqueue(bound, Object.values(given).filter((value) => value instanceof Output), ready);
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
  private enqueue({ values, sizes }: BoundInputs, outputs: readonly Output[], ready: Promise<void> | undefined): Promise<Record<string, Output>> {
    // Who waits for it may have failed before.
    ready?.catch(() => undefined);
    const kept = values.map((value) => ('backend' in value ? value : value.slice()));
    return this.turns.wait(async () => {
      const executable = this.executables.get(sizesKey(sizes)) ?? (await this.prepare(sizes));
      const wanted = (): Promise<void> | undefined => {
        for (const output of outputs) output.device();
        return executable.ready?.(kept);
      };
      // While one thing comes to pass others may change: it is asked again until there is nothing to wait for.
      for (let waiting = ready ?? wanted(); waiting !== undefined; waiting = wanted()) await waiting;
      return this.run(executable, kept);
    });
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

function sizesKey(sizes: ReadonlyMap<string, number>): string {
  return [...sizes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, size]) => `${name}=${size}`).join();
}
