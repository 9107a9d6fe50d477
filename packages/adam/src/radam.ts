import { defineOptimizer, range, setting, sqrt, zerosLike } from '@pappus/core';
import { decayedGradient, decayedStep } from './decay.js';
import { correctionOf, divisor, lookAhead, runningMean } from './moments.js';
import { rectification, rectifiedMean } from './rectification.js';

/**
 * RAdam: Adam whose first steps, while the second moment is of few gradients and varies much, are shortened by as much as that varies,
 * in the place of a warm-up; the very first go along the mean of gradients alone.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * rhoMax = 2 / (1 - beta2) - 1        rho = rhoMax - 2 t beta2^t / (1 - beta2^t)
 * r = sqrt((rho - 4) (rho - 2) rhoMax / ((rhoMax - 4) (rhoMax - 2) rho))
 * step = r sqrt(1 - beta2^t) / (sqrt(v) + epsilon) m    where rho >= threshold, else m
 * param <- param - learningRate / (1 - beta1^t) step
 * ```
 *
 * Options: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8, `threshold` 5, `weightDecay` 0, which is added to
 * the gradient as in PyTorch. The paper has no epsilon and the threshold 4; the authors' code, PyTorch and Optax have 5. Epsilon is added
 * to the uncorrected root as in the authors' code and in PyTorch; in Optax to the corrected one (`epsilonPlace: 'corrected'`).
 *
 * Source: Liu et al. (2019), "On the variance of the adaptive learning rate and beyond", arXiv:1908.03265.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: radam(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const radam = defineOptimizer({
  name: 'radam',
  defaults: {
    /** About the size of a step in each element in the end, at least 0. Default 1e-3, the authors'. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the authors'. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, as in Optax (`eps_root`). */
    epsilonRoot: 0,
    /** The length of the average from which on a second moment divides, at least 4. Default 5, the authors'; the paper has 4. */
    threshold: 5,
    /** How much of the parameter is taken as a part of its gradient, at least 0. Default 0: the paper has none. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    threshold: { min: 4, max: Number.MAX_VALUE }, weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `coupled`, the gradient; `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the
     * step, as `weightDecay param`. Default `coupled`, as in PyTorch.
     */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** Which root the epsilons are of: `uncorrected`, or `corrected` of its bias. Default `uncorrected`, the authors'. */
    epsilonPlace: setting.oneOf('uncorrected', 'corrected'),
    /** What the first steps are: `momentum`, along the mean of gradients, or `none`. Default `momentum`, the paper's. */
    unrectified: setting.oneOf('momentum', 'none'),
    /** Whether the mean looks a step ahead, as in Optax: `beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t)`. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update(context) {
    const { param, t, learningRate, beta1, beta2, threshold, nesterov, unrectified } = context;
    const grad = decayedGradient(context.grad, context);
    const m = runningMean(context.m, beta1, grad);
    const v = runningMean(context.v, beta2, grad.square());
    const mean = nesterov ? lookAhead(m, grad, beta1, t) : m;
    const correction = correctionOf(beta2, t);
    const rectified = rectifiedMean(mean, divisor(v, correction, context), sqrt(correction), rectification(beta2, t, threshold), unrectified);
    const step = learningRate.div(correctionOf(beta1, t)).mul(rectified);
    return { param: param.sub(decayedStep(step, context)), m, v };
  },
});
