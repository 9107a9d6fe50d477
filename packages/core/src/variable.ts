/** Variables: named tensors that keep their value between steps. */
import type { Backend, VariableStorage } from './backend.js';
import { describe } from './describe.js';
import { allocate, checkRepresentable, type DType, dtypeOfArray, isFloat, toTypedArray, type TypedArray } from './dtype.js';
import { GraphError, ShapeError } from './errors.js';
import { Expr } from './expr.js';
import { evaluateConstant } from './interpreter/constant.js';
import { DISPOSE, Lifetime } from './lifetime.js';
import { formatShape, sizeOf } from './shape.js';
import { checkedData, fromNested, isTensorData, type NestedArray, type TensorData } from './values.js';

/** What a variable can start from: a number, nested arrays, an expression of constants, or a typed array with a shape. */
export type VariableValue = NestedArray | Expr | TensorData;

/** What a variable can be set to; a flat typed array has the variable's size. */
export type SetValue = NestedArray | TensorData | TypedArray;

export interface VariableOptions {
  /** Names the variable in messages and saved state. Default: `variable` and a number. */
  readonly name?: string;
  /** Default: that of the expression or typed array; float32 for numbers. */
  readonly dtype?: DType;
}

let nextVariable = 0;

export class Variable extends Expr {
  override readonly shape: readonly number[];
  readonly name: string;
  /** How often it was set or updated. */
  private changes = 0;
  private held: VariableStorage | { readonly backend: undefined; readonly values: TypedArray };
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
    this.shape = shape;
    this.name = text;
    this.held = { backend: undefined, values };
  }

  /** The backend that the value is on; undefined until a compiled function first uses it. */
  get backend(): Backend | undefined {
    return this.held.backend;
  }

  /** The value in a typed array of its own. */
  async read(): Promise<TypedArray> {
    this.life.check();
    return this.held.backend === undefined ? this.held.values.slice() : this.held.read();
  }

  /** The value of a scalar. */
  async item(): Promise<number> {
    if (sizeOf(this.shape) !== 1) throw new ShapeError(`item: ${describe(this)} has not one element; use read()`);
    return (await this.read())[0] ?? NaN;
  }

  /**
   * Sets the value; the next step sees it, and nothing is compiled again.
   *
   * @throws {InputError|ShapeError|DTypeError} if the value does not fit; the variable stays as it was
   * @throws {DisposedError} if it was disposed of
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- a rejected promise, not a thrown error, for bad values
  async set(value: SetValue): Promise<void> {
    this.life.check();
    const values = this.checked(value);
    this.changes++;
    if (this.held.backend === undefined) this.held = { backend: undefined, values };
    else this.held.write(values);
  }

  /**
   * Moves the value to a backend; compiled functions of the old one no longer take this variable. What is set or updated meanwhile is
   * in the value that moves.
   */
  async to(backend: Backend): Promise<this> {
    this.life.check();
    while (this.held.backend !== backend) {
      const { held, changes } = this;
      const storage = await backend.store(this, await this.read());
      if (this.held !== held || this.changes !== changes) {
        storage.release?.();
        continue;
      }
      this.place(storage);
      if (held.backend !== undefined) held.release?.();
    }
    return this;
  }

  /**
   * Gives its memory back at once. Without it memory comes back when nobody holds the variable and the engine collects garbage. Calls that
   * were made before and still wait end first; functions that use the variable are compiled and called no more. A second time does nothing.
   *
   * @example using scratch = variable(zeros([4096, 4096])); // disposed of where the block ends
   */
  dispose(): void {
    this.life.dispose();
  }

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

  private checked(value: SetValue): TypedArray {
    const what = `variable ${this.name}`;
    let tensor: TensorData;
    if (typeof value === 'object' && !isNestedArray(value)) {
      tensor = checkedData(isTensorData(value) ? value : { data: value, shape: this.shape }, this.dtype, what);
    } else {
      tensor = fromNested(value, this.dtype, what);
    }
    if (formatShape(tensor.shape) !== formatShape(this.shape)) {
      throw new ShapeError(`${what}: has the shape ${formatShape(this.shape)}, the value ${formatShape(tensor.shape)}`);
    }
    return toTypedArray(this.dtype, tensor.data);
  }
}

function isNestedArray(value: object): value is readonly NestedArray[] {
  return Array.isArray(value);
}

/**
 * A tensor that keeps its value between steps, is read in expressions and changed by updates and by `set`.
 *
 * @example const w = variable(glorotUniform([784, 10], { seed: 1 }), { name: 'w' });
 */
export function variable(value: VariableValue, options: VariableOptions = {}): Variable {
  const what = `variable ${options.name ?? ''}`.trim();
  if (value instanceof Expr) {
    const dtype = options.dtype ?? value.dtype;
    const { data, shape } = evaluateConstant(value, what);
    return new Variable(convert(data, value.dtype, dtype, what), shape, dtype, options.name);
  }
  if (typeof value === 'object' && !isNestedArray(value)) {
    if (!isTensorData(value)) {
      throw new GraphError(`${what}: give a typed array with its shape, as in { data, shape: [2, 3] }`);
    }
    const from = dtypeOfArray(value.data) ?? 'float32';
    const dtype = options.dtype ?? from;
    checkedData(value, from, what);
    return new Variable(convert(value.data, from, dtype, what), [...value.shape], dtype, options.name);
  }
  const dtype = options.dtype ?? (typeof firstLeaf(value) === 'boolean' ? 'bool' : 'float32');
  const { data, shape } = fromNested(value, dtype, what);
  return new Variable(data, shape, dtype, options.name);
}

/** A copy in another dtype, which must have the values: integers and booleans are not made by rounding. */
function convert(data: ArrayLike<number>, from: DType, to: DType, what: string): TypedArray {
  if (from !== to && !isFloat(to)) for (let i = 0; i < data.length; i++) checkRepresentable(data[i] ?? NaN, to, what);
  return toTypedArray(to, data);
}

function firstLeaf(value: NestedArray): number | boolean | undefined {
  let leaf: NestedArray | undefined = value;
  while (typeof leaf === 'object') leaf = leaf[0];
  return leaf;
}
