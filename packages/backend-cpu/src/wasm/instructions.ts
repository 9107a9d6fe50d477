/**
 * WebAssembly instructions as typed trees: `f32x4.add(a, b)` is a value that a function body can emit.
 * One table row an instruction; opcodes from the core specification 2.0, SIMD and relaxed SIMD included.
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

type I32 = Value<'i32'>;
type V128 = Value<'v128'>;

const SIMD_PREFIX = 0xfd;
/** Opcodes of the vector instructions are written as `SIMD + n`. */
const SIMD = 0x10000;

function opcode(out: ByteSink, code: number): void {
  if (code >= SIMD) {
    out.byte(SIMD_PREFIX);
    out.unsigned(code - SIMD);
  } else {
    out.byte(code);
  }
}

const unary =
  <A extends ValueType, R extends ValueType>(code: number, result: R) =>
  (a: Value<A>): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      opcode(out, code);
    },
  });

const binary =
  <A extends ValueType, R extends ValueType, B extends ValueType = A>(code: number, result: R) =>
  (a: Value<A>, b: Value<B>): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, code);
    },
  });

const ternary =
  (code: number) =>
  (a: V128, b: V128, c: V128): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      c.emit(out);
      opcode(out, code);
    },
  });

/** A load: alignment is a hint, and the natural one of the elements is always true here. */
const load =
  <R extends ValueType>(code: number, alignment: number, result: R) =>
  (address: I32, offset = 0): Value<R> => ({
    type: result,
    emit: (out) => {
      address.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
    },
  });

const store =
  <A extends ValueType>(code: number, alignment: number) =>
  (address: I32, value: Value<A>, offset = 0): Statement => ({
    emit: (out) => {
      address.emit(out);
      value.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
    },
  });

const loadLane =
  (code: number, alignment: number) =>
  (address: I32, vector: V128, lane: number, offset = 0): V128 => ({
    type: 'v128',
    emit: (out) => {
      address.emit(out);
      vector.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
      out.byte(lane);
    },
  });

const storeLane =
  (code: number, alignment: number) =>
  (address: I32, vector: V128, lane: number, offset = 0): Statement => ({
    emit: (out) => {
      address.emit(out);
      vector.emit(out);
      opcode(out, code);
      out.unsigned(alignment);
      out.unsigned(offset);
      out.byte(lane);
    },
  });

const extractLane =
  <R extends ValueType>(code: number, result: R) =>
  (a: V128, lane: number): Value<R> => ({
    type: result,
    emit: (out) => {
      a.emit(out);
      opcode(out, code);
      out.byte(lane);
    },
  });

const replaceLane =
  <B extends ValueType>(code: number) =>
  (a: V128, lane: number, b: Value<B>): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, code);
      out.byte(lane);
    },
  });

/** `condition ? a : b`; both are evaluated. */
export function select<T extends 'i32' | 'i64' | 'f32' | 'f64'>(condition: I32, a: Value<T>, b: Value<T>): Value<T> {
  return {
    type: a.type,
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      condition.emit(out);
      opcode(out, 0x1b);
    },
  };
}

export const i32 = {
  const: (value: number): I32 => ({
    type: 'i32',
    emit: (out) => {
      opcode(out, 0x41);
      out.signed(value);
    },
  }),
  load: load(0x28, 2, 'i32'),
  load8U: load(0x2d, 0, 'i32'),
  store: store<'i32'>(0x36, 2),
  store8: store<'i32'>(0x3a, 0),
  eqz: unary<'i32', 'i32'>(0x45, 'i32'),
  eq: binary<'i32', 'i32'>(0x46, 'i32'),
  ne: binary<'i32', 'i32'>(0x47, 'i32'),
  ltS: binary<'i32', 'i32'>(0x48, 'i32'),
  ltU: binary<'i32', 'i32'>(0x49, 'i32'),
  gtS: binary<'i32', 'i32'>(0x4a, 'i32'),
  gtU: binary<'i32', 'i32'>(0x4b, 'i32'),
  leS: binary<'i32', 'i32'>(0x4c, 'i32'),
  leU: binary<'i32', 'i32'>(0x4d, 'i32'),
  geS: binary<'i32', 'i32'>(0x4e, 'i32'),
  geU: binary<'i32', 'i32'>(0x4f, 'i32'),
  add: binary<'i32', 'i32'>(0x6a, 'i32'),
  sub: binary<'i32', 'i32'>(0x6b, 'i32'),
  mul: binary<'i32', 'i32'>(0x6c, 'i32'),
  divS: binary<'i32', 'i32'>(0x6d, 'i32'),
  divU: binary<'i32', 'i32'>(0x6e, 'i32'),
  remS: binary<'i32', 'i32'>(0x6f, 'i32'),
  remU: binary<'i32', 'i32'>(0x70, 'i32'),
  and: binary<'i32', 'i32'>(0x71, 'i32'),
  or: binary<'i32', 'i32'>(0x72, 'i32'),
  xor: binary<'i32', 'i32'>(0x73, 'i32'),
  shl: binary<'i32', 'i32'>(0x74, 'i32'),
  shrS: binary<'i32', 'i32'>(0x75, 'i32'),
  shrU: binary<'i32', 'i32'>(0x76, 'i32'),
  wrapI64: unary<'i64', 'i32'>(0xa7, 'i32'),
  reinterpretF32: unary<'f32', 'i32'>(0xbc, 'i32'),
} as const;

