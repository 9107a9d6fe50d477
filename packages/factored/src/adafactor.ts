import { addScaled, defineOptimizer, type Expr, mean, minimum, range, setting, sub, type Variable, zerosLike } from '@pappus/core';
import { averageFactors, divideByRoot, type FactoredAxes, type Factors, rootMeanSquare, runningMean, zeroFactors } from './factors.js';

/**
 * Adafactor: a step of RMSprop whose mean of squares is kept as means of rows and of columns, in proportion to the size of the parameter.
 *
 * ```text
 * beta2 = 1 - t^-decayExponent        rho = min(learningRate, 1 / sqrt(t))
 * rows    <- beta2 rows    + (1 - beta2) mean over columns of (g^2 + epsilon)
 * columns <- beta2 columns + (1 - beta2) mean over rows of (g^2 + epsilon)
 * u = g / sqrt(rows columns / mean(rows))        vectors: g / sqrt(v), with v <- beta2 v + (1 - beta2) (g^2 + epsilon)
 * param <- param - rho max(leastScale, rms(param)) * u / max(1, rms(u) / clip)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 0.01, `decayExponent` 0.8, `epsilon` 1e-30, `leastScale` 1e-3, `clip` 1. No momentum
 * is kept unless `momentum` is given, and no decay. A matrix of `n` by `m` needs `n + m` numbers. Of tensors of higher rank the two largest
 * axes are factored, as in the authors' T5 and in Optax, or with `axes: 'lastTwo'` the last, as in PyTorch.
 *
 * PyTorch's form is `epsilonPlace: 'least'` with an epsilon of the dtype's precision, and `axes: 'lastTwo'`. Optax's is `relativeStep:
 * false`, `minLength: 128` and `decay: 'independent'`.
 *
 * Source: Shazeer & Stern (2018), "Adafactor: adaptive learning rates with sublinear memory cost", arXiv:1804.04235, algorithms 4 and 5.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adafactor(loss, [w, b]) }, await cpu());
 */
