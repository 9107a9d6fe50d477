import { addScaled, defineOptimizer, onesLike, range, setting, sqrt, zerosLike } from '@pappus/core';
import { decayedGradient, decayedStep } from './decay.js';
import { correctionOf, divisor, largestMoment, lookAhead, runningMean } from './moments.js';
import { rectification, rectifiedMean } from './rectification.js';

/**
 * AdaBelief: Adam that divides by how far gradients are from their mean, and not by how large they are: long steps where a gradient is as
 * the mean foretold.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        s <- beta2 s + (1 - beta2) (g - m)^2 + epsilonRoot
 * param <- param - learningRate m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + epsilon)
 * ```
 *
 * Options: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), the paper's; `epsilon` and `epsilonRoot` 1e-16, the authors' code's
 * and Optax's (the paper and that code have one for both); `weightDecay` 0, which is taken from the parameter, times the rate, as in that
 * code. What is added to `s` stays in it. The code's default is a step that is rectified as RAdam's, with epsilon added to the uncorrected
 * root: `rectify: true, epsilonPlace: 'uncorrected'`. The paper and Optax do not rectify.
 *
 * Source: Zhuang et al. (2020), "AdaBelief optimizer: adapting stepsizes by the belief in observed gradients", arXiv:2010.07468.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adabelief(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const adabelief = defineOptimizer({
  name: 'adabelief',
  defaults: {
    /** About the size of a step in each element whose gradients are as far from their mean as from 0, at least 0. Default 1e-3, the paper's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squared distances `s` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-16, the authors' code's. */
    epsilon: 1e-16,
    /** Added to `s` in each step, where it stays, at least 0. Default 1e-16, the authors' code's, which has no other than `epsilon`. */
    epsilonRoot: 1e-16,
    /** The length of the average from which on a rectified step divides, at least 4. Default 5, the authors'. */
    threshold: 5,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    threshold: { min: 4, max: Number.MAX_VALUE }, weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the step, as
     * `weightDecay param`; `coupled`, the gradient. Default `decoupled`, as in the authors' code.
     */
    decay: setting.oneOf('decoupled', 'independent', 'coupled'),
    /** Which root `epsilon` is added to: `corrected` of its bias, or `uncorrected`. Default `corrected`, the paper's. */
    epsilonPlace: setting.oneOf('corrected', 'uncorrected'),
    /** Whether steps are rectified as RAdam's. Default false, the paper's; the authors' code has true. */
    rectify: setting.flag(false),
    /** What the first steps are if they are rectified: `momentum`, along the mean of gradients, or `none`. Default `momentum`, the authors'. */
    unrectified: setting.oneOf('momentum', 'none'),
    /** Whether the largest `s` so far divides. Default false. */
    amsgrad: setting.flag(false),
    /** Of which `s` that is the largest: `uncorrected`, or `corrected` of its bias. Default `uncorrected`, the authors'. */
    maximumOf: setting.oneOf('uncorrected', 'corrected'),
    /** Whether the mean looks a step ahead, as in Optax: `beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t)`. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param, { amsgrad }) => ({ m: zerosLike(param), s: zerosLike(param), sMax: amsgrad ? zerosLike(param) : undefined }),
  update(context) {
    const { param, t, learningRate, beta1, beta2, epsilon, epsilonRoot, epsilonPlace, threshold, sMax } = context;
    const grad = decayedGradient(context.grad, context);
    const m = runningMean(context.m, beta1, grad);
    const distance = runningMean(context.s, beta2, grad.sub(m).square());
    const s = addScaled(distance, epsilonRoot, onesLike(distance));
    const correction = correctionOf(beta2, t);
    const largest = sMax === undefined ? { kept: undefined, uncorrected: s } : largestMoment(sMax, s, correction, context.maximumOf);
    const by = divisor(largest.uncorrected, correction, { epsilon, epsilonPlace });
    const mean = context.nesterov ? lookAhead(m, grad, beta1, t) : m;
    const rate = learningRate.div(correctionOf(beta1, t));
    const step = context.rectify
      ? rate.mul(rectifiedMean(mean, by, sqrt(correction), rectification(beta2, t, threshold), context.unrectified))
      : rate.mul(sqrt(correction)).mul(mean).div(by);
    return { param: param.sub(decayedStep(step, context)), m, s, sMax: largest.kept };
  },
});
