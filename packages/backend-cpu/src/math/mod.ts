/**
 * mod: the remainder with the sign of the divisor: JavaScript's r = a % b, then r + b where r is not 0 and has the other sign. Exact
 * but for the rounding of r + b; a zero keeps the sign of a.
 *
 * a - q b, q = trunc(a / b), is exact without a fused multiply-add where q has at most 26 bits: b is cut into leading 26 bits and a
 * rest, whose products with q are exact. So are the differences. Count in units in the last place of b: a - q b_high is an integer
 * below 2^54, and an even one from 2^53 on, since a then is even too. The quotient may be rounded up to an integer, which makes the
 * remainder negative, and b is added again. But q b_high never overflows: q b >= 2^1024 > a means a / b <= q (1 - 2^-53), which is
 * rounded to less than q.
 *
 * Greater quotients are rare, and found in a function of their own: there q is cut to its leading 26 bits, so that each step
 * takes 25 bits or more from the quotient. float32 is computed in float64, where q may have 29 bits, and b need not be cut.
 */
import { f64x2, i64x2, v128 } from '../wasm/instructions.js';
import { call } from '../wasm/call.js';
import type { FunctionBuilder, ModuleBuilder, WasmFunction } from '../wasm/module.js';
import { halve } from './double-double.js';
import { demote, promoteHigh, promoteLow } from './halves.js';
import { Arithmetic, type EmitBinary, type Helpers, type Lanes, type Vector, type VectorLocal } from './lanes.js';

const { abs, add, sub, mul, div, trunc } = f64x2;
const DOUBLE = Arithmetic.of.f64x2;

const LEADING_26_BITS = -1n << 27n;
/** Takes any b >= 2^-1074 to at least 1 in two steps, and divides quotients to less than 2^1024. */
const STEP = 2 ** 700;

/** A remainder between -b and b as the one between 0 and b. */
function fromZero(remainder: VectorLocal, b: Vector): Vector {
  return add(remainder, v128.and(b, f64x2.lt(remainder, f64x2.const(0))));
}

/** |a| % |b| of float64 lanes, but NaN where b is infinite. A lane that is NaN ends no later than the others. */
function emitRemainder(f: FunctionBuilder, a: VectorLocal, b: VectorLocal): Vector {
  const rest = f.let(abs(a));
  const divisor = f.let(abs(b));
  const raised = (x: VectorLocal) => f.let(v128.bitselect(mul(x, f64x2.const(STEP)), x, f64x2.lt(x, f64x2.const(1))));
  const once = raised(divisor);
  const twice = raised(once);
  // By multiples of the divisor first, lest the quotient overflow.
  for (const multiple of [twice, once, divisor]) {
    const { high, low } = halve(f, multiple);
    f.loop((again) => {
      const q = f.let(trunc(v128.and(div(rest, multiple), i64x2.const(LEADING_26_BITS))));
      f.set(rest, sub(sub(rest, mul(q, high)), mul(q, low)));
      f.branchIf(again, v128.anyTrue(f64x2.ge(abs(rest), multiple)));
    });
  }
  return fromZero(rest, divisor);
}

const remainderFunction = (module: ModuleBuilder, name: string): WasmFunction<'v128'> => module.function({ name, parameters: ['v128', 'v128'], result: 'v128' }, (f, a, b) => f.return(emitRemainder(f, a, b)));

/** |a| - q |b| where q is below the limit. */
interface ShortDivision {
  readonly limit: number;
  readonly remainder: (f: FunctionBuilder, a: VectorLocal, b: VectorLocal, q: VectorLocal) => Vector;
}

const SHORT_DIVISION: Record<Lanes, ShortDivision> = {
  /** Float32 numbers in float64: the quotient is further from the next integer than its rounding error. */
  f32x4: { limit: 2 ** 28, remainder: (_, a, b, q) => sub(a, mul(q, b)) },
  f64x2: {
    limit: 2 ** 26,
    remainder: (f, a, b, q) => {
      const { high, low } = halve(f, b);
      return fromZero(f.let(sub(sub(a, mul(q, high)), mul(q, low))), b);
    },
  },
};

function modulo(f: FunctionBuilder, a: VectorLocal, b: VectorLocal, short: ShortDivision, helpers: Helpers): Vector {
  const zero = f.let(f64x2.const(0));
  const dividend = f.let(abs(a));
  const divisor = f.let(abs(b));
  const q = f.let(trunc(div(dividend, divisor)));
  const magnitude = f.let(short.remainder(f, dividend, divisor, q));
  const long = v128.anyTrue(f64x2.ge(q, f64x2.const(short.limit)));
  const remainder = helpers.shared('remainder f64x2', remainderFunction);
  f.if(long, () => {
    f.set(magnitude, call(remainder, a, b));
  });
  // The remainder by infinity is the dividend.
  const whole = v128.bitselect(dividend, magnitude, f64x2.lt(dividend, divisor));
  const r = f.let(DOUBLE.withSignOf(whole, a));
  const signsDiffer = v128.xor(f64x2.lt(r, zero), f64x2.lt(b, zero));
  return v128.bitselect(add(r, b), r, v128.and(f64x2.ne(r, zero), signsDiffer));
}

export const emitMod: EmitBinary = (f, { lanes }, x, y, helpers) => {
  const short = SHORT_DIVISION[lanes];
  if (lanes === 'f64x2') return modulo(f, x, y, short, helpers);
  const low = f.let(modulo(f, promoteLow(f, x), promoteLow(f, y), short, helpers));
  const high = modulo(f, promoteHigh(f, x), promoteHigh(f, y), short, helpers);
  return demote(low, high);
};
