/** The softmax and its logarithm. */
import type { Expr } from '../graph/expr.js';
import { normalizeAxis } from '../graph/shape.js';
import { div, exp, log, sub } from './elementwise.js';
import { stopGradient } from './movement.js';
import { requireFloat } from './operand-checks.js';
import { peak, sum } from './reductions.js';

/**
 * exp(a) / sum(exp(a)) along an axis (the last by default), shifted by the maximum so that it does not overflow. -Infinity has the
 * share 0, with a gradient of 0; where all elements are -Infinity, or one is Infinity, the result is NaN. Nothing of nothing.
 *
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis
 */
export function softmax(a: Expr, axis = -1): Expr {
  requireFloat('softmax', a);
  const along = normalizeAxis(axis, a.rank, 'softmax');
  const powers = exp(sub(a, stopGradient(peak(a, along))));
  return div(powers, sum(powers, along, { keepdims: true }));
}

/**
 * log(softmax(a)) along an axis (the last by default), without the underflow of the softmax.
 *
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis
 */
export function logSoftmax(a: Expr, axis = -1): Expr {
  requireFloat('logSoftmax', a);
  const along = normalizeAxis(axis, a.rank, 'logSoftmax');
  const shifted = sub(a, stopGradient(peak(a, along)));
  return sub(shifted, log(sum(exp(shifted), along, { keepdims: true })));
}
