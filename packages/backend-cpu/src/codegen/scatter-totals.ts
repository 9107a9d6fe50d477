/**
 * Totals of what is added to elements run after run, in memory: floats of 32 bits are added as float64, those of 64 bits with their
 * rounding errors (Knuth's exact sum), so that the error does not grow with how many runs there are.
 */
import type { DType } from '@pappus/core';
import { f32x4, f64x2, i8x16, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import type { LaneCount, Vector, VectorLocal } from './vectors.js';

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const BOTH_LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** The address of one of the halves of a total: lanes 0 and 1, and 2 and 3 where there are 4; of float64 the sums, and what they have lost. */
export type HalfOf = (half: 0 | 1, kind: 'read' | 'write') => Value<'i32'>;

/** Adds a vector to its totals. */
export function addToTotal(f: FunctionBuilder, dtype: DType, lanes: LaneCount, at: HalfOf, value: VectorLocal): void {
  const total = (half: 0 | 1): VectorLocal => f.let(v128.load(at(half, 'read')));
  const store = (half: 0 | 1, next: Vector): void => f.emit(v128.store(at(half, 'write'), next));
  if (dtype === 'float64') {
    const before = total(0);
    const sum = f.let(f64x2.add(before, value));
    const part = f.let(f64x2.sub(sum, before));
    const lost = f64x2.add(f64x2.sub(before, f64x2.sub(sum, part)), f64x2.sub(value, part));
    store(0, sum);
    store(1, f64x2.add(total(1), lost));
  } else {
    store(0, f64x2.add(total(0), f64x2.promoteLowF32x4(value)));
    if (lanes === 4) store(1, f64x2.add(total(1), f64x2.promoteLowF32x4(i8x16.shuffle(value, value, HIGH_HALF))));
  }
}

/** What the totals of a vector come to, in the dtype. */
export function totalOf(f: FunctionBuilder, dtype: DType, lanes: LaneCount, at: HalfOf): Vector {
  const first = f.let(v128.load(at(0, 'read')));
  if (dtype !== 'float64' && lanes === 2) return f32x4.demoteF64x2Zero(first);
  const second = f.let(v128.load(at(1, 'read')));
  if (dtype !== 'float64') return i8x16.shuffle(f32x4.demoteF64x2Zero(first), f32x4.demoteF64x2Zero(second), BOTH_LOW_HALVES);
  // What is infinite has no rounding error, and its computation none but NaN.
  const finite = f64x2.eq(f64x2.sub(second, second), f64x2.const(0));
  return v128.bitselect(f64x2.add(first, second), first, finite);
}
