/** What networks are composed of: softmax and the losses that go with it. */
import { iota } from '../construct.js';
import { describe } from '../describe.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../expr.js';
import { formatShape, normalizeAxis, sameShape } from '../shape.js';
import { div, eq, exp, sub, where } from './elementwise.js';
import { expandDims, stopGradient } from './movement.js';
import { logSumExp, max, mean, sum } from './reductions.js';

/** exp(a) / sum(exp(a)) along an axis (the last by default), shifted by the maximum so that it does not overflow. */
export function softmax(a: Expr, axis = -1): Expr {
  const along = normalizeAxis(axis, a.rank, 'softmax');
  const powers = exp(sub(a, stopGradient(max(a, along, { keepdims: true }))));
  return div(powers, sum(powers, along, { keepdims: true }));
}

/** log(softmax(a)) along an axis (the last by default). */
export function logSoftmax(a: Expr, axis = -1): Expr {
  const along = normalizeAxis(axis, a.rank, 'logSoftmax');
  const shifted = sub(a, stopGradient(max(a, along, { keepdims: true })));
  return sub(shifted, logSumExp(shifted, along, { keepdims: true }));
}

/**
 * The mean cross-entropy of integer labels under the softmax of logits: the mean of `logSumExp(logits) - logits[label]`.
 *
 * @param logits `[..., classes]`, float
 * @param labels `[...]`, int32, each from 0 to classes - 1
 * @throws {DTypeError} if the logits are no floats or the labels are not int32
 * @throws {ShapeError} if the labels' shape is not that of the logits without the last axis
 */
export function crossEntropy(logits: Expr, labels: Expr): Expr {
  if (!isFloat(logits.dtype)) throw new DTypeError(`crossEntropy: the logits ${describe(logits)} are no floats`);
  if (labels.dtype !== 'int32') {
    throw new DTypeError(`crossEntropy: the labels ${describe(labels)} are ${labels.dtype}, not int32; cast them with .cast('int32')`);
  }
  if (logits.rank === 0 || !sameShape(labels.shape, logits.shape.slice(0, -1))) {
    throw new ShapeError(
      `crossEntropy: the labels ${describe(labels)} should have the shape ${formatShape(logits.shape.slice(0, -1))}, that of the logits ${describe(logits)} without their last axis`,
    );
  }
  const chosen = eq(iota(logits.shape, logits.rank - 1), expandDims(labels, -1));
  return mean(sub(logSumExp(logits, -1), sum(where(chosen, logits, 0), -1)));
}
