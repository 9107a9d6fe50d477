/** Functions that choose: between two operands, which of them is a number or how near each is, and between rounding up and down. */
import type { Expr, Operand } from '../graph/expr.js';
import { add, ceil, floor, isNan, lt, maximum, minimum, mul, sub, where } from './elementwise.js';
import { isFloat } from '../graph/dtype.js';
import { commonShape, liftAll, requireFloat } from './operand-checks.js';
import { numberPair } from './broadcast.js';

/**
 * The integer next to it towards zero, as a float; floats only. A zero keeps its sign. Its gradient is none.
 *
 * @throws {DTypeError} if x is not of floats
 */
export function trunc(x: Expr): Expr {
  requireFloat('trunc', x);
  return where(lt(x, 0), ceil(x), floor(x));
}

/**
 * The larger, broadcast, where NaN stands for a value that is missing: NaN only if both are; not of bool. `maximum` is NaN if either is. Where
 * they are equal, each gets half of the gradient.
 *
 * @throws {ShapeError|DTypeError} as `maximum`
 */
export const fmax = (a: Operand, b: Operand): Expr => whichever('fmax', maximum, a, b);

/**
 * The smaller, broadcast, where NaN stands for a value that is missing: NaN only if both are; not of bool. `minimum` is NaN if either is. Where
 * they are equal, each gets half of the gradient.
 *
 * @throws {ShapeError|DTypeError} as `minimum`
 */
export const fmin = (a: Operand, b: Operand): Expr => whichever('fmin', minimum, a, b);

function whichever(operation: string, extreme: (a: Operand, b: Operand) => Expr, a: Operand, b: Operand): Expr {
  const [x, y] = numberPair(operation, a, b);
  const of = extreme(x, y);
  return isFloat(of.dtype) ? where(isNan(y), x, where(isNan(x), y, of)) : of;
}

/**
 * `a + t (b - a)`, from a at t = 0 to b at t = 1 and on beyond both, broadcast; floats only. Exact at both ends: from t = 1/2 on it is
 * `b + (t - 1) (b - a)`, as in torch.
 *
 * @param t a number or an expression that broadcasts
 * @throws {DTypeError} if the operands are not of one float dtype
 * @throws {ShapeError} if the shapes do not broadcast
 * @example lerp(average, w, 0.01)
 */
export function lerp(a: Operand, b: Operand, t: Operand): Expr {
  const lifted = liftAll([a, b, t], 'lerp');
  for (const operand of lifted) requireFloat('lerp', operand);
  commonShape(lifted, 'lerp');
  const [from = a, to = b, at = t] = lifted;
  const near = lt(at, 0.5);
  return add(where(near, from, to), mul(where(near, at, sub(at, 1)), sub(to, from)));
}
