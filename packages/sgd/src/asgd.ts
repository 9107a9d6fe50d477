import { addScaled, defineOptimizer, range, sub, zerosLike } from '@pappus/core';

/**
 * Averaged stochastic gradient descent: steps that get shorter, and from step `t0` on the average of all points that they came to,
 * which is nearer to the minimum than any of them.
 *
 * ```text
 * eta = learningRate / (1 + lambda learningRate (t - 1))^alpha        mu = 1 / max(1, t - 1 - t0)
 * param <- (1 - lambda eta) param - eta (g + weightDecay param)
 * average <- (1 - mu) average + mu param'        (param' is the new one)
 * ```
 *
 * The average is state, and what one evaluates with: `updates.slot(w, 'average')`. It is the parameter itself until step `t0 + 2`.
 *
 * Options, with PyTorch's defaults: `learningRate` 1e-2; `lambda` 1e-4, the strength of an L2 penalty, by which the rate falls, too;
 * `alpha` 0.75, the power by which it falls; `t0` 1e6, the step at which averaging begins; `weightDecay` 0.
 *
 * PyTorch rounds `eta` and `mu` to float32, in which its steps differ from these by 4e-8. The rate in a step is that which PyTorch
 * computes at the end of the step before: with a learning rate that changes it follows here at once, and there a step later.
 *
 * Source: Polyak & Juditsky (1992), "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30, 838-855; the
 * rate is that of Bottou's `sgd` (2010, "Large-scale machine learning with stochastic gradient descent"); `torch.optim.ASGD`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example
 * const updates = asgd(loss, [w, b], { t0: 1000 });
 * const averages = [w, b].map((param) => updates.slot(param, 'average'));
 */
export const asgd = defineOptimizer({
  name: 'asgd',
  defaults: {
    /** What the gradient is multiplied by in the first step, at least 0. Default 1e-2, PyTorch's. */
    learningRate: 1e-2,
    /** The strength of the L2 penalty, by which the rate falls, too, at least 0. Default 1e-4, PyTorch's. */
    lambda: 1e-4,
    /** The power by which the rate falls, at least 0; with 0 it does not. Default 0.75, PyTorch's. */
    alpha: 0.75,
    /** The step after which the average is one of several points, at least 0. Default 1e6, PyTorch's. */
    t0: 1e6,
    /** How much of the parameter is added to its gradient, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, lambda: range.nonNegative, alpha: range.nonNegative, t0: range.nonNegative, weightDecay: range.nonNegative },
  state: (param) => ({ average: zerosLike(param) }),
  update({ param, grad, average, t, learningRate, lambda, alpha, t0, weightDecay }) {
    const before = t.sub(1);
    const eta = learningRate.div(lambda.mul(learningRate).mul(before).add(1).pow(alpha));
    const mu = before.sub(t0).maximum(1).reciprocal();
    const next = sub(1, lambda.mul(eta)).mul(param).sub(eta.mul(addScaled(grad, weightDecay, param)));
    return { param: next, average: sub(1, mu).mul(average).add(mu.mul(next)) };
  },
});
