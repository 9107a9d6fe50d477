/** Operands of functions of two numbers, as they are before anything is computed. */
import { GraphError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { broadcastAll } from './movement.js';
import { liftAll, requireFloat, requireNumbers } from './operand-checks.js';

function pair(operation: string, a: Operand, b: Operand, check: (operation: string, operand: Expr) => void): readonly [Expr, Expr] {
  const lifted = liftAll([a, b], operation);
  for (const operand of lifted) check(operation, operand);
  const [x, y] = broadcastAll(lifted, operation);
  if (x === undefined || y === undefined) throw new GraphError(`${operation}: takes two operands`);
  return [x, y];
}

/**
 * Two operands of one float dtype, each broadcast to their common shape.
 *
 * @throws {DTypeError|ShapeError} if they are of other dtypes, or do not broadcast
 */
export const floatPair = (operation: string, a: Operand, b: Operand): readonly [Expr, Expr] => pair(operation, a, b, requireFloat);

/**
 * Two operands of one dtype that is not bool, each broadcast to their common shape.
 *
 * @throws {DTypeError|ShapeError} if they are of other dtypes, or do not broadcast
 */
export const numberPair = (operation: string, a: Operand, b: Operand): readonly [Expr, Expr] => pair(operation, a, b, requireNumbers);
