/**
 * sin, cos and tan: x = k pi/2 + r with |r| <= pi/4, pi/2 in parts of 11 bits so that k times each but the last is exact
 * (Cody & Waite, 1980, chapter 8), then a polynomial for the sine and one for the cosine of r, chosen and signed by k modulo 4. Where
 * k has more than 13 bits, x 2/pi modulo 4 comes from integers (Payne & Hanek, 1983).
 */
import type { Helper } from './helper.js';

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
const twoOverPi = array<u32, 9>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u);
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
  let turns = f32(high) * 9.313225746154785e-10 + f32(rest) * 2.168404344971009e-19;
  let r = turns * 1.5707963267948966;
  return select(vec2f(r, f32(k)), vec2f(-r, f32(k)), negative) * select(1.0, -1.0, bits >= 0x80000000u);
}`,
    uses: ['multiplyHigh'],
  },
  // r and k, which may be negative.
  angle: {
    text: `
fn angle(x: f32) -> vec2f {
  if (abs(x) > 8192.0) { return largeAngle(x); }
  let k = round(x * 0.6366197723675814);
  let r = (((x - k * 1.5703125) - k * 0.0004837512969970703) - k * 7.549533620476723e-8) - k * 2.5633440682570896e-12;
  return vec2f(r, k);
}`,
    uses: ['largeAngle'],
  },
  sineOf: {
    text: `
fn sineOf(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * (-0.16666655242443085 + z * (0.008332190103828907 + z * -0.00019518405315466225));
}`,
  },
  cosineOf: {
    text: `
fn cosineOf(r: f32) -> f32 {
  let z = r * r;
  let half = 0.5 * z;
  let lead = exact(1.0 - half);
  return lead + ((exact(1.0 - lead) - half) + z * z * (0.04166664555668831 + z * (-0.00138873013202101 + z * 2.4430659323115833e-5)));
}`,
    uses: ['exact'],
  },
  sin_: {
    text: `
fn sin_(x: f32) -> f32 {
  if (!isFinite(x)) { return fromBits(0x7fc00000u); }
  if (abs(x) < 1e-4) { return x; }
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
  if (abs(x) < 1e-4) { return x; }
  let a = angle(x);
  let s = sineOf(a.x);
  let c = cosineOf(a.x);
  return select(s / c, -c / s, (i32(a.y) & 1) != 0);
}`,
    uses: ['isFinite', 'fromBits', 'angle', 'sineOf', 'cosineOf'],
    signature: ['f32', 1, 'f32'],
  },
} as const satisfies Record<string, Helper>;
