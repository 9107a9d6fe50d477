/** Variables: named tensors that keep their value between steps. */
import type { Backend, VariableStorage } from '../run/backend.js';
import { requireBackend } from '../run/backend-checks.js';
import { isExpr } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { allocate, checkRepresentable, classOfArray, type DType, DTYPES, dtypeOfArray, isFloat, toTypedArray, type TypedArray } from '../graph/dtype.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { fieldsOf, reading } from '../arguments/fields.js';
import { evaluateConstant } from '../interpreter/constant.js';
import { DISPOSE, holding, Lifetime } from '../run/lifetime.js';
import { formatShape, frozen, sizeOf } from '../graph/shape.js';
import { unknownOption } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { type Turns, turnsOf } from '../run/turns.js';
import { checkedData, firstLeaf, fromNested, isTensorData, type NestedArray, type TensorData } from './values.js';

/** What a variable can start from: a number, nested arrays, an expression of constants, or a typed array with a shape. */
export type VariableValue = NestedArray | Expr | TensorData;

/** What a variable can be set to; a flat typed array has the variable's size. */
export type SetValue = NestedArray | TensorData | TypedArray;

/** Options of `variable`. */
export interface VariableOptions {
  /** Names the variable in messages and saved state. Default: `variable` and a number. */
  readonly name?: string;
  /** Default: that of the expression or typed array; float32 for numbers. */
  readonly dtype?: DType;
}

let nextVariable = 0;

/**
 * A tensor that keeps its value between steps: an expression that stands for the value from before the step. Made by `variable`. Its
 * memory comes back when nobody holds it, or by `dispose()`.
 */
export class Variable extends Expr {
  override readonly shape: readonly number[];
  /** What messages and saved state call it. */
  readonly name: string;
  /** How often it was set or updated. */
  private changes = 0;
  private held: VariableStorage | { readonly backend: undefined; readonly values: TypedArray };
  /** The order in which the last of what waits and concerns it stands: what is done with it next comes after that. */
  private waiting: Turns | undefined;
  /** Functions that are being compiled and may place the value. */
  private compilations: Promise<unknown> | undefined;
  /** Whether the value is gone: it was disposed of, and nothing that was begun before needs it. */
  private isGone = false;
  /** @internal */
  readonly life = new Lifetime(
    () => `variable ${this.name} was disposed of, and its value is gone; make a new variable, or dispose of it later`,
    () => this.drop(),
  );

  /** @internal Use `variable(value, options)`. */
  constructor(values: TypedArray, shape: readonly number[], dtype: DType, name: string | undefined) {
    const id = nextVariable++;
    const text = name ?? `variable${id}`;
    super({ kind: 'variable', id, name: text }, [], shape, dtype);
    this.shape = frozen(shape);
    this.name = text;
    this.held = { backend: undefined, values };
  }

  /** The backend that the value is on; undefined until a compiled function first uses it. */
  get backend(): Backend | undefined {
    return this.held.backend;
  }

  /**
   * The value in a typed array of its own: as all calls, settings and moves before leave it, waited for or not, and none after.
   *
   * @throws {DisposedError} if it was disposed of before
   */
  async read(): Promise<TypedArray> {
    this.life.check();
    const { turns } = this;
    if (turns === undefined) return this.readNow();
    return holding([this.life], async () => {
      // Only the beginning takes a turn: a read that has begun is a copy, and nobody needs to wait for it.
      const { reading } = await turns.wait(() => Promise.resolve({ reading: this.readNow() }));
      return reading;
    });
  }

  private async readNow(): Promise<TypedArray> {
    return this.held.backend === undefined ? this.held.values.slice() : this.held.read();
  }

  /** The value of a scalar. */
  async item(): Promise<number> {
    if (sizeOf(this.shape) !== 1) throw new ShapeError(`item: ${describe(this)} has not one element; use read()`);
    return (await this.read())[0] ?? NaN;
  }

