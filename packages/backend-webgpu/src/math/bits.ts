/** Floats by their bits: what must hold of NaN, infinities and signs of zero whatever the driver assumes. */
import type { Helper } from './helper.js';

export const BITS = {
  // The first word of params is 0: no compiler knows, and none objects to a constant that is no number.
  fromBits: { text: 'fn fromBits(bits: u32) -> f32 { return bitcast<f32>(bits | params[0].x); }' },
  // A value that no rewriting of sums and products goes through.
  exact: { text: 'fn exact(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) | params[0].x); }' },
  // The same for operands of elementwise operations, which may be vectors.
  opaque: { text: 'fn opaque(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) | params[0].x); }', signature: ['f32', 1, 'f32'] },
  isNan: { text: 'fn isNan(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }', signature: ['f32', 1, 'bool'] },
  isFinite: {
    text: 'fn isFinite(a: f32) -> bool { return (bitcast<u32>(a) & 0x7f800000u) != 0x7f800000u; }',
    signature: ['f32', 1, 'bool'],
  },
  isZero: { text: 'fn isZero(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) == 0u; }' },
  withSign: {
    text: 'fn withSign(a: f32, sign: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) | (bitcast<u32>(sign) & 0x80000000u)); }',
  },
  sign_: {
    text: 'fn sign_(a: f32) -> f32 { return select(withSign(1.0, a), a, isZero(a) || isNan(a)); }',
    uses: ['withSign', 'isZero', 'isNan'],
    signature: ['f32', 1, 'f32'],
  },
  // Integers in the order of the floats whose bits they are, -0 before 0.
  order: { text: 'fn order(a: f32) -> i32 { let b = bitcast<i32>(a); return b ^ ((b >> 31u) & 0x7fffffff); }' },
  maximum: {
    text: `
fn maximum(a: f32, b: f32) -> f32 {
  if (isNan(a)) { return a; }
  return select(a, b, isNan(b) || order(b) > order(a));
}`,
    uses: ['isNan', 'order'],
    signature: ['f32', 2, 'f32'],
  },
  minimum: {
    text: `
fn minimum(a: f32, b: f32) -> f32 {
  if (isNan(a)) { return a; }
  return select(a, b, isNan(b) || order(b) < order(a));
}`,
    uses: ['isNan', 'order'],
    signature: ['f32', 2, 'f32'],
  },
  // Towards zero, saturating; NaN is 0.
  toInteger: {
    text: `
fn toInteger(a: f32) -> i32 {
  if (isNan(a)) { return 0; }
  if (a >= 2147483648.0) { return 2147483647; }
  if (a < -2147483648.0) { return i32(-2147483648); }
  return i32(a);
}`,
    uses: ['isNan'],
    signature: ['f32', 1, 'i32'],
  },
} as const satisfies Record<string, Helper>;
