/** Elementwise operations as functions of expressions: dtype checks, broadcasting, and compositions. */
import { construct, scalar } from '../construct.js';
import { checkRepresentable, type DType } from '../dtype.js';
import { type BinaryOp, domainOf, inDomain, resultDType, type UnaryOp } from '../elementwise-table.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import type { Expr, Operand } from '../expr.js';
import { broadcastShapes, type Shape } from '../shape.js';
import { describe } from '../describe.js';
import { broadcastTo } from './movement.js';

/** The operand as an expression: a number takes the dtype of `like`, and must be one of its values. */
export function lift(operand: Operand, like: DType, operation: string): Expr {
  if (typeof operand === 'object') return operand;
  const value = Number(operand);
  if (typeof operand === 'boolean' && like !== 'bool') {
    throw new DTypeError(`${operation}: ${String(operand)} is bool, the other operand ${like}; cast one of them`);
  }
  if (like === 'int32' || like === 'bool') {
    try {
      checkRepresentable(value, like, operation);
    } catch {
      throw new DTypeError(
        `${operation}: the number ${value} does not fit the ${like} operand beside it; cast that with .cast('float32') first`,
      );
    }
  }
  return scalar(value, like);
}

/** The operands as expressions of one dtype. */
function liftAll(operands: readonly Operand[], operation: string): readonly Expr[] {
  const expr = operands.find((o) => typeof o === 'object');
  if (expr === undefined) throw new GraphError(`${operation}: none of the operands is an expression`);
  const lifted = operands.map((o) => lift(o, expr.dtype, operation));
  for (const other of lifted) {
    if (other.dtype !== expr.dtype) {
      throw new DTypeError(
        `${operation}: ${describe(expr)} is ${expr.dtype}, ${describe(other)} is ${other.dtype}; cast one of them with .cast(dtype)`,
      );
    }
  }
  return lifted;
}

/** The common shape of the operands, each broadcast to it. */
function broadcastAll(operands: readonly Expr[], operation: string): readonly Expr[] {
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
  return operands.map((operand) => broadcastTo(operand, shape));
}

/** Domains in words. */
const WANTED = { float: 'float32 or float64', number: 'float32, float64 or int32', integer: 'int32', bool: 'bool', any: 'any dtype' } as const;

function checkDomain(op: UnaryOp | BinaryOp, operand: Expr): void {
  const domain = domainOf(op);
  if (inDomain(domain, operand.dtype)) return;
  throw new DTypeError(`${op}: takes ${WANTED[domain]}, and ${describe(operand)} is ${operand.dtype}; cast it with .cast(dtype)`);
}

function unary(op: UnaryOp, a: Expr): Expr {
  checkDomain(op, a);
  return construct({ kind: 'elementwise', op }, [a], a.shape, resultDType(op, a.dtype));
}

function binary(op: BinaryOp, a: Operand, b: Operand): Expr {
  const lifted = liftAll([a, b], op);
  for (const operand of lifted) checkDomain(op, operand);
  const args = broadcastAll(lifted, op);
  const [first] = args;
  if (first === undefined) throw new GraphError(`${op}: takes two operands`);
  return construct({ kind: 'elementwise', op }, args, first.shape, resultDType(op, first.dtype));
}

export const add = (a: Operand, b: Operand): Expr => binary('add', a, b);
export const sub = (a: Operand, b: Operand): Expr => binary('sub', a, b);
export const mul = (a: Operand, b: Operand): Expr => binary('mul', a, b);
/** True division; floats only. */
export const div = (a: Operand, b: Operand): Expr => binary('div', a, b);
/**
 * As JavaScript's `Math.pow`: `pow(1, NaN)` is NaN. The gradient by the base is 0 where the exponent is 0; that by the exponent is 0
 * where the base is 0 or negative, as in TensorFlow: there is no power of a negative base beside a whole exponent.
 */