export const i64 = {
  const: (value: bigint): Value<'i64'> => ({
    type: 'i64',
    emit: (out) => {
      opcode(out, 0x42);
      out.signed64(value);
    },
  }),
  load: load(0x29, 3, 'i64'),
  store: store<'i64'>(0x37, 3),
  ltU: binary<'i64', 'i32'>(0x54, 'i32'),
  add: binary<'i64', 'i64'>(0x7c, 'i64'),
  sub: binary<'i64', 'i64'>(0x7d, 'i64'),
  mul: binary<'i64', 'i64'>(0x7e, 'i64'),
  and: binary<'i64', 'i64'>(0x83, 'i64'),
  or: binary<'i64', 'i64'>(0x84, 'i64'),
  xor: binary<'i64', 'i64'>(0x85, 'i64'),
  shl: binary<'i64', 'i64'>(0x86, 'i64'),
  shrS: binary<'i64', 'i64'>(0x87, 'i64'),
  shrU: binary<'i64', 'i64'>(0x88, 'i64'),
  extendI32U: unary<'i32', 'i64'>(0xad, 'i64'),
  reinterpretF64: unary<'f64', 'i64'>(0xbd, 'i64'),
} as const;

export const f32 = {
  const: (value: number): Value<'f32'> => ({
    type: 'f32',
    emit: (out) => {
      opcode(out, 0x43);
      out.float32(value);
    },
  }),
  load: load(0x2a, 2, 'f32'),
  store: store<'f32'>(0x38, 2),
  add: binary<'f32', 'f32'>(0x92, 'f32'),
  mul: binary<'f32', 'f32'>(0x94, 'f32'),
  min: binary<'f32', 'f32'>(0x96, 'f32'),
  max: binary<'f32', 'f32'>(0x97, 'f32'),
  demoteF64: unary<'f64', 'f32'>(0xb6, 'f32'),
} as const;

export const f64 = {
  const: (value: number): Value<'f64'> => ({
    type: 'f64',
    emit: (out) => {
      opcode(out, 0x44);
      out.float64(value);
    },
  }),
  load: load(0x2b, 3, 'f64'),
  store: store<'f64'>(0x39, 3),
  abs: unary<'f64', 'f64'>(0x99, 'f64'),
  add: binary<'f64', 'f64'>(0xa0, 'f64'),
  sub: binary<'f64', 'f64'>(0xa1, 'f64'),
  mul: binary<'f64', 'f64'>(0xa2, 'f64'),
  div: binary<'f64', 'f64'>(0xa3, 'f64'),
  min: binary<'f64', 'f64'>(0xa4, 'f64'),
  max: binary<'f64', 'f64'>(0xa5, 'f64'),
  convertI64S: unary<'i64', 'f64'>(0xb9, 'f64'),
  promoteF32: unary<'f32', 'f64'>(0xbb, 'f64'),
} as const;

const vectorUnary = (code: number) => unary<'v128', 'v128'>(SIMD + code, 'v128');
const vectorBinary = (code: number) => binary<'v128', 'v128'>(SIMD + code, 'v128');
const shift = (code: number) => binary<'v128', 'v128', 'i32'>(SIMD + code, 'v128');
const constant = (bytes: Uint8Array): V128 => ({
  type: 'v128',
  emit: (out) => {
    opcode(out, SIMD + 12);
    out.raw(bytes);
  },
});

