/** Operands of functions of several, broadcast to their common shape. */
import { GraphError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { broadcastTo } from './movement.js';
import { commonShape, liftAll, requireFloat, requireNumbers } from './operand-checks.js';

/** The operands, each broadcast to their common shape. */
export function broadcastAll(operands: readonly Expr[], operation: string): readonly Expr[] {
  const shape = commonShape(operands, operation);
  return operands.map((operand) => broadcastTo(operand, shape));
}

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
