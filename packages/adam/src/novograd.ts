import { addScaled, biasCorrection, defineOptimizer, div, type Expr, range, setting, sqrt, sub, where, zerosLike } from '@pappus/core';

/**
 * NovoGrad: momentum of gradients that are divided by a running norm, one number for each parameter; half the memory of Adam.
 *
 * ```text
 * v <- beta2 v + (1 - beta2) |g|^2, and |g|^2 in the first step        h = g / (sqrt(v) + epsilon) + weightDecay param
 * m <- beta1 m + h        param <- param - learningRate m
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 0.01, `beta1` 0.95 and `beta2` 0.98 in [0, 1) (Optax has 0.9 and 0.25), `epsilon`
 * 1e-8. The decay goes through the mean, `decay: 'coupled'`, as in the paper and Optax. kozistr's pytorch_optimizer counts the first
 * gradient twice, once as the mean of before, and corrects biases: `firstGradient: 'twice', correctBias: true`.
 *
 * Source: Ginsburg et al. (2019), "Stochastic gradient methods with layer-wise adaptive moments for training of deep networks", arXiv:1905.11286.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = novograd(loss, params, { learningRate: 0.01, weightDecay: 1e-3 });
 */
export const novograd = defineOptimizer({
  name: 'novograd',
  defaults: {
    /** About the norm of a step for each parameter, times `1 - beta1`, at least 0. Default 0.01, the paper's. */
    learningRate: 0.01,
    /** The part of the momentum `m` that stays in a step, in [0, 1). Default 0.95, the paper's. */
    beta1: 0.95,
    /** The part of the mean of squared norms `v` that stays in a step, in [0, 1). Default 0.98, the paper's. */
    beta2: 0.98,
    /** Added to the root that divides, at least 0. Default 1e-8; Optax has 1e-6. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, the paper's and Optax's (`eps_root`). */
    epsilonRoot: 0,
    /** How much of the parameter is added to its divided gradient, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    weightDecay: range.nonNegative,
  },
  settings: {
    /** Whether weight decay is added to the divided gradient, is times the learning rate as in AdamW, or is by itself. Default `coupled`, the paper's. */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** Whether a new gradient counts `1 - beta1` in the momentum. Default false, the paper's. */
    gradAveraging: setting.flag(false),
    /** Whether the step is times `sqrt(1 - beta2^t) / (1 - beta1^t)`, as Adam's. Default false, the paper's. */
    correctBias: setting.flag(false),
    /** Whether the momentum begins at the first divided gradient and decay, which then come again, as in pytorch_optimizer. Default `once`, the paper's. */
    firstGradient: setting.oneOf('once', 'twice'),
  },
  state: (param, { grad, epsilon, weightDecay, firstGradient }) => ({
    m: firstGradient === 'twice' ? addScaled(grad.div(sqrt(squaredNorm(grad)).add(epsilon)), weightDecay, param) : zerosLike(param),
    v: 0,
  }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon, epsilonRoot, weightDecay, decay, gradAveraging, correctBias }) {
    const square = squaredNorm(grad);
    const vNext = where(t.eq(1), square, beta2.mul(v).add(sub(1, beta2).mul(square)));
    const divided = grad.mul(div(1, sqrt(vNext.add(epsilonRoot)).add(epsilon)));
    const added = decay === 'coupled' ? addScaled(divided, weightDecay, param) : divided;
    const mNext = beta1.mul(m).add(gradAveraging ? sub(1, beta1).mul(added) : added);
    const rate = correctBias ? learningRate.mul(sqrt(biasCorrection(beta2, t))).div(biasCorrection(beta1, t)) : learningRate;
    const kept = decay === 'coupled' ? param : param.mul(sub(1, decay === 'decoupled' ? learningRate.mul(weightDecay) : weightDecay));
    return { param: kept.sub(rate.mul(mNext)), m: mNext, v: vNext };
  },
});

function squaredNorm(grad: Expr): Expr {
  return grad.square().sum();
}
