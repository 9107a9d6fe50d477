/**
 * How far the results of a routine may be off: by experiment, as no analysis knows what a routine computes. It is run again on operands that
 * are off by their errors and, where it computes with floats, by roundings; what that changes, and room beside it, is what it may be off by.
 */
import { type Expr, isFloat } from '@pappus/core';
import type { Node } from '@pappus/core/backend';
import type { Precision } from './elementwise-error.js';
import { uniforms } from './values.js';

interface Tensor {
  readonly dtype: Expr['dtype'];
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

interface Operand extends Tensor {
  readonly errors: Float64Array;
}

const EXPERIMENTS = 4;
/** How much more than a few experiments show something may be. */
const ROOM = 16;

/** Bounds for each element of the result; Infinity where an integer may be another one, or a number none. */
export function routineErrors({ routine }: Extract<Node, { kind: 'routine' }>, args: readonly Operand[], result: Tensor, precision: Precision): Float64Array {
  const { dtype } = result;
  const rounding = isFloat(dtype) ? precision.arithmetic[dtype] : 0;
  const random = uniforms(args.length + result.values.length);
  const off = ({ values, errors }: Operand): Float64Array => {
    const scale = rounding * values.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
    return values.map((value, i) => (Number.isFinite(value) ? value + (2 * random() - 1) * ((errors[i] ?? NaN) + scale) : value));
  };
  const bounds = result.values.map((value) => (Number.isFinite(value) ? 4 * rounding * Math.abs(value) : 0));
  if (args.every(({ errors }) => errors.every((error) => error === 0)) && rounding === 0) return bounds;
  for (let k = 0; k < EXPERIMENTS; k++) {
    const { data } = routine.interpret(args.map((arg) => ({ data: off(arg), shape: arg.shape })), args.map((arg) => arg.dtype), result.shape);
    for (const [i, value] of result.values.entries()) {
      const other = data[i] ?? NaN;
      if (Object.is(value, other)) continue;
      bounds[i] = isFloat(dtype) && Number.isFinite(value) && Number.isFinite(other) ? Math.max(bounds[i] ?? 0, ROOM * Math.abs(value - other)) : Infinity;
    }
  }
  return bounds;
}
