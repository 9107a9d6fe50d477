/**
 * WebAssembly instructions as typed trees, and the forms that they have: operands, immediates, what they leave on the stack.
 *
 * A tree is emitted where it is used: to use a value twice, name it with `FunctionBuilder.let`.
 */
import type { ByteSink } from './encoding.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** An instruction tree that leaves one value of type `T` on the stack. */
export interface Value<T extends ValueType = ValueType> {
  readonly type: T;
  readonly emit: (out: ByteSink) => void;
}

/** An instruction tree that leaves nothing on the stack. */
export interface Statement {
  readonly emit: (out: ByteSink) => void;
}

export type I32 = Value<'i32'>;
export type V128 = Value<'v128'>;

export const SIMD_PREFIX = 0xfd;
/** Opcodes of the vector instructions are written as `SIMD + n`. */
export const SIMD = 0x10000;

export function opcode(out: ByteSink, code: number): void {
  if (code >= SIMD) {
    out.byte(SIMD_PREFIX);
    out.unsigned(code - SIMD);
  } else {
    out.byte(code);
  }
}

/** What follows an opcode: nothing, the alignment and offset of an address, a lane, both, a number, 16 bytes. */
export type Immediates = 'none' | 'address' | 'lane' | 'address lane' | 'i32' | 'i64' | 'f32' | 'f64' | 'bytes';

/** What the table of instructions says of one beside how to emit it: a disassembler reads the same table. */
export interface Encoding {
  readonly code: number;
  readonly immediates: Immediates;
}

/** A row of the table of instructions. */
export function instruction<F extends object>(code: number, immediates: Immediates, emit: F): F & Encoding {
  return Object.assign(emit, { code, immediates });
}

export const unary = <A extends ValueType, R extends ValueType>(code: number, result: R) =>
  instruction(code, 'none', (a: Value<A>): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      opcode(out, code);
    },
  }));

export const binary = <A extends ValueType, R extends ValueType, B extends ValueType = A>(code: number, result: R) =>
  instruction(code, 'none', (a: Value<A>, b: Value<B>): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, code);
    },
  }));

export const ternary = (code: number) =>
  instruction(code, 'none', (a: V128, b: V128, c: V128): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      c.emit(out);
      opcode(out, code);
    },
  }));

/** A load: alignment is a hint, and the natural one of the elements is always true here. */
export const load = <R extends ValueType>(code: number, alignment: number, result: R) =>
  instruction(code, 'address', (address: I32, offset = 0): Value<R> => ({
    type: result,
    emit: (out) => {
      address.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
    },
  }));

export const store = <A extends ValueType>(code: number, alignment: number) =>
  instruction(code, 'address', (address: I32, value: Value<A>, offset = 0): Statement => ({
    emit: (out) => {
      address.emit(out);
      value.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
    },
  }));

export const loadLane = (code: number, alignment: number) =>
  instruction(code, 'address lane', (address: I32, vector: V128, lane: number, offset = 0): V128 => ({
    type: 'v128',
    emit: (out) => {
      address.emit(out);
      vector.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
      out.byte(lane);
    },
  }));

export const storeLane = (code: number, alignment: number) =>
  instruction(code, 'address lane', (address: I32, vector: V128, lane: number, offset = 0): Statement => ({
    emit: (out) => {
      address.emit(out);
      vector.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
      out.byte(lane);
    },
  }));

export const extractLane = <R extends ValueType>(code: number, result: R) =>
  instruction(code, 'lane', (a: V128, lane: number): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      opcode(out, code);
      out.byte(lane);
    },
  }));

export const replaceLane = <B extends ValueType>(code: number) =>
  instruction(code, 'lane', (a: V128, lane: number, b: Value<B>): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, code);
      out.byte(lane);
    },
  }));