export const pow = (a: Operand, b: Operand): Expr => binary('pow', a, b);
/** The remainder with the sign of the divisor, as in NumPy; a zero keeps the sign of the dividend. */
export const mod = (a: Operand, b: Operand): Expr => binary('mod', a, b);
/** The larger; NaN if either is. */
export const maximum = (a: Operand, b: Operand): Expr => binary('maximum', a, b);
/** The smaller; NaN if either is. */
export const minimum = (a: Operand, b: Operand): Expr => binary('minimum', a, b);
export const eq = (a: Operand, b: Operand): Expr => binary('eq', a, b);
export const ne = (a: Operand, b: Operand): Expr => binary('ne', a, b);
export const lt = (a: Operand, b: Operand): Expr => binary('lt', a, b);
export const le = (a: Operand, b: Operand): Expr => binary('le', a, b);
export const gt = (a: Operand, b: Operand): Expr => binary('gt', a, b);
export const ge = (a: Operand, b: Operand): Expr => binary('ge', a, b);
export const and = (a: Operand, b: Operand): Expr => binary('and', a, b);
export const or = (a: Operand, b: Operand): Expr => binary('or', a, b);
/** The bits that are 1 in both; int32 only. */
export const bitwiseAnd = (a: Operand, b: Operand): Expr => binary('bitwiseAnd', a, b);
/** The bits that are 1 in either; int32 only. */
export const bitwiseOr = (a: Operand, b: Operand): Expr => binary('bitwiseOr', a, b);
/** The bits that are 1 in exactly one; int32 only. */
export const bitwiseXor = (a: Operand, b: Operand): Expr => binary('bitwiseXor', a, b);
/** Bits moved up by `count`, taken modulo 32, zeros from below; int32 only. */
export const shiftLeft = (a: Operand, count: Operand): Expr => binary('shiftLeft', a, count);
/** Bits moved down by `count`, taken modulo 32, zeros from above; int32 only. */
export const shiftRightLogical = (a: Operand, count: Operand): Expr => binary('shiftRightLogical', a, count);
/** Whether exactly one is true; bool only. */
export function xor(a: Operand, b: Operand): Expr {
  for (const operand of liftAll([a, b], 'xor')) {
    if (operand.dtype !== 'bool') throw new DTypeError(`xor: takes bool, and ${describe(operand)} is ${operand.dtype}; cast it with .cast(dtype)`);
  }
  return ne(a, b);
}

export const neg = (a: Expr): Expr => unary('neg', a);
export const abs = (a: Expr): Expr => unary('abs', a);
export const sign = (a: Expr): Expr => unary('sign', a);
export const floor = (a: Expr): Expr => unary('floor', a);
export const ceil = (a: Expr): Expr => unary('ceil', a);
/** To the nearest integer, ties to the even one. */
export const round = (a: Expr): Expr => unary('round', a);
export const exp = (a: Expr): Expr => unary('exp', a);
export const expm1 = (a: Expr): Expr => unary('expm1', a);
export const log = (a: Expr): Expr => unary('log', a);
export const log1p = (a: Expr): Expr => unary('log1p', a);
export const sqrt = (a: Expr): Expr => unary('sqrt', a);
export const sin = (a: Expr): Expr => unary('sin', a);
export const cos = (a: Expr): Expr => unary('cos', a);
export const tan = (a: Expr): Expr => unary('tan', a);
export const tanh = (a: Expr): Expr => unary('tanh', a);
/** 1 / (1 + exp(-x)). */
export const sigmoid = (a: Expr): Expr => unary('sigmoid', a);
export const erf = (a: Expr): Expr => unary('erf', a);
/** max(x, 0); its gradient at 0 is 0. */
export const relu = (a: Expr): Expr => unary('relu', a);
export const isNan = (a: Expr): Expr => unary('isNan', a);
export const isFinite = (a: Expr): Expr => unary('isFinite', a);
export const not = (a: Expr): Expr => unary('not', a);

export const square = (a: Expr): Expr => mul(a, a);
export const reciprocal = (a: Expr): Expr => div(1, a);
export const rsqrt = (a: Expr): Expr => div(1, sqrt(a));
/** `low` where smaller, `high` where larger. */
export const clip = (a: Expr, low: Operand, high: Operand): Expr => minimum(maximum(a, low), high);

/** `condition ? a : b`, element by element; at least one of a and b is an expression. */
export function where(condition: Expr, a: Operand, b: Operand): Expr {
  if (condition.dtype !== 'bool') {
    throw new DTypeError(`where: the condition ${describe(condition)} is ${condition.dtype}, not bool; compare it, as in x.gt(0)`);
  }
  const branches = liftAll([a, b], 'where');
  const args = broadcastAll([condition, ...branches], 'where');
  return construct({ kind: 'elementwise', op: 'where' }, args, args[0]?.shape ?? [], branches[0]?.dtype ?? 'float32');
}

/** Towards zero and saturating to int32, nonzero to bool; floats round to nearest. */
export function cast(a: Expr, dtype: DType): Expr {
  return a.dtype === dtype ? a : construct({ kind: 'elementwise', op: 'cast' }, [a], a.shape, dtype);
}
