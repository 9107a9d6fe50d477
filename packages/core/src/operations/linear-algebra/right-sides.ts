/** Right-hand sides of systems of equations: a vector, or the columns of matrices, beside the matrices of a system each. */
import { describe } from '../../graph/describe.js';
import { fits, productOfDimensions } from '../../graph/dimension.js';
import { ShapeError } from '../../errors.js';
import type { Expr, Operand } from '../../graph/expr.js';
import { broadcastShapes } from '../../graph/shape.js';
import { broadcastTo, expandDims, reshape, squeeze, transpose } from '../movement.js';
import { pairOf } from '../operand-checks.js';

/**
 * Solves systems of `a`, `[..., rows, columns]`, for what stands on the right: `[rows]`, a vector, or `[..., rows, k]`. The axes before broadcast.
 *
 * @param solve given operands of the same leading axes, the right side `[..., rows, k]`; answers `[..., columns, k]`
 * @throws {ShapeError} if the right side has another number of rows, or the leading axes do not broadcast
 * @throws {DTypeError} if the dtypes differ
 */
export function solveRightSides(operation: string, a: Expr, operand: Operand, solve: (a: Expr, b: Expr) => Expr): Expr {
  const [, b] = pairOf(operation, a, operand);
  if (b.rank === 0) throw new ShapeError(`${operation}: the right side must be a vector [n] or matrices [..., n, k], and ${describe(b)} is a scalar`);
  const columns = b.rank === 1 ? expandDims(b, 1) : b;
  const [rows = 1] = a.shape.slice(-2);
  const [sides = 1, width = 1] = columns.shape.slice(-2);
  if (!fits(rows, sides)) {
    const advice = fits(rows, width) && b.rank > 1 ? '; a batch of vectors is one of matrices with one column: b.expandDims(-1)' : '';
    throw new ShapeError(`${operation}: ${describe(a)} has ${String(rows)} rows, the right side ${describe(b)} has ${String(sides)}${advice}`);
  }
  const solution = solveColumns(operation, a, columns, solve);
  return b.rank === 1 ? squeeze(solution, -1) : solution;
}

function solveColumns(operation: string, a: Expr, b: Expr, solve: (a: Expr, b: Expr) => Expr): Expr {
  if (a.rank === 2 && b.rank > 2) return besideEachOther(b, (columns) => solve(a, columns));
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (batch === undefined) throw new ShapeError(`${operation}: the leading axes of ${describe(a)} and ${describe(b)} do not broadcast`);
  return solve(broadcastTo(a, [...batch, ...a.shape.slice(-2)]), broadcastTo(b, [...batch, ...b.shape.slice(-2)]));
}

/** Right sides of one and the same matrix: all of them are columns, and it is factorized once. */
function besideEachOther(b: Expr, solve: (columns: Expr) => Expr): Expr {
  const [rows = 1, width = 1] = b.shape.slice(-2);
  const batch = b.shape.slice(0, -2);
  const leading = batch.map((_, k) => k);
  const columns = reshape(transpose(b, [batch.length, ...leading, batch.length + 1]), [rows, productOfDimensions([...batch, width])]);
  const solution = solve(columns);
  return transpose(reshape(solution, [...solution.shape.slice(0, 1), ...batch, width]), [...leading.map((k) => k + 1), 0, batch.length + 1]);
}
