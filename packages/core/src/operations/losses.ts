/** Losses, from logits where that is the stable way, with the mean, the sum or nothing taken over them. */
import { describe } from '../graph/describe.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { broadcastShapes, formatShape, normalizeAxis, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { softplusTail } from './activations.js';
import { abs, add, cast, clip, div, eq, log, maximum, mul, neg, relu, square, sub, where } from './elementwise.js';
import { logSoftmax } from './networks.js';
import { broadcastTo } from './movement.js';
import { lift, liftBeside, requireFloat, requireShape, requireTensor, tensorOf } from './operand-checks.js';
import { mean, sum } from './reductions.js';
import { norm } from './statistics.js';

/** Options that losses share. */
export interface LossOptions {
  /** What is taken over all the losses; `'none'` leaves them apart. Default `'mean'`. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

export const REDUCTIONS = ['mean', 'sum', 'none'] as const;

/** Options that only say the reduction. */
function lossOptions(operation: string, options: LossOptions | undefined): LossOptions {
  return checkOptions(operation, options, { reduction: REDUCTIONS });
}

/** The losses, reduced as the options say. */
export function reduced(losses: Expr, { reduction = 'mean' }: LossOptions): Expr {
  switch (reduction) {
    case 'mean':
      return mean(losses);
    case 'sum':
      return sum(losses);
    case 'none':
      return losses;
  }
}

/** The targets beside the predictions: a number, or a tensor of the same shape and dtype. */
export function beside(operation: string, predictions: Expr, targets: Operand): Expr {
  requireFloat(operation, predictions);
  const other = lift(targets, predictions.dtype, operation);
  if (typeof targets === 'number') return other;
  requireShape(operation, other, predictions.shape, describe(predictions));
  if (other.dtype !== predictions.dtype) {
    throw new DTypeError(`${operation}: ${describe(predictions)} and ${describe(other)} differ in dtype; cast one of them with .cast(dtype)`);
  }
  return other;
}

/**
 * `(prediction - target)²`.
 *
 * @param predictions `[...]`, float
 * @param targets of the same shape and dtype, or a number; nothing is broadcast, which hides mistakes
 * @throws {ShapeError} if the shapes differ
 * @throws {DTypeError} if the predictions are no floats, or the dtypes differ
 */
export function squaredError(predictions: Expr, targets: Operand, options?: LossOptions): Expr {
  const how = lossOptions('squaredError', options);
  return reduced(square(sub(predictions, beside('squaredError', predictions, targets))), how);
}

/** `|prediction - target|`; the gradient is 0 where they are equal. Operands and errors as for `squaredError`. */
export function absoluteError(predictions: Expr, targets: Operand, options?: LossOptions): Expr {
  const how = lossOptions('absoluteError', options);
  return reduced(abs(sub(predictions, beside('absoluteError', predictions, targets))), how);
}

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** Where the square goes over into the straight line; above 0. Default 1. */
  readonly delta?: number;
}

/**
 * `e² / 2` for errors `e = prediction - target` of a magnitude up to delta, `delta (|e| - delta / 2)` beyond. Huber (1964).
 * Operands and errors as for `squaredError`.
 *
 * @throws {InputError} if delta is not above 0
 */
export function huber(predictions: Expr, targets: Operand, options?: HuberOptions): Expr {
  const { delta = 1, ...how } = checkOptions('huber', options, { reduction: REDUCTIONS, delta: option.unchecked });
  if (typeof delta !== 'number' || !(delta > 0)) throw new InputError(`huber: delta must be above 0, not ${show(delta)}`);
  const error = sub(predictions, beside('huber', predictions, targets));
  // With c the error clipped to delta, both branches are c (e - c / 2), and no derivative is lost at 0.
  const clipped = clip(error, -delta, delta);
  return reduced(mul(clipped, sub(error, mul(clipped, 0.5))), how);
}

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /**
   * What the loss of positive targets counts beside that of negative ones: a number, or numbers or an expression that broadcast to the
   * logits' shape, as one for each class. Where one in ten is positive, 9 makes up for it. Default 1.
   */
  readonly posWeight?: Operand;
}

/**
 * The cross-entropy of probabilities under the sigmoid of logits x: `max(x, 0) - x z + log(1 + exp(-|x|))`, which is
 * `-z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x))` without its overflow and cancellation. With a weight w of positive targets the first
 * term counts w times. As PyTorch's binary_cross_entropy_with_logits.
 *
 * @param logits `[...]`, float and finite
 * @param targets z of 0 to 1: of the same shape, of any dtype, or a number
 * @throws {ShapeError} if the shapes differ, or the weight does not broadcast to them
 * @throws {DTypeError} if the logits are no floats, or the weight is of another dtype
 */
