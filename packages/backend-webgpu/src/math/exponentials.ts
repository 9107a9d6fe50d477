/**
 * exp, expm1, sigmoid, tanh and erf by one reduction: x = k ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that k times the
 * first is exact (Cody & Waite, 1980, chapter 6), then e^r - 1 = r + r^2 q(r). erf is x + x p(x^2) below 1, and
 * 1 - e^(-x^2) g(1 / (x + 2)) above. The polynomials are minimax; those of the CPU backend.
 */
import type { Helper } from './helper.js';

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
  let k = round(x * 1.4426950408889634);
  let r = ((x - k * 0.693145751953125) - k * 1.4286068203094173e-6) + low;
  let q = 0.5 + r * (0.16666541993618011 + r * (0.04166628047823906 + r * (0.008366628549993038 + r * 0.0013946538092568517)));
  return vec2f(r + r * r * q, k);
}`,
  },
  // Of x within reach of the exponent.
  expWithin: {
    text: 'fn expWithin(x: f32, low: f32) -> f32 { let e = reduced(x, low); return scaled(1.0 + e.x, i32(e.y)); }',
    uses: ['reduced', 'scaled'],
  },
  exp_: {
    text: 'fn exp_(x: f32) -> f32 { if (isNan(x)) { return x; } return expWithin(clamp(x, -104.0, 89.0), 0.0); }',
    uses: ['isNan', 'expWithin'],
    signature: ['f32', 1, 'f32'],
  },
  // 2^k ((1 - 2^-k) + p): the sum is exact up to its last rounding, and is p when k = 0.
  expm1_: {
    text: `
fn expm1_(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let e = reduced(clamp(x, -20.0, 89.0), 0.0);
  let inverse = bitcast<f32>((127 - i32(min(e.y, 30.0))) << 23u);
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
  let e = expWithin(max(-abs(x), -104.0), 0.0);
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
  let e = reduced(2.0 * min(abs(x), 10.0), 0.0);
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
  let a = min(abs(x), 4.0);
  let z = a * a;
  if (a < 1.0) {
    let p = 0.12837916612625122 + z * (-0.3761262893676758 + z * (0.11283618211746216 + z * (-0.026855122298002243 +
      z * (0.005190716590732336 + z * (-0.0008030509343370795 + z * 7.91918791946955e-5)))));
    return withSign(a + a * p, x);
  }
  let t = 1.0 / (a + 2.0);
  let g = 0.0018214063020423055 + t * (0.5194200873374939 + t * (1.5870764255523682 + t * (-0.5152254700660706 +
    t * (10.186081886291504 + t * -7.3850998878479))));
  return withSign(1.0 - expWithin(-z, 0.0) * g, x);
}`,
    uses: ['isNan', 'expWithin', 'withSign'],
    signature: ['f32', 1, 'f32'],
  },
} as const satisfies Record<string, Helper>;