  /**
   * Sets the value: calls made from now on see it, and those made before do not, waited for or not. Nothing is compiled again.
   *
   * @throws {InputError|ShapeError|DTypeError} if the value does not fit; the variable stays as it was
   * @throws {DisposedError} if it was disposed of before
   */
  async set(value: SetValue): Promise<void> {
    this.life.check();
    const values = this.checked(value);
    const write = (): void => {
      this.changes++;
      if (this.held.backend === undefined) this.held = { backend: undefined, values };
      else this.held.write(values);
    };
    const { turns } = this;
    if (turns === undefined) write();
    else await holding([this.life], () => turns.wait(() => Promise.resolve(write())));
  }

  /**
   * Moves the value to a backend: calls made before find it where it was, and those made from now on where it is then, which
   * compiled functions of the old backend no longer take.
   *
   * @throws {BackendError} if it is no backend, or has no room for the value, which then stays where it was
   * @throws {DisposedError} if it or the backend was disposed of before
   */
  async to(backend: Backend): Promise<this> {
    requireBackend(backend, `variable ${this.name}: to`);
    this.life.check();
    const { turns } = this;
    if (turns === undefined && this.held.backend === backend) return this;
    const here = this.held.backend === undefined ? [] : [turnsOf(this.held.backend)];
    const there = turnsOf(backend);
    const { compilations } = this;
    const move = holding([this.life], () =>
      there.wait(async () => {
        await compilations;
        await this.move(backend);
      }, [...(turns === undefined ? [] : [turns]), ...here]),
    );
    this.waiting = there;
    await move;
    return this;
  }

  private async move(backend: Backend): Promise<void> {
    // A function whose compilation begins meanwhile may place it elsewhere, and be called.
    while (this.held.backend !== backend) {
      const { held, changes } = this;
      const storage = await backend.store(this, await this.readNow());
      if (this.held !== held || this.changes !== changes) {
        storage.release?.();
        continue;
      }
      this.place(storage);
      if (held.backend !== undefined) held.release?.();
    }
  }

  /** @internal The order in which something waits that concerns this variable. */
  get turns(): Turns | undefined {
    return this.waiting?.areTaken === true ? this.waiting : undefined;
  }

  /** @internal Something that concerns it waits in this order, behind all that waited before. */
  waitsIn(turns: Turns): void {
    this.waiting = turns;
  }

  /** @internal A function that uses it is being compiled, and may place it: a move that comes later waits for that. */
  isCompiledInto(compilation: Promise<unknown>): void {
    const all = Promise.allSettled([this.compilations, compilation]).then(() => {
      if (this.compilations === all) this.compilations = undefined;
    });
    this.compilations = all;
  }

  /**
   * Gives its memory back at once. Without it memory comes back when nobody holds the variable and the engine collects garbage. What was
   * called, set, read or moved before and still waits ends first; functions that use the variable are compiled and called no more. A
   * second time does nothing.
   *
   * @example using scratch = variable(zeros([4096, 4096])); // disposed of where the block ends
   */
  dispose(): void {
    this.life.dispose();
  }

  /** `dispose()`, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  private drop(): void {
    const { held } = this;
    this.isGone = true;
    this.held = { backend: undefined, values: allocate(this.dtype, 0) };
    if (held.backend !== undefined) held.release?.();
  }

  /** @internal A step has updated it. */
  wasUpdated(): void {
    this.changes++;
  }

  /** @internal For backends: the value, if it is on none yet. */
  hostValue(): TypedArray | undefined {
    if (this.isGone) throw this.life.error();
    return this.held.backend === undefined ? this.held.values : undefined;
  }

  /** @internal For backends: where the value is, if it is on one. */
  get storage(): VariableStorage | undefined {
    return this.held.backend === undefined ? undefined : this.held;
  }

  /** @internal For backends: says where the value is from now on. */
  place(storage: VariableStorage): void {
    this.held = storage;
  }

