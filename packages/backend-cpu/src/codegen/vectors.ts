/**
 * How tensors' elements lie in vector registers while a kernel runs, and how they are read and written.
 *
 * A kernel works on 4 lanes at a time, or on 2 if any of its values is float64. With 2 lanes, float32 and int32 use the low
 * half of a register. A bool is a mask of all ones or zeros as wide as a lane: 32 bits with 4 lanes, 64 bits with 2.
 */
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { f32x4, f64x2, i16x8, i32, i32x4, i64x2, i8x16, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { AccessKind, Bounds } from './bounds.js';

export type Vector = Value<'v128'>;
export type VectorLocal = Local<'v128'>;
export type LaneCount = 2 | 4;

/** `base + bytes`, the bytes as an offset of the instruction where they are not negative. */
export interface Address {
  readonly base: Local<'i32'>;
  readonly bytes: number;
  /** What may be reached, in debug builds. */
  readonly bounds: Bounds | undefined;
}

function reach({ base, bytes, bounds }: Address, size: number, kind: AccessKind): [Value<'i32'>, number] {
  if (bounds !== undefined) return [bounds.checked(bytes === 0 ? base : i32.add(base, i32.const(bytes)), size, kind), 0];
  return bytes >= 0 ? [base, bytes] : [i32.add(base, i32.const(bytes)), 0];
}

/** 0 or 1 in each 32-bit or 64-bit lane to a mask. */
function maskOf(bits: Vector, lanes: LaneCount): Vector {
  return lanes === 4 ? i32x4.neg(bits) : i64x2.neg(bits);
}

/** A value of one element in every lane. */
export function loadSplat(dtype: DType, address: Address): Vector {
  const [at, offset] = reach(address, BYTES_PER_ELEMENT[dtype], 'read');
  switch (dtype) {
    case 'float32':
    case 'int32':
      return v128.load32Splat(at, offset);
    case 'float64':
      return v128.load64Splat(at, offset);
    case 'bool':
      return i32x4.splat(i32.sub(i32.const(0), i32.load8U(at, offset)));
  }
}

/**
 * Elements that lie side by side: the first `count` lanes, and no byte behind them. Where the vector is known to end with its tensor,
 * filled up as that is, all of it may be read, though fewer lanes count.
 */
export function loadContiguous(dtype: DType, lanes: LaneCount, address: Address, count: number): Vector {
  if (count < lanes) return loadFirst(dtype, lanes, address, count);
  const [at, offset] = reach(address, lanes * BYTES_PER_ELEMENT[dtype], 'read');
  switch (dtype) {
    case 'float32':
    case 'int32':
      return lanes === 4 ? v128.load(at, offset) : v128.load64Zero(at, offset);
    case 'float64':
      return v128.load(at, offset);
    case 'bool': {
      const bytes = lanes === 4 ? v128.load32Zero(at, offset) : v128.load16Splat(at, offset);
      return maskOfBytes(bytes, lanes);
    }
  }
}

/** 0 or 1 in the lowest bytes to a mask. */
function maskOfBytes(bytes: Vector, lanes: LaneCount): Vector {
  const words = i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes));
  return maskOf(lanes === 4 ? words : i64x2.extendLowI32x4U(words), lanes);
}

/** The first of the elements that lie side by side, fewer than there are lanes: two at once, and one by itself. */
function loadFirst(dtype: DType, lanes: LaneCount, address: Address, count: number): Vector {
  const size = BYTES_PER_ELEMENT[dtype];
  const pair = count >= 2 ? reach(address, 2 * size, 'read') : undefined;
  const [at, offset] = reach(count >= 2 ? { ...address, bytes: address.bytes + 2 * size } : address, size, 'read');
  switch (dtype) {
    case 'float32':
    case 'int32': {
      if (pair === undefined) return v128.load32Zero(at, offset);
      const two = v128.load64Zero(...pair);
      return count === 2 ? two : v128.load32Lane(at, two, 2, offset);
    }
    case 'float64':
      return v128.load64Zero(at, offset);
    case 'bool': {
      if (pair === undefined) return maskOfBytes(v128.load8Splat(at, offset), lanes);
      const two = v128.load16Splat(...pair);
      return maskOfBytes(count === 2 ? two : v128.load8Lane(at, two, 2, offset), lanes);
    }
  }
}

/** Elements `stride` apart. Lanes beyond `valid` repeat the first, so that nothing outside of the tensor is touched. */
export function loadStrided(f: FunctionBuilder, dtype: DType, lanes: LaneCount, address: Address, stride: number, valid: number): VectorLocal {
  const step = stride * BYTES_PER_ELEMENT[dtype];
  return loadScattered(f, dtype, lanes, (lane) => ({ ...address, bytes: address.bytes + lane * step }), valid);
}

