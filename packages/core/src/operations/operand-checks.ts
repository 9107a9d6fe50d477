/** Checks that operations make up front, so that the message names them and not a primitive inside. */
import { isExpr, requireOwn } from '../graph/brand.js';
import { dataNode, scalar } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { checkNumber, classOfArray, type DType, dtypeOfArray, isFloat } from '../graph/dtype.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../errors.js';
import { Expr, type Operand } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { broadcastShapes, formatShape, isList, sameShape, type Shape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { firstLeaf, fromNested } from '../values/values.js';

/**
 * Checks that an operand is an expression of this copy of core.
 *
 * @param what it is to the function, for messages
 * @throws {InputError} unless the operand is an expression
 */
export function requireTensor(operation: string, a: Expr, what = 'the operand'): void {
  const given: unknown = a;
  if (isExpr(given, operation)) return;
  const text = show(given);
  const isValues = typeof given === 'number' || typeof given === 'boolean' || text.startsWith('an array');
  const advice = isValues ? '; make it one with scalar(value, dtype) or literal(values, shape, dtype)' : '';
  throw new InputError(`${operation}: ${what} must be an expression, not ${text}${advice}`);
}

/**
 * Checks that operands are a list of expressions of this copy of core.
 *
 * @param what they are to the function, for messages
 * @throws {InputError} unless they are a list of expressions
 */
export function requireTensors(operation: string, list: readonly Expr[], what: string): void {
  if (!isList(list)) throw new InputError(`${operation}: takes ${what} in one list, as in [a, b], not ${show(list)}`);
  for (const entry of reading(operation, InputError, () => Array.from(list))) requireTensor(operation, entry, `each of ${what}`);
}

/**
 * Checks that an operand is an expression of a float dtype.
 *
 * @throws {InputError} unless the operand is an expression
 * @throws {DTypeError} unless it is float32 or float64
 */
export function requireFloat(operation: string, a: Expr, what?: string): void {
  requireTensor(operation, a, what);
  if (!isFloat(a.dtype)) {
    throw new DTypeError(`${operation}: takes float32 or float64, and ${describe(a)} is ${a.dtype}; cast it with .cast(dtype)`);
  }
}

/**
 * Checks that an operand is an expression of numbers, not bool.
 *
 * @throws {InputError} unless the operand is an expression
 * @throws {DTypeError} unless it is float32, float64 or int32
 */
export function requireNumbers(operation: string, a: Expr, what?: string): void {
  requireTensor(operation, a, what);
  if (a.dtype === 'bool') throw new DTypeError(`${operation}: takes numbers, and ${describe(a)} is bool; cast it with .cast('float32')`);
}

/** @throws {ShapeError} unless the operand has the shape, which is that of `whose` */
export function requireShape(operation: string, a: Expr, shape: Shape, whose: string): void {
  if (!sameShape(a.shape, shape)) {
    throw new ShapeError(`${operation}: ${describe(a)} should have the shape ${formatShape(shape)}, that of ${whose}`);
  }
}

/** @throws {ShapeError} unless it is a whole number of at least `least` */
export function requireWhole(operation: string, value: number, what: string, least = -(2 ** 31)): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ShapeError(`${operation}: ${what} must be a whole number${least < 0 ? '' : ` of at least ${least}`}, not ${show(value)}`);
  }
}

/** @throws {InputError} unless it is a function */
export function requireFunction(operation: string, value: unknown, what: string): void {
  if (typeof value !== 'function') throw new InputError(`${operation}: ${what} must be a function, not ${show(value)}`);
}

/** The operand as an expression: numbers, alone or in arrays, take the dtype of `like`, and must be values of it. A typed array is a vector. */
export function lift(operand: Operand, like: DType, operation: string): Expr {
  if (operand instanceof Expr) return operand;
  if (typeof operand === 'number' || typeof operand === 'boolean') return scalar(liftNumber(operand, like, operation), like);
  if (!isList(operand) && classOfArray(operand) === undefined) {
    requireOwn(operand, operation);
    throw new InputError(`${operation}: an operand must be an expression, a number or an array of numbers, not ${show(operand)}`);
  }
  return reading(operation, InputError, () => {
    if (firstLeaf(operand) instanceof Expr) throw new InputError(`${operation}: an array of expressions is no operand; make it one with stack([a, b]) or concat([a, b])`);
    const { data, shape } = fromNested(operand, like, operation);
    if (like !== 'bool' && leaves(operand).includes('boolean')) liftNumber(true, like, operation);
    return dataNode(data, shape, like);
  });
}

