/**
 * log, log1p, log2 and log10: x = 2^k m with m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f), and
 * log m = 2 atanh s = f - (f^2 / 2 - s (f^2 / 2 + s^2 L(s^2))), which keeps f exact as the leading term
 * (Tang, Table-driven implementation of the logarithm function, 1990; Ng's arrangement in FDLIBM). To another base it is
 * k log 2 + log m / ln base, in which a whole number is rounded to itself.
 */
import { i32, v128 } from '../wasm/instructions.js';
import type { TwoParts } from '@pappus/compiler';
import type { FunctionBuilder } from '../wasm/module.js';
import type { Arithmetic, EmitUnary, Vector, VectorLocal } from './lanes.js';

/** x = 2^k m, m in [sqrt(1/2), sqrt(2)), of every positive finite x. */
export function split(f: FunctionBuilder, a: Arithmetic, x: VectorLocal): { readonly k: VectorLocal; readonly m: VectorLocal } {
  const { float, integer } = a;
  const { fractionBits, bias, smallestNormal } = a.format;
  const { rootHalf } = a.functions.log;
  const subnormal = f.let(float.lt(x, float.const(smallestNormal)));
  const lift = fractionBits + 2;
  const normal = v128.bitselect(float.mul(x, float.const(2 ** lift)), x, subnormal);
  // Moved so that a carry into the exponent happens at sqrt(2); the exponent field then holds k + bias, at least 0.
  const moved = f.let(integer.sub(normal, a.bits(rootHalf - (BigInt(bias) << BigInt(fractionBits)))));
  // An integer below 2^fractionBits becomes a float by being its fraction.
  const unit = 2 ** fractionBits;
  const biased = v128.or(integer.shrU(moved, i32.const(fractionBits)), float.const(unit));
  const lifted = v128.and(subnormal, float.const(lift));
  const k = f.let(float.sub(float.sub(biased, float.const(unit + bias)), lifted));
  const fraction = v128.and(moved, a.bits((1n << BigInt(fractionBits)) - 1n));
  const m = f.let(integer.add(fraction, a.bits(rootHalf)));
  return { k, m };
}

/** log(1 + fraction) + low, of a mantissa. */
function logFraction(f: FunctionBuilder, a: Arithmetic, fraction: VectorLocal, low?: Vector): Vector {
  const { float } = a;
  const s = f.let(float.div(fraction, float.add(fraction, float.const(2))));
  const z = f.let(float.mul(s, s));
  const half = f.let(float.mul(float.mul(fraction, fraction), float.const(0.5)));
  const rest = float.mul(s, float.add(half, float.mul(z, a.polynomial(z, a.functions.log.tail))));
  return float.sub(fraction, float.sub(half, low === undefined ? rest : float.add(rest, low)));
}

/** log x + correction, without the special values. */
export function logFinite(f: FunctionBuilder, a: Arithmetic, x: VectorLocal, correction?: Vector): Vector {
  const { float } = a;
  const { ln2 } = a.functions;
  const { k, m } = split(f, a, x);
  const kLow = float.mul(k, float.const(ln2.low));
  const low = correction === undefined ? kLow : float.add(kLow, correction);
  return float.add(float.mul(k, float.const(ln2.high)), logFraction(f, a, f.let(float.sub(m, float.const(1))), low));
}

/** log of 0 is -Infinity, of a negative number NaN, of Infinity and NaN themselves. */
function withSpecialValues(f: FunctionBuilder, a: Arithmetic, x: VectorLocal, log: Vector): Vector {
  const { float } = a;
  const zero = f.let(float.const(0));
  const positive = v128.and(float.gt(x, zero), float.lt(x, float.const(Infinity)));
  const special = v128.or(v128.bitselect(float.const(-Infinity), x, float.eq(x, zero)), float.lt(x, zero));
  return v128.bitselect(log, special, positive);
}

export const emitLog: EmitUnary = (f, a, x) => withSpecialValues(f, a, x, logFinite(f, a, x));

/** By the logarithm of 2 to the base, and 1 / ln base. */
const emitLogTo =
  (ofTwo: (a: Arithmetic) => TwoParts, ofE: number): EmitUnary =>
  (f, a, x) => {
    const { float } = a;
    const { high, low } = ofTwo(a);
    const { k, m } = split(f, a, x);
    const scaled = float.mul(logFraction(f, a, f.let(float.sub(m, float.const(1)))), float.const(ofE));
    return withSpecialValues(f, a, x, float.add(float.mul(k, float.const(high)), float.add(scaled, float.mul(k, float.const(low)))));
  };

export const emitLog2 = emitLogTo(() => ({ high: 1, low: 0 }), Math.LOG2E);
export const emitLog10 = emitLogTo((a) => a.functions.log10Of2, Math.LOG10E);

/** log(u) + c with u = 1 + x rounded, and c = (1 + x - u) / u, the rounding error put back (Knuth's exact sum). */
export const emitLog1p: EmitUnary = (f, a, x) => {
  const { float } = a;
  const one = float.const(1);
  const u = f.let(float.add(one, x));
  const xRounded = f.let(float.sub(u, one));
  const error = float.add(float.sub(one, float.sub(u, xRounded)), float.sub(x, xRounded));
  const correction = float.div(error, u);
  return a.withSignOf(withSpecialValues(f, a, u, logFinite(f, a, u, correction)), x);
};
