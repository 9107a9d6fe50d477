/**
 * log, log1p, log2 and log10: x = 2^k m with m in [sqrt(1/2), sqrt(2)), f = m - 1, s = f / (2 + f), log m = 2 atanh s in Ng's arrangement,
 * which keeps f exact as the leading term. pow is e^(y log |x|) with the logarithm in two floats, where products are exact since
 * they are of halves of 12 bits (Dekker, 1971), then what ECMA-262 says of signs, zeros, infinities and NaN.
 */
import { FLOAT32_FUNCTIONS, FLOAT32_IDENTITY_BELOW, LARGEST_EXPONENT } from '@pappus/compiler';
import type { Helper } from './helper.js';
import { float, polynomial } from './numbers.js';

const { ln2, log10Of2, exp, log } = FLOAT32_FUNCTIONS;
const rootHalf = `0x${log.rootHalf.toString(16)}`;

export const LOGARITHMS = {
  // x = 2^k m: m, and k as a float, of every positive finite x; subnormals by integers, lest they be flushed.
  split: {
    text: `
fn split(x: f32) -> vec2f {
  let bits = bitcast<i32>(x);
  let lift = select(0, i32(countLeadingZeros(bitcast<u32>(x))) - 8, bits < 0x00800000);
  let normal = select(bits, ((1 - lift) << 23u) + ((bits << u32(lift)) & 0x007fffff), lift > 0);
  let moved = normal - (${rootHalf} - (127 << 23u));
  return vec2f(bitcast<f32>((moved & 0x007fffff) + ${rootHalf}), f32((moved >> 23u) - 127));
}`,
  },
  // log(1 + f) + low, of a mantissa.
  logFraction: {
    text: `
fn logFraction(f: f32, low: f32) -> f32 {
  let s = f / (f + 2.0);
  let z = s * s;
  let half = f * f * 0.5;
  let tail = z * ${polynomial('z', log.tail)};
  return f - (half - (s * (half + tail) + low));
}`,
  },
  // log x + correction, of positive finite x.
  logWithin: {
    text: `
fn logWithin(x: f32, correction: f32) -> f32 {
  let parts = split(x);
  let k = parts.y;
  return k * ${float(ln2.high)} + logFraction(parts.x - 1.0, k * ${float(ln2.low)} + correction);
}`,
    uses: ['split', 'logFraction'],
  },
  // log of 0 is -Infinity, of a negative number NaN, of Infinity and NaN themselves.
  logOf: {
    text: `
fn logOf(x: f32, correction: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return fromBits(0xff800000u); }
  if (isNan(x) || bits == 0x7f800000u) { return x; }
  if (bits >= 0x80000000u) { return fromBits(0x7fc00000u); }
  return logWithin(x, correction);
}`,
    uses: ['fromBits', 'isNan', 'logWithin'],
  },
  log_: { text: 'fn log_(x: f32) -> f32 { return logOf(x, 0.0); }', uses: ['logOf'], signature: ['f32', 1, 'f32'] },
  // By log 2 to the base in two parts, and 1 / ln base.
  logTo: {
    text: `
fn logTo(x: f32, high: f32, low: f32, ofE: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if (bits == 0u || bits >= 0x7f800000u) { return logOf(x, 0.0); }
  let parts = split(x);
  return parts.y * high + (logFraction(parts.x - 1.0, 0.0) * ofE + parts.y * low);
}`,
    uses: ['logOf', 'split', 'logFraction'],
  },
  log2_: { text: `fn log2_(x: f32) -> f32 { return logTo(x, 1.0, 0.0, ${float(Math.LOG2E)}); }`, uses: ['logTo'], signature: ['f32', 1, 'f32'] },
  log10_: {
    text: `fn log10_(x: f32) -> f32 { return logTo(x, ${float(log10Of2.high)}, ${float(log10Of2.low)}, ${float(Math.LOG10E)}); }`,
    uses: ['logTo'],
    signature: ['f32', 1, 'f32'],
  },
  // log(u) + c with u = 1 + x rounded, and c = (1 + x - u) / u, the rounding error put back (Knuth's exact sum).
  log1p_: {
    text: `
fn log1p_(x: f32) -> f32 {
  if (abs(x) < ${float(FLOAT32_IDENTITY_BELOW.log1p)}) { return x; }
  let u = exact(1.0 + x);
  let rounded = exact(u - 1.0);
  let error = exact(1.0 - exact(u - rounded)) + exact(x - rounded);
  return logOf(u, error / u);
}`,
    uses: ['exact', 'logOf'],
    signature: ['f32', 1, 'f32'],
  },
  // The leading 12 bits.
  leading: { text: 'fn leading(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) & 0xfffff000u); }' },
  // a b = x + y.
  twoProduct: {
    text: `
fn twoProduct(a: f32, b: f32) -> vec2f {
  let p = exact(a * b);
  let ah = leading(a);
  let bh = leading(b);
  let al = exact(a - ah);
  let bl = exact(b - bh);
  return vec2f(p, exact(exact(exact(ah * bh - p) + ah * bl) + al * bh) + al * bl);
}`,
    uses: ['exact', 'leading'],
  },
  // a + b = x + y where |a| >= |b| or a = 0.
  fastTwoSum: {
    text: 'fn fastTwoSum(a: f32, b: f32) -> vec2f { let s = exact(a + b); return vec2f(s, b - exact(s - a)); }',
    uses: ['exact'],
  },
  // log of a positive finite number in two floats: 2 (s + s^3 / 3 + ...), s = (m - 1) / (m + 1).
  logTwice: {
    text: `
fn logTwice(x: f32) -> vec2f {
  let parts = split(x);
  let m = parts.x;
  let k = parts.y;
  let numerator = exact(m - 1.0);
  let denominator = exact(m + 1.0);
  let denominatorLow = m - exact(denominator - 1.0);
  let s = exact(numerator / denominator);
  let product = twoProduct(s, denominator);
  let sLow = (((numerator - product.x) - product.y) - s * denominatorLow) / denominator;
  let z = s * s;
  let tail = s * z * ${polynomial('z', log.tail)};
  let high = fastTwoSum(2.0 * s, tail + 2.0 * sLow);
  let total = fastTwoSum(k * ${float(ln2.high)}, high.x);
  return fastTwoSum(total.x, total.y + (high.y + k * ${float(ln2.low)}));
}`,
    uses: ['split', 'exact', 'twoProduct', 'fastTwoSum'],
  },
  pow_: {
    text: `
fn pow_(x: f32, y: f32) -> f32 {
  if (isZero(y)) { return 1.0; }
  if (isNan(x)) { return x; }
  if (isNan(y)) { return y; }
  let base = abs(x);
  let negative = bitcast<u32>(x) >= 0x80000000u;
  let negativePower = bitcast<u32>(y) >= 0x80000000u;
  if (!isFinite(y)) {
    if (base == 1.0) { return fromBits(0x7fc00000u); }
    return select(0.0, fromBits(0x7f800000u), (base > 1.0) != negativePower);
  }
  let integral = trunc(y) == y;
  let odd = integral && trunc(y * 0.5) != y * 0.5;
  let sign = bitcast<f32>(select(0u, 0x80000000u, negative && odd));
  if (isZero(x)) { return withSign(select(0.0, fromBits(0x7f800000u), negativePower), sign); }
  if (!isFinite(x)) { return withSign(select(fromBits(0x7f800000u), 0.0, negativePower), sign); }
  if (negative && !integral) { return fromBits(0x7fc00000u); }
  if (base == 1.0) { return withSign(1.0, sign); }
  let log = logTwice(base);
  let exponent = clamp(y, ${float(-LARGEST_EXPONENT)}, ${float(LARGEST_EXPONENT)});
  let rough = exponent * log.x;
  if (rough > ${float(exp.overflow)}) { return withSign(fromBits(0x7f800000u), sign); }
  if (rough < ${float(exp.underflow)}) { return sign; }
  let product = twoProduct(exponent, log.x);
  return withSign(expWithin(product.x, product.y + exponent * log.y), sign);
}`,
    uses: ['isZero', 'isNan', 'isFinite', 'fromBits', 'withSign', 'logTwice', 'twoProduct', 'expWithin'],
    signature: ['f32', 2, 'f32'],
  },
} as const satisfies Record<string, Helper>;
