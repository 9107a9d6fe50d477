/** Cross-entropy under the softmax of logits, with everything that its labels may be. */
import { checkConstantIndices } from '../run/check-indices.js';
import { iota, scalar } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { formatShape, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, and, cast, div, eq, isFinite, mul, ne, not, sub, where } from './elementwise.js';
import { inRange } from './index-range.js';
import { broadcastTo, expandDims } from './movement.js';
import { type LossOptions, reduced, REDUCTIONS } from './losses.js';
import { lift, requireFloat, requireShape, requireTensor } from './operand-checks.js';
import { logSumExp, mean, sum } from './reductions.js';

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends LossOptions {
  /** The share of the label's probability that is spread evenly over all classes, from 0 to 1. Default 0. Szegedy et al. (2015), section 7. */
  readonly labelSmoothing?: number;
  /** `[classes]`: what the loss of each class counts. With integer labels the mean is divided by the sum of the labels' weights. */
  readonly classWeights?: Expr | readonly number[];
  /** An integer label whose loss is 0 and does not count in the mean; it need not be a class. */
  readonly ignoreLabel?: number;
}

/**
 * The cross-entropy of labels under the softmax of logits, whose last axis is that of the classes: `logSumExp(logits) - logits[label]` for an integer label, and
 * `sum(p (logSumExp(logits) - logits))` for probabilities p; a class of probability 0 costs nothing, whatever its logit. With
 * `reduction: 'none'` it has the shape `[...]`. Where every label is ignored, or weighs 0, the mean is 0. An integer label that is no
 * class, and not ignored, is an error where the labels are constants or an input of the call; elsewhere its loss is NaN, and so is the
 * gradient of its row.
 *
 * @param logits `[..., classes]`, float
 * @param labels `[...]`, int32, each from 0 to classes - 1; or `[..., classes]`, probabilities or one-hot, of any dtype
 * @throws {DTypeError} if the logits are no floats, or labels without an axis of classes are not int32
 * @throws {ShapeError} if the shapes do not fit, or there are labels and no classes
 * @throws {InputError} if the smoothing is not from 0 to 1, or a label is to be ignored among probabilities, or a label that is a
 * constant or given to the call is no class
 * @example crossEntropy(logits, labels, { ignoreLabel: padding })
 */
export function crossEntropy(logits: Expr, labels: Expr, options: CrossEntropyOptions = {}): Expr {
  checkOptions('crossEntropy', options, { reduction: REDUCTIONS, labelSmoothing: option.unchecked, classWeights: option.unchecked, ignoreLabel: option.unchecked });
  const { labelSmoothing = 0, ignoreLabel } = options;
  requireFloat('crossEntropy', logits, 'the logits');
  requireTensor('crossEntropy', labels, 'the labels');
  if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing <= 1)) throw new InputError(`crossEntropy: labelSmoothing must be from 0 to 1, not ${show(labelSmoothing)}`);
  if (ignoreLabel !== undefined && !isInt32(ignoreLabel)) throw new InputError(`crossEntropy: ignoreLabel must be an int32 number, not ${show(ignoreLabel)}`);
  const weights = classWeightsOf(logits, options.classWeights);
  if (logits.rank === 0 || !sameShape(labels.shape, logits.shape)) return ofIntegers(logits, labels, weights, options);
  if (ignoreLabel !== undefined) throw new InputError(`crossEntropy: ignoreLabel is for integer labels, and ${describe(labels)} has one for each class`);
  const p = cast(labels, logits.dtype);
  const losses = expectedCost(logits, p, weights);
  return reduced(labelSmoothing === 0 ? losses : blend(losses, evenCost(logits, weights), labelSmoothing), options);
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value + 0.5) < 2 ** 31;
}

