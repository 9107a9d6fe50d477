/**
 * sin, cos and tan: x = k pi/2 + r with |r| <= pi/4, pi/2 in parts of 11 bits so that k times each but the last is exact
 * (Cody & Waite, 1980, chapter 8), then a polynomial for the sine and one for the cosine of r, chosen and signed by k modulo 4. Where
 * k has more than 13 bits, x 2/pi modulo 4 comes from integers (Payne & Hanek, 1983).
 */
import { FLOAT32_FUNCTIONS, FLOAT32_IDENTITY_BELOW, HALF_PI_11, TWO_OVER_PI } from '@pappus/compiler';
import type { Helper } from './helper.js';
import { float, polynomial } from './numbers.js';

const { sin, cos } = FLOAT32_FUNCTIONS;
const [first, second, third, fourth] = HALF_PI_11.parts.map(float);
/** The first bits of 2/pi after the point that the exponents of float32 reach, in words of 32, and a word of zeros before them. */
const WORDS = [0, ...Array.from({ length: 8 }, (_, k) => `0x${TWO_OVER_PI.slice(8 * k, 8 * k + 8)}`)].map((word) => `${word}u`);

export const TRIGONOMETRIC = {
  // The upper 32 bits of a product.
  multiplyHigh: {
    text: `
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (other >> 16u);
}`,
  },
  // r and k of large x: three words of 2/pi from where its bits matter, times the 24 bits of x; the upper two bits count quarters.
  largeAngle: {
    text: `
const twoOverPi = array<u32, ${WORDS.length}>(${WORDS.join(', ')});
fn largeAngle(x: f32) -> vec2f {
  let bits = bitcast<u32>(x);
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let start = ((bits >> 23u) & 0xffu) - 120u;
  let at = start >> 5u;
  let shift = start & 31u;
  var words = twoOverPi;
  let w0 = (words[at] << shift) | ((words[at + 1u] >> 1u) >> (31u - shift));
  let w1 = (words[at + 1u] << shift) | ((words[at + 2u] >> 1u) >> (31u - shift));
  let w2 = (words[at + 2u] << shift) | ((words[at + 3u] >> 1u) >> (31u - shift));
  let low = w1 * mantissa;
  let second = low + multiplyHigh(w2, mantissa);
  let first = w0 * mantissa + multiplyHigh(w1, mantissa) + select(0u, 1u, second < low);
  let k = (first + 0x20000000u) >> 30u;
  var high = first - (k << 30u);
  var rest = second;
  let negative = (high & 0x80000000u) != 0u;
  if (negative) {
    rest = ~rest + 1u;
    high = ~high + select(0u, 1u, rest == 0u);
  }
  let turns = f32(high) * ${float(2 ** -30)} + f32(rest) * ${float(2 ** -62)};
  let r = turns * ${float(Math.PI / 2)};
  return select(vec2f(r, f32(k)), vec2f(-r, f32(k)), negative) * select(1.0, -1.0, bits >= 0x80000000u);
}`,
    uses: ['multiplyHigh'],
  },
  // r and k, which may be negative.
  angle: {
    text: `
fn angle(x: f32) -> vec2f {
  if (abs(x) > ${float(HALF_PI_11.limit)}) { return largeAngle(x); }
  let k = round(x * ${float(2 / Math.PI)});
  let r = (((x - k * ${first}) - k * ${second}) - k * ${third}) - k * ${fourth};
  return vec2f(r, k);
}`,
    uses: ['largeAngle'],
  },
  sineOf: {
    text: `
fn sineOf(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * ${polynomial('z', sin.tail)};
}`,
  },
  cosineOf: {
    text: `
fn cosineOf(r: f32) -> f32 {
  let z = r * r;
  let half = 0.5 * z;
  let lead = exact(1.0 - half);
  return lead + ((exact(1.0 - lead) - half) + z * z * ${polynomial('z', cos.tail)});
}`,
    uses: ['exact'],
  },
  sin_: {
    text: `
fn sin_(x: f32) -> f32 {
  if (!isFinite(x)) { return fromBits(0x7fc00000u); }
  if (abs(x) < ${float(FLOAT32_IDENTITY_BELOW.sin)}) { return x; }
  let a = angle(x);
  let k = i32(a.y);
  let value = select(sineOf(a.x), cosineOf(a.x), (k & 1) != 0);
  return select(value, -value, (k & 2) != 0);
}`,
    uses: ['isFinite', 'fromBits', 'angle', 'sineOf', 'cosineOf'],
    signature: ['f32', 1, 'f32'],
  },
  cos_: {
    text: `
fn cos_(x: f32) -> f32 {
  if (!isFinite(x)) { return fromBits(0x7fc00000u); }
  let a = angle(x);
  let k = i32(a.y);
  let value = select(cosineOf(a.x), sineOf(a.x), (k & 1) != 0);
  return select(value, -value, ((k + 1) & 2) != 0);
}`,
    uses: ['isFinite', 'fromBits', 'angle', 'sineOf', 'cosineOf'],
    signature: ['f32', 1, 'f32'],
  },
  tan_: {
    text: `
fn tan_(x: f32) -> f32 {
  if (!isFinite(x)) { return fromBits(0x7fc00000u); }
  if (abs(x) < ${float(FLOAT32_IDENTITY_BELOW.tan)}) { return x; }
  let a = angle(x);
  let s = sineOf(a.x);
  let c = cosineOf(a.x);
  return select(s / c, -c / s, (i32(a.y) & 1) != 0);
}`,
    uses: ['isFinite', 'fromBits', 'angle', 'sineOf', 'cosineOf'],
    signature: ['f32', 1, 'f32'],
  },
} as const satisfies Record<string, Helper>;
