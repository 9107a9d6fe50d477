/** Checks the values of a call against the declared inputs and binds the open dimensions. Nothing runs before all fit. */
import type { Backend, DeviceTensor, NamedExpr } from './backend.js';
import { bindDimension, type Dimension, divideDimensions, OpenDimension, openNames, productOfDimensions } from '../graph/dimension.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../errors.js';
import type { TypedArray } from '../graph/dtype.js';
import { fieldOf, hasFields, unreadable } from '../arguments/fields.js';
import { Output } from './output.js';
import { formatShape, sizeOf } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { checkedArray, checkedData, fromNested, isTensorData, isThenable, type NestedArray, type TensorData } from '../values/values.js';

/** What a call may give for an input. A flat typed array has the input's shape, open sizes being worked out. */
export type InputValue = NestedArray | TypedArray | TensorData | Output;

/** Values of a call that fit. */
export interface BoundInputs {
  /** In the order of the inputs. */
  readonly values: readonly (TypedArray | DeviceTensor)[];
  /** The open dimensions, by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Those of the values that are outputs of other calls. */
  readonly outputs: () => readonly Output[];
}

/** A value whose shape may still be unknown: a flat typed array. */
interface Candidate extends NamedExpr {
  readonly value: TypedArray | DeviceTensor;
  readonly shape: readonly number[] | undefined;
  readonly count: number;
  /** The output of another call that gives the value, if one does. */
  readonly output?: Output;
}

/** Of a call without inputs. */
const NOTHING: BoundInputs = { values: [], sizes: new Map(), outputs: () => [] };

/**
 * The values of a call, checked against the inputs of its function, and the sizes that they give to open dimensions.
 *
 * @param given an object of values by name; undefined counts as one of none
 * @throws {InputError|ShapeError|DTypeError|GraphError} if the values do not fit, or are none
 */
export function bindInputs(
  declared: readonly NamedExpr[],
  given: unknown,
  backend: Backend,
): BoundInputs {
  if (given === undefined && declared.length === 0) return NOTHING;
  let candidates: readonly Candidate[];
  try {
    const fields = checkedFields(declared, given === undefined ? {} : given);
    candidates = declared.map((each) => candidate(each, fieldOf(fields, each.name), backend));
  } catch (error) {
    throw unreadable('the inputs', InputError, error);
  }
  const sizes = new Map<string, number>();
  const unknown = candidates.filter((c) => !bindShape(c, sizes));
  while (unknown.length > 0) {
    const before = unknown.length;
    for (const c of [...unknown]) if (bindCount(c, sizes)) unknown.splice(unknown.indexOf(c), 1);
    if (unknown.length === before) {
      for (const c of unknown) throw unknownSizes(c);
    }
  }
  const outputs = (): Output[] => candidates.flatMap(({ output }) => (output === undefined ? [] : [output]));
  return { values: candidates.map((c) => c.value), sizes, outputs };
}

function checkedFields(declared: readonly NamedExpr[], given: unknown): Readonly<Record<string, unknown>> {
  if (!hasFields(given)) {
    const advice = isThenable(given) ? '; await it first' : '';
    throw new InputError(`a call takes an object with a value for each input, not ${show(given)}${advice}; the inputs are: ${listNames(declared)}`);
  }
  for (const name of Object.keys(given)) {
    if (!declared.some((d) => d.name === name)) {
      throw new InputError(`there is no input '${name}'; the inputs are: ${listNames(declared)}`);
    }
  }
  return given;
}

function unknownSizes({ name, expr }: NamedExpr): InputError {
  return new InputError(`input '${name}': a flat typed array does not tell the open sizes of ${formatShape(expr.shape)}; give { data, shape }`);
}

function listNames(declared: readonly NamedExpr[]): string {
  return declared.length === 0 ? 'none' : declared.map((d) => `'${d.name}'`).join(', ');
}

function candidate({ name, expr }: NamedExpr, value: unknown, backend: Backend): Candidate {
  const what = `input '${name}'`;
  if (value === undefined) {
    throw new InputError(`${what} is missing; it takes ${expr.dtype}${formatShape(expr.shape)}`);
  }
  if (value instanceof Output) {
    if (value.backend !== backend) {
      throw new InputError(`${what}: the output given is on the backend ${value.backend.name}, this function on ${backend.name}; read() it first`);
    }
    if (value.dtype !== expr.dtype) throw new DTypeError(`${what}: takes ${expr.dtype}, and the output given is ${value.dtype}`);
    return { name, expr, value: value.device(), shape: value.shape, count: sizeOf(value.shape), output: value };
  }
  if (ArrayBuffer.isView(value)) {
    const data = checkedArray(value, expr.dtype, what);
    return { name, expr, value: data, shape: undefined, count: data.length };
  }
  const { data, shape } = isTensorData(value) ? checkedData(value, expr.dtype, what) : fromNested(value, expr.dtype, what);
  return { name, expr, value: data, shape, count: data.length };
}

/** Checks a known shape and binds what it tells; false if the shape is not known. */
function bindShape({ name, expr, shape }: Candidate, sizes: Map<string, number>): boolean {
  if (shape === undefined) return false;
  const wrong = (): ShapeError =>
    new ShapeError(`input '${name}': takes ${formatShape(expr.shape)}, and the value has the shape ${formatShape(shape)}`);
  if (shape.length !== expr.shape.length) throw wrong();
  for (const [axis, declared] of expr.shape.entries()) {
    const size = shape[axis] ?? 0;
    if (typeof declared === 'number') {
      if (declared !== size) throw wrong();
    } else {
      bindName(name, declared, size, sizes);
    }
  }
  return true;
}

/** Binds the one open size that a flat array tells by its length; false if more than one is open. */
function bindCount(candidate: Candidate, sizes: Map<string, number>): boolean {
  const { name, expr, count } = candidate;
  const total = productOfDimensions(expr.shape);
  const open = [...new Set(expr.shape.flatMap(openNames))].filter((n) => !sizes.has(n));
  if (open.length > 1) return false;
  const wrong = (expected: string): InputError =>
    new InputError(`input '${name}': takes ${formatShape(expr.shape)}, ${expected}, and the array given has ${count}`);
  const [unbound] = open;
  if (unbound === undefined) {
    const size = bindDimension(total, sizes);
    if (size !== count) throw wrong(`which is ${size} elements here`);
    return true;
  }
  const perUnit = divideDimensions(total, OpenDimension.of([[unbound, 1]]));
  const unit = perUnit === undefined ? NaN : bindDimension(perUnit, new Map([...sizes, [unbound, NaN]]));
  if (!(unit > 0)) throw unknownSizes(candidate);
  if (count % unit !== 0) throw wrong(`a multiple of ${unit} elements`);
  sizes.set(unbound, count / unit);
  return true;
}

function bindName(input: string, declared: Dimension, size: number, sizes: Map<string, number>): void {
  const [name, ...others] = openNames(declared);
  if (name === undefined) return;
  if (others.length > 0 || declared !== OpenDimension.of([[name, 1]])) {
    throw new GraphError(`input '${input}': an input's axis is a size or one name, not ${String(declared)}`);
  }
  const bound = sizes.get(name);
  if (bound !== undefined && bound !== size) {
    throw new ShapeError(`the open dimension '${name}' is ${bound} in one input and ${size} in input '${input}'`);
  }
  sizes.set(name, size);
}
