/**
 * pow: e^(y log |x|), then what JavaScript's Math.pow says of signs, zeros, infinities and NaN (ECMA-262, Number::exponentiate).
 *
 * In float64 the error of y log |x| is multiplied by up to 709, so the logarithm is computed in double-double arithmetic, to about
 * 2^-64: log m = 2 (s + s c), s = (m - 1) / (m + 1), c = z (1/3 + z v(z)), z = s^2, where only z v(z) may be rounded.
 * In float32 everything is computed in float64.
 */
import { LARGEST_EXPONENT, WIDE_ATANH } from '@pappus/compiler';
import { f64x2, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import { fastTwoSum, halve, twoProduct, type DoubleDouble } from './double-double.js';
import { clampExp, expInRange, expNormal } from './exp.js';
import { demote, promoteHigh, promoteLow } from './halves.js';
import { Arithmetic, type EmitBinary, type Lanes, type Vector, type VectorLocal } from './lanes.js';
import { logFinite, split } from './log.js';

const { add, sub, mul, div } = f64x2;
const DOUBLE = Arithmetic.of.f64x2;
const SINGLE = Arithmetic.of.f32x4;
const { ln2 } = DOUBLE.functions;

/** log of a positive finite float64 number. */
function logDoubleDouble(f: FunctionBuilder, x: VectorLocal): DoubleDouble {
  const one = f64x2.const(1);
  const { k, m } = split(f, DOUBLE, x);
  const numerator = f.let(sub(m, one));
  const denominator = f.let(add(m, one));
  const denominatorLow = sub(m, sub(denominator, one));
  const inverse = f.let(div(one, denominator));

  const s = f.let(mul(numerator, inverse));
  const sHalves = halve(f, s);
  const product = twoProduct(f, s, denominator, sHalves);
  const remainder = sub(sub(sub(numerator, product.high), product.low), mul(s, denominatorLow));
  const sLow = f.let(mul(remainder, inverse));

  const z = twoProduct(f, s, s, sHalves, sHalves);
  const zLow = add(z.low, mul(mul(f64x2.const(2), s), sLow));
  const third = f.let(f64x2.const(WIDE_ATANH.third.high));
  const inner = fastTwoSum(f, third, f.let(mul(z.high, DOUBLE.polynomial(z.high, WIDE_ATANH.tail))));
  const innerLow = add(inner.low, f64x2.const(WIDE_ATANH.third.low));
  const c = twoProduct(f, z.high, inner.high);
  const cLow = add(c.low, add(mul(z.high, innerLow), mul(zLow, inner.high)));

  const sc = twoProduct(f, s, c.high, sHalves);
  const scLow = add(sc.low, add(mul(s, cLow), mul(sLow, c.high)));
  const half = fastTwoSum(f, s, sc.high);
  const halfLow = f.let(add(half.low, add(sLow, scLow)));

  const kHigh = f.let(mul(k, f64x2.const(ln2.high)));
  const total = fastTwoSum(f, kHigh, f.let(add(half.high, half.high)));
  const low = add(total.low, add(mul(k, f64x2.const(ln2.low)), add(halfLow, halfLow)));
  return { high: total.high, low: f.let(low) };
}

function magnitudeDouble(f: FunctionBuilder, x: VectorLocal, y: VectorLocal): Vector {
  const log = logDoubleDouble(f, x);
  const exponent = f.let(f64x2.pmax(f64x2.pmin(y, f64x2.const(LARGEST_EXPONENT)), f64x2.const(-LARGEST_EXPONENT)));
  const product = twoProduct(f, exponent, log.high);
  const limited = f.let(clampExp(DOUBLE, product.high));
  const inRange = f64x2.eq(product.high, limited);
  return expInRange(f, DOUBLE, limited, v128.and(add(product.low, mul(exponent, log.low)), inRange));
}

/** By float64: the result is the exponential of a number that float64 holds with 29 bits to spare. */
function magnitudeSingle(f: FunctionBuilder, x: VectorLocal, y: VectorLocal): Vector {
  const half = (xHalf: VectorLocal, yHalf: VectorLocal) => {
    const product = mul(yHalf, logFinite(f, DOUBLE, xHalf));
    return expNormal(f, DOUBLE, f.let(clampExp(DOUBLE, product, SINGLE.functions.exp)));
  };
  const low = f.let(half(promoteLow(f, x), promoteLow(f, y)));
  const high = half(promoteHigh(f, x), promoteHigh(f, y));
  return demote(low, high);
}

/** |x|^y where |x| is positive and finite, and y a number. */
const MAGNITUDE: Record<Lanes, (f: FunctionBuilder, x: VectorLocal, y: VectorLocal) => Vector> = {
  f32x4: magnitudeSingle,
  f64x2: magnitudeDouble,
};

export const emitPow: EmitBinary = (f, a, x, y) => {
  const { float } = a;
  const zero = f.let(float.const(0));
  const infinity = f.let(float.const(Infinity));
  const one = f.let(float.const(1));
  const base = f.let(float.abs(x));
  const regular = MAGNITUDE[a.lanes](f, base, y);

  // A zero base with y > 0, or an infinite one with y < 0, gives 0; the other way round Infinity.
  const zeroBase = f.let(float.eq(base, zero));
  const vanishes = v128.xor(zeroBase, float.lt(y, zero));
  const atEdge = v128.or(zeroBase, float.eq(base, infinity));
  const magnitude = v128.bitselect(v128.andnot(infinity, vanishes), regular, atEdge);

  // A negative base, -0 included, keeps its sign when y is odd; it has no other real power than those of integers.
  const integral = f.let(float.eq(float.trunc(y), y));
  const halfOfY = f.let(float.mul(y, float.const(0.5)));
  const odd = v128.and(integral, float.ne(float.trunc(halfOfY), halfOfY));
  const signed = v128.or(magnitude, v128.and(a.sign(x), odd));
  const negativeFinite = v128.and(float.lt(x, zero), float.ne(base, infinity));
  const notReal = v128.andnot(negativeFinite, integral);

  const eitherNaN = v128.or(float.ne(x, x), float.ne(y, y));
  const oneToInfinity = v128.and(float.eq(base, one), float.eq(float.abs(y), infinity));
  const invalid = v128.or(notReal, v128.or(eitherNaN, oneToInfinity));
  return v128.bitselect(one, v128.or(signed, invalid), float.eq(y, zero));
};
