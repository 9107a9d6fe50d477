import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { adamaxStep } from './adamax-step.js';
import { decayedStep } from './decay.js';

/**
 * AdamaxW: Adamax with a weight decay of its own, beside the gradient, as AdamW has.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        u <- max(beta2 u, |g| + epsilon)
 * param <- param - learningRate (m / (1 - beta1^t) / u + weightDecay param)
 * ```
 *
 * No paper has it; Optax has, and this is its form. Options, with its defaults: `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8,
 * `weightDecay` 1e-4; it has none for `learningRate`, which here is Adamax's 2e-3. A mask is a function:
 * `weightDecay: ({ param }) => (param.rank > 1 ? 1e-4 : 0)`.
 *
 * Sources: Kingma & Ba (2014), "Adam: a method for stochastic optimization", section 7.1, arXiv:1412.6980; Loshchilov & Hutter (2017),
 * "Decoupled weight decay regularization", arXiv:1711.05101.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adamaxw(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const adamaxw = defineOptimizer({
  name: 'adamaxw',
  defaults: {
    /** The most that a step changes an element by, beside its decay, at least 0. Default 2e-3, Adamax's. */
    learningRate: 2e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, Adamax's. */
    beta1: 0.9,
    /** The part of the largest magnitude `u` that stays in a step, in [0, 1). Default 0.999, Adamax's. */
    beta2: 0.999,
    /** Added to the magnitude, at least 0. Default 1e-8, Optax's. */
    epsilon: 1e-8,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 1e-4, Optax's. */
    weightDecay: 1e-4,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is times the learning rate, `decoupled`, or not, `independent`. Default `decoupled`, as in Optax. */
    decay: setting.oneOf('decoupled', 'independent'),
    /** What epsilon is added to: `|g|`, `insideMaximum`, or `u` where it divides, `outside`. Default `insideMaximum`, as in Optax. */
    epsilonPlace: setting.oneOf('insideMaximum', 'outside'),
  },
  state: (param) => ({ m: zerosLike(param), u: zerosLike(param) }),
  update(context) {
    const { step, ...moments } = adamaxStep(context);
    return { param: context.param.sub(decayedStep(step, context)), ...moments };
  },
});