export const v128 = {
  load: load(SIMD + 0, 4, 'v128'),
  load8x8S: load(SIMD + 1, 3, 'v128'),
  load8x8U: load(SIMD + 2, 3, 'v128'),
  load16x4S: load(SIMD + 3, 3, 'v128'),
  load16x4U: load(SIMD + 4, 3, 'v128'),
  load32x2S: load(SIMD + 5, 3, 'v128'),
  load32x2U: load(SIMD + 6, 3, 'v128'),
  load8Splat: load(SIMD + 7, 0, 'v128'),
  load16Splat: load(SIMD + 8, 1, 'v128'),
  load32Splat: load(SIMD + 9, 2, 'v128'),
  load64Splat: load(SIMD + 10, 3, 'v128'),
  store: store<'v128'>(SIMD + 11, 4),
  load8Lane: loadLane(SIMD + 84, 0),
  load16Lane: loadLane(SIMD + 85, 1),
  load32Lane: loadLane(SIMD + 86, 2),
  load64Lane: loadLane(SIMD + 87, 3),
  store8Lane: storeLane(SIMD + 88, 0),
  store16Lane: storeLane(SIMD + 89, 1),
  store32Lane: storeLane(SIMD + 90, 2),
  store64Lane: storeLane(SIMD + 91, 3),
  load32Zero: load(SIMD + 92, 2, 'v128'),
  load64Zero: load(SIMD + 93, 3, 'v128'),
  not: vectorUnary(77),
  and: vectorBinary(78),
  /** `a & ~b` */
  andnot: vectorBinary(79),
  or: vectorBinary(80),
  xor: vectorBinary(81),
  /** `bitselect(a, b, mask)`: bits of a where the mask is 1, of b where it is 0. */
  bitselect: ternary(SIMD + 82),
  anyTrue: unary<'v128', 'i32'>(SIMD + 83, 'i32'),
} as const;

export const i8x16 = {
  const: (values: readonly number[]): V128 => constant(new Uint8Array(values)),
  /** Bytes of a (0 to 15) and b (16 to 31) by constant index. */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, SIMD + 13);
      out.raw(lanes);
    },
  }),
  swizzle: vectorBinary(14),
  splat: unary<'i32', 'v128'>(SIMD + 15, 'v128'),
  bitmask: unary<'v128', 'i32'>(SIMD + 100, 'i32'),
  add: vectorBinary(110),
  sub: vectorBinary(113),
  /** 16 lanes of two i16x8 narrowed with signed saturation. */
  narrowI16x8S: vectorBinary(101),
} as const;

export const i16x8 = {
  splat: unary<'i32', 'v128'>(SIMD + 16, 'v128'),
  /** 8 lanes of two i32x4 narrowed with signed saturation. */
  narrowI32x4S: vectorBinary(133),
  extendLowI8x16S: vectorUnary(135),
  extendLowI8x16U: vectorUnary(137),
} as const;

export const i32x4 = {
  const: (a: number, b = a, c = a, d = b): V128 => constant(new Uint8Array(new Int32Array([a, b, c, d]).buffer)),
  splat: unary<'i32', 'v128'>(SIMD + 17, 'v128'),
  extractLane: extractLane(SIMD + 27, 'i32'),
  replaceLane: replaceLane<'i32'>(SIMD + 28),
  eq: vectorBinary(55),
  ne: vectorBinary(56),
  ltS: vectorBinary(57),
  ltU: vectorBinary(58),
  gtS: vectorBinary(59),
  gtU: vectorBinary(60),
  leS: vectorBinary(61),
  leU: vectorBinary(62),
  geS: vectorBinary(63),
  geU: vectorBinary(64),
  abs: vectorUnary(160),
  neg: vectorUnary(161),
  allTrue: unary<'v128', 'i32'>(SIMD + 163, 'i32'),
  bitmask: unary<'v128', 'i32'>(SIMD + 164, 'i32'),
  extendLowI16x8S: vectorUnary(167),
  extendHighI16x8S: vectorUnary(168),
  extendLowI16x8U: vectorUnary(169),
  extendHighI16x8U: vectorUnary(170),
  shl: shift(171),
  shrS: shift(172),
  shrU: shift(173),
  add: vectorBinary(174),
  sub: vectorBinary(177),
  mul: vectorBinary(181),
  minS: vectorBinary(182),
  minU: vectorBinary(183),
  maxS: vectorBinary(184),
  maxU: vectorBinary(185),
  truncSatF32x4S: vectorUnary(248),
  truncSatF32x4U: vectorUnary(249),
  /** Two f64 lanes to the low two i32 lanes, saturating; the high two are 0. */
  truncSatF64x2SZero: vectorUnary(252),
  truncSatF64x2UZero: vectorUnary(253),
} as const;

