/** Four float32 lanes as two pairs of float64 lanes, and back. */
import { f32x4, f64x2, i8x16 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import type { Vector, VectorLocal } from './lanes.js';

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
/** Shuffles of two vectors of 64-bit lanes: their first lanes, and their second. */
export const FIRST_LANES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
export const SECOND_LANES = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

export function promoteLow(f: FunctionBuilder, x: VectorLocal): VectorLocal {
  return f.let(f64x2.promoteLowF32x4(x));
}

export function promoteHigh(f: FunctionBuilder, x: VectorLocal): VectorLocal {
  return f.let(f64x2.promoteLowF32x4(i8x16.shuffle(x, x, HIGH_HALF)));
}

export function demote(low: Vector, high: Vector): Vector {
  return i8x16.shuffle(f32x4.demoteF64x2Zero(low), f32x4.demoteF64x2Zero(high), FIRST_LANES);
}

/** The low 32 bits of each of four 64-bit integers. */
export function narrowIntegers(low: Vector, high: Vector): Vector {
  return i8x16.shuffle(low, high, LOW_WORDS);
}
