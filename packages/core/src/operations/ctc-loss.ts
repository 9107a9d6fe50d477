/** Connectionist temporal classification: the loss of labels whose times are not known, by a scan over time in logarithms. */
import { iota, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { multiplyDimensions } from '../graph/dimension.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { formatShape, sameShape, type Shape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, and, eq, exp, isFinite, log, lt, maximum, mul, ne, neg, or, sub, where } from './elementwise.js';
import { pad, stack } from './arrange.js';
import { gatherFor } from './indexing.js';
import { type LossOptions, reduced, REDUCTIONS } from './losses.js';
import { broadcastTo, concat, expandDims, reshape, slice, stopGradient, transpose } from './movement.js';
import { logSoftmax } from './networks.js';
import { requireFloat, requireTensor } from './operand-checks.js';
import { logSumExp } from './reductions.js';
import { scan } from './scan.js';

/** Options of `ctcLoss`. */
export interface CtcLossOptions extends LossOptions {
  /** int32 `[batch]`: how many steps of time each example has, at most `time`. Default: all. */
  readonly inputLengths?: Expr;
  /** int32 `[batch]`: how many labels each example has, at most `length`; what stands behind them does not count. Default: all. */
  readonly labelLengths?: Expr;
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
  /** Whether the loss of an example that no alignment fits is 0 and not Infinity. Default false. */
  readonly zeroInfinity?: boolean;
}

/**
 * The negative logarithm of the probability that a label sequence comes out, summed over all alignments: at each step one class is read, by
 * the softmax of its logits; equal ones in a row count once, and blanks go. Infinity where the steps are too few for the labels (one for
 * each, and a blank between equal ones), with a gradient of 0. Graves et al. (2006). As PyTorch's ctc_loss, which takes logarithms of
 * probabilities with the time first, and whose `mean` divides every loss by the number of its labels; here it is the mean of the losses. With
 * `reduction: 'none'` it has the shape `[batch]`.
 *
 * @param logits `[batch, time, classes]`, float, not normalized
 * @param labels `[batch, length]`, int32, no blanks among them; one that is no class is an error where the labels are constants or an input of
 *   the call and all count, and makes the loss of its example NaN elsewhere
 * @throws {ShapeError} if the shapes do not fit
 * @throws {DTypeError} if the logits are no floats, or the labels or lengths not int32
 * @throws {InputError} if the blank is no class, or a label that is a constant or given to the call
 * @example ctcLoss(logits, characters, { inputLengths, labelLengths })
 */
export function ctcLoss(logits: Expr, labels: Expr, options?: CtcLossOptions): Expr {
  const { inputLengths, labelLengths, blank = 0, zeroInfinity = false, ...how } = checkOptions('ctcLoss', options, {
    reduction: REDUCTIONS, inputLengths: option.expression, labelLengths: option.expression, blank: option.unchecked, zeroInfinity: option.flag,
  });
  requireFloat('ctcLoss', logits, 'the logits');
  requireTensor('ctcLoss', labels, 'the labels');
  const [batch, time, classes] = logits.shape;
  if (batch === undefined || time === undefined || classes === undefined || logits.rank !== 3) {
    throw new ShapeError(`ctcLoss: the logits ${describe(logits)} should have 3 dimensions: batch, time and classes`);
  }
  if (!Number.isInteger(blank) || blank < 0 || (typeof classes === 'number' && blank >= classes)) {
    throw new InputError(`ctcLoss: the blank must be a class, from 0 to ${String(classes)} - 1, not ${show(blank)}`);
  }
  requireIntegers('the labels', labels, [batch, labels.shape[1] ?? 1], logits);
  for (const [what, lengths] of Object.entries({ inputLengths, labelLengths })) if (lengths !== undefined) requireIntegers(`the ${what}`, lengths, [batch], logits);

  const path = pathOf(labels, labelLengths, blank);
  const emitted = transpose(gatherFor('ctcLoss', logSoftmax(logits), expandDims(path, 1), 2), [1, 0, 2]);
  const { carry: last } = scan(stepOf(path, blank, inputLengths), {
    carry: where(eq(iota(path.shape, 1), 0), scalar(0, logits.dtype), -Infinity),
    inputs: { emission: emitted, t: iota([time], 0) },
  });
  const losses = neg(logSumExp(where(isEnd(path, labels, labelLengths), last, -Infinity), 1));
  return reduced(zeroInfinity ? where(eq(losses, Infinity), 0, losses) : losses, how);
}

function requireIntegers(what: string, a: Expr, shape: Shape, logits: Expr): void {
  requireTensor('ctcLoss', a, what);
  if (!sameShape(a.shape, shape)) throw new ShapeError(`ctcLoss: ${what}, ${describe(a)}, should have the shape ${formatShape(shape)}, beside the logits ${describe(logits)}`);
  if (a.dtype !== 'int32') throw new DTypeError(`ctcLoss: ${what}, ${describe(a)}, are ${a.dtype}, not int32; cast them with .cast('int32')`);
}

/** `[batch, 2 length + 1]`: the labels with a blank before, between and behind them; blanks in the place of those that do not count. */
function pathOf(labels: Expr, labelLengths: Expr | undefined, blank: number): Expr {
  const counted = labelLengths === undefined ? labels : where(lt(iota(labels.shape, 1), expandDims(labelLengths, 1)), labels, blank);
  const [batch = 1, length = 1] = labels.shape;
  const blanks = broadcastTo(scalar(blank, 'int32'), labels.shape);
  const pairs = reshape(stack([blanks, counted], 2), [batch, multiplyDimensions(length, 2)]);
  return concat([pairs, broadcastTo(scalar(blank, 'int32'), [batch, 1])], 1);
}

/** The forward variable of a step: from the place itself, the one before, or the one before that if it has another label. Equations 6 to 8. */
function stepOf(path: Expr, blank: number, inputLengths: Expr | undefined): (alpha: Expr, at: { readonly emission: Expr; readonly t: Expr }) => { readonly carry: Expr } {
  const beforeLast = slice(pad(path, [0, [2, 0]], { value: blank }), null, [0, -2]);
  const maySkip = and(ne(path, blank), ne(path, beforeLast));
  return (alpha, { emission, t }) => {
    const behind = pad(alpha, [0, [2, 0]], { value: -Infinity });
    const reached = logSumOf([alpha, slice(behind, null, [1, -1]), where(maySkip, slice(behind, null, [0, -2]), -Infinity)]);
    const next = add(reached, emission);
    return { carry: inputLengths === undefined ? next : where(lt(t, expandDims(inputLengths, 1)), next, alpha) };
  };
}

/** The logarithm of a sum of exponentials, element by element; of -Infinity alone it is that, with a gradient of 0. */
function logSumOf(terms: readonly Expr[]): Expr {
  const largest = terms.reduce(maximum);
  const shift = stopGradient(where(isFinite(largest), largest, 0));
  const total = terms.map((term) => exp(sub(term, shift))).reduce(add);
  const none = eq(total, 0);
  return where(none, -Infinity, add(log(where(none, 1, total)), shift));
}

/** bool: the last label and the blank behind it. */
function isEnd(path: Expr, labels: Expr, labelLengths: Expr | undefined): Expr {
  const place = iota(path.shape, 1);
  const end = mul(labelLengths === undefined ? size(labels.shape[1] ?? 1, 'int32') : expandDims(labelLengths, 1), 2);
  return or(eq(place, end), eq(place, sub(end, 1)));
}
