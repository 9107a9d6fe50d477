import { addScaled, defineOptimizer, type Expr, maximum, minimum, neg, range, setting, sqrt, sub, where, zerosLike } from '@pappus/core';

/**
 * ADOPT: Adam that divides a gradient by the second moment of the steps before, and then takes the mean, so that it converges whatever
 * `beta2` is.
 *
 * ```text
 * t = 1: v <- g^2, and nothing else            t > 1: n = g / max(sqrt(v), epsilon), between -clip and clip
 * m <- beta1 m + (1 - beta1) n                 param <- param - learningRate (m + weightDecay param)
 * v <- beta2 v + (1 - beta2) g^2               clip = (t - 1)^(1/4)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.9999 in [0, 1), `epsilon` 1e-6. The first step, which
 * knows no second moment of before, moves nothing. `clip` may be a number or a function of the step, Infinity for none: `({ t }) =>
 * t.sub(1).sqrt()`. The authors' class adds the decay to the gradient unless it is told to decouple; here that is `decay: 'coupled'`.
 *
 * Source: Taniguchi et al. (2024), "ADOPT: modified Adam can converge with any beta2 with the optimal rate", arXiv:2411.02853.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = adopt(loss, params, { learningRate: 1e-3, weightDecay: 0.01 });
 */
export const adopt = defineOptimizer({
  name: 'adopt',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the paper's. */
    learningRate: 1e-3,
    /** The part of the mean of divided gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.9999, the paper's. */
    beta2: 0.9999,
    /** The least that divides, at least 0. Default 1e-6, the paper's. */
    epsilon: 1e-6,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  optional: {
    /** The largest magnitude of an element of the divided gradient, at least 0. Default `(t - 1)^(1/4)`, the paper's; Infinity is none. */
    clip: range.bound,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is taken from the parameter or added to the gradient. Default `decoupled`. */
    decay: setting.oneOf('decoupled', 'coupled'),
    /** Whether the step goes along the mean that the next step would have of this gradient, as in Optax. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon, weightDecay, clip, decay, nesterov }) {
    const coupled = decay === 'coupled';
    const g = coupled ? addScaled(grad, weightDecay, param) : grad;
    // The first step finds v only: scalars that leave all else as it is cost nothing in the others.
    const first = t.eq(1);
    const otherwise = (inFirst: number, scalar: Expr): Expr => where(first, inFirst, scalar);
    const [rate, kept, keptSquare, bound] = [otherwise(0, learningRate), otherwise(1, beta1), otherwise(0, beta2), otherwise(0, clip ?? t.sub(1).pow(0.25))];
    const divided = maximum(neg(bound), minimum(bound, g.div(maximum(sqrt(v), epsilon))));
    const mean = kept.mul(m).add(sub(1, kept).mul(divided));
    const step = nesterov ? kept.mul(mean).add(sub(1, kept).mul(divided)) : mean;
    return {
      param: param.sub(rate.mul(coupled ? step : addScaled(step, weightDecay, param))),
      m: mean,
      v: keptSquare.mul(v).add(sub(1, keptSquare).mul(g.square())),
    };
  },
});
