/** Remainders with the sign of the divisor: in integers, as by hand, eight bits of the quotient at a time; exact. */
import type { Helper } from './helper.js';

export const REMAINDERS = {
  // JavaScript's |a| % |b| of finite numbers, b not 0: both are integers times a power of two.
  remainder: {
    text: `
fn remainder(a: f32, b: f32) -> f32 {
  let abits = bitcast<u32>(a) & 0x7fffffffu;
  let bbits = bitcast<u32>(b) & 0x7fffffffu;
  if (abits < bbits) { return abs(a); }
  let exponent = max(1u, bbits >> 23u);
  let divisor = (bbits & 0x7fffffu) | select(0u, 0x800000u, bbits >= 0x800000u);
  var rest = ((abits & 0x7fffffu) | select(0u, 0x800000u, abits >= 0x800000u)) % divisor;
  var shift = max(1u, abits >> 23u) - exponent;
  while (shift > 0u && rest != 0u) {
    let step = min(shift, 8u);
    rest = (rest << step) % divisor;
    shift -= step;
  }
  if (rest == 0u) { return 0.0; }
  let lift = countLeadingZeros(rest) - 8u;
  if (lift >= exponent) { return bitcast<f32>(rest << (exponent - 1u)); }
  return bitcast<f32>(((exponent - lift) << 23u) | ((rest << lift) & 0x7fffffu));
}`,
  },
  mod_: {
    text: `
fn mod_(a: f32, b: f32) -> f32 {
  if (isNan(a) || isNan(b) || !isFinite(a) || isZero(b)) { return fromBits(0x7fc00000u); }
  var r = withSign(abs(a), a);
  if (isFinite(b)) { r = withSign(remainder(a, b), a); }
  let differ = ((bitcast<u32>(r) ^ bitcast<u32>(b)) & 0x80000000u) != 0u;
  return select(r, r + b, differ && !isZero(r));
}`,
    uses: ['isNan', 'isFinite', 'isZero', 'fromBits', 'withSign', 'remainder'],
    signature: ['f32', 2, 'f32'],
  },
  // The remainder by 0 is 0.
  integerMod: {
    text: `
fn integerMod(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) { return 0; }
  let r = a % b;
  return select(r, r + b, r != 0 && (r < 0) != (b < 0));
}`,
    signature: ['i32', 2, 'i32'],
  },
} as const satisfies Record<string, Helper>;
