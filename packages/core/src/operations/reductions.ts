/** Reductions over axes, and what is composed of them. */
import { construct, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { productOfDimensions } from '../graph/dimension.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Axes, Expr } from '../graph/expr.js';
import type { ReduceOp } from '../graph/node.js';
import { checkOptions, REDUCE } from '../arguments/options.js';
import { normalizeAxes } from '../graph/shape.js';
import { add, div, eq, exp, isFinite, log, sub, where } from './elementwise.js';
import { restoreAxes, squeeze, stopGradient } from './movement.js';
import { requireFloat, requireTensor } from './operand-checks.js';

/** Options that reductions share. */
export interface ReduceOptions {
  /** Keep the reduced axes as size 1. Default false. */
  readonly keepdims?: boolean;
}

function reduce(op: ReduceOp, a: Expr, axes: Axes | undefined, options: ReduceOptions | undefined): Expr {
  requireTensor(op, a);
  const { keepdims } = checkOptions(op, options, REDUCE);
  const chosen = normalizeAxes(axes, a.rank, op);
  const logical = op === 'all' || op === 'any';
  if (logical !== (a.dtype === 'bool')) {
    throw new DTypeError(
      logical
        ? `${op}: takes bool, and ${describe(a)} is ${a.dtype}; compare it, as in x.gt(0)`
        : `${op}: takes numbers, and ${describe(a)} is bool; cast it with .cast('float32')`,
    );
  }
  if ((op === 'max' || op === 'min') && chosen.some((axis) => a.shape[axis] === 0)) {
    throw new ShapeError(`${op}: ${describe(a)} has no elements to choose from`);
  }
  const kept = a.shape.filter((_, k) => !chosen.includes(k));
  const result = chosen.length === 0 ? a : construct({ kind: 'reduce', op, axes: chosen }, [a], kept, a.dtype);
  return keepdims === true ? restoreAxes(result, chosen, a.rank) : result;
}

/**
 * The sum over the axes; 0 of none. int32 wraps around; floats are summed in blocks, in an order that the sizes decide.
 *
 * @param axes all by default
 * @param options `keepdims`, default false: the axes stay, with size 1
 * @throws {DTypeError} if the operand is bool
 * @throws {ShapeError} if there is no such axis
 */
export const sum = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('sum', a, axes, options);

/**
 * The product over the axes; 1 of none. int32 wraps around. Its gradient is right where elements are 0.
 *
 * @param axes all by default
 * @param options `keepdims`, default false: the axes stay, with size 1
 * @throws {DTypeError} if the operand is bool
 * @throws {ShapeError} if there is no such axis
 */
export const prod = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('prod', a, axes, options);

/**
 * The largest element over the axes; NaN if any is. Elements that tie share the gradient.
 *
 * @param axes all by default
 * @param options `keepdims`, default false: the axes stay, with size 1
 * @throws {DTypeError} if the operand is bool
 * @throws {ShapeError} if there is no such axis, or nothing to choose from
 */
export const max = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('max', a, axes, options);

/** The smallest element over the axes; otherwise as `max`. */
export const min = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('min', a, axes, options);

/**
 * Whether all are true over the axes; true of none.
 *
 * @param axes all by default
 * @param options `keepdims`, default false: the axes stay, with size 1
 * @throws {DTypeError} if the operand is not bool
 * @throws {ShapeError} if there is no such axis
 */
export const all = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('all', a, axes, options);

/** Whether any is true over the axes; false of none. Otherwise as `all`. */
export const any = (a: Expr, axes?: Axes, options?: ReduceOptions): Expr => reduce('any', a, axes, options);

/**
 * The arithmetic mean over the axes; NaN of none.
 *
 * @param axes all by default
 * @param options `keepdims`, default false: the axes stay, with size 1
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis
 */
export function mean(a: Expr, axes?: Axes, options?: ReduceOptions): Expr {
  requireTensor('mean', a);
  checkOptions('mean', options, REDUCE);
  if (!isFloat(a.dtype)) {
    throw new DTypeError(`mean: takes float32 or float64, and ${describe(a)} is ${a.dtype}; cast it with .cast('float32')`);
  }
  const chosen = normalizeAxes(axes, a.rank, 'mean');
  const count = productOfDimensions(chosen.map((axis) => a.shape[axis] ?? 1));
  return div(sum(a, chosen, options), size(count, a.dtype));
}

/** The largest element over the axes, kept with size 1, by which exponentials are shifted; -Infinity of none. */
export function peak(a: Expr, axes?: Axes): Expr {
  const chosen = normalizeAxes(axes, a.rank, 'max');
  if (chosen.length === 0) return a;
  const kept = a.shape.filter((_, k) => !chosen.includes(k));
  return restoreAxes(construct({ kind: 'reduce', op: 'max', axes: chosen, ofNone: true }, [a], kept, a.dtype), chosen, a.rank);
}

/**
 * log(sum(exp(a))), shifted by the maximum so that it neither overflows nor underflows. -Infinity of none, and where all
 * elements are -Infinity; the gradient is 0 there.
 *
 * @param axes all by default
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis
 */
export function logSumExp(a: Expr, axes?: Axes, options?: ReduceOptions): Expr {
  requireFloat('logSumExp', a);
  const { keepdims } = checkOptions('logSumExp', options, REDUCE);
  const chosen = normalizeAxes(axes, a.rank, 'logSumExp');
  const largest = stopGradient(peak(a, chosen));
  const shift = where(isFinite(largest), largest, scalar(0, a.dtype));
  const total = sum(exp(sub(a, shift)), chosen, { keepdims: true });
  // Of a sum of 0 the logarithm has no gradient, and that of each exponential is 0.
  const none = eq(total, 0);
  const shifted = where(none, scalar(-Infinity, a.dtype), add(log(where(none, scalar(1, a.dtype), total)), shift));
  return keepdims === true ? shifted : squeeze(shifted, chosen);
}
