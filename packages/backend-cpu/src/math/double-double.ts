/**
 * Sums and products of two float64 numbers with their rounding errors (Dekker, A floating-point technique for extending the
 * available precision, 1971). They hold for the plain rounded instructions only: never with a relaxed fused multiply-add.
 */
import { f64x2, i64x2, v128 } from '../wasm/instructions.js';
import type { FunctionBuilder } from '../wasm/module.js';
import type { Vector, VectorLocal } from './lanes.js';

/** high + low exactly, high being the rounded sum or product. */
export interface DoubleDouble {
  readonly high: VectorLocal;
  readonly low: VectorLocal;
}

const { add, sub, mul } = f64x2;

/** a + b. */
export function twoSum(f: FunctionBuilder, a: VectorLocal, b: VectorLocal): DoubleDouble {
  const high = f.let(add(a, b));
  const bRounded = f.let(sub(high, a));
  const low = f.let(add(sub(a, sub(high, bRounded)), sub(b, bRounded)));
  return { high, low };
}

/** a + b where |a| >= |b| or a = 0. */
export function fastTwoSum(f: FunctionBuilder, a: VectorLocal, b: VectorLocal): DoubleDouble {
  const high = f.let(add(a, b));
  const low = f.let(add(sub(a, high), b));
  return { high, low };
}

/** a cut into its leading 26 bits and the rest. */
export function halve(f: FunctionBuilder, a: VectorLocal): DoubleDouble {
  const high = f.let(v128.and(a, i64x2.const(-1n << 27n)));
  const low = f.let(sub(a, high));
  return { high, low };
}

/** a b, from the factors and their halves; exact to 2^-106 of it. */
export function twoProduct(f: FunctionBuilder, a: VectorLocal, b: VectorLocal, aHalves = halve(f, a), bHalves = halve(f, b)): DoubleDouble {
  const high = f.let(mul(a, b));
  const leading: Vector = sub(mul(aHalves.high, bHalves.high), high);
  const crossed = add(add(leading, mul(aHalves.high, bHalves.low)), mul(aHalves.low, bHalves.high));
  const low = f.let(add(crossed, mul(aHalves.low, bHalves.low)));
  return { high, low };
}
