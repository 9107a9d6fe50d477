/**
 * Accumulating a reduction in vectors. Sums of floats are blocked: short runs are summed in their own dtype, and the runs
 * in float64, so that the error does not grow with the length. The order depends on the sizes alone.
 */
import type { DType, ReduceOp } from '@pappus/core';
import { f32x4, f64x2, i32x4, i8x16, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import { constantVector, firstLanes, type LaneCount, type Vector, type VectorLocal } from './vectors.js';

/** What leaves the result as it is. */
function neutral(op: ReduceOp, dtype: DType): Vector {
  switch (op) {
    case 'sum':
      return constantVector(0, dtype);
    case 'prod':
      return constantVector(1, dtype);
    case 'max':
      return constantVector(dtype === 'int32' ? -(2 ** 31) : -Infinity, dtype);
    case 'min':
      return constantVector(dtype === 'int32' ? 2 ** 31 - 1 : Infinity, dtype);
    case 'all':
      return i32x4.const(-1);
    case 'any':
      return i32x4.const(0);
  }
}

function combine(op: ReduceOp, dtype: DType, a: Vector, b: Vector): Vector {
  const float = dtype === 'float64' ? f64x2 : f32x4;
  const integer = dtype === 'int32';
  switch (op) {
    case 'sum':
      return integer ? i32x4.add(a, b) : float.add(a, b);
    case 'prod':
      return integer ? i32x4.mul(a, b) : float.mul(a, b);
    case 'max':
      return integer ? i32x4.maxS(a, b) : float.max(a, b);
    case 'min':
      return integer ? i32x4.minS(a, b) : float.min(a, b);
    case 'all':
      return v128.and(a, b);
    case 'any':
      return v128.or(a, b);
  }
}

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

export class Accumulator {
  private readonly runs: readonly VectorLocal[];
  /** float64 sums of the runs, for sums of floats: lanes 0 and 1, and lanes 2 and 3 of float32. */
  private readonly wide: readonly VectorLocal[];

  /** @param ways independent sums, so that an addition need not wait for the one before */
  constructor(
    private readonly f: FunctionBuilder,
    private readonly op: ReduceOp,
    private readonly dtype: DType,
    private readonly lanes: LaneCount,
    ways: number,
  ) {
    this.runs = Array.from({ length: ways }, () => f.local('v128'));
    const wide = op !== 'sum' || dtype === 'int32' ? 0 : dtype === 'float32' && lanes === 4 ? 2 : 1;
    this.wide = Array.from({ length: wide }, () => f.local('v128'));
  }

  start(): void {
    for (const run of this.runs) this.f.set(run, neutral(this.op, this.dtype));
    for (const sum of this.wide) this.f.set(sum, f64x2.const(0));
  }

  /** Takes in a vector of which `valid` lanes count: a number, or one that is known at run time. */
  add(value: VectorLocal, way: number, valid: number | Local<'i32'>): void {
    const run = this.runs[way] ?? value;
    const kept = valid === this.lanes ? value : v128.bitselect(value, neutral(this.op, this.dtype), firstLanes(valid, this.dtype, this.lanes));
    this.f.set(run, combine(this.op, this.dtype, run, kept));
  }

  /** Ends a run; sums of floats are blocked by calling this now and then. */
  flush(): void {
    const [low, high] = this.wide;
    if (low === undefined) return;
    const total = this.f.let(this.joined());
    const promote = (v: Vector): Vector => (this.dtype === 'float64' ? v : f64x2.promoteLowF32x4(v));
    this.f.set(low, f64x2.add(low, promote(total)));
    if (high !== undefined) this.f.set(high, f64x2.add(high, promote(i8x16.shuffle(total, total, HIGH_HALF))));
    for (const run of this.runs) this.f.set(run, neutral(this.op, this.dtype));
  }

  /** The result for each lane. */
  lanewise(): VectorLocal {
    const [low, high] = this.wide;
    if (low === undefined) return this.f.let(this.joined());
    if (this.dtype === 'float64') return low;
    const narrow = f32x4.demoteF64x2Zero(low);
    if (high === undefined) return this.f.let(narrow);
    return this.f.let(i8x16.shuffle(narrow, f32x4.demoteF64x2Zero(high), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]));
  }

  /** The result of all lanes, in each of them. */
  across(): VectorLocal {
    const { f } = this;
    const [low, high] = this.wide;
    if (low !== undefined) {
      const both = high === undefined ? low : f.let(f64x2.add(low, high));
      const sum = f.let(f64x2.add(both, i8x16.shuffle(both, both, HIGH_HALF)));
      if (this.dtype === 'float64') return sum;
      const narrow = f.let(f32x4.demoteF64x2Zero(sum));
      return f.let(i8x16.shuffle(narrow, narrow, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]));
    }
    const all = f.let(this.joined());
    const wideLanes = this.dtype === 'float64' || (this.dtype === 'bool' && this.lanes === 2);
    const halves = wideLanes || this.lanes === 4 ? f.let(combine(this.op, this.dtype, all, i8x16.shuffle(all, all, HIGH_HALF))) : all;
    if (wideLanes) return halves;
    const second = [4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7];
    const first = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3];
    const one = f.let(combine(this.op, this.dtype, halves, i8x16.shuffle(halves, halves, second)));
    return f.let(i8x16.shuffle(one, one, first));
  }

  private joined(): Vector {
    const [first, ...rest] = this.runs;
    let total: Vector = first ?? neutral(this.op, this.dtype);
    for (const run of rest) total = combine(this.op, this.dtype, total, run);
    return total;
  }
}
