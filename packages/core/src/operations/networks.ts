/** The softmax and its logarithm. */
import type { Axes, Expr } from '../graph/expr.js';
import { normalizeAxes } from '../graph/shape.js';
import { div, exp, log, sub } from './elementwise.js';
import { stopGradient } from './movement.js';
import { requireFloat } from './operand-checks.js';
import { peak, sum } from './reductions.js';

/**
 * exp(a) / sum(exp(a)) over the axes, shifted by the maximum so that it does not overflow. -Infinity has the
 * share 0, with a gradient of 0; where all elements are -Infinity, or one is Infinity, the result is NaN. Nothing of nothing.
 *
 * @param axes the last by default; over several, their elements are one distribution
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis, or one is named twice
 */
export function softmax(a: Expr, axes: Axes = -1): Expr {
  requireFloat('softmax', a);
  const along = normalizeAxes(axes, a.rank, 'softmax');
  const powers = exp(sub(a, stopGradient(peak(a, along))));
  return div(powers, sum(powers, along, { keepdims: true }));
}

/**
 * log(softmax(a)) over the axes, without the underflow of the softmax.
 *
 * @param axes the last by default; over several, their elements are one distribution
 * @throws {DTypeError} if the operand is no float
 * @throws {ShapeError} if there is no such axis, or one is named twice
 */
export function logSoftmax(a: Expr, axes: Axes = -1): Expr {
  requireFloat('logSoftmax', a);
  const along = normalizeAxes(axes, a.rank, 'logSoftmax');
  const shifted = sub(a, stopGradient(peak(a, along)));
  return sub(shifted, log(sum(exp(shifted), along, { keepdims: true })));
}
