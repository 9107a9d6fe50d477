/** All instructions: `f32x4.add(a, b)` is a value that a function body can emit. */
export type { Statement, Value, ValueType } from './instruction.js';
export { f32, f64, i32, i64, select } from './scalar.js';
export { f32x4, f64x2, i16x8, i32x4, i64x2, i8x16, v128 } from './simd.js';
