/** Values that users give for tensors: numbers, nested arrays, typed arrays with a shape. */
import { brandOf, requireOwn } from '../graph/brand.js';
import { allocate, checkRepresentable, classOfArray, type DType, dtypeOfArray, isAttached, isOrdinaryArray, plainArray, type TypedArray } from '../graph/dtype.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import { formatShape, isList, sizeOf } from '../graph/shape.js';
import { show } from '../arguments/show.js';

/** Numbers or booleans in arrays of equal lengths; typed arrays in them are rows. */
export type NestedArray = number | boolean | readonly (NestedArray | TypedArray)[];

/** A typed array with its shape. */
export interface TensorData {
  /** The elements in row-major order; its class says the dtype. */
  readonly data: TypedArray;
  /** The sizes of the axes; none of a scalar. */
  readonly shape: readonly number[];
}

/** Whether a typed array with its shape is meant. */
export function isTensorData(value: unknown): value is { readonly data: unknown; readonly shape: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'data' in value && 'shape' in value;
}

/** Checks a typed array against a dtype and a shape; it is taken as it is, unless it is of a class or realm of its own. */
export function checkedData(value: { readonly data: unknown; readonly shape: unknown }, dtype: DType, what: string): TensorData {
  const data = checkedArray(value.data, dtype, what);
  const sizes: unknown = value.shape;
  if (!isArray(sizes)) throw new ShapeError(`${what}: a shape is an array of sizes, such as [2, 3], not ${show(sizes)}`);
  const shape: number[] = [];
  for (const size of sizes) {
    if (!isSize(size)) throw new ShapeError(`${what}: [${[...sizes.slice(0, 8)].map(show).join(', ')}] is no shape; its sizes must be whole numbers of at least 0`);
    shape.push(size);
  }
  if (data.length !== sizeOf(shape)) {
    throw new InputError(
      `${what}: ${data.length} elements do not fill the shape ${formatShape(shape)}, which has ${sizeOf(shape)}`,
    );
  }
  return { data, shape };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/**
 * A typed array of the dtype, of its plain class: the one given, if it is that. Of bool a copy.
 *
 * @throws {DTypeError} if it is of another dtype
 * @throws {InputError} if it is no typed array, or its memory is gone
 */
export function checkedArray(data: unknown, dtype: DType, what: string): TypedArray {
  if (typeof data === 'object' && data !== null && isOrdinaryArray(dtype, data)) return data;
  if (!isArrayOf(dtype, data)) throw wrongArray(data, dtype, what);
  return attached(data, dtype, what);
}

function attached(data: TypedArray, dtype: DType, what: string): TypedArray {
  if (!isAttached(data)) {
    throw new InputError(`${what}: the memory of the ${arrayName(dtype)} is gone: its buffer was transferred or has shrunk; give a copy, made before with .slice()`);
  }
  return plainArray(dtype, data);
}

function isArrayOf(dtype: DType, data: unknown): data is TypedArray {
  return dtypeOfArray(data) === dtype;
}

function wrongArray(data: unknown, dtype: DType, what: string): DTypeError | InputError {
  const given = classOfArray(data);
  const takes = `${what}: takes a ${arrayName(dtype)} (${dtype}), not`;
  if (given === undefined) return new InputError(`${takes} ${show(data)}`);
  const convert = given.startsWith('Big') ? 'values, Number' : 'values';
  return new DTypeError(`${takes} a ${given}; convert it with ${arrayName(dtype)}.from(${convert})`);
}

function arrayName(dtype: DType): string {
  return allocate(dtype, 0).constructor.name;
}

/** More than any tensor has, and few enough that an array inside of itself is noticed. */
const MAX_DEPTH = 64;

/** Nested arrays of numbers as a typed array with its shape. */
export function fromNested(value: unknown, dtype: DType, what: string): TensorData {
  const shape = shapeOfNested(value, dtype, what);
  const data = allocate(dtype, sizeOf(shape));
  let next = 0;
  const fill = (part: unknown, depth: number): void => {
    if (isArray(part)) {
      const { length } = part;
      if (length !== shape[depth]) throw raggedError(what);
      for (let k = 0; k < length; k++) fill(part[k], depth + 1);
    } else if (typeof part === 'number' || typeof part === 'boolean') {
      if (depth !== shape.length) throw raggedError(what);
      const number = Number(part);
      checkRepresentable(number, dtype, what);
      data[next++] = number;
    } else if (classOfArray(part) !== undefined) {
      const row = checkedArray(part, dtype, what);
      if (depth !== shape.length - 1 || row.length !== shape[depth]) throw raggedError(what);
      data.set(row, next);
      next += row.length;
    } else {
      throw noElement(part, next, shape, what);
    }
  };
  fill(value, 0);
  return { data, shape };
}

/** The lengths of the first array of each level. */
function shapeOfNested(value: unknown, dtype: DType, what: string): number[] {
  const shape: number[] = [];
  let level = value;
  for (; isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > MAX_DEPTH) throw new ShapeError(`${what}: arrays are nested more than ${MAX_DEPTH} deep, or one is inside of itself`);
  }
  if (classOfArray(level) !== undefined) shape.push(checkedArray(level, dtype, what).length);
  return shape;
}

/** The first number, boolean or typed array of nested arrays; undefined if there is none. */
export function firstLeaf(value: unknown): unknown {
  let leaf = value;
  for (let depth = 0; isArray(leaf) && depth <= MAX_DEPTH; depth++) leaf = leaf[0];
  return leaf;
}

/** The error of a value that is no tensor at all, or of an element that is no number. */
function noElement(value: unknown, flat: number, shape: readonly number[], what: string): InputError {
  requireOwn(value, what);
  const where = shape.length === 0 ? 'takes numbers, nested arrays of them or typed arrays, not' : `the element ${formatIndex(flat, shape)} is`;
  return new InputError(`${what}: ${where} ${show(value)}${adviceFor(value, shape.length === 0)}`);
}

function adviceFor(value: unknown, isWhole: boolean): string {
  if (typeof value === 'bigint') return '; convert it with Number(value)';
  if (typeof value === 'string') return '; convert it with Number(text)';
  if (isThenable(value)) return '; await it first';
  if (brandOf(value)?.kind === 'output') return isWhole ? '; read() it first' : '; give an output by itself, or read() it first';
  if (brandOf(value)?.kind === 'expression') return '; an expression has a value only in a step: evaluate(expression) or an output of a step gives it';
  if (value instanceof ArrayBuffer) return '; give a typed array over it, such as new Float32Array(buffer)';
  return isWhole ? '' : '; give numbers or booleans';
}

/** Whether it is a promise, or something like it. */
export function isThenable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return 'then' in value && typeof value.then === 'function';
  } catch {
    return false;
  }
}

function formatIndex(flat: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    index.unshift(size === 0 ? 0 : rest % size);
    rest = size === 0 ? 0 : Math.floor(rest / size);
  }
  return `[${index.join(', ')}]`;
}

const isArray = isList;

function raggedError(what: string): ShapeError {
  return new ShapeError(`${what}: the nested arrays are not of equal lengths`);
}