export const i64x2 = {
  const: (a: bigint, b = a): V128 => constant(new Uint8Array(new BigInt64Array([a, b]).buffer)),
  splat: unary<'i64', 'v128'>(SIMD + 18, 'v128'),
  extractLane: extractLane(SIMD + 29, 'i64'),
  replaceLane: replaceLane<'i64'>(SIMD + 30),
  abs: vectorUnary(192),
  neg: vectorUnary(193),
  extendLowI32x4S: vectorUnary(199),
  extendHighI32x4S: vectorUnary(200),
  extendLowI32x4U: vectorUnary(201),
  extendHighI32x4U: vectorUnary(202),
  shl: shift(203),
  shrS: shift(204),
  shrU: shift(205),
  add: vectorBinary(206),
  sub: vectorBinary(209),
  mul: vectorBinary(213),
  eq: vectorBinary(214),
  ne: vectorBinary(215),
  ltS: vectorBinary(216),
  gtS: vectorBinary(217),
  leS: vectorBinary(218),
  geS: vectorBinary(219),
  extmulLowI32x4U: vectorBinary(222),
  extmulHighI32x4U: vectorBinary(223),
} as const;

export const f32x4 = {
  const: (a: number, b = a, c = a, d = b): V128 => constant(new Uint8Array(new Float32Array([a, b, c, d]).buffer)),
  splat: unary<'f32', 'v128'>(SIMD + 19, 'v128'),
  extractLane: extractLane(SIMD + 31, 'f32'),
  replaceLane: replaceLane<'f32'>(SIMD + 32),
  eq: vectorBinary(65),
  ne: vectorBinary(66),
  lt: vectorBinary(67),
  gt: vectorBinary(68),
  le: vectorBinary(69),
  ge: vectorBinary(70),
  /** The two f64 lanes to the low two f32 lanes; the high two are 0. */
  demoteF64x2Zero: vectorUnary(94),
  ceil: vectorUnary(103),
  floor: vectorUnary(104),
  trunc: vectorUnary(105),
  nearest: vectorUnary(106),
  abs: vectorUnary(224),
  neg: vectorUnary(225),
  sqrt: vectorUnary(227),
  add: vectorBinary(228),
  sub: vectorBinary(229),
  mul: vectorBinary(230),
  div: vectorBinary(231),
  /** NaN if either is NaN; -0 is less than 0. */
  min: vectorBinary(232),
  max: vectorBinary(233),
  /** `b < a ? b : a` */
  pmin: vectorBinary(234),
  /** `a < b ? b : a` */
  pmax: vectorBinary(235),
  convertI32x4S: vectorUnary(250),
  convertI32x4U: vectorUnary(251),
  /** `a * b + c`, rounded once or twice as the engine likes. */
  relaxedMadd: ternary(SIMD + 0x105),
  /** `-(a * b) + c` */
  relaxedNmadd: ternary(SIMD + 0x106),
} as const;

export const f64x2 = {
  const: (a: number, b = a): V128 => constant(new Uint8Array(new Float64Array([a, b]).buffer)),
  splat: unary<'f64', 'v128'>(SIMD + 20, 'v128'),
  extractLane: extractLane(SIMD + 33, 'f64'),
  replaceLane: replaceLane<'f64'>(SIMD + 34),
  eq: vectorBinary(71),
  ne: vectorBinary(72),
  lt: vectorBinary(73),
  gt: vectorBinary(74),
  le: vectorBinary(75),
  ge: vectorBinary(76),
  promoteLowF32x4: vectorUnary(95),
  ceil: vectorUnary(116),
  floor: vectorUnary(117),
  trunc: vectorUnary(122),
  nearest: vectorUnary(148),
  abs: vectorUnary(236),
  neg: vectorUnary(237),
  sqrt: vectorUnary(239),
  add: vectorBinary(240),
  sub: vectorBinary(241),
  mul: vectorBinary(242),
  div: vectorBinary(243),
  min: vectorBinary(244),
  max: vectorBinary(245),
  pmin: vectorBinary(246),
  pmax: vectorBinary(247),
  convertLowI32x4S: vectorUnary(254),
  convertLowI32x4U: vectorUnary(255),
  relaxedMadd: ternary(SIMD + 0x107),
  relaxedNmadd: ternary(SIMD + 0x108),
} as const;
