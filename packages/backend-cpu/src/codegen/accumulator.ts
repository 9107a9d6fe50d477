/**
 * Accumulating a reduction in vectors. Sums of floats are blocked: short runs are summed in their own dtype, those of several
 * ways are added in pairs, and what that comes to is added to a total that loses nothing that counts: in float64 for float32,
 * and for float64 with the rounding errors kept beside it (Knuth's exact sum). So the error is that of one block, however
 * many there are. The order depends on the sizes alone.
 */
import type { DType } from '@pappus/core';
import type { ReduceOp } from '@pappus/core/backend';
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

/**
 * Additions of one run, and so the longest chain of roundings in the dtype of the terms. With u half a unit in the last place:
 * a run of 8 is off by 7 u at most. Of 8 equal numbers it is off by 2.5 u, and a block whose ways have runs of two lengths, up
 * to 8, by 3.3 u (the worst of all 2^23 significands, tried one by one; runs of 9 make it 4.3 u). Blocks of equal numbers are
 * all off by the same share, which is then the whole sum's: with the rounding of the result it is 4 units in the last place
 * at most for any count. A run of 128 would be off by 40.
 */
export const RUN = 8;

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

export class Accumulator {
  private readonly runs: readonly VectorLocal[];
  /** float64 sums of the runs, for sums of floats: lanes 0 and 1, and lanes 2 and 3 of float32. */
  private readonly wide: readonly VectorLocal[];
  /** What the sum of float64 runs has lost to rounding. */
  private readonly lost: VectorLocal | undefined;

  /**
   * @param ways independent sums, so that an addition need not wait for the one before
   * @param single whether one run of each is all there is
   */
  constructor(
    private readonly f: FunctionBuilder,
    private readonly op: ReduceOp,
    private readonly dtype: DType,
    private readonly lanes: LaneCount,
    ways: number,
    single: boolean,
  ) {
    this.runs = Array.from({ length: ways }, () => f.local('v128'));
    const wide = op !== 'sum' || dtype === 'int32' ? 0 : dtype === 'float32' && lanes === 4 ? 2 : 1;
    this.wide = Array.from({ length: wide }, () => f.local('v128'));
    this.lost = wide > 0 && dtype === 'float64' && !single ? f.local('v128') : undefined;
  }

  start(): void {
    for (const run of this.runs) this.f.set(run, neutral(this.op, this.dtype));
    for (const sum of this.wide) this.f.set(sum, f64x2.const(0));
    if (this.lost !== undefined) this.f.set(this.lost, f64x2.const(0));
  }

  /** Two vectors as one, to be added. */
  pair(a: VectorLocal, b: VectorLocal): VectorLocal {
    return this.f.let(combine(this.op, this.dtype, a, b));
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
    if (this.lost !== undefined) {
      const { sum, error } = exactSum(this.f, low, total);
      this.f.set(low, sum);
      this.f.set(this.lost, f64x2.add(this.lost, error));
    } else {
      this.f.set(low, f64x2.add(low, this.dtype === 'float64' ? total : f64x2.promoteLowF32x4(total)));
      if (high !== undefined) this.f.set(high, f64x2.add(high, f64x2.promoteLowF32x4(i8x16.shuffle(total, total, HIGH_HALF))));
    }
    for (const run of this.runs) this.f.set(run, neutral(this.op, this.dtype));
  }

  /** The result for each lane. */
  lanewise(): VectorLocal {
    const [low, high] = this.wide;
    if (low === undefined) return this.f.let(this.joined());
    if (this.lost !== undefined) return withLost(this.f, low, this.lost);
    if (this.dtype === 'float64') return low;
    const narrow = f32x4.demoteF64x2Zero(low);
    if (high === undefined) return this.f.let(narrow);
    return this.f.let(i8x16.shuffle(narrow, f32x4.demoteF64x2Zero(high), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]));
  }

  /** The result of all lanes, in the first. */
  across(): VectorLocal {
    const { f } = this;
    const [low, high] = this.wide;
    if (low !== undefined) {
      if (this.lost !== undefined) {
        const { sum, error } = exactSum(f, low, f.let(i8x16.shuffle(low, low, HIGH_HALF)));
        const lost = f64x2.add(this.lost, i8x16.shuffle(this.lost, this.lost, HIGH_HALF));
        return withLost(f, sum, f.let(f64x2.add(error, lost)));
      }
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

  /** All ways, added in pairs: equal ones without any rounding. */
  private joined(): Vector {
    let left: readonly Vector[] = this.runs;
    while (left.length > 1) {
      const pairs = left;
      left = Array.from({ length: Math.ceil(pairs.length / 2) }, (_, k) => {
        const [a = neutral(this.op, this.dtype), b] = pairs.slice(2 * k, 2 * k + 2);
        return b === undefined ? a : combine(this.op, this.dtype, a, b);
      });
    }
    return left[0] ?? neutral(this.op, this.dtype);
  }
}

/** `a + b` in float64, and what it loses to rounding; NaN of what is infinite. */
function exactSum(f: FunctionBuilder, a: VectorLocal, b: VectorLocal): { readonly sum: VectorLocal; readonly error: VectorLocal } {
  const sum = f.let(f64x2.add(a, b));
  const part = f.let(f64x2.sub(sum, a));
  return { sum, error: f.let(f64x2.add(f64x2.sub(a, f64x2.sub(sum, part)), f64x2.sub(b, part))) };
}

/** A sum with what it has lost, which counts where it is finite. */
function withLost(f: FunctionBuilder, sum: VectorLocal, lost: VectorLocal): VectorLocal {
  const finite = f64x2.lt(f64x2.abs(lost), f64x2.const(Infinity));
  return f.let(f64x2.add(sum, v128.and(lost, finite)));
}
