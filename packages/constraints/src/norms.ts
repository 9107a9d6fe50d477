/** Euclidean norms: over axes of one tensor, and of several tensors taken together. */
import { add, cast, describe, DTypeError, type Expr, isFloat, normalizeAxes, requireTensor, requireTensors, scalar, ShapeError, sqrt, square, sum } from '@pappus/core';

/** One expression for each of a list, in a tuple of its length. */
export type Each<T extends readonly Expr[]> = { [K in keyof T]: Expr };

/** @throws {DTypeError} if the tensor is no float */
export function checkFloat(x: Expr, what: string): void {
  requireTensor(what, x);
  if (!isFloat(x.dtype)) throw new DTypeError(`${what}: ${describe(x)} is no float; cast it with .cast('float32')`);
}

/** The norms over the axes, which are kept with size 1. */
export function normOver(x: Expr, axes: readonly number[]): Expr {
  return sqrt(sum(square(x), axes, { keepdims: true }));
}

/**
 * The axes over which the weights into one unit lie: 0 of a dense layer's matrix `[in, out]`, all but 0 of the 3 to 5
 * dimensions of a convolution's weight `[out, in, ...window]`.
 *
 * @throws {ShapeError} for other numbers of dimensions
 */
export function incomingAxes(x: Expr, what: string): readonly number[] {
  if (x.rank === 2) return [0];
  if (x.rank >= 3 && x.rank <= 5) return Array.from({ length: x.rank - 1 }, (_, k) => k + 1);
  throw new ShapeError(`${what}: ${describe(x)} has ${x.rank} dimensions, for which no axes are usual; name them, as in { normAxes: [0] }`);
}

/** The norm of all elements of all tensors, a scalar of the widest of their dtypes; 0 of none. */
export function totalNorm(xs: readonly Expr[], what: string): Expr {
  requireTensors(what, xs, 'the tensors');
  for (const x of xs) checkFloat(x, what);
  const dtype = xs.some((x) => x.dtype === 'float64') ? 'float64' : 'float32';
  const squares = xs.map((x) => cast(sum(square(x)), dtype));
  return sqrt(squares.length === 0 ? scalar(0, dtype) : squares.reduce(add));
}

/** Tensors times one scalar. */
export function scaleAll(xs: readonly Expr[], factor: Expr): readonly Expr[] {
  return xs.map((x) => x.mul(cast(factor, x.dtype)));
}

/** The axes of norms: those that are named, checked, or those that are usual. */
export function normAxesOf(x: Expr, axes: readonly number[] | undefined, what: string): readonly number[] {
  return axes === undefined ? incomingAxes(x, what) : normalizeAxes(axes, x.rank, what);
}