/** Elements wherever they are. Lanes beyond `valid` repeat the first. */
export function loadScattered(f: FunctionBuilder, dtype: DType, lanes: LaneCount, address: (lane: number) => Address, valid: number): VectorLocal {
  const result = f.let(loadSplat(dtype, address(0)));
  for (let k = 1; k < Math.min(lanes, valid); k++) {
    const [at, offset] = reach(address(k), BYTES_PER_ELEMENT[dtype], 'read');
    switch (dtype) {
      case 'float32':
      case 'int32':
        f.set(result, v128.load32Lane(at, result, k, offset));
        break;
      case 'float64':
        f.set(result, v128.load64Lane(at, result, k, offset));
        break;
      case 'bool': {
        const mask = i32.sub(i32.const(0), i32.load8U(at, offset));
        const low = i32x4.replaceLane(result, lanes === 4 ? k : 2 * k, mask);
        f.set(result, lanes === 4 ? low : i32x4.replaceLane(low, 2 * k + 1, mask));
        break;
      }
    }
  }
  return result;
}

/** Writes the first `valid` lanes to elements `stride` apart. */
export function storeLanes(f: FunctionBuilder, dtype: DType, lanes: LaneCount, address: Address, stride: number, valid: number, value: VectorLocal): void {
  const packed = dtype === 'bool' ? f.let(maskBytes(value, lanes)) : value;
  if (stride === 1 && valid === lanes) {
    const [at, offset] = reach(address, lanes * BYTES_PER_ELEMENT[dtype], 'write');
    if (dtype === 'bool') f.emit(lanes === 4 ? v128.store32Lane(at, packed, 0, offset) : v128.store16Lane(at, packed, 0, offset));
    else if (lanes === 2 && dtype !== 'float64') f.emit(v128.store64Lane(at, packed, 0, offset));
    else f.emit(v128.store(at, packed, offset));
    return;
  }
  const step = stride * BYTES_PER_ELEMENT[dtype];
  for (let k = 0; k < valid; k++) {
    storeLane(f, dtype, { ...address, bytes: address.bytes + k * step }, packed, k);
  }
}

/** Writes one lane; of bools, one byte of `maskBytes`. */
export function storeLane(f: FunctionBuilder, dtype: DType, address: Address, value: VectorLocal, lane: number): void {
  const [to, bytes] = reach(address, BYTES_PER_ELEMENT[dtype], 'write');
  switch (dtype) {
    case 'float32':
    case 'int32':
      f.emit(v128.store32Lane(to, value, lane, bytes));
      break;
    case 'float64':
      f.emit(v128.store64Lane(to, value, lane, bytes));
      break;
    case 'bool':
      f.emit(v128.store8Lane(to, value, lane, bytes));
      break;
  }
}

/** Masks to bytes of 0 or 1, the lanes side by side from the lowest byte. */
function maskBytes(mask: VectorLocal, lanes: LaneCount): Vector {
  const stride = lanes === 4 ? 4 : 8;
  const order = Array.from({ length: 16 }, (_, k) => (k < lanes ? k * stride : 0));
  return v128.and(i8x16.shuffle(mask, mask, order), i32x4.const(0x01010101));
}

/** A mask of 32-bit lanes (the low two, with 2 lanes) as the kernel's masks are. */
export function widenMask(mask: Vector, lanes: LaneCount): Vector {
  return lanes === 4 ? mask : i64x2.extendLowI32x4S(mask);
}

/** A mask for selecting among values of a dtype. */
export function maskFor(f: FunctionBuilder, mask: VectorLocal, dtype: DType, lanes: LaneCount): VectorLocal {
  if (lanes === 4 || dtype === 'float64' || dtype === 'bool') return mask;
  return f.let(i8x16.shuffle(mask, mask, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]));
}

/** A constant in every lane. */
export function constantVector(value: number, dtype: DType): Vector {
  switch (dtype) {
    case 'float32':
      return f32x4.const(value);
    case 'float64':
      return f64x2.const(value);
    case 'int32':
      return i32x4.const(value);
    case 'bool':
      return i32x4.const(value === 0 ? 0 : -1);
  }
}

/** A mask whose first `valid` lanes are ones. */
export function firstLanes(valid: number | Local<'i32'>, dtype: DType, lanes: LaneCount): Vector {
  const wide = lanes === 2 && (dtype === 'float64' || dtype === 'bool');
  if (typeof valid !== 'number') {
    const narrow = i32x4.gtS(i32x4.splat(valid), i32x4.const(0, 1, 2, 3));
    return wide ? i64x2.extendLowI32x4S(narrow) : narrow;
  }
  const bit = (k: number): number => (k < valid ? -1 : 0);
  return wide ? i64x2.const(BigInt(bit(0)), BigInt(bit(1))) : i32x4.const(bit(0), bit(1), bit(2), bit(3));
}
