/**
 * The sum of what falls on one element: floats of 32 bits are added as float64, those of 64 bits with their rounding errors (Knuth's
 * exact sum), so that the error does not grow with how many there are.
 */
import type { DType } from '@pappus/core';
import { f32x4, f64x2, i32x4, i8x16, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import { constantVector, type LaneCount, type Vector, type VectorLocal } from './vectors.js';

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const BOTH_LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];

/** float32 in two vectors of float64, lanes 0 and 1, and lanes 2 and 3; float64 with what is lost beside it; int32. */
export class ScatterSum {
  private readonly parts: readonly VectorLocal[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly dtype: DType,
    lanes: LaneCount,
  ) {
    const parts = dtype === 'float64' || (dtype === 'float32' && lanes === 4) ? 2 : 1;
    this.parts = Array.from({ length: parts }, () => f.local('v128'));
  }

  start(): void {
    for (const part of this.parts) this.f.set(part, constantVector(0, this.dtype === 'int32' ? 'int32' : 'float64'));
  }

  add(value: VectorLocal): void {
    const { f } = this;
    const [first, second] = this.parts;
    if (first === undefined) return;
    if (this.dtype === 'int32') {
      f.set(first, i32x4.add(first, value));
    } else if (this.dtype === 'float64' && second !== undefined) {
      const sum = f.let(f64x2.add(first, value));
      const part = f.let(f64x2.sub(sum, first));
      const lost = f64x2.add(f64x2.sub(first, f64x2.sub(sum, part)), f64x2.sub(value, part));
      f.set(second, f64x2.add(second, lost));
      f.set(first, sum);
    } else {
      f.set(first, f64x2.add(first, f64x2.promoteLowF32x4(value)));
      if (second !== undefined) f.set(second, f64x2.add(second, f64x2.promoteLowF32x4(i8x16.shuffle(value, value, HIGH_HALF))));
    }
  }

  /** The sum in the dtype. */
  total(): Vector {
    const [first, second] = this.parts;
    if (first === undefined) return constantVector(0, this.dtype);
    if (this.dtype === 'int32') return first;
    if (this.dtype === 'float64' && second !== undefined) {
      // What is infinite has no rounding error, and its computation none but NaN.
      const finite = f64x2.eq(f64x2.sub(second, second), f64x2.const(0));
      return v128.bitselect(f64x2.add(first, second), first, finite);
    }
    const narrow = f32x4.demoteF64x2Zero(first);
    return second === undefined ? narrow : i8x16.shuffle(narrow, f32x4.demoteF64x2Zero(second), BOTH_LOW_HALVES);
  }
}
