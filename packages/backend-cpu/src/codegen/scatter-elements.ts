/**
 * Scatter kernels that add single elements and no rows: one after the other, and what rounding loses of floats is kept beside each
 * element in scratch memory (Kahan's sum, its error by Knuth) and added with the next, so that the error does not grow with how many fall on one element. Of
 * the scratch memory only what indices name is touched, unless there are no more elements than additions.
 */
import { codeOf, type ScatterKernel } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, type DType, sizeOf } from '@pappus/core';
import { f32, f64, i32, select, type Statement, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { Environment } from './body-emitter.js';
import { addressOf, flat } from './flat-values.js';

interface Layout {
  readonly keys: number;
  readonly values: number;
  readonly bytes: number;
}

function layOut({ count, extents, body }: ScatterKernel): Layout {
  const room = (bytes: number): number => Math.ceil(bytes / 64 + 1) * 64;
  const positions = sizeOf(extents);
  const size = BYTES_PER_ELEMENT[dtypeOf(body)];
  const keys = room(count * size);
  const values = keys + room(positions * 4);
  return { keys, values, bytes: values + room(positions * size) };
}

export function elementsScratchBytes(kernel: ScatterKernel): number {
  return layOut(kernel).bytes;
}

export function dtypeOf(body: ScatterKernel['body']): DType {
  return body.stores[0]?.access.buffer.dtype ?? 'float32';
}

export function emitElements(environment: Environment, kernel: ScatterKernel, scratch: Local<'i32'>): void {
  const { f, base } = environment;
  const { extents, body, count } = kernel;
  const layout = layOut(kernel);
  const dtype = dtypeOf(body);
  const size = BYTES_PER_ELEMENT[dtype];
  const positions = sizeOf(extents);
  const at = (bytes: number): Local<'i32'> => f.let(i32.add(scratch, i32.const(bytes)));
  const keys = flat(environment, codeOf(body, kernel.index), extents, 'int32', at(layout.keys));
  const values = flat(environment, codeOf(body, body.stores[0]?.value ?? 0), extents, dtype, at(layout.values));
  const position = f.local('i32');
  const forEachPosition = (each: (key: Local<'i32'>) => void): void => {
    f.set(position, i32.const(0));
    f.whileLess(position, i32.const(positions), 1, () => {
      const key = f.let(i32.load(addressOf(keys, position, 4)));
      f.if(i32.ltU(key, i32.const(count | 0)), () => each(key));
    });
  };
  const forEachKey = (each: (key: Local<'i32'>) => void): void => {
    if (count > positions) return forEachPosition(each);
    const key = f.local('i32');
    f.set(key, i32.const(0));
    f.whileLess(key, i32.const(count), 1, () => each(key));
  };
  const [target, ...others] = body.stores.map(({ access: { buffer, offset } }) => {
    const start = f.let(i32.add(base(buffer), i32.const(offset * size)));
    const bounds = environment.bounds?.(buffer);
    /** The address of an element of this tensor. */
    return (key: Value<'i32'>): Local<'i32'> => {
      const address = addressOf(start, key, kernel.stride * size);
      return f.let(bounds === undefined ? address : bounds.checked(address, size, 'write'));
    };
  });
  if (target === undefined) return;
  const lost = (key: Value<'i32'>): Local<'i32'> => f.let(addressOf(scratch, key, size));
  const emit = (statements: readonly Statement[]): void => {
    for (const statement of statements) f.emit(statement);
  };
  const number = dtype === 'float32' ? SINGLE : DOUBLE;
  if (dtype === 'int32' || dtype === 'bool') {
    forEachPosition((key) => {
      const to = target(key);
      f.emit(i32.store(to, i32.add(i32.load(to), i32.load(addressOf(values, position, size)))));
    });
  } else {
    forEachKey((key) => f.emit(number.clear(lost(key))));
    forEachPosition((key) => emit(number.add(f, target(key), lost(key), addressOf(values, position, size))));
    forEachKey((key) => emit(number.finish(f, target(key), lost(key))));
  }
  // All of them were 0 before.
  for (const other of others) forEachKey((key) => f.emit(number.copy(other(key), target(key))));
}

interface FloatCode {
  readonly clear: (lost: Local<'i32'>) => Statement;
  readonly add: (f: FunctionBuilder, target: Local<'i32'>, lost: Local<'i32'>, value: Value<'i32'>) => readonly Statement[];
  /** Adds what was lost, which is none then: an index may come again. */
  readonly finish: (f: FunctionBuilder, target: Local<'i32'>, lost: Local<'i32'>) => readonly Statement[];
  readonly copy: (to: Local<'i32'>, from: Local<'i32'>) => Statement;
}

function codeOfFloats<T extends 'f32' | 'f64'>(n: Numbers<T>): FloatCode {
  const clear = (lost: Local<'i32'>): Statement => n.store(lost, n.const(0));
  return {
    clear,
    add: (f, target, lost, value) => {
      // What was lost before is added with the value: it stays as small as one rounding error.
      const added = f.let(n.add(n.load(value), n.load(lost)));
      const before = f.let(n.load(target));
      const after = f.let(n.add(before, added));
      const part = f.let(n.sub(after, before));
      const rest = f.let(n.add(n.sub(before, n.sub(after, part)), n.sub(added, part)));
      // What is infinite has no rounding error, and its computation none but NaN.
      const finite = n.eq(n.sub(rest, rest), n.const(0));
      return [n.store(lost, select(finite, rest, n.const(0))), n.store(target, after)];
    },
    finish: (_, target, lost) => [n.store(target, n.add(n.load(target), n.load(lost))), clear(lost)],
    copy: (to, from) => n.store(to, n.load(from)),
  };
}

interface Numbers<T extends 'f32' | 'f64'> {
  readonly const: (value: number) => Value<T>;
  readonly load: (address: Value<'i32'>) => Value<T>;
  readonly store: (address: Value<'i32'>, value: Value<T>) => Statement;
  readonly add: (a: Value<T>, b: Value<T>) => Value<T>;
  readonly sub: (a: Value<T>, b: Value<T>) => Value<T>;
  readonly eq: (a: Value<T>, b: Value<T>) => Value<'i32'>;
}

const SINGLE = codeOfFloats<'f32'>(f32);
const DOUBLE = codeOfFloats<'f64'>(f64);
