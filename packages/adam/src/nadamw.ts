import { defineOptimizer, range, scalar, setting, zerosLike } from '@pappus/core';
import { decayedStep } from './decay.js';
import { nadamStep, nesterovWeights } from './nadam-step.js';

/**
 * NAdamW: NAdam with a weight decay of its own, beside the gradient, as AdamW has.
 *
 * ```text
 * mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * mean = mu_(t + 1) m / (1 - mu_1 ... mu_(t + 1)) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
 * param <- param - learningRate (mean / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay param)
 * ```
 *
 * This is PyTorch's `NAdam` with `decoupled_weight_decay`. Options, with its defaults: `learningRate` 2e-3, `beta1` 0.9 and `beta2` 0.999
 * in [0, 1), `epsilon` 1e-8, `momentumDecay` 4e-3; and `weightDecay` 1e-2, AdamW's. Optax's `nadamw` has `momentumSchedule: 'constant'`
 * and `weightDecay: 1e-4`. A mask is a function: `weightDecay: ({ param }) => (param.rank > 1 ? 0.01 : 0)`.
 *
 * Sources: Dozat (2016), "Incorporating Nesterov momentum into Adam", ICLR workshop, openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ;
 * Loshchilov & Hutter (2017), "Decoupled weight decay regularization", arXiv:1711.05101.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, and where `beta1` or `momentumDecay` differ between parameters
 * @example const train = await compile({ updates: nadamw(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const nadamw = defineOptimizer({
  name: 'nadamw',
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
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 1e-2, AdamW's. */
    weightDecay: 1e-2,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    momentumDecay: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /** Whether weight decay is times the learning rate, `decoupled`, or not, `independent`. Default `decoupled`, as in PyTorch. */
    decay: setting.oneOf('decoupled', 'independent'),
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
      const { step, ...moments } = nadamStep(own, weights);
      return { param: own.param.sub(decayedStep(step, own)), ...moments };
    });
    return { each, product: weights.product };
  },
});
