/** What operations of linear algebra check up front. */
import { describe } from '../../graph/describe.js';
import { fits } from '../../graph/dimension.js';
import { ShapeError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import { requireFloat } from '../operand-checks.js';

/** @throws {ShapeError|DTypeError} unless it has two axes or more, and is of a float dtype */
export function requireMatrix(operation: string, a: Expr, what?: string): void {
  requireFloat(operation, a, what);
  if (a.rank < 2) throw new ShapeError(`${operation}: takes a matrix, [..., rows, columns], and ${describe(a)} is none`);
}

/** @throws {ShapeError|DTypeError} unless its last two axes are of one size, and it is of a float dtype */
export function requireSquare(operation: string, a: Expr, what?: string): void {
  requireMatrix(operation, a, what);
  const [rows = 1, columns = 1] = a.shape.slice(-2);
  if (!fits(rows, columns)) throw new ShapeError(`${operation}: takes square matrices, [..., n, n], and ${describe(a)} has ${String(rows)} rows and ${String(columns)} columns`);
}
