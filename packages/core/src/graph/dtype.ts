/** Element types and the typed arrays that hold them. */
import { DTypeError, InputError } from '../errors.js';
import { show } from '../arguments/show.js';

/** `bool` is stored as one byte, 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool';

/** The typed array that holds each dtype. */
export interface TypedArrayOf {
  /** IEEE single precision, 4 bytes. */
  float32: Float32Array;
  /** IEEE double precision, 8 bytes. */
  float64: Float64Array;
  /** Two's complement, 4 bytes; sums and products wrap around. */
  int32: Int32Array;
  /** One byte an element, 0 or 1. */
  bool: Uint8Array;
}

/** A typed array that holds one of the dtypes. */
export type TypedArray = TypedArrayOf[DType];

/** All dtypes. */
export const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'bool'];

const CONSTRUCTORS: { readonly [D in DType]: new (from: number | ArrayLike<number>) => TypedArrayOf[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
};

/** Bytes of an element in the dtype's typed array. */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

/** @throws {DTypeError} unless it is one of the dtypes */
export function checkDType(dtype: DType, operation: string): DType {
  if (DTYPES.includes(dtype)) return dtype;
  throw new DTypeError(`${operation}: ${show(dtype)} is no dtype; the dtypes are ${DTYPES.join(', ')}`);
}

/** Whether a dtype is float32 or float64. */
export function isFloat(dtype: DType): dtype is 'float32' | 'float64' {
  return dtype === 'float32' || dtype === 'float64';
}

/**
 * Zeros.
 *
 * @throws {InputError} if the engine has no array so long
 */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  checkDType(dtype, 'allocate');
  try {
    return new CONSTRUCTORS[dtype](length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${length} elements of ${dtype} are more than one array holds, or than there is memory for (${error.message})`, { cause: error });
  }
}

/** A copy in the dtype's own array: floats are rounded, `bool` becomes 0 or 1. */
export function toTypedArray<D extends DType>(dtype: D, values: ArrayLike<number>): TypedArrayOf[D] {
  const result = allocate(dtype, values.length);
  if (dtype === 'bool') {
    for (let i = 0; i < values.length; i++) result[i] = values[i] === 0 ? 0 : 1;
  } else {
    result.set(values);
  }
  return result;
}

/**
 * A number as tensors of the dtype hold it: float32 is rounded to the nearest, so that 1e39 is Infinity and 1e-46 is 0. Variables,
 * inputs, constants and casts hold values; what is computed between them is not rounded by the definition.
 */
export function held(value: number, dtype: DType): number {
  return dtype === 'float32' ? Math.fround(value) : value;
}

/** The dtype of a typed array; of other realms (as in jest and vm contexts) and of subclasses too. */
export function dtypeOfArray(data: unknown): DType | undefined {
  const known = classOfArray(data);
  return DTYPES.find((dtype) => CONSTRUCTORS[dtype].name === known);
}

const classGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

/** The class that the engine knows a typed array by, such as `Float32Array`, whatever its realm and prototype; undefined for anything else. */
export function classOfArray(data: unknown): string | undefined {
  const name: unknown = classGetter?.get?.call(data);
  return typeof name === 'string' ? name : undefined;
}

/**
 * The typed array itself where it is just that, else a copy that is: subclasses, such as Node's Buffer, and those of other realms say for
 * themselves what they are and what `slice` does. Of bool always a copy, whose bytes are 0 or 1.
 */
export function plainArray<D extends DType>(dtype: D, data: TypedArrayOf[D]): TypedArrayOf[D] {
  if (dtype === 'bool') return toTypedArray(dtype, new CONSTRUCTORS[dtype](data));
  return Object.getPrototypeOf(data) === CONSTRUCTORS[dtype].prototype ? data : new CONSTRUCTORS[dtype](data);
}

/** Whether it needs no look: the dtype's own class in this realm, of elements that are there and may be any. */
export function isOrdinaryArray<D extends DType>(dtype: D, data: object): data is TypedArrayOf[D] {
  return dtype !== 'bool' && Object.getPrototypeOf(data) === CONSTRUCTORS[dtype].prototype && 'length' in data && data.length !== 0;
}

/** Whether the memory of a typed array is still there: it is gone where its buffer was transferred or has shrunk. */
export function isAttached(data: TypedArray): boolean {
  if (data.length > 0) return true;
  try {
    data.indexOf(0);
    return true;
  } catch {
    return false;
  }
}

/** Checks that a number can be stored in an integer or boolean dtype without changing. */
export function checkRepresentable(value: number, dtype: DType, what: string): void {
  if (dtype === 'int32' && (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)) {
    throw new InputError(`${what}: ${String(value)} is no int32 value`);
  }
  if (dtype === 'bool' && value !== 0 && value !== 1) {
    throw new InputError(`${what}: ${String(value)} is no bool value; give true or false`);
  }
}

/** A value as a number of the dtype: a number that the dtype has, or for bool true or false. */
export function checkNumber(value: unknown, dtype: DType, what: string): number {
  if (typeof value === 'boolean' && dtype !== 'bool') throw new DTypeError(`${what}: ${value} is bool, not ${dtype}; give a number`);
  if (typeof value !== 'number' && typeof value !== 'boolean') throw new InputError(`${what}: takes ${dtype === 'bool' ? 'true or false' : 'a number'}, not ${show(value)}`);
  checkRepresentable(Number(value), dtype, what);
  return Number(value);
}