export const adafactor = defineOptimizer({
  name: 'adafactor',
  defaults: {
    /** The most that a relative step is, or the step itself where `relativeStep` is off, at least 0. Default 0.01, the paper's. */
    learningRate: 1e-2,
    /** What stays of the means is `1 - t^-decayExponent`, at least 0. Default 0.8, the paper's. */
    decayExponent: 0.8,
    /** Added to squares of gradients, or least of means, at least 0. Default 1e-30, the paper's first epsilon. */
    epsilon: 1e-30,
    /** The least that the size of a parameter counts as, at least 0. Default 1e-3, the paper's second epsilon. */
    leastScale: 1e-3,
    /** The most that the root of the mean square of a step may be, before the rate, above 0; Infinity clips nothing. Default 1, the paper's. */
    clip: 1,
    /** The part of the parameter that decays in a step, times the rate where it is decoupled, at least 0. Default 0. */
    weightDecay: 0,
  },
  optional: {
    /** What stays of the means in a step, in [0, 1), such as `({ t }) => ...`. Default: as `decayExponent` says. */
    beta2: range.decayRate,
    /** The part of a running mean of steps that stays, in [0, 1), which needs as much memory as the parameter. Default: no mean. */
    momentum: range.decayRate,
  },
  ranges: {
    learningRate: range.nonNegative,
    decayExponent: range.nonNegative,
    epsilon: range.nonNegative,
    leastScale: range.nonNegative,
    clip: { min: Number.MIN_VALUE, max: Infinity },
    weightDecay: range.nonNegative,
  },
  settings: {
    /** Whether the rate is at most `1 / sqrt(t)`. Default true, the paper's. */
    relativeStep: setting.flag(true),
    /** Whether steps are in proportion to the root of the mean square of the parameter. Default true, the paper's. */
    parameterScale: setting.flag(true),
    /** Whether rows and columns stand for the full mean of squares. Default true. */
    factored: setting.flag(true),
    /** Tensors of which the two factored axes are not both this long keep the full mean. Default 1; Optax's and T5's is 128. */
    minLength: setting.wholeNumber(1, { min: 1 }),
    /** Which axes of a tensor are factored. Default `'largest'`. */
    axes: setting.oneOf('largest', 'lastTwo'),
    /** Whether epsilon is added to squares, or the least that the mean of rows and the root that divides may be. Default `'squares'`, the paper's. */
    epsilonPlace: setting.oneOf('squares', 'least'),
    /** Whether the decay is times the rate (before it becomes relative), or not. Default `'decoupled'`. */
    decay: setting.oneOf('decoupled', 'independent'),
  },
  state: (param, options) => {
    const axes = factoredAxes(param, options);
    const m = options.momentum === undefined ? undefined : zerosLike(param);
    return axes === undefined ? { rows: undefined, columns: undefined, v: zerosLike(param), m } : { ...zeroFactors(param, axes), v: undefined, m };
  },
  update(context) {
    const { param, grad, t, rows, columns, v, m, learningRate, decayExponent, epsilon, leastScale, clip, weightDecay, momentum, epsilonPlace } = context;
    const beta2 = context.beta2 ?? sub(1, t.pow(decayExponent.neg()));
    const squares = epsilonPlace === 'squares' ? grad.square().add(epsilon) : grad.square();
    const axes = factoredAxes(param, context);
    const next =
      axes === undefined || rows === undefined
        ? { rows: undefined, columns: undefined, v: v === undefined ? undefined : runningMean(v, squares, beta2) }
        : { ...averageFactors({ rows, columns }, squares, axes, beta2), v: undefined };
    const raw = divided(grad, next, axes, epsilonPlace === 'least' ? epsilon : undefined);
    const clipped = raw.div(rootMeanSquare(raw).div(clip).maximum(1));
    const rate = context.relativeStep ? minimum(learningRate, t.pow(-0.5)) : learningRate;
    const step = clipped.mul(context.parameterScale ? rate.mul(rootMeanSquare(param).maximum(leastScale)) : rate);
    const mNext = m === undefined || momentum === undefined ? undefined : runningMean(m, step, momentum);
    const decayed = addScaled(param, context.decay === 'decoupled' ? weightDecay.mul(learningRate).neg() : weightDecay.neg(), param);
    return { param: decayed.sub(mNext ?? step), ...next, m: mNext };
  },
});

/** The axes of a parameter that are factored, if it has two that are long enough. */
function factoredAxes({ shape }: Variable, options: { readonly factored: boolean; readonly minLength: number; readonly axes: 'largest' | 'lastTwo' }): FactoredAxes | undefined {
  if (!options.factored || shape.length < 2) return undefined;
  const byLength = shape.map((length, axis) => ({ length, axis }));
  if (options.axes === 'largest') byLength.sort((a, b) => a.length - b.length);
  const [across, along] = byLength.slice(-2);
  if (across === undefined || along === undefined || across.length < options.minLength || along.length < options.minLength) return undefined;
  return { along: along.axis, across: across.axis };
}

interface Moments extends Partial<{ readonly [K in keyof Factors]: Expr | undefined }> {
  readonly v?: Expr | undefined;
}

/** The gradient over the root of its mean of squares. @param least what the mean of rows and the root are at least */
function divided(grad: Expr, { rows, columns, v }: Moments, axes: FactoredAxes | undefined, least: Expr | undefined): Expr {
  if (axes === undefined || rows === undefined || columns === undefined) {
    if (v === undefined) return grad;
    return grad.div(least === undefined ? v.sqrt() : v.maximum(least.square()).sqrt());
  }
  if (least === undefined) return divideByRoot(grad, { rows, columns }, axes);
  // Not the product of both first: squares of small squares vanish in float32.
  const estimate = rows.div(mean(rows, axes.across, { keepdims: true }).maximum(least)).mul(columns);
  return grad.div(estimate.maximum(least.square()).sqrt());
}
