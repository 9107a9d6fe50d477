/** Euclidean norms: over axes of one tensor, and of several tensors taken together. */
import { add, cast, describe, DTypeError, type Expr, InputError, isFloat, norm, normalizeAxes, type OptionTest, requireTensor, requireTensors, scalar, ShapeError, show, sqrt, square, sum, where } from '@pappus/core';

/** One expression for each of a list, in a tuple of its length. */
export type Each<T extends readonly Expr[]> = { [K in keyof T]: Expr };

/** @throws {DTypeError} if the tensor is no float */
export function checkFloat(x: Expr, what: string): void {
  requireTensor(what, x);
  if (!isFloat(x.dtype)) throw new DTypeError(`${what}: ${describe(x)} is no float; cast it with .cast('float32')`);
}

/** The norms over the axes, which are kept with size 1. Where all elements are 0 the gradient is 0. */
export function normOver(x: Expr, axes: readonly number[]): Expr {
  return norm(x, axes, { keepdims: true });
}

/** A quotient by a norm to which an epsilon was added. Where that is 0, so is what is divided: by 1 then, without a gradient of the norm. */
export function overNorm(a: Expr, total: Expr): Expr {
  return a.div(where(total.eq(0), 1, total));
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

/** The norm of all elements of all tensors, a scalar of the widest of their dtypes; 0 of none. Where all are 0 the gradient is 0. */
export function totalNorm(xs: readonly Expr[], what: string): Expr {
  requireTensors(what, xs, 'the tensors');
  for (const x of xs) checkFloat(x, what);
  const dtype = xs.some((x) => x.dtype === 'float64') ? 'float64' : 'float32';
  const squares = xs.map((x) => cast(sum(square(x)), dtype));
  if (squares.length === 0) return scalar(0, dtype);
  const total = squares.reduce(add);
  const zero = total.eq(0);
  // The root keeps away from 0, where it has no derivative.
  return where(zero, 0, sqrt(where(zero, scalar(1, dtype), total)));
}

/** Tensors times one scalar. */
export function scaleAll(xs: readonly Expr[], factor: Expr): readonly Expr[] {
  return xs.map((x) => x.mul(cast(factor, x.dtype)));
}

/** The axes of norms: those that are named, checked, or those that are usual. */
export function normAxesOf(x: Expr, axes: readonly number[] | undefined, what: string): readonly number[] {
  return axes === undefined ? incomingAxes(x, what) : normalizeAxes(axes, x.rank, what);
}

/** The kind of an option that answers axes for a tensor. */
export const axesOption: OptionTest = { wanted: 'a function that answers axes, as in () => [0]', takes: (value) => typeof value === 'function' };

/** The axes that such an option answers for a tensor, checked. */
export function answeredAxes(axes: (x: Expr) => readonly number[], x: Expr, what: string): readonly number[] {
  const answer: unknown = axes(x);
  if (!isList(answer)) throw new InputError(`${what}: the axes that the option answers must be in a list, as in () => [0], not ${show(answer)}`);
  return normalizeAxes(answer, x.rank, what);
}

function isList(value: unknown): value is readonly number[] {
  return Array.isArray(value);
}
