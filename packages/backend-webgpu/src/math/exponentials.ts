/**
 * exp, expm1, sigmoid, tanh and erf by one reduction: x = k ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that k times the
 * first is exact, then e^r - 1 = r + r^2 q(r). erf is x + x p(x^2) below 1, and 1 - e^(-x^2) g(1 / (x + 2)) above.
 */
import { FLOAT32_FUNCTIONS } from '@pappus/compiler';
import type { Helper } from './helper.js';
import { float, polynomial } from './numbers.js';

const { ln2, exp, tanh, erf } = FLOAT32_FUNCTIONS;

export const EXPONENTIALS = {
  // 2^k y in two steps: one factor alone would overflow, and a subnormal y is rounded once.
  scaled: {
    text: `
fn scaled(y: f32, k: i32) -> f32 {
  let half = k >> 1u;
  return y * bitcast<f32>((half + 127) << 23u) * bitcast<f32>((k - half + 127) << 23u);
}`,
  },
  // e^(x + low) = 2^k (1 + p): p and k.
  reduced: {
    text: `
fn reduced(x: f32, low: f32) -> vec2f {
  let k = round(x * ${float(Math.LOG2E)});
  let r = ((x - k * ${float(ln2.high)}) - k * ${float(ln2.low)}) + low;
  let q = ${polynomial('r', exp.tail)};
  return vec2f(r + r * r * q, k);
}`,
  },
  // Of x within reach of the exponent.
  expWithin: {
    text: 'fn expWithin(x: f32, low: f32) -> f32 { let e = reduced(x, low); return scaled(1.0 + e.x, i32(e.y)); }',
    uses: ['reduced', 'scaled'],
  },
  exp_: {
    text: `fn exp_(x: f32) -> f32 { if (isNan(x)) { return x; } return expWithin(clamp(x, ${float(exp.underflow)}, ${float(exp.overflow)}), 0.0); }`,
    uses: ['isNan', 'expWithin'],
    signature: ['f32', 1, 'f32'],
  },
  // 2^k ((1 - 2^-k) + p): the sum is exact up to its last rounding, and is p when k = 0.
  expm1_: {
    text: `
fn expm1_(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let e = reduced(clamp(x, ${float(-2 * tanh.saturation)}, ${float(exp.overflow)}), 0.0);
  let inverse = bitcast<f32>((127 - i32(min(e.y, ${float(exp.negligibleExponent)}))) << 23u);
  return withSign(scaled((1.0 - inverse) + e.x, i32(e.y)), x);
}`,
    uses: ['isNan', 'reduced', 'scaled', 'withSign'],
    signature: ['f32', 1, 'f32'],
  },
  // From the side that does not overflow.
  sigmoid_: {
    text: `
fn sigmoid_(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let e = expWithin(max(-abs(x), ${float(exp.underflow)}), 0.0);
  return select(1.0, e, x < 0.0) / (1.0 + e);
}`,
    uses: ['isNan', 'expWithin'],
    signature: ['f32', 1, 'f32'],
  },
  // w / (w + 2) with w = e^(2|x|) - 1 = 2^k p + (2^k - 1), then the sign of x.
  tanh_: {
    text: `
fn tanh_(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let e = reduced(2.0 * min(abs(x), ${float(tanh.saturation)}), 0.0);
  let scale = bitcast<f32>((i32(e.y) + 127) << 23u);
  let w = scale * e.x + (scale - 1.0);
  return withSign(w / (w + 2.0), x);
}`,
    uses: ['isNan', 'reduced', 'withSign'],
    signature: ['f32', 1, 'f32'],
  },
  erf_: {
    text: `
fn erf_(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let a = min(abs(x), ${float(erf.saturation)});
  let z = a * a;
  if (a < ${float(erf.join)}) {
    let p = ${polynomial('z', erf.small)};
    return withSign(a + a * p, x);
  }
  let t = 1.0 / (a + ${float(erf.center)});
  let g = ${polynomial('t', erf.complement)};
  return withSign(1.0 - expWithin(-z, 0.0) * g, x);
}`,
    uses: ['isNan', 'expWithin', 'withSign'],
    signature: ['f32', 1, 'f32'],
  },
} as const satisfies Record<string, Helper>;
