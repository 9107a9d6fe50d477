import { defineOptimizer, div, maximum, minimum, range, setting, sqrt, zerosLike } from '@pappus/core';
import { decayedGradient, decayedStep } from './decay.js';
import { correctionOf, divisor, runningMean } from './moments.js';

/**
 * AdaBound: Adam whose rate for each element is kept between bounds that close in on one rate, so that it ends as gradient descent.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * rate = learningRate sqrt(1 - beta2^t) / (1 - beta1^t) / (sqrt(v) + epsilon)
 * lower = finalLearningRate (1 - 1 / (gamma t + 1))        upper = finalLearningRate (1 + 1 / (gamma t))
 * param <- param - min(max(rate, lower), upper) m
 * ```
 *
 * Options, with the authors' defaults: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `finalLearningRate` 0.1, `gamma` 1e-3,
 * `epsilon` 1e-8, `weightDecay` 0, which is added to the gradient. This is the authors' code: the paper has no correction of the bias, and a
 * rate that falls with the root of t. There the final rate goes as the scheduled rate does; here it is an option, which may have a schedule.
 * pytorch_optimizer adds 1e-15 inside of the root, too (`epsilonRoot`), and its decay is `decoupled`.
 *
 * Source: Luo et al. (2019), "Adaptive gradient methods with dynamic bound of learning rate", arXiv:1902.09843.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adabound(loss, [w, b], { finalLearningRate: 0.05 }) }, await cpu());
 */
export const adabound = defineOptimizer({
  name: 'adabound',
  defaults: {
    /** About the size of a step in each element in the beginning, at least 0. Default 1e-3, the authors'. */
    learningRate: 1e-3,
    /** The rate of every element in the end, as that of gradient descent, at least 0. Default 0.1, the authors'. */
    finalLearningRate: 0.1,
    /** How fast the bounds close in, above 0. Default 1e-3, the authors'. */
    gamma: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the authors'. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the authors'. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the authors'. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0; pytorch_optimizer has 1e-15. */
    epsilonRoot: 0,
    /** How much of the parameter is taken as a part of its gradient, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, finalLearningRate: range.nonNegative, gamma: range.positive, beta1: range.decayRate, beta2: range.decayRate,
    epsilon: range.nonNegative, epsilonRoot: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `coupled`, the gradient; `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the
     * step, as `weightDecay param`. Default `coupled`, the authors'.
     */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** Which root the epsilons are of: `uncorrected`, or `corrected` of its bias. Default `uncorrected`, the authors'. */
    epsilonPlace: setting.oneOf('uncorrected', 'corrected'),
    /** Whether the largest second moment so far divides, which is the paper's AMSBound. Default false. */
    amsbound: setting.flag(false),
  },
  state: (param, { amsbound }) => ({ m: zerosLike(param), v: zerosLike(param), vMax: amsbound ? zerosLike(param) : undefined }),
  update(context) {
    const { param, t, learningRate, finalLearningRate, gamma, beta1, beta2 } = context;
    const grad = decayedGradient(context.grad, context);
    const m = runningMean(context.m, beta1, grad);
    const v = runningMean(context.v, beta2, grad.square());
    const vMax = context.vMax === undefined ? undefined : maximum(context.vMax, v);
    const correction = correctionOf(beta2, t);
    const rate = learningRate.mul(sqrt(correction)).div(correctionOf(beta1, t)).div(divisor(vMax ?? v, correction, context));
    // 1 - 1 / (progress + 1), whose digits the difference would lose where the count lives on a device.
    const progress = gamma.mul(t);
    const lower = finalLearningRate.mul(progress.div(progress.add(1)));
    const upper = finalLearningRate.mul(div(1, progress).add(1));
    const step = minimum(maximum(rate, lower), upper).mul(m);
    return { param: param.sub(decayedStep(step, context)), m, v, vMax };
  },
});
