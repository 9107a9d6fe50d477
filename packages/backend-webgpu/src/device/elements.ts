/** Between typed arrays and what lies in device memory: the same bytes, but for bool, which takes a word, and float64, which is float32 there. */
import { type DType, type TypedArray } from '@pappus/core';
import { allocate } from '@pappus/core/backend';
import { itemAt } from '@pappus/compiler';

export type Words = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** The elements as they are uploaded. */
export function toWords(values: TypedArray): Words {
  if (values instanceof Float32Array && isPlain(values)) return values;
  if (values instanceof Int32Array && isPlain(values)) return values;
  return values instanceof Float32Array || values instanceof Float64Array ? Float32Array.from(values) : Int32Array.from(values);
}

/** Not over shared memory, which an upload does not take. */
function isPlain<T extends Float32Array | Int32Array>(values: T): values is T & Words {
  return values.buffer instanceof ArrayBuffer;
}

export function fromWords(dtype: DType, bytes: ArrayBuffer): TypedArray {
  if (dtype === 'float32') return new Float32Array(bytes);
  if (dtype === 'int32') return new Int32Array(bytes);
  return Uint8Array.from(new Uint32Array(bytes));
}

/** A number as a value of a dtype is. */
export function rounded(dtype: DType, value: number): number {
  return itemAt(scalarArray(dtype, value), 0, 'element');
}

export function scalarArray(dtype: DType, value: number): TypedArray {
  const array: TypedArray = allocate(dtype, 1);
  array.fill(value);
  return array;
}