  private checked(value: unknown): TypedArray {
    const what = `variable ${this.name}`;
    return reading(what, InputError, () => {
      const { data, shape } =
        classOfArray(value) !== undefined ? checkedData({ data: value, shape: this.shape }, this.dtype, what)
        : isTensorData(value) ? checkedData(value, this.dtype, what)
        : fromNested(value, this.dtype, what);
      if (formatShape(shape) !== formatShape(this.shape)) {
        throw new ShapeError(`${what}: has the shape ${formatShape(this.shape)}, the value ${formatShape(shape)}`);
      }
      return toTypedArray(this.dtype, data);
    });
  }
}

/**
 * A tensor that keeps its value between steps, is read in expressions and changed by updates and by `set`.
 *
 * @throws {InputError|ShapeError} if the value is none, or the dtype does not have it; if an option does not exist
 * @throws {DTypeError} if there is no such dtype
 * @throws {GraphError} if an expression is given that depends on inputs or variables, or a typed array without a shape
 * @example const w = variable(glorotUniform([784, 10], { seed: 1 }), { name: 'w' });
 */
export function variable(value: VariableValue, options: VariableOptions = {}): Variable {
  const { name, dtype } = checkedOptions(options);
  const what = name === undefined ? 'variable' : `variable ${name}`;
  return reading(what, InputError, () => {
    const first = firstValue(value, dtype, what);
    return new Variable(first.data, first.shape, first.dtype, name);
  });
}

const OPTIONS: readonly string[] = ['name', 'dtype'] satisfies readonly (keyof VariableOptions)[];

function checkedOptions(options: unknown): VariableOptions {
  let name: string | undefined;
  let dtype: DType | undefined;
  for (const [option, value] of fieldsOf(options, 'variable: the options', InputError)) {
    if (!OPTIONS.includes(option)) throw new InputError(unknownOption('variable', option, OPTIONS));
    if (option === 'name') {
      if (typeof value !== 'string' || value === '') throw new InputError(`variable: the name must be a text of at least one letter, not ${show(value)}`);
      name = value;
    } else {
      dtype = DTYPES.find((known) => known === value);
      if (dtype === undefined) throw new DTypeError(`variable: there is no dtype ${show(value)}; the dtypes are ${DTYPES.join(', ')}`);
    }
  }
  return { ...(name === undefined ? {} : { name }), ...(dtype === undefined ? {} : { dtype }) };
}

/** The value that a variable starts from, in an array of its own. */
function firstValue(value: unknown, wanted: DType | undefined, what: string): TensorData & { readonly dtype: DType } {
  if (isExpr(value, what)) {
    const dtype = wanted ?? value.dtype;
    const { data, shape } = evaluateConstant(value, what);
    return { data: convert(data, value.dtype, dtype, what), shape, dtype };
  }
  if (classOfArray(value) !== undefined) {
    throw new GraphError(`${what}: give a typed array with its shape, as in { data, shape: [2, 3] }`);
  }
  if (isTensorData(value)) {
    const from = dtypeOfArray(value.data) ?? wanted ?? 'float32';
    const { data, shape } = checkedData(value, from, what);
    const dtype = wanted ?? from;
    return { data: convert(data, from, dtype, what), shape, dtype };
  }
  const leaf = firstLeaf(value);
  const dtype = wanted ?? dtypeOfArray(leaf) ?? (typeof leaf === 'boolean' ? 'bool' : 'float32');
  return { ...fromNested(value, dtype, what), dtype };
}

/** A copy in another dtype, which must have the values: integers and booleans are not made by rounding. */
function convert(data: ArrayLike<number>, from: DType, to: DType, what: string): TypedArray {
  if (from !== to && !isFloat(to)) for (let i = 0; i < data.length; i++) checkRepresentable(data[i] ?? NaN, to, what);
  return toTypedArray(to, data);
}