export function binaryCrossEntropy(logits: Expr, targets: Operand, options?: BinaryCrossEntropyOptions): Expr {
  const { posWeight, ...how } = checkOptions('binaryCrossEntropy', options, { reduction: REDUCTIONS, posWeight: option.unchecked });
  requireFloat('binaryCrossEntropy', logits);
  const given = typeof targets === 'number' ? targets : cast(tensorOf('binaryCrossEntropy', targets, logits.dtype), logits.dtype);
  const other = beside('binaryCrossEntropy', logits, typeof targets === 'boolean' ? Number(targets) : given);
  if (posWeight !== undefined) return reduced(ofPositives(logits, other, posWeight), how);
  // max(x, 0) - x t without a difference of infinities.
  const slope = where(logits.gt(0), sub(1, other), neg(other));
  return reduced(add(mul(logits, slope), softplusTail(logits)), how);
}

/** `w z softplus(-x) + (1 - z) softplus(x)`. */
function ofPositives(logits: Expr, z: Expr, posWeight: Operand): Expr {
  const w = liftBeside('binaryCrossEntropy', logits, posWeight);
  const common = broadcastShapes(w.shape, logits.shape);
  if (common === undefined || !sameShape(common, logits.shape)) {
    throw new ShapeError(`binaryCrossEntropy: the weight ${describe(w)} does not broadcast to ${formatShape(logits.shape)}, the shape of the logits ${describe(logits)}`);
  }
  const weight = broadcastTo(mul(z, w), logits.shape);
  const slope = where(logits.gt(0), sub(1, z), neg(weight));
  return add(mul(logits, slope), mul(softplusTail(logits), add(weight, sub(1, z))));
}

/**
 * `max(0, 1 - label * prediction)`, for support vector machines. The gradient is 0 from a margin of 1 on.
 *
 * @param predictions `[...]`, float
 * @param labels 1 and -1, of the same shape and dtype, or bool, true for 1
 * @throws {ShapeError} if the shapes differ
 * @throws {DTypeError} if the predictions are no floats, or the labels neither of their dtype nor bool
 */
export function hinge(predictions: Expr, labels: Expr, options?: LossOptions): Expr {
  const how = lossOptions('hinge', options);
  requireFloat('hinge', predictions);
  requireTensor('hinge', labels, 'the labels');
  const signs = labels.dtype === 'bool' ? sub(mul(cast(labels, predictions.dtype), 2), 1) : labels;
  return reduced(relu(sub(1, mul(beside('hinge', predictions, signs), predictions))), how);
}

/**
 * The Kullback-Leibler divergence of the softmax of logits from target probabilities p: `sum(p (log(p) - logSoftmax(logits)))`
 * over the last axis; a class of probability 0 costs nothing. With `reduction: 'none'` it has the shape `[...]`.
 *
 * @param logits `[..., classes]`, float
 * @param targets probabilities, of the same shape and dtype
 * @throws {ShapeError} if the shapes differ, or are those of scalars
 * @throws {DTypeError} if the logits are no floats, or the dtypes differ
 * @example klDivergence(student, teacher.softmax().stopGradient())
 */
export function klDivergence(logits: Expr, targets: Expr, options?: LossOptions): Expr {
  const how = lossOptions('klDivergence', options);
  requireTensor('klDivergence', targets, 'the target');
  const p = beside('klDivergence', logits, targets);
  normalizeAxis(-1, logits.rank, 'klDivergence');
  const zero = eq(p, 0);
  // The choice is inside of the product: outside of it the derivative by p would be 0 times infinity.
  return reduced(sum(mul(p, where(zero, 0, sub(log(where(zero, 1, p)), logSoftmax(logits)))), -1), how);
}

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions extends LossOptions {
  /** The axis of the vectors. Default -1, the last. */
  readonly axis?: number;
  /** The least that a norm counts. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * The cosine of the angle between vectors: `a·b / (max(|a|, epsilon) max(|b|, epsilon))`, from -1 to 1. A loss is its
 * negative, or 1 minus it.
 *
 * @param a `[..., n]`, float
 * @param b of the same shape and dtype
 * @throws {ShapeError} if the shapes differ, or there is no such axis
 * @throws {DTypeError} if they are no floats, or the dtypes differ
 */
export function cosineSimilarity(a: Expr, b: Expr, options?: CosineSimilarityOptions): Expr {
  const { axis = -1, epsilon = 1e-8, ...how } = checkOptions('cosineSimilarity', options, { reduction: REDUCTIONS, axis: option.unchecked, epsilon: option.finite });
  requireTensor('cosineSimilarity', b, 'the second operand');
  const other = beside('cosineSimilarity', a, b);
  const along = normalizeAxis(axis, a.rank, 'cosineSimilarity');
  const length = (x: Expr): Expr => maximum(norm(x, along), epsilon);
  return reduced(div(sum(mul(a, other), along), mul(length(a), length(other))), how);
}
