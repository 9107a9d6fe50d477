/** `compile`: a computation checked once, compiled for each combination of sizes, called with checked values. */
import type { Backend, PrepareOptions, ProgramDescription } from './backend.js';
import { requireBackend } from './backend-checks.js';
import type { InputValue } from './bind-inputs.js';
import { checkSpec } from './check-spec.js';
import { dimension, openNames } from '../graph/dimension.js';
import { GraphError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { fieldsOf } from '../arguments/fields.js';
import { DISPOSE } from './lifetime.js';
import type { Output } from './output.js';
import { show } from '../arguments/show.js';
import { Step, steps } from './step.js';
import type { Trace } from './trace.js';
import type { Variable } from '../values/variable.js';

/** What `compile` is to compute: from inputs, outputs and the new values of variables. */
export interface ComputationSpec<I extends Readonly<Record<string, Expr>>, O extends Readonly<Record<string, Expr>>> {
  /** Inputs by the name under which a call gives them. */
  readonly inputs?: I;
  /** Expressions to answer, by name. */
  readonly outputs?: O;
  /** What variables become: the answer of a rule, a plain Map, or several of them. */
  readonly updates?: ReadonlyMap<Variable, Expr> | readonly ReadonlyMap<Variable, Expr>[];
}

/** Options of `compile`. */
export interface CompileOptions {
  /** Sizes of open dimensions to compile for at once; others are compiled at their first call. */
  readonly sizes?: Readonly<Record<string, number>>;
  /**
   * Whether operations are computed together, in few kernels. With false each is a kernel of its own, many times slower: to see which one is
   * wrong. The interpreter computes them one by one always. Default true.
   */
  readonly fuse?: boolean;
  /**
   * Whether the time of each kernel is taken, for `trace()` and as entries of `performance.measure`; kernels run one by one then, so that a step
   * takes longer. Default false.
   */
  readonly trace?: boolean;
}

type CallArguments<I> = keyof I extends never ? [inputs?: Readonly<Record<string, never>>] : [inputs: { readonly [K in keyof I]: InputValue }];

/** A compiled step. Calls run in their order; an output may be read until the next call. */
export interface CompiledFunction<I, O> {
  /** Runs one step: values of the inputs by name, outputs by name. What does not fit is an error before anything has changed. */
  (...inputs: CallArguments<I>): Promise<{ readonly [K in keyof O]: Output }>;
  /** What the last call ran, or what will run if the sizes are known; `printProgram` shows all of it. */
  readonly program: ProgramDescription;
  /** The backend that it runs on. */
  readonly backend: Backend;
  /**
   * How long each kernel takes, by the last steps of the sizes of the last call.
   *
   * @throws {GraphError} if it was compiled without `{ trace: true }`, or no call was made
   */
  trace(): Promise<Trace>;
  /**
   * Gives its memory back at once, that of its outputs included; variables stay. Without it memory comes back when nobody holds the
   * function or an output, and the engine collects garbage. Calls that were made before and still wait end first. What is called or read
   * afterwards is rejected with a `DisposedError`. A second time does nothing.
   */
  dispose(): void;
  /** `dispose()`, for `using`. */
  [DISPOSE](): void;
}

/**
 * Compiles outputs and updates into one step. Where dimensions are open, each combination of sizes is compiled at its
 * first call and kept, until many others were used since. All of them share memory for inputs, outputs and what lies between.
 *
 * @throws {GraphError} if an expression depends on an input that is not in `inputs`, two variables have one name, the spec or the
 *   options hold what there is not, or two copies of `@pappus/core` are installed
 * @throws {OptimizerError} if a variable is updated twice
 * @throws {ShapeError|DTypeError} if an update has not its variable's shape or dtype
 * @throws {BackendError} if no backend is given (a promise of one is none), it speaks another version of the graph, a variable lives
 *   on another backend, or the backend cannot compile an operation
 * @throws {DisposedError} if a variable or the backend was disposed of
 */
export async function compile<
  const I extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
  const O extends Readonly<Record<string, Expr>> = Readonly<Record<never, Expr>>,
>(spec: ComputationSpec<I, O>, backend: Backend, options: CompileOptions = {}): Promise<CompiledFunction<I, O>> {
  const { computation, variables } = checkSpec(spec);
  requireBackend(backend, 'compile');
  backend.check?.(computation);
  const open = new Set(computation.inputs.flatMap(({ expr }) => expr.shape.flatMap(openNames)));
  const { sizes, ...how } = checkedOptions(options, open);
  const step = new Step(computation, variables, backend, how);
  if ([...open].every((name) => sizes.has(name))) await step.compile(sizes);
  const run = (...inputs: CallArguments<I>): Promise<Record<string, Output>> => step.call(inputs);
  Object.defineProperty(run, 'program', { get: () => step.executable.program, enumerable: true });
  Object.defineProperty(run, 'backend', { value: backend, enumerable: true });
  Object.defineProperty(run, 'trace', { value: (): Promise<Trace> => step.trace() });
  const dispose = { value: (): void => step.life.dispose() };
  Object.defineProperties(run, { dispose, [DISPOSE]: dispose });
  steps.set(run, step);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the properties are defined above, and the outputs are those of the spec
  return run as CompiledFunction<I, O>;
}

/** Options that are true or false. */
const FLAGS = ['fuse', 'trace'] as const satisfies readonly (keyof PrepareOptions)[];

function isFlag(option: string): option is (typeof FLAGS)[number] {
  return FLAGS.some((flag) => flag === option);
}

function checkedOptions(options: unknown, open: ReadonlySet<string>): PrepareOptions & { readonly sizes: ReadonlyMap<string, number> } {
  let sizes: ReadonlyMap<string, number> = new Map();
  const flags: { -readonly [K in keyof PrepareOptions]: PrepareOptions[K] } = {};
  for (const [option, value] of fieldsOf(options, 'compile: the options', GraphError)) {
    if (option === 'sizes') sizes = checkedSizes(value, open);
    else if (!isFlag(option)) throw new GraphError(`compile: there is no option '${option}'; the options are sizes, ${FLAGS.join(', ')}`);
    else if (typeof value === 'boolean') flags[option] = value;
    else if (value !== undefined) throw new GraphError(`compile: the option ${option} is true or false, not ${show(value)}`);
  }
  return { sizes, ...flags };
}

function checkedSizes(given: unknown, open: ReadonlySet<string>): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [name, size] of fieldsOf(given, 'compile: the option sizes', GraphError)) {
    if (typeof size !== 'number') throw new ShapeError(`sizes: the size of '${name}' must be a number, not ${show(size)}`);
    if (!Number.isSafeInteger(dimension(size, `sizes: '${name}'`))) throw new ShapeError(`sizes: the size of '${name}' is too large: ${size}`);
    if (!open.has(name)) throw new GraphError(`sizes: no input has an open dimension '${name}'`);
    sizes.set(name, size);
  }
  return sizes;
}
