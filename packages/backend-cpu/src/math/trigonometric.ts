/**
 * sin, cos and tan: x = k pi/2 + r with |r| <= pi/4, pi/2 in several parts so that k times each but the last is exact
 * (Cody & Waite, Software Manual for the Elementary Functions, 1980, chapter 8), then a polynomial for the sine and one for the
 * cosine of r, chosen and signed by k modulo 4. Where k has too many bits, r comes from large-angle.ts, in a branch that most
 * vectors do not take.
 */
import { HALF_PI_26, HALF_PI_33 } from '@pappus/compiler';
import { f64x2, i64x2, i8x16, v128 } from '../wasm/instructions.js';
import { call } from '../wasm/call.js';
import type { FunctionBuilder } from '../wasm/module.js';
import { fastTwoSum, twoSum } from './double-double.js';
import { demote, FIRST_LANES, narrowIntegers, promoteHigh, promoteLow, SECOND_LANES } from './halves.js';
import { reduceLargeAngle } from './large-angle.js';
import { Arithmetic, type EmitUnary, type Helpers, type Lanes, type Vector, type VectorLocal } from './lanes.js';

const { add, sub, mul } = f64x2;

/** x = k pi/2 + r; for float64 r has a low part. */
interface Angle {
  /** k modulo 4, in the low two bits. */
  readonly k: VectorLocal;
  readonly r: VectorLocal;
  readonly low?: VectorLocal;
}

function nearestQuarter(f: FunctionBuilder, x: VectorLocal): { readonly quarters: VectorLocal; readonly bits: VectorLocal } {
  const rounding = f64x2.const(Arithmetic.of.f64x2.roundingConstant);
  const bits = f.let(add(mul(x, f64x2.const(2 / Math.PI)), rounding));
  return { quarters: f.let(sub(bits, rounding)), bits };
}

/** Replaces what was found for lanes beyond the limit. */
function reduceLarge(f: FunctionBuilder, x: VectorLocal, limit: number, { k, r, low }: Angle, helpers: Helpers): void {
  const size = f.let(f64x2.abs(x));
  const large = f.let(v128.and(f64x2.gt(size, f64x2.const(limit)), f64x2.lt(size, f64x2.const(Infinity))));
  f.if(v128.anyTrue(large), () => {
    const reduce = helpers.shared('reduce large angle', reduceLargeAngle);
    const first = f.let(call(reduce, i64x2.extractLane(x, 0)));
    const second = f.let(call(reduce, i64x2.extractLane(x, 1)));
    f.set(r, v128.bitselect(i8x16.shuffle(first, second, FIRST_LANES), r, large));
    f.set(k, v128.bitselect(i8x16.shuffle(first, second, SECOND_LANES), k, large));
    if (low !== undefined) f.set(low, v128.andnot(low, large));
  });
}

/** r to twice the precision: near a multiple of pi/2 most of it cancels. */
function reduceDouble(f: FunctionBuilder, x: VectorLocal, helpers: Helpers): Angle {
  const { quarters, bits } = nearestQuarter(f, x);
  const part = (n: 0 | 1 | 2 | 3) => f.let(mul(quarters, f64x2.const(-HALF_PI_33.parts[n])));
  const leading = f.let(add(x, part(0)));
  const first = twoSum(f, leading, part(1));
  const second = twoSum(f, first.high, part(2));
  const rest = f.let(add(add(first.low, second.low), part(3)));
  const { high, low } = fastTwoSum(f, second.high, rest);
  const angle = { k: bits, r: high, low };
  reduceLarge(f, x, HALF_PI_33.limit, angle, helpers);
  return angle;
}

/** r in float64 has precision to spare; k and r are brought to float32 lanes. */
function reduceSingle(f: FunctionBuilder, x: VectorLocal, helpers: Helpers): Angle {
  const half = (wide: VectorLocal): Angle => {
    const { quarters, bits } = nearestQuarter(f, wide);
    const part = (n: 0 | 1 | 2) => mul(quarters, f64x2.const(HALF_PI_26.parts[n]));
    const r = f.let(sub(sub(sub(wide, part(0)), part(1)), part(2)));
    const angle = { k: bits, r };
    reduceLarge(f, wide, HALF_PI_26.limit, angle, helpers);
    return angle;
  };
  const low = half(promoteLow(f, x));
  const high = half(promoteHigh(f, x));
  return { k: f.let(narrowIntegers(low.k, high.k)), r: f.let(demote(low.r, high.r)) };
}

const REDUCE: Record<Lanes, (f: FunctionBuilder, x: VectorLocal, helpers: Helpers) => Angle> = {
  f32x4: reduceSingle,
  f64x2: reduceDouble,
};

interface SineAndCosine {
  readonly k: VectorLocal;
  /** All bits set where k is odd. */
  readonly odd: VectorLocal;
  /** Of r. */
  readonly sine: VectorLocal;
  readonly cosine: VectorLocal;
}

/** sin(r + low) = r + (r z S + low (1 - z / 2)) and cos(r + low) = 1 - z / 2 + (z^2 C - r low), with 1 - z / 2 rounded once only. */
function sineAndCosine(f: FunctionBuilder, a: Arithmetic, x: VectorLocal, helpers: Helpers): SineAndCosine {
  const { float } = a;
  const { sin, cos } = a.functions;
  const { k, r, low } = REDUCE[a.lanes](f, x, helpers);
  const one = f.let(float.const(1));
  const z = f.let(float.mul(r, r));
  const half = f.let(float.mul(z, float.const(0.5)));
  const leading = f.let(float.sub(one, half));
  const sineTail = float.mul(float.mul(r, z), a.polynomial(z, sin.tail));
  const cosineTail = float.mul(float.mul(z, z), a.polynomial(z, cos.tail));
  const withLow = {
    sine: low === undefined ? sineTail : float.add(sineTail, float.mul(low, leading)),
    cosine: low === undefined ? cosineTail : float.sub(cosineTail, float.mul(r, low)),
  };
  return {
    k,
    odd: f.let(a.integer.sub(float.const(0), v128.and(k, a.bits(1n)))),
    sine: f.let(float.add(r, withLow.sine)),
    cosine: f.let(float.add(leading, float.add(float.sub(float.sub(one, leading), half), withLow.cosine))),
  };
}

/** sin and tan of -0 are -0. */
function keepingZero(a: Arithmetic, x: VectorLocal, result: Vector): Vector {
  return v128.bitselect(x, result, a.float.eq(x, a.float.const(0)));
}

export const emitSin: EmitUnary = (f, a, x, helpers) => {
  const { k, odd, sine, cosine } = sineAndCosine(f, a, x, helpers);
  return keepingZero(a, x, v128.xor(v128.bitselect(cosine, sine, odd), a.bitToSign(k, 1)));
};

export const emitCos: EmitUnary = (f, a, x, helpers) => {
  const { k, odd, sine, cosine } = sineAndCosine(f, a, x, helpers);
  return v128.xor(v128.bitselect(sine, cosine, odd), a.bitToSign(a.integer.add(k, a.bits(1n)), 1));
};

export const emitTan: EmitUnary = (f, a, x, helpers) => {
  const { k, odd, sine, cosine } = sineAndCosine(f, a, x, helpers);
  const quotient = a.float.div(v128.bitselect(cosine, sine, odd), v128.bitselect(sine, cosine, odd));
  return keepingZero(a, x, v128.xor(quotient, a.bitToSign(k, 0)));
};
