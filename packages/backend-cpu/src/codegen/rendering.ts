/** Elementwise operations as vector instructions: one row each, so that a missing one does not compile. */
import type { DType } from '@pappus/core';
import type { BinaryOp, ElementwiseOp, UnaryOp } from '@pappus/core/backend';
import type { MathFunction, MathLibrary } from '../math/index.js';
import { f32x4, f64x2, i32, i32x4, i64x2, i8x16, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import { type LaneCount, maskFor, type Vector, type VectorLocal, widenMask } from './vectors.js';

/** What a row may use: the function being written, the lanes of the kernel, the operands' dtype. */
export interface Site {
  readonly f: FunctionBuilder;
  readonly lanes: LaneCount;
  readonly operand: DType;
  readonly math: MathLibrary;
  /** What is known of each operand. */
  readonly known: readonly Known[];
}

/** What is known of an operand, whatever the tensors hold. */
export interface Known {
  /** Its number, or that all lanes are alike. */
  readonly lanes?: number | 'alike' | undefined;
  readonly neverMinusZero?: boolean;
  /** Of an operand of a maximum or minimum that stays the same in a loop. */
  readonly limit?: Limit | undefined;
}

/** What the instruction for the larger of two misses of a limit, found once for a whole loop. */
export interface Limit {
  /** All bits, where the limit is NaN. */
  readonly nan: VectorLocal;
  /** The bit of the sign, where it is 0 and not -0. */
  readonly plusZero: VectorLocal;
  /** All bits, where the limit is NaN, and the bit of the sign, where it is -0. */
  readonly nanOrMinusZero: VectorLocal;
}

export function limitOf(f: FunctionBuilder, dtype: 'float32' | 'float64', limit: VectorLocal): Limit {
  const v = dtype === 'float64' ? f64x2 : f32x4;
  const isZero = f.let(v.eq(limit, v.const(0)));
  const nan = f.let(v.ne(limit, limit));
  return { nan, plusZero: f.let(v128.andnot(v128.and(isZero, v.const(-0)), limit)), nanOrMinusZero: f.let(v128.or(nan, v128.and(isZero, limit))) };
}

type Unary = (s: Site, a: VectorLocal) => Vector;
type Binary = (s: Site, a: VectorLocal, b: VectorLocal) => Vector;

const floats = (s: Site): typeof f32x4 | typeof f64x2 => (s.operand === 'float64' ? f64x2 : f32x4);
const integer = (s: Site): boolean => s.operand === 'int32';

/** A comparison's lanes as the kernel's masks are. */
const mask = (s: Site, m: Vector): Vector => (s.operand === 'float64' || s.operand === 'bool' ? m : widenMask(m, s.lanes));

const library =
  (name: MathFunction): ((s: Site, a: VectorLocal, b?: VectorLocal) => Vector) =>
  (s, a, b) =>
    s.math.inline(s.f, name, s.operand === 'float64' ? 'f64x2' : 'f32x4', a, b);

const UNARY: Readonly<Record<UnaryOp, Unary>> = {
  neg: (s, a) => (integer(s) ? i32x4.neg(a) : floats(s).neg(a)),
  abs: (s, a) => (integer(s) ? i32x4.abs(a) : floats(s).abs(a)),
  sign: (s, a) => {
    if (integer(s)) return i32x4.sub(i32x4.ltS(a, i32x4.const(0)), i32x4.gtS(a, i32x4.const(0)));
    const v = floats(s);
    // a's sign, and 1 unless a is 0; all bits, which is a NaN, where a is one.
    const one = v128.and(v.const(1), v.ne(a, v.const(0)));
    return v128.or(v128.or(v128.and(a, v.const(-0)), one), v.ne(a, a));
  },
  floor: (s, a) => floats(s).floor(a),
  ceil: (s, a) => floats(s).ceil(a),
  round: (s, a) => floats(s).nearest(a),
  exp: library('exp'),
  expm1: library('expm1'),
  log: library('log'),
  log1p: library('log1p'),
  log2: library('log2'),
  log10: library('log10'),
  sqrt: (s, a) => floats(s).sqrt(a),
  sin: library('sin'),
  cos: library('cos'),
  tan: library('tan'),
  tanh: library('tanh'),
  sigmoid: library('sigmoid'),
  erf: library('erf'),
  relu: (s, a) => (integer(s) ? i32x4.maxS(a, i32x4.const(0)) : atLeastZero(s, a)),
  isNan: (s, a) => mask(s, floats(s).ne(a, a)),
  isFinite: (s, a) => mask(s, floats(s).lt(floats(s).abs(a), floats(s).const(Infinity))),
  not: (_, a) => v128.not(a),
};

const BINARY: Readonly<Record<BinaryOp, Binary>> = {
  add: (s, a, b) => (integer(s) ? i32x4.add(a, b) : floats(s).add(a, b)),
  sub: (s, a, b) => (integer(s) ? i32x4.sub(a, b) : floats(s).sub(a, b)),
  mul: (s, a, b) => (integer(s) ? i32x4.mul(a, b) : floats(s).mul(a, b)),
  div: (s, a, b) => floats(s).div(a, b),
  pow: library('pow'),
  mod: (s, a, b) => (integer(s) ? integerMod(s, a, b) : library('mod')(s, a, b)),
  maximum: (s, a, b) => (integer(s) ? i32x4.maxS(a, b) : maximum(s, a, b)),
  minimum: (s, a, b) => (integer(s) ? i32x4.minS(a, b) : minimum(s, a, b)),
  eq: (s, a, b) => (s.operand === 'bool' ? v128.not(v128.xor(a, b)) : mask(s, integer(s) ? i32x4.eq(a, b) : floats(s).eq(a, b))),
  ne: (s, a, b) => (s.operand === 'bool' ? v128.xor(a, b) : mask(s, integer(s) ? i32x4.ne(a, b) : floats(s).ne(a, b))),
  lt: (s, a, b) => mask(s, integer(s) ? i32x4.ltS(a, b) : floats(s).lt(a, b)),
  le: (s, a, b) => mask(s, integer(s) ? i32x4.leS(a, b) : floats(s).le(a, b)),
  gt: (s, a, b) => mask(s, integer(s) ? i32x4.gtS(a, b) : floats(s).gt(a, b)),
  ge: (s, a, b) => mask(s, integer(s) ? i32x4.geS(a, b) : floats(s).ge(a, b)),
  and: (_, a, b) => v128.and(a, b),
  or: (_, a, b) => v128.or(a, b),
  bitwiseAnd: (_, a, b) => v128.and(a, b),
  bitwiseOr: (_, a, b) => v128.or(a, b),
  bitwiseXor: (_, a, b) => v128.xor(a, b),
  shiftLeft: (s, a, count) => shift(s, a, count, i32x4.shl, i32.shl),
  shiftRightLogical: (s, a, count) => shift(s, a, count, i32x4.shrU, i32.shrU),
};

/** The larger of x and 0: NaN stays, and -0 becomes 0. */
function atLeastZero(s: Site, x: VectorLocal): Vector {
  return v128.andnot(x, floats(s).le(x, floats(s).const(0)));
}

/**
 * The larger, NaN if either is, and 0 rather than -0. Processors have an instruction that answers the first operand where neither is larger:
 * the one of WebAssembly that minds NaN and -0 is eight of them, and not wanted where something is known of an operand.
 */
function maximum(s: Site, a: VectorLocal, b: VectorLocal): Vector {
  const v = floats(s);
  const [first = {}, second = {}] = s.known;
  for (const [x, c, limit] of [[a, b, second.lanes], [b, a, first.lanes]] as const) {
    if (typeof limit !== 'number' || Number.isNaN(limit)) continue;
    return Object.is(limit, 0) ? atLeastZero(s, x) : v.pmax(x, c);
  }
  for (const [x, c, { limit }] of [[a, b, second], [b, a, first]] as const) {
    if (limit !== undefined) return v128.andnot(v128.or(v.pmax(x, c), limit.nan), limit.plusZero);
  }
  for (const [sure, other, { neverMinusZero = false }] of [[a, b, first], [b, a, second]] as const) {
    if (neverMinusZero) return v128.or(v.pmax(sure, other), v.ne(other, other));
  }
  return v.max(a, b);
}

/** The smaller, NaN if either is, and -0 rather than 0. */
function minimum(s: Site, a: VectorLocal, b: VectorLocal): Vector {
  const v = floats(s);
  const [first = {}, second = {}] = s.known;
  for (const [x, c, limit] of [[a, b, second.lanes], [b, a, first.lanes]] as const) {
    if (typeof limit === 'number' && !Number.isNaN(limit) && !Object.is(limit, -0)) return v.pmin(x, c);
  }
  for (const [x, c, { limit }] of [[a, b, second], [b, a, first]] as const) {
    if (limit !== undefined) return v128.or(v.pmin(x, c), limit.nanOrMinusZero);
  }
  return first.neverMinusZero === true && second.neverMinusZero === true ? v128.or(v.pmin(a, b), v.ne(b, b)) : v.min(a, b);
}

/** WebAssembly shifts all lanes by one number: where the lanes' counts may differ, each is shifted by itself. */
function shift({ f, lanes, known }: Site, a: VectorLocal, count: VectorLocal, all: typeof i32x4.shl, one: typeof i32.shl): Vector {
  const counts = known[1]?.lanes;
  if (typeof counts === 'number') return all(a, i32.const(counts));
  if (counts === 'alike') return all(a, i32x4.extractLane(count, 0));
  const result = f.let(a);
  for (let lane = 0; lane < lanes; lane++) {
    f.set(result, i32x4.replaceLane(result, lane, one(i32x4.extractLane(a, lane), i32x4.extractLane(count, lane))));
  }
  return result;
}

/** a - floor(a / b) b, exact in float64 for 32-bit integers; 0 where b is 0. */
function integerMod({ f, lanes }: Site, a: VectorLocal, b: VectorLocal): Vector {
  const half = (x: VectorLocal, y: VectorLocal): Vector => {
    const p = f.let(f64x2.convertLowI32x4S(x));
    const q = f.let(f64x2.convertLowI32x4S(y));
    return i32x4.truncSatF64x2SZero(f64x2.sub(p, f64x2.mul(f64x2.floor(f64x2.div(p, q)), q)));
  };
  const high = (x: VectorLocal): VectorLocal => f.let(i64x2.splat(i64x2.extractLane(x, 1)));
  const low = half(a, b);
  if (lanes === 2) return low;
  return i8x16.shuffle(low, half(high(a), high(b)), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
}

function cast({ f, lanes, operand }: Site, a: VectorLocal, to: DType): Vector {
  if (operand === 'bool') {
    const ones = maskFor(f, a, to, lanes);
    return to === 'float32' ? v128.and(ones, f32x4.const(1)) : to === 'float64' ? v128.and(ones, f64x2.const(1)) : v128.and(ones, i32x4.const(1));
  }
  switch (to) {
    case 'float32':
      return operand === 'float64' ? f32x4.demoteF64x2Zero(a) : operand === 'int32' ? f32x4.convertI32x4S(a) : a;
    case 'float64':
      return operand === 'float32' ? f64x2.promoteLowF32x4(a) : operand === 'int32' ? f64x2.convertLowI32x4S(a) : a;
    case 'int32':
      return operand === 'float32' ? i32x4.truncSatF32x4S(a) : operand === 'float64' ? i32x4.truncSatF64x2SZero(a) : a;
    case 'bool':
      if (operand === 'float64') return f64x2.ne(a, f64x2.const(0));
      return widenMask(operand === 'float32' ? f32x4.ne(a, f32x4.const(0)) : i32x4.ne(a, i32x4.const(0)), lanes);
  }
}

/** The vector that an operation makes of its operands. */
export function render(op: ElementwiseOp, site: Site, args: readonly VectorLocal[], result: DType): Vector {
  const [a, b, c] = args;
  if (a === undefined) throw new TypeError(`${op} has no operand`);
  if (op === 'cast') return cast(site, a, result);
  if (op === 'where') {
    if (b === undefined || c === undefined) throw new TypeError('where takes three operands');
    const chosen = maskFor(site.f, a, result, site.lanes);
    if (isZero(site.known[1])) return v128.andnot(c, chosen);
    return isZero(site.known[2]) ? v128.and(b, chosen) : v128.bitselect(b, c, chosen);
  }
  if (isUnaryRow(op)) return UNARY[op](site, a);
  if (b === undefined) throw new TypeError(`${op} takes two operands`);
  return BINARY[op](site, a, b);
}

/** Whether it is the number whose bits are all 0. */
function isZero(operand: Known | undefined): boolean {
  return Object.is(operand?.lanes, 0);
}

function isUnaryRow(op: UnaryOp | BinaryOp): op is UnaryOp {
  return op in UNARY;
}

/** Whether the engine multiplies and adds in one instruction where that is faster (relaxed SIMD). */
export function hasRelaxedSimd(): boolean {
  // (module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11];
  return WebAssembly.validate(new Uint8Array(bytes));
}

