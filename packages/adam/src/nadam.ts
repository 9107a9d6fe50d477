import { defineOptimizer, range, scalar, setting, zerosLike } from '@pappus/core';
import { decayedGradient, decayedStep } from './decay.js';
import { nadamStep, nesterovWeights } from './nadam-step.js';

/**
 * NAdam: Adam with Nesterov's momentum, whose step already has the mean of gradients as it will be in the next, with a momentum that
 * grows in the beginning.
 *
 * ```text
 * mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * mean = mu_(t + 1) m / (1 - mu_1 ... mu_(t + 1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
 * param <- param - learningRate mean / (sqrt(v / (1 - beta2^t)) + epsilon)
 * ```
 *
 * The product of momenta is one float64 scalar for all parameters, which the host keeps; so `beta1` and `momentumDecay` must be the same
 * for all. Options, with PyTorch's defaults: `learningRate` 2e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8,
 * `momentumDecay` 4e-3, `weightDecay` 0, which is added to the gradient. PyTorch keeps the product in float32, and so is 2e-7 off.
 * Optax has `beta1` for each momentum, `momentumSchedule: 'constant'`; there `mu_1 ... mu_t` is `beta1^t`.
 *
 * Source: Dozat (2016), "Incorporating Nesterov momentum into Adam", ICLR workshop, openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ; the
 * paper has `m` of the momenta in the place of `beta1`, PyTorch and Keras as here.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, and where `beta1` or `momentumDecay` differ between parameters
 * @example const train = await compile({ updates: nadam(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const nadam = defineOptimizer({
  name: 'nadam',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 2e-3, PyTorch's and Dozat's. */
    learningRate: 2e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, Adam's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, Adam's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, Adam's. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, as in Optax (`eps_root`). */
    epsilonRoot: 0,
    /** How fast the momentum grows from half of `beta1` to `beta1`: it is missing half of 0.96^(t momentumDecay). Default 4e-3, the paper's. */
    momentumDecay: 4e-3,
    /** How much of the parameter is taken as a part of its gradient, at least 0. Default 0: the paper has none. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    momentumDecay: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `coupled`, the gradient; `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the
     * step, as `weightDecay param`. Default `coupled`, as in PyTorch.
     */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** Which root the epsilons are of: `corrected` of its bias, or `uncorrected`. Default `corrected`, as in PyTorch. */
    epsilonPlace: setting.oneOf('corrected', 'uncorrected'),
    /** How the momentum goes: `warmed`, `beta1 (1 - 0.96^(t momentumDecay) / 2)`, or `constant`, `beta1`, as in Optax. Default `warmed`, the paper's. */
    momentumSchedule: setting.oneOf('warmed', 'constant'),
  },
  shared: () => ({ product: scalar(1, 'float64') }),
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  updateAll(context) {
    const weights = nesterovWeights(context);
    const each = context.each.map((own) => {
      const { step, ...moments } = nadamStep({ ...own, grad: decayedGradient(own.grad, own) }, weights);
      return { param: own.param.sub(decayedStep(step, own)), ...moments };
    });
    return { each, product: weights.product };
  },
});
