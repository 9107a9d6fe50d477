/**
 * exp, expm1, sigmoid and tanh by one reduction: x = k ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that k times the first
 * is exact, then e^r - 1 = r + r^2 q(r).
 */
import { i32, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import type { Arithmetic, EmitUnary, Vector, VectorLocal } from './lanes.js';

/** e^x = 2^k (1 + p). */
interface Reduced {
  readonly p: VectorLocal;
  /** k as a float. */
  readonly k: VectorLocal;
  /** k + n as an integer, for a constant n. */
  readonly integerPlus: (n: number) => Vector;
}

/** Also takes the low part of an argument in two parts, which is added to r. */
export function reduce(f: FunctionBuilder, a: Arithmetic, x: VectorLocal, low?: Vector): Reduced {
  const { float } = a;
  const { ln2, exp } = a.functions;
  const rounded = f.let(float.add(float.mul(x, float.const(Math.LOG2E)), float.const(a.roundingConstant)));
  const k = f.let(float.sub(rounded, float.const(a.roundingConstant)));
  const high = float.sub(float.sub(x, float.mul(k, float.const(ln2.high))), float.mul(k, float.const(ln2.low)));
  const r = f.let(low === undefined ? high : float.add(high, low));
  const p = f.let(float.add(r, float.mul(float.mul(r, r), a.polynomial(r, exp.tail))));
  return { p, k, integerPlus: (n) => a.unrounded(rounded, n) };
}

/** 2^k y for every k that e^x needs, in two steps: one factor alone would overflow, and so that y is rounded once when subnormal. */
function scale(f: FunctionBuilder, a: Arithmetic, y: Vector, { integerPlus }: Reduced): Vector {
  const both = f.let(integerPlus(2 * a.format.bias));
  const first = f.let(a.integer.shrU(both, i32.const(1)));
  const second = a.integer.sub(both, first);
  return a.float.mul(a.float.mul(y, a.toExponentField(first)), a.toExponentField(second));
}

/** 2^k of a k that leaves it normal. */
function power(a: Arithmetic, { integerPlus }: Reduced): Vector {
  return a.toExponentField(integerPlus(a.format.bias));
}

/** e^x where x (with its low part) is known to be in range, NaN included; `emitExp` sees to that. */
export function expInRange(f: FunctionBuilder, a: Arithmetic, x: VectorLocal, low?: Vector): Vector {
  const reduced = reduce(f, a, x, low);
  return scale(f, a, a.float.add(a.float.const(1), reduced.p), reduced);
}

/** e^x where the result is known to be normal. */
export function expNormal(f: FunctionBuilder, a: Arithmetic, x: VectorLocal): Vector {
  const reduced = reduce(f, a, x);
  return a.float.mul(a.float.add(a.float.const(1), reduced.p), power(a, reduced));
}

/** x limited to where e^x is not yet constant, in its own format or another; pmin and pmax keep NaN in their first argument. */
export function clampExp(a: Arithmetic, x: Vector, { overflow, underflow } = a.functions.exp): Vector {
  return a.float.pmax(a.float.pmin(x, a.float.const(overflow)), a.float.const(underflow));
}

export const emitExp: EmitUnary = (f, a, x) => expInRange(f, a, f.let(clampExp(a, x)));

/** 2^k ((1 - 2^-k) + p): the sum is exact up to its last rounding, and is p when k = 0. */
export const emitExpm1: EmitUnary = (f, a, x) => {
  const { float } = a;
  const { exp, tanh } = a.functions;
  const limited = f.let(float.pmax(float.pmin(x, float.const(exp.overflow)), float.const(-2 * tanh.saturation)));
  const reduced = reduce(f, a, limited);
  const k = f.let(float.add(float.pmin(reduced.k, float.const(exp.negligibleExponent)), float.const(a.roundingConstant)));
  const inverse = a.toExponentField(a.integer.sub(a.bits(BigInt(a.format.bias)), a.unrounded(k, 0)));
  const sum = float.add(float.sub(float.const(1), inverse), reduced.p);
  return a.withSignOf(scale(f, a, sum, reduced), x);
};

/** e^-|x| / (1 + e^-|x|), or 1 / (1 + e^-|x|) where x is not negative: no overflow, and full precision for very negative x. */
export const emitSigmoid: EmitUnary = (f, a, x) => {
  const { float } = a;
  const negative = float.neg(float.abs(x));
  const e = f.let(expInRange(f, a, f.let(float.pmax(negative, float.const(a.functions.exp.underflow)))));
  const numerator = v128.bitselect(e, float.const(1), float.lt(x, float.const(0)));
  return float.div(numerator, float.add(float.const(1), e));
};

/** w / (w + 2) with w = e^(2|x|) - 1 = 2^k p + (2^k - 1), then the sign of x. */
export const emitTanh: EmitUnary = (f, a, x) => {
  const { float } = a;
  const limited = f.let(float.pmin(float.abs(x), float.const(a.functions.tanh.saturation)));
  const reduced = reduce(f, a, f.let(float.add(limited, limited)));
  const scaling = f.let(power(a, reduced));
  const w = f.let(float.add(float.mul(scaling, reduced.p), float.sub(scaling, float.const(1))));
  return a.withSignOf(float.div(w, float.add(w, float.const(2))), x);
};