/** An operand by itself: booleans are bool, other numbers of `numbers`, and a typed array says its dtype. */
export function tensorOf(operation: string, operand: Operand, numbers: DType): Expr {
  const leaf = reading(operation, InputError, () => firstLeaf(operand));
  return lift(operand, dtypeOfArray(leaf) ?? (typeof leaf === 'boolean' ? 'bool' : numbers), operation);
}

function liftNumber(value: number | boolean, like: DType, operation: string): number {
  if (typeof value === 'boolean' && like !== 'bool') {
    throw new DTypeError(`${operation}: ${value} is bool, the other operand ${like}; cast one of them`);
  }
  try {
    return checkNumber(value, like, operation);
  } catch {
    throw new DTypeError(`${operation}: the number ${value} does not fit the ${like} operand beside it; cast that with .cast('float32') first`);
  }
}

/** Types of the elements of nested arrays. */
function leaves(value: unknown): string[] {
  return isList(value) ? value.flatMap(leaves) : [typeof value];
}

/** The operands as expressions of one dtype; `alone` is that of numbers beside no expression, which otherwise are an error. */
export function liftAll(operands: readonly Operand[], operation: string, alone?: DType): readonly Expr[] {
  const expr = operands.find((o) => o instanceof Expr);
  if (expr === undefined && alone === undefined) {
    for (const operand of operands) lift(operand, 'float64', operation);
    throw new GraphError(`${operation}: none of the operands is an expression; make one with scalar(value, dtype)`);
  }
  const dtype = expr?.dtype ?? alone ?? 'float32';
  const lifted = operands.map((o) => lift(o, dtype, operation));
  for (const other of lifted) {
    if (other.dtype !== dtype) {
      throw new DTypeError(
        `${operation}: ${expr === undefined ? 'an operand' : describe(expr)} is ${dtype}, ${describe(other)} is ${other.dtype}; cast one of them with .cast(dtype)`,
      );
    }
  }
  return lifted;
}

/**
 * An operand beside `a` as an expression: of its dtype, and of a shape that broadcasts with its.
 *
 * @throws {DTypeError} if it is of another dtype
 * @throws {ShapeError} if the shapes do not broadcast
 */
export function liftBeside(operation: string, a: Expr, operand: Operand): Expr {
  const [, other] = liftAll([a, operand], operation);
  commonShape(other === undefined ? [a] : [a, other], operation);
  return other ?? a;
}

/** Two operands of a product, of one dtype of numbers. */
export function pairOf(operation: string, a: Operand, b: Operand): readonly [Expr, Expr] {
  const left = a instanceof Expr ? a : lift(a, b instanceof Expr ? b.dtype : 'float32', operation);
  const right = lift(b, left.dtype, operation);
  if (left.dtype !== right.dtype || left.dtype === 'bool') {
    throw new DTypeError(`${operation}: ${describe(left)} and ${describe(right)} must have one dtype, and not bool; cast them with .cast(dtype)`);
  }
  return [left, right];
}

/** The shape that the operands have in common, by NumPy's rule. */
export function commonShape(operands: readonly Expr[], operation: string): Shape {
  let shape: Shape = [];
  for (const [k, operand] of operands.entries()) {
    const common = broadcastShapes(shape, operand.shape);
    if (common === undefined) {
      const others = operands.slice(0, k).map(describe).join(' and ');
      throw new ShapeError(
        `${operation}: the shapes of ${others} and ${describe(operand)} do not broadcast; aligned at the last axis, sizes must be equal or 1`,
      );
    }
    shape = common;
  }
  return shape;
}
