/** Values that users give for tensors: numbers, nested arrays, typed arrays with a shape. */
import { allocate, checkRepresentable, type DType, dtypeOfArray, type TypedArray } from './dtype.js';
import { DTypeError, InputError, ShapeError } from './errors.js';
import { formatShape, sizeOf } from './shape.js';
import { show } from './show.js';

/** A deeper value is no tensor that anybody means. */
const DEEPEST = 32;

export type NestedArray = number | boolean | readonly NestedArray[];

/** A typed array with its shape. */
export interface TensorData {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

export function isTensorData(value: object): value is TensorData {
  return 'data' in value && 'shape' in value && dtypeOfArray(value.data) !== undefined && Array.isArray(value.shape);
}

/** Checks a typed array against a dtype and a shape; it is taken as it is. */
export function checkedData(value: TensorData, dtype: DType, what: string): TensorData {
  checkArray(value.data, dtype, what);
  if (!value.shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(`${what}: ${formatShape(value.shape)} is no shape; its sizes must be whole numbers of at least 0`);
  }
  if (value.data.length !== sizeOf(value.shape)) {
    throw new InputError(
      `${what}: ${value.data.length} elements do not fill the shape ${formatShape(value.shape)}, which has ${sizeOf(value.shape)}`,
    );
  }
  return value;
}

export function checkArray(data: TypedArray, dtype: DType, what: string): void {
  const given = dtypeOfArray(data);
  if (given !== dtype) {
    throw new DTypeError(`${what}: takes a ${arrayName(dtype)} (${dtype}), not a ${data.constructor.name}; convert it with ${arrayName(dtype)}.from(values)`);
  }
}

function arrayName(dtype: DType): string {
  return allocate(dtype, 0).constructor.name;
}

/** Nested arrays of numbers as a typed array with its shape. */
export function fromNested(value: NestedArray, dtype: DType, what: string): TensorData {
  const shape: number[] = [];
  for (let level: NestedArray | undefined = value; isArray(level); level = level[0]) {
    if (shape.push(level.length) > DEEPEST) throw new ShapeError(`${what}: the arrays are nested more than ${DEEPEST} deep, or contain themselves`);
  }
  const data = allocate(dtype, sizeOf(shape));
  let next = 0;
  const fill = (part: NestedArray, depth: number): void => {
    if (isArray(part)) {
      if (part.length !== shape[depth]) throw raggedError(what);
      for (const inner of part) fill(inner, depth + 1);
    } else if (depth !== shape.length) {
      throw raggedError(what);
    } else {
      // JavaScript's Number makes 0 of null, 7 of '7'.
      if (typeof part !== 'number' && typeof part !== 'boolean') throw new InputError(`${what}: an element is ${show(part)}; give numbers, true or false`);
      const number = Number(part);
      checkRepresentable(number, dtype, what);
      data[next++] = number;
    }
  };
  fill(value, 0);
  return { data, shape };
}

function isArray(value: NestedArray | undefined): value is readonly NestedArray[] {
  return Array.isArray(value);
}

function raggedError(what: string): ShapeError {
  return new ShapeError(`${what}: the nested arrays are not of equal lengths`);
}