function classWeightsOf(logits: Expr, given: Expr | readonly number[] | undefined): Expr | undefined {
  if (given === undefined) return undefined;
  const weights = given instanceof Expr ? cast(given, logits.dtype) : lift(given, logits.dtype, 'crossEntropy: classWeights');
  requireShape('crossEntropy', weights, logits.shape.slice(-1), `the classes of ${describe(logits)}`);
  return weights;
}

function ofIntegers(logits: Expr, labels: Expr, weights: Expr | undefined, options: CrossEntropyOptions): Expr {
  const { labelSmoothing = 0, ignoreLabel, reduction = 'mean' } = options;
  checkLabels(logits, labels);
  const chosen = eq(iota(logits.shape, logits.rank - 1), expandDims(labels, -1));
  const own = (e: Expr): Expr => sum(where(chosen, e, 0), -1);
  const plain = sub(mul(logSumExp(logits, -1), oneWhereClass(logits, labels, ignoreLabel)), own(logits));
  const weight = weights === undefined ? undefined : own(weights);
  const weighted = weight === undefined ? plain : mul(plain, weight);
  const smoothed = labelSmoothing === 0 ? weighted : blend(weighted, evenCost(logits, weights), labelSmoothing);
  if (ignoreLabel === undefined && weight === undefined) return reduced(smoothed, options);
  const counts = ignoreLabel === undefined ? undefined : ne(labels, ignoreLabel);
  const losses = counts === undefined ? smoothed : where(counts, smoothed, 0);
  if (reduction !== 'mean') return reduced(losses, options);
  const weightOrOne = weight ?? broadcastTo(scalar(1, logits.dtype), labels.shape);
  const total = sum(counts === undefined ? weightOrOne : where(counts, weightOrOne, 0));
  return div(sum(losses), where(eq(total, 0), 1, total));
}

/** 1 where the label is a class or ignored, NaN elsewhere: times the sum's logarithm, it makes loss and gradient NaN. */
function oneWhereClass(logits: Expr, labels: Expr, ignoreLabel: number | undefined): Expr {
  const index = ignoreLabel === undefined ? labels : where(eq(labels, ignoreLabel), 0, labels);
  const classes = logits.shape.at(-1) ?? 1;
  if (classes === 0 && labels.shape.every((d) => typeof d === 'number' && d > 0)) {
    throw new ShapeError(`crossEntropy: ${describe(logits)} has no classes: its last axis has size 0`);
  }
  checkConstantIndices('crossEntropy', index, classes);
  return where(inRange('crossEntropy', index, classes), scalar(1, logits.dtype), NaN);
}

function checkLabels(logits: Expr, labels: Expr): void {
  if (logits.rank === 0 || !sameShape(labels.shape, logits.shape.slice(0, -1))) {
    throw new ShapeError(
      `crossEntropy: the labels ${describe(labels)} should have the shape ${formatShape(logits.shape.slice(0, -1))}, that of the logits ${describe(logits)} without their last axis, or one for each class`,
    );
  }
  if (labels.dtype !== 'int32') {
    throw new DTypeError(`crossEntropy: the labels ${describe(labels)} are ${labels.dtype}, not int32; cast them with .cast('int32')`);
  }
}

/** What each class would cost as the label, times its weight. */
function costs(logits: Expr, weights: Expr | undefined): Expr {
  const plain = sub(logSumExp(logits, -1, { keepdims: true }), logits);
  return weights === undefined ? plain : mul(plain, weights);
}

function expectedCost(logits: Expr, p: Expr, weights: Expr | undefined): Expr {
  const each = costs(logits, weights);
  // The choice is inside of the product: outside of it the derivative by p would be 0 times infinity.
  return sum(mul(p, where(and(eq(p, 0), not(isFinite(each))), 0, each)), -1);
}

/** Under the same probability for every class. */
function evenCost(logits: Expr, weights: Expr | undefined): Expr {
  return mean(costs(logits, weights), -1);
}

function blend(a: Expr, b: Expr, share: number): Expr {
  return add(mul(a, 1 - share), mul(b, share));
}
