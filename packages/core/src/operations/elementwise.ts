/** Elementwise operations as functions of expressions: dtype checks, broadcasting, and compositions. */
import { construct } from '../graph/construct.js';
import { checkDType, type DType } from '../graph/dtype.js';
import { type BinaryOp, domainOf, inDomain, resultDType, type UnaryOp } from '../graph/elementwise-table.js';
import { DTypeError, GraphError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { describe } from '../graph/describe.js';
import { broadcastAll } from './broadcast.js';
import { commonShape, lift, liftAll, requireFloat, requireTensor } from './operand-checks.js';

/** Domains in words. */
const WANTED = { float: 'float32 or float64', number: 'float32, float64 or int32', integer: 'int32', bool: 'bool', any: 'any dtype' } as const;

/** @param operation the function that was called, where it is not the primitive's own */
function checkDomain(op: UnaryOp | BinaryOp, operand: Expr, operation: string = op): void {
  const domain = domainOf(op);
  if (inDomain(domain, operand.dtype)) return;
  throw new DTypeError(`${operation}: takes ${WANTED[domain]}, and ${describe(operand)} is ${operand.dtype}; cast it with .cast(dtype)`);
}

function unary(op: UnaryOp, a: Expr, operation: string = op): Expr {
  requireTensor(operation, a);
  checkDomain(op, a, operation);
  return construct({ kind: 'elementwise', op }, [a], a.shape, resultDType(op, a.dtype));
}

function binary(op: BinaryOp, a: Operand, b: Operand, operation: string = op): Expr {
  const lifted = liftAll([a, b], operation);
  for (const operand of lifted) checkDomain(op, operand, operation);
  const args = broadcastAll(lifted, operation);
  const [first] = args;
  if (first === undefined) throw new GraphError(`${operation}: takes two operands`);
  return construct({ kind: 'elementwise', op }, args, first.shape, resultDType(op, first.dtype));
}

/**
 * `a + b`, broadcast by NumPy's rule. Operands of one dtype, not bool; int32 wraps around.
 *
 * @throws {ShapeError} if the shapes do not broadcast
 * @throws {DTypeError} if the dtypes differ, or are bool
 */
export const add = (a: Operand, b: Operand): Expr => binary('add', a, b);

/**
 * `a - b`, broadcast. Operands of one dtype, not bool; int32 wraps around.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const sub = (a: Operand, b: Operand): Expr => binary('sub', a, b);

/**
 * `a b`, element by element, broadcast; `matmul` is the product of matrices. Operands of one dtype, not bool; int32 wraps around.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const mul = (a: Operand, b: Operand): Expr => binary('mul', a, b);

/**
 * `a / b`, broadcast; floats only: cast int32 first. By 0 it is infinite, 0 / 0 NaN.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const div = (a: Operand, b: Operand): Expr => binary('div', a, b);

/**
 * `a^b`, broadcast; floats only. As JavaScript's `Math.pow`: 1 by NaN is NaN, and 1 and -1 by an infinity are, where C99 and NumPy have 1. The
 * gradient by the base is 0 where the exponent is 0;
 * that by the exponent is 0 where the base is 0 or negative, as in TensorFlow: there is no power of a negative base beside a whole exponent.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const pow = (a: Operand, b: Operand): Expr => binary('pow', a, b);

/**
 * The remainder of `a / b` with the sign of the divisor, as in NumPy, broadcast; not of bool. A zero keeps the sign of the dividend.
 * By 0 it is NaN, of int32 0.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const mod = (a: Operand, b: Operand): Expr => binary('mod', a, b);

/**
 * The larger, broadcast; not of bool. NaN if either is. Where they are equal, each gets half of the gradient.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const maximum = (a: Operand, b: Operand): Expr => binary('maximum', a, b);

/**
 * The smaller, broadcast; not of bool. NaN if either is. Where they are equal, each gets half of the gradient.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const minimum = (a: Operand, b: Operand): Expr => binary('minimum', a, b);

/**
 * bool: whether `a = b`, broadcast; operands of one dtype. NaN equals nothing, and 0 equals -0. No gradient flows through comparisons.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const eq = (a: Operand, b: Operand): Expr => binary('eq', a, b);

/**
 * bool: whether `a ≠ b`, broadcast; operands of one dtype. NaN differs from everything, itself included.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const ne = (a: Operand, b: Operand): Expr => binary('ne', a, b);

/**
 * bool: whether `a < b`, broadcast; operands of one dtype, not bool. False beside NaN.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const lt = (a: Operand, b: Operand): Expr => binary('lt', a, b);

/**
 * bool: whether `a ≤ b`, broadcast; operands of one dtype, not bool. False beside NaN.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const le = (a: Operand, b: Operand): Expr => binary('le', a, b);

/**
 * bool: whether `a > b`, broadcast; operands of one dtype, not bool. False beside NaN.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const gt = (a: Operand, b: Operand): Expr => binary('gt', a, b);

/**
 * bool: whether `a ≥ b`, broadcast; operands of one dtype, not bool. False beside NaN.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const ge = (a: Operand, b: Operand): Expr => binary('ge', a, b);

/**
 * Whether both are true, broadcast; bool only. `bitwiseAnd` is that of int32.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const and = (a: Operand, b: Operand): Expr => binary('and', a, b);

/**
 * Whether either is true, broadcast; bool only. `bitwiseOr` is that of int32.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const or = (a: Operand, b: Operand): Expr => binary('or', a, b);

/**
 * The bits that are 1 in both, broadcast; int32 only.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const bitwiseAnd = (a: Operand, b: Operand): Expr => binary('bitwiseAnd', a, b);

/**
 * The bits that are 1 in either, broadcast; int32 only.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const bitwiseOr = (a: Operand, b: Operand): Expr => binary('bitwiseOr', a, b);

/**
 * The bits that are 1 in exactly one, broadcast; int32 only.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const bitwiseXor = (a: Operand, b: Operand): Expr => binary('bitwiseXor', a, b);

/**
 * Bits moved up by `count`, taken modulo 32, zeros from below; int32 only.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const shiftLeft = (a: Operand, count: Operand): Expr => binary('shiftLeft', a, count);

/**
 * Bits moved down by `count`, taken modulo 32, zeros from above; int32 only.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export const shiftRightLogical = (a: Operand, count: Operand): Expr => binary('shiftRightLogical', a, count);

/**
 * Whether exactly one is true, broadcast; bool only: NumPy's `logical_xor`. `bitwiseXor` is that of int32.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export function xor(a: Operand, b: Operand): Expr {
  for (const operand of liftAll([a, b], 'xor')) checkDomain('and', operand, 'xor');
  return binary('ne', a, b, 'xor');
}

/**
 * `-a`; not of bool. Of int32 it wraps around: the least number stays.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const neg = (a: Expr): Expr => unary('neg', a);

/**
 * The magnitude `|a|`; not of bool. Its gradient at 0 is 0. Of int32 it wraps around: the least number stays.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const abs = (a: Expr): Expr => unary('abs', a);

/**
 * -1, 0 or 1; a zero keeps its sign, and NaN is NaN. Not of bool. Its gradient is none.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const sign = (a: Expr): Expr => unary('sign', a);

/**
 * The largest integer that is not above `a`, as a float; floats only. Its gradient is none.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const floor = (a: Expr): Expr => unary('floor', a);

/**
 * The smallest integer that is not below `a`, as a float; floats only. Its gradient is none.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const ceil = (a: Expr): Expr => unary('ceil', a);

/**
 * The nearest integer, ties to the even one as in NumPy, as a float; floats only. Its gradient is none.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const round = (a: Expr): Expr => unary('round', a);

/**
 * `e^a`; floats only. Infinity above 88.7 in float32 and 709.8 in float64.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const exp = (a: Expr): Expr => unary('exp', a);

/**
 * `e^a - 1` without the loss near 0, where the difference would cancel; floats only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const expm1 = (a: Expr): Expr => unary('expm1', a);

/**
 * The natural logarithm; floats only. -Infinity of 0, NaN below.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const log = (a: Expr): Expr => unary('log', a);

/**
 * `log(1 + a)` without the loss near 0; floats only. -Infinity of -1, NaN below.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const log1p = (a: Expr): Expr => unary('log1p', a);

/**
 * The logarithm to the base 2, a whole number of each power of two; floats only. -Infinity of 0, NaN below.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const log2 = (a: Expr): Expr => unary('log2', a);

/**
 * The logarithm to the base 10, a whole number of each power of ten that the dtype has exactly; floats only. -Infinity of 0, NaN below.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const log10 = (a: Expr): Expr => unary('log10', a);

/**
 * The square root; floats only. NaN below 0; its gradient at 0 is Infinity.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const sqrt = (a: Expr): Expr => unary('sqrt', a);

/**
 * The sine of an angle in radians, accurate for large angles too; floats only. NaN of an infinity.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const sin = (a: Expr): Expr => unary('sin', a);

/**
 * The cosine of an angle in radians, accurate for large angles too; floats only. NaN of an infinity.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const cos = (a: Expr): Expr => unary('cos', a);

/**
 * The tangent of an angle in radians, accurate for large angles too; floats only. NaN of an infinity.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const tan = (a: Expr): Expr => unary('tan', a);

/**
 * The hyperbolic tangent, from -1 to 1; floats only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const tanh = (a: Expr): Expr => unary('tanh', a);

/**
 * `1 / (1 + exp(-a))`, from 0 to 1; floats only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const sigmoid = (a: Expr): Expr => unary('sigmoid', a);

/**
 * The error function `2/√π ∫₀ᵃ exp(-t²) dt`, from -1 to 1; floats only. `erfInv` is its inverse.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const erf = (a: Expr): Expr => unary('erf', a);

/**
 * `max(a, 0)`; not of bool. Its gradient at 0 is 0.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const relu = (a: Expr): Expr => unary('relu', a);

/**
 * bool: whether it is NaN; floats only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const isNan = (a: Expr): Expr => unary('isNan', a);

/**
 * bool: whether it is neither NaN nor infinite; floats only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const isFinite = (a: Expr): Expr => unary('isFinite', a);

/**
 * true where it is false; bool only.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const not = (a: Expr): Expr => unary('not', a);

/**
 * `a²`; not of bool. int32 wraps around.
 * @throws {DTypeError} if the operand is bool
 */
export function square(a: Expr): Expr {
  requireTensor('square', a);
  return binary('mul', a, a, 'square');
}

/**
 * `1 / a`; floats only. Infinite at 0, with the sign of the zero.
 * @throws {DTypeError} if the operand is no float
 */
export function reciprocal(a: Expr): Expr {
  requireFloat('reciprocal', a);
  return div(1, a);
}

/**
 * `1 / √a`; floats only. Infinity at 0, NaN below.
 *
 * @throws {DTypeError} if the operand is of another dtype
 */
export const rsqrt = (a: Expr): Expr => div(1, unary('sqrt', a, 'rsqrt'));

/**
 * `low` where smaller, `high` where larger, broadcast; not of bool. At a bound the gradient is shared between the operand and the bound, half
 * and half; torch gives the operand all of it.
 *
 * @throws {ShapeError|DTypeError} as `add`
 */
export function clip(a: Operand, low: Operand, high: Operand): Expr {
  const operands = liftAll([a, low, high], 'clip');
  commonShape(operands, 'clip');
  const [x = a, least = low, most = high] = operands;
  return binary('minimum', binary('maximum', x, least, 'clip'), most, 'clip');
}

/**
 * `condition ? a : b`, element by element, broadcast. Of two numbers the result is float32, of true and false it is bool. The branch that is
 * not taken gets the gradient 0.
 *
 * @param condition bool
 * @throws {DTypeError} if the condition is not bool, or the branches differ in dtype
 * @throws {ShapeError} if the shapes do not broadcast
 */
export function where(condition: Operand, a: Operand, b: Operand): Expr {
  const chosen = lift(condition, 'bool', 'where');
  if (chosen.dtype !== 'bool') {
    throw new DTypeError(`where: the condition ${describe(chosen)} is ${chosen.dtype}, not bool; compare it, as in x.gt(0)`);
  }
  const branches = liftAll([a, b], 'where', typeof a === 'boolean' && typeof b === 'boolean' ? 'bool' : 'float32');
  const args = broadcastAll([chosen, ...branches], 'where');
  return construct({ kind: 'elementwise', op: 'where' }, args, args[0]?.shape ?? [], branches[0]?.dtype ?? 'float32');
}

/**
 * The values in another dtype: towards zero and saturating to int32 (NaN is 0), nonzero to bool; to float32 the nearest that it has, Infinity
 * above its range. A gradient flows from float to float only.
 *
 * @throws {DTypeError} if there is no such dtype
 */
export function cast(a: Expr, dtype: DType): Expr {
  requireTensor('cast', a);
  return a.dtype === checkDType(dtype, 'cast') ? a : construct({ kind: 'elementwise', op: 'cast' }, [a], a.shape, dtype);
}
