import { addScaled, defineOptimizer, onesLike, range, setting, sub, zerosLike } from '@pappus/core';

/**
 * RMSProp: divides the gradient by the root of a running mean of its square, so that its sign counts more than its size.
 *
 * ```text
 * meanSquare <- rho meanSquare + (1 - rho) g^2
 * param <- param - learningRate g / sqrt(meanSquare + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults: `learningRate` 1, which is large for most problems, `rho` 0.9 in [0, 1), `epsilon`
 * 1e-6. A rho close to 1 forgets slowly. Epsilon is inside the root, as in Lasagne and Dandelion; PyTorch, whose `alpha` is
 * 0.99, adds it outside: `epsilonPlace: 'outsideRoot'`.
 *
 * With `centered` the root is of the variance, `meanSquare - mean^2`, which is not let below 0, where rounding would make the root of it
 * NaN. With `momentum` the quotient joins a velocity; the rate multiplies the velocity as in PyTorch and in Graves' paper, or with `ratePlace:
 * 'insideVelocity'`, as in Keras and Optax, what joins it. `weightDecay`, default 0, is added to the gradient.
 *
 * ```text
 * mean <- rho mean + (1 - rho) g
 * velocity <- momentum velocity + g / (sqrt(meanSquare - mean^2) + epsilon)
 * param <- param - learningRate velocity
 * ```
 *
 * Source: Tieleman & Hinton (2012), "Lecture 6.5 - rmsprop", Neural networks for machine learning, Coursera; centred: Graves (2013),
 * "Generating sequences with recurrent neural networks", arXiv:1308.0850; `torch.optim.RMSprop` for the options.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: rmsprop(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const rmsprop = defineOptimizer({
  name: 'rmsprop',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1, Lasagne's, which is large for most problems. */
    learningRate: 1,
    /** The part of the mean of squares that stays in a step, in [0, 1). Default 0.9, the lecture's and Lasagne's. */
    rho: 0.9,
    /** Added to the mean of squares inside the root, at least 0. Default 1e-6, Lasagne's. */
    epsilon: 1e-6,
    /** How much of the parameter is added to its gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** Where the mean of squares begins, at least 0. Default 0, the lecture's; Optax calls it `initial_scale`. */
    initialAccumulator: 0,
  },
  optional: {
    /** The part of the velocity that stays in a step, in [0, 1). Default: there is no velocity. */
    momentum: range.decayRate,
  },
  ranges: { learningRate: range.nonNegative, rho: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative, initialAccumulator: range.nonNegative },
  settings: {
    /** Whether the mean of gradients is taken off, so that the root is of their variance. Default false. */
    centered: setting.flag(false),
    /** Whether epsilon is added inside the root, or to it, as in PyTorch. Default `insideRoot`, Lasagne's. */
    epsilonPlace: setting.oneOf('insideRoot', 'outsideRoot'),
    /** Whether the learning rate multiplies the velocity, or what joins it, as in Keras and Optax. Default `outsideVelocity`, PyTorch's. */
    ratePlace: setting.oneOf('outsideVelocity', 'insideVelocity'),
  },
  state: (param, { centered, momentum, initialAccumulator }) => ({
    meanSquare: onesLike(param).mul(initialAccumulator),
    mean: centered ? zerosLike(param) : undefined,
    velocity: momentum === undefined ? undefined : zerosLike(param),
  }),
  update({ param, grad, meanSquare, mean, velocity, learningRate, rho, epsilon, weightDecay, momentum, epsilonPlace, ratePlace }) {
    const g = addScaled(grad, weightDecay, param);
    const next = rho.mul(meanSquare).add(sub(1, rho).mul(g.square()));
    const meanNext = mean === undefined ? undefined : rho.mul(mean).add(sub(1, rho).mul(g));
    const square = meanNext === undefined ? next : next.sub(meanNext.square()).maximum(0);
    const root = epsilonPlace === 'insideRoot' ? square.add(epsilon).sqrt() : square.sqrt().add(epsilon);
    const means = { meanSquare: next, mean: meanNext };
    if (momentum === undefined || velocity === undefined) return { param: param.sub(learningRate.mul(g).div(root)), ...means, velocity: undefined };
    const inside = ratePlace === 'insideVelocity';
    const velocityNext = momentum.mul(velocity).add((inside ? learningRate.mul(g) : g).div(root));
    return { param: param.sub(inside ? velocityNext : learningRate.mul(velocityNext)), ...means, velocity: velocityNext };
  },
});
