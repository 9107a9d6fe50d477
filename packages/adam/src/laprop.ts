import { addScaled, biasCorrection, defineOptimizer, div, maximum, range, setting, sqrt, sub, where, zerosLike } from '@pappus/core';

/** The steps in which the mean of gradients is too young to centre by, in the authors' class. */
const UNCENTERED_STEPS = 10;

/**
 * LaProp: Adam that divides a gradient by its root of squares first and takes the mean then, so that the two means do not disturb each
 * other, and `beta2` may be small.
 *
 * ```text
 * v <- beta2 v + (1 - beta2) g^2        m <- beta1 m + (1 - beta1) g / (sqrt(v / (1 - beta2^t)) + epsilon)
 * param <- param - learningRate m / (1 - beta1^t)        then        param <- param - weightDecay param
 * ```
 *
 * Options, with the defaults of the authors' class: `learningRate` 4e-4, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-15. Its
 * weight decay is last and not times the rate, `decay: 'independent'`. With `centered` the square of a mean of gradients is taken from `v`
 * from step 11 on. That class has the rate inside the mean, which differs from the paper and from this while a rate changes.
 *
 * Source: Ziyin, Wang & Ueda (2020), "LaProp: separating momentum and adaptivity in Adam", arXiv:2002.04839.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = laprop(loss, params, { learningRate: 4e-4, beta2: 0.99 });
 */
export const laprop = defineOptimizer({
  name: 'laprop',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 4e-4, the authors'. */
    learningRate: 4e-4,
    /** The part of the mean of divided gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-15, the authors'. */
    epsilon: 1e-15,
    /** How much of the parameter is taken from it in a step, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is by itself and last, times the learning rate as in AdamW, or added to the gradient. Default `independent`, the authors'. */
    decay: setting.oneOf('independent', 'decoupled', 'coupled'),
    /** Whether the variance of gradients divides in the place of their mean square. Default false. */
    centered: setting.flag(false),
    /** Whether the largest second moment so far divides. Default false. */
    amsgrad: setting.flag(false),
  },
  state: (param, { centered, amsgrad }) => ({
    m: zerosLike(param),
    v: zerosLike(param),
    mean: centered ? zerosLike(param) : undefined,
    vMax: amsgrad ? zerosLike(param) : undefined,
  }),
  update({ param, grad, m, v, mean, vMax, t, learningRate, beta1, beta2, epsilon, weightDecay, decay }) {
    const g = decay === 'coupled' ? addScaled(grad, weightDecay, param) : grad;
    const young = t.le(UNCENTERED_STEPS);
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(g.square()));
    const meanNext = mean === undefined ? undefined : beta2.mul(mean).add(sub(1, beta2).mul(g));
    // The variance is at least 0 but for rounding, which would make its root NaN.
    const spread = meanNext === undefined ? vNext : where(young, vNext, maximum(0, vNext.sub(meanNext.square())));
    const largest = vMax === undefined ? undefined : maximum(vMax, spread);
    const vMaxNext = vMax === undefined || largest === undefined || mean === undefined ? largest : where(young, vMax, largest);
    const divides = largest === undefined ? spread : mean === undefined ? largest : where(young, spread, largest);
    const divided = g.div(sqrt(divides.mul(div(1, biasCorrection(beta2, t)))).add(epsilon));
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(divided));
    const step = learningRate.div(biasCorrection(beta1, t)).mul(mNext);
    const next = decay === 'decoupled' ? param.sub(addScaled(step, learningRate.mul(weightDecay), param)) : param.sub(step);
    return { param: decay === 'independent' ? next.mul(sub(1, weightDecay)) : next, m: mNext, v: vNext, mean: meanNext, vMax: vMaxNext };
  },
});
