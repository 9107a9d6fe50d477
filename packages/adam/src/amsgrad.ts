import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { adamStep } from './adam-step.js';
import { decayedGradient, decayedStep } from './decay.js';

/**
 * AMSGrad: Adam that divides by the largest second moment so far, so that the rate of an element never grows again.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2        vMax <- max(vMax, v)
 * param <- param - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(vMax) + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults, which are Adam's: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1),
 * `epsilon` 1e-8. The paper corrects no bias; Lasagne corrects it as Adam does, and so does this. The maximum is that of
 * `v` before the correction, as in PyTorch; Optax takes it after (`maximumOf: 'corrected'`). Epsilon is added to the uncorrected root; in
 * PyTorch and Optax to the corrected one (`epsilonPlace: 'corrected'`). `weightDecay` is off, and added to the gradient.
 *
 * Source: Reddi, Kale & Kumar (2018), "On the convergence of Adam and beyond", arXiv:1904.09237.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: amsgrad(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const amsgrad = defineOptimizer({
  name: 'amsgrad',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, Adam's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, Adam's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, Adam's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, Adam's. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, as in Optax (`eps_root`). */
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
    /** Of which moment the largest is taken: `uncorrected`, as in PyTorch, or `corrected` of its bias, as in Optax. Default `uncorrected`. */
    maximumOf: setting.oneOf('uncorrected', 'corrected'),
  },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param), vMax: zerosLike(param) }),
  update(context) {
    const { step, m, v, vMax } = adamStep({ ...context, grad: decayedGradient(context.grad, context), nesterov: false });
    return { param: context.param.sub(decayedStep(step, context)), m, v, vMax };
  },
});
