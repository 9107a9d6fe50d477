/** Checks that compositions make up front, so that the message names them and not a primitive inside. */
import { describe } from '../describe.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { formatShape, sameShape, type Shape } from '../shape.js';

/** @throws {DTypeError} unless the operand is float32 or float64 */
export function requireFloat(operation: string, a: Expr): void {
  if (!isFloat(a.dtype)) {
    throw new DTypeError(`${operation}: takes float32 or float64, and ${describe(a)} is ${a.dtype}; cast it with .cast(dtype)`);
  }
}

/** @throws {DTypeError} unless the operand is of numbers */
export function requireNumbers(operation: string, a: Expr): void {
  if (a.dtype === 'bool') throw new DTypeError(`${operation}: takes numbers, and ${describe(a)} is bool; cast it with .cast('float32')`);
}

/** @throws {ShapeError} unless the operand has the shape, which is that of `whose` */
export function requireShape(operation: string, a: Expr, shape: Shape, whose: string): void {
  if (!sameShape(a.shape, shape)) {
    throw new ShapeError(`${operation}: ${describe(a)} should have the shape ${formatShape(shape)}, that of ${whose}`);
  }
}
