/** A second moment as the product of two means: of rows and of columns. */
import { type Expr, mean, sub, type Variable, zeros } from '@pappus/core';

/** The two axes that means are taken over. */
export interface FactoredAxes {
  /** That of rows goes over this axis. */
  readonly along: number;
  /** That of columns goes over this one. */
  readonly across: number;
}

/** Means over each of the two axes, which stay with the length 1. */
export interface Factors {
  readonly rows: Expr;
  readonly columns: Expr;
}

/** Zeros for the means of a parameter: `n + m` numbers in the place of `n m`. */
export function zeroFactors(param: Variable, { along, across }: FactoredAxes): Factors {
  const without = (axis: number): Expr => zeros(param.shape.map((length, k) => (k === axis ? 1 : length)), { dtype: param.dtype });
  return { rows: without(along), columns: without(across) };
}

/** Running means of squares by rows and by columns. @param beta the part that stays */
export function averageFactors({ rows, columns }: Factors, squares: Expr, { along, across }: FactoredAxes, beta: Expr): Factors {
  return { rows: runningMean(rows, mean(squares, along, { keepdims: true }), beta), columns: runningMean(columns, mean(squares, across, { keepdims: true }), beta) };
}

/** `beta m + (1 - beta) x`. */
export function runningMean(m: Expr, x: Expr, beta: Expr): Expr {
  return beta.mul(m).add(sub(1, beta).mul(x));
}

/**
 * `x / sqrt(rows columns / mean(rows))`, root by root, since the product of two small means is less than float32 has.
 */
export function divideByRoot(x: Expr, { rows, columns }: Factors, { across }: FactoredAxes): Expr {
  return x.div(rows.div(mean(rows, across, { keepdims: true })).sqrt()).div(columns.sqrt());
}

/** The root of the mean square of all elements. */
export function rootMeanSquare(x: Expr): Expr {
  return x.square().mean().sqrt();
}
