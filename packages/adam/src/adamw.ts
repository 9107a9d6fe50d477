import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { adamStep } from './adam-step.js';
import { decayedStep } from './decay.js';

/**
 * AdamW: Adam with a weight decay of its own, beside the gradient, so that how much a weight decays does not depend on how large its
 * gradients were.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * step = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * param <- param - learningRate (step + weightDecay param)
 * ```
 *
 * Options: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8, the paper's; `weightDecay` 1e-2, PyTorch's (Optax
 * has 1e-4). A mask is a function, and so is a decay that changes: `weightDecay: ({ param }) => (param.rank > 1 ? 0.1 : 0)`.
 *
 * The paper multiplies the decay by the schedule and not by the rate itself: `decay: 'independent'`, with a schedule as `weightDecay`.
 * PyTorch, Keras and Optax multiply it by the rate, and so does this. With `nesterov` this is Optax's `nadamw`.
 *
 * Source: Loshchilov & Hutter (2017), "Decoupled weight decay regularization", arXiv:1711.05101.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = adamw(loss, params, { learningRate: 3e-4, weightDecay: ({ param }) => (param.rank > 1 ? 0.1 : 0) });
 */
export const adamw = defineOptimizer({
  name: 'adamw',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the paper's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, the paper's and Optax's (`eps_root`). */
    epsilonRoot: 0,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 1e-2, PyTorch's. */
    weightDecay: 1e-2,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    weightDecay: range.nonNegative,
  },
  settings: {
    /** Whether weight decay is times the learning rate, `decoupled`, or not, `independent`, as in the paper. Default `decoupled`, as in PyTorch. */
    decay: setting.oneOf('decoupled', 'independent'),
    /** Which root the epsilons are of: `corrected` of its bias, or `uncorrected`. Default `corrected`, the paper's. */
    epsilonPlace: setting.oneOf('corrected', 'uncorrected'),
    /** Whether the largest second moment so far divides, as in `amsgrad`. Default false. */
    amsgrad: setting.flag(false),
    /** Of which moment that is the largest: `uncorrected`, as in PyTorch, or `corrected` of its bias. Default `uncorrected`. */
    maximumOf: setting.oneOf('uncorrected', 'corrected'),
    /** Whether the mean looks a step ahead, as in Optax: `beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t)`. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param, { amsgrad }) => ({ m: zerosLike(param), v: zerosLike(param), vMax: amsgrad ? zerosLike(param) : undefined }),
  update(context) {
    const { step, ...moments } = adamStep(context);
    return { param: context.param.sub(decayedStep(step, context)), ...moments };
  },
});
