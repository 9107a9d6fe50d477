/** Vector instructions, a table row each; opcodes from the core specification 2.0, and relaxed SIMD. */
import { binary, extractLane, instruction, load, loadLane, opcode, replaceLane, SIMD, store, storeLane, ternary, unary, type V128 } from './instruction.js';

const vectorUnary = (code: number) => unary<'v128', 'v128'>(SIMD + code, 'v128');
const vectorBinary = (code: number) => binary<'v128', 'v128'>(SIMD + code, 'v128');
const shift = (code: number) => binary<'v128', 'v128', 'i32'>(SIMD + code, 'v128');
const constant = instruction(SIMD + 12, 'bytes', (bytes: Uint8Array): V128 => ({
  type: 'v128',
  emit: (out) => {
    opcode(out, SIMD + 12);
    out.raw(bytes);
  },
}));

export const v128 = {
  const: constant,
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
  shuffle: instruction(SIMD + 13, 'bytes', (a: V128, b: V128, lanes: readonly number[]): V128 => ({
    type: 'v128',
    emit: (out) => {
      a.emit(out);
      b.emit(out);
      opcode(out, SIMD + 13);
      out.raw(lanes);
    },
  })),
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
