import { addScaled, defineOptimizer, range, type Variable, zerosLike } from '@pappus/core';
import { averageFactors, divideByRoot, type FactoredAxes, rootMeanSquare, runningMean, zeroFactors } from './factors.js';

/**
 * CAME: Adafactor with a running mean of its steps, which are taken the more boldly the less they differ from that mean.
 *
 * ```text
 * u = g / sqrt(rows columns / mean(rows)),  means of g^2 + epsilon as in Adafactor, with beta2        vectors: g / sqrt(v)
 * u <- u / max(1, rms(u) / clip)
 * m <- beta1 m + (1 - beta1) u
 * s = (u - m)^2 + epsilon2,  means of rows and columns with beta3
 * param <- (1 - learningRate weightDecay) param - learningRate m / sqrt(rows of s columns of s / mean(rows of s))        vectors: m
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 2e-4, `beta1` 0.9, `beta2` 0.999, `beta3` 0.9999 in [0, 1), `epsilon` 1e-30,
 * `epsilon2` 1e-16, `clip` 1, `weightDecay` 0. The last two axes of a parameter are factored. As in the authors' code no mean is divided by
 * what it has of a whole one, and vectors have no confidence: these steps begin small or large, as the betas say.
 *
 * Source: Luo et al. (2023), "CAME: confidence-guided adaptive memory efficient optimization", arXiv:2307.02047, algorithm 2.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: came(loss, params, { learningRate: 2e-4, weightDecay: 0.01 }) }, await cpu());
 */
export const came = defineOptimizer({
  name: 'came',
  defaults: {
    /** Multiplies each step, at least 0. Default 2e-4, the authors'. */
    learningRate: 2e-4,
    /** The part of the mean of steps `m` that stays, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the means of squared gradients that stays, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** The part of the means of squared differences that stays, in [0, 1). Default 0.9999, the paper's. */
    beta3: 0.9999,
    /** Added to squares of gradients, at least 0. Default 1e-30, the paper's. */
    epsilon: 1e-30,
    /** Added to squares of differences, at least 0. Default 1e-16, the paper's. */
    epsilon2: 1e-16,
    /** The most that the root of the mean square of a step may be, above 0; Infinity clips nothing. Default 1, the paper's. */
    clip: 1,
    /** The part of the parameter that decays in a step, times the rate, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative,
    beta1: range.decayRate,
    beta2: range.decayRate,
    beta3: range.decayRate,
    epsilon: range.nonNegative,
    epsilon2: range.nonNegative,
    clip: { min: Number.MIN_VALUE, max: Infinity },
    weightDecay: range.nonNegative,
  },
  state: (param) => {
    const m = zerosLike(param);
    if (param.rank < 2) return { m, v: zerosLike(param), rows: undefined, columns: undefined, differenceRows: undefined, differenceColumns: undefined };
    const { rows, columns } = zeroFactors(param, lastTwo(param));
    return { m, v: undefined, rows, columns, differenceRows: rows, differenceColumns: columns };
  },
  update(context) {
    const { param, grad, m, learningRate, beta1, beta2, beta3, epsilon, epsilon2, clip, weightDecay } = context;
    const squares = grad.square().add(epsilon);
    const decayed = addScaled(param, learningRate.mul(weightDecay).neg(), param);
    if (context.v !== undefined) {
      const v = runningMean(context.v, squares, beta2);
      const u = grad.div(v.sqrt());
      const mNext = runningMean(m, u.div(rootMeanSquare(u).div(clip).maximum(1)), beta1);
      return { param: decayed.sub(learningRate.mul(mNext)), m: mNext, v, rows: undefined, columns: undefined, differenceRows: undefined, differenceColumns: undefined };
    }
    const axes = lastTwo(param);
    const { rows, columns } = averageFactors(context, squares, axes, beta2);
    const raw = divideByRoot(grad, { rows, columns }, axes);
    const u = raw.div(rootMeanSquare(raw).div(clip).maximum(1));
    const mNext = runningMean(m, u, beta1);
    const differences = averageFactors({ rows: context.differenceRows, columns: context.differenceColumns }, u.sub(mNext).square().add(epsilon2), axes, beta3);
    return {
      param: decayed.sub(learningRate.mul(divideByRoot(mNext, differences, axes))),
      m: mNext,
      v: undefined,
      rows,
      columns,
      differenceRows: differences.rows,
      differenceColumns: differences.columns,
    };
  },
});

function lastTwo({ rank }: Variable): FactoredAxes {
  return { along: rank - 1, across: rank - 2 };
}
