import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { adamStep } from './adam-step.js';
import { decayedGradient, decayedStep } from './decay.js';

/**
 * Adam: steps along an exponential mean of the gradient, divided by the root of one of its square.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * param <- param - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8.
 * This is the second form of section 2, as in Lasagne, Dandelion and Keras, whose epsilon is 1e-7: epsilon is added to the root before the
 * correction of its bias. PyTorch, Optax and TensorFlow.js add it after: `epsilonPlace: 'corrected'` is their Adam, and what section 2 has as Algorithm 1.
 *
 * What else peers have is off: `weightDecay`, which is added to the gradient as in PyTorch (`adamw` has it in the step), `amsgrad`,
 * Optax's `epsilonRoot` and `nesterov`.
 *
 * Source: Kingma & Ba (2014), "Adam: a method for stochastic optimization", arXiv:1412.6980.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adam(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const adam = defineOptimizer({
  name: 'adam',
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
    /** How much of the parameter is taken as a part of its gradient, at least 0. Default 0: the paper has none. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `coupled`, the gradient; `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the
     * step, as `weightDecay param`. Default `coupled`, as in PyTorch.
     */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** Which root the epsilons are of: `uncorrected`, or `corrected` of its bias. Default `uncorrected`, as in Lasagne. */
    epsilonPlace: setting.oneOf('uncorrected', 'corrected'),
    /** Whether the largest second moment so far divides, as in `amsgrad`. Default false. */
    amsgrad: setting.flag(false),
    /** Of which moment that is the largest: `uncorrected`, as in PyTorch, or `corrected` of its bias, as in Optax. Default `uncorrected`. */
    maximumOf: setting.oneOf('uncorrected', 'corrected'),
    /** Whether the mean looks a step ahead, as in Optax: `beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t)`. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param, { amsgrad }) => ({ m: zerosLike(param), v: zerosLike(param), vMax: amsgrad ? zerosLike(param) : undefined }),
  update(context) {
    const { step, ...moments } = adamStep({ ...context, grad: decayedGradient(context.grad, context) });
    return { param: context.param.sub(decayedStep(step, context)), ...moments };
  },
});
