import { addScaled, biasCorrection, defineOptimizer, div, type Expr, maximum, range, setting, sqrt, sub, zerosLike } from '@pappus/core';

/**
 * MARS: AdamW or Lion over gradients whose variance is reduced by what they changed since the step before.
 *
 * ```text
 * c = g + gamma beta1 / (1 - beta1) (g - previous)        c <- c / max(1, |c| / maxNorm)
 * m <- beta1 m + (1 - beta1) c        v <- beta2 v + (1 - beta2) c^2
 * param <- param - learningRate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay param)
 * ```
 *
 * Options, with the defaults of the authors' class: `learningRate` 3e-3, `beta1` 0.95 and `beta2` 0.99 in [0, 1), `gamma` 0.025, `epsilon`
 * 1e-8, `maxNorm` 1. This is the paper's approximate form: the gradient of before is that of the step before, on its own data; before the
 * first step it counts as 0, as in that class. With `base: 'lion'` the step is the sign of `m`.
 *
 * That class gives what is no matrix to AdamW, with a rate and betas of its own. All of it is functions of the parameter here; without
 * `gamma` and `maxNorm` this is AdamW: `gamma: ({ param }) => (param.rank === 2 ? 0.025 : 0), maxNorm: ({ param }) => (param.rank === 2 ? 1 : Infinity)`.
 *
 * Source: Yuan, Liu, Wu, Zhou & Gu (2024), "MARS: unleashing the power of variance reduction for training large models", arXiv:2411.10438.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = mars(loss, params, { learningRate: 3e-3, weightDecay: 0.1 });
 */
export const mars = defineOptimizer({
  name: 'mars',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 3e-3, the authors'. */
    learningRate: 3e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.95, the paper's. */
    beta1: 0.95,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.99, the paper's. */
    beta2: 0.99,
    /** How much a change of the gradient counts, at least 0. Default 0.025, the paper's; 0 leaves gradients as they are. */
    gamma: 0.025,
    /** The largest norm of a parameter's `c`, above 0. Default 1, the paper's; Infinity is none. */
    maxNorm: 1,
    /** Added to the root that divides, at least 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, gamma: range.nonNegative, maxNorm: { min: Number.MIN_VALUE, max: Infinity },
    epsilon: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /** Whose step is made of the corrected gradients. Default `adamw`. */
    base: setting.oneOf('adamw', 'lion'),
    /** Whether the largest second moment so far divides. Default false. */
    amsgrad: setting.flag(false),
  },
  state: (param, { amsgrad, base }) => ({
    m: zerosLike(param),
    v: base === 'adamw' ? zerosLike(param) : undefined,
    vMax: base === 'adamw' && amsgrad ? zerosLike(param) : undefined,
    previous: zerosLike(param),
  }),
  update({ param, grad, m, v, vMax, previous, t, learningRate, beta1, beta2, gamma, maxNorm, epsilon, weightDecay }) {
    const changed = addScaled(grad, numberOf(gamma) === 0 ? gamma : gamma.mul(beta1).div(sub(1, beta1)), grad.sub(previous));
    const c = numberOf(maxNorm) === Infinity ? changed : changed.mul(div(1, maximum(1, sqrt(changed.square().sum()).div(maxNorm))));
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(c));
    const moved = (step: Expr): Expr => param.sub(learningRate.mul(addScaled(step, weightDecay, param)));
    if (v === undefined) return { param: moved(mNext.sign()), m: mNext, v, vMax, previous: grad };
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(c.square()));
    const largest = vMax === undefined ? undefined : maximum(vMax, vNext);
    const root = sqrt((largest ?? vNext).mul(div(1, biasCorrection(beta2, t)))).add(epsilon);
    return { param: moved(mNext.mul(div(1, biasCorrection(beta1, t))).div(root)), m: mNext, v: vNext, vMax: largest, previous: grad };
  },
});

/** A hyperparameter that is a number, which lets a part of the rule fall away. */
function numberOf({ node }: Expr): number | undefined {
  return node.kind === 'constant' && typeof node.value === 'number' ? node.value : undefined;
}
