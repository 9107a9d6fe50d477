import { addScaled, defineOptimizer, onesLike, range, setting } from '@pappus/core';

/**
 * Adagrad: divides each element's step by the root of the sum of its squared gradients, so that rare features keep a large
 * rate and frequent ones get a small one.
 *
 * ```text
 * sumSquares <- sumSquares + g^2
 * param <- param - learningRate g / sqrt(sumSquares + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults: `learningRate` 1, `epsilon` 1e-6. The paper's formula has no epsilon. Here, as in
 * Lasagne and Dandelion, it is inside the root; PyTorch, whose `eps` is 1e-10, adds it outside: `epsilonPlace: 'outsideRoot'`.
 * `learningRateDecay` divides the rate by `1 + learningRateDecay (t - 1)`; `weightDecay`, default 0, is added to the gradient;
 * `initialAccumulator`, where the sum begins, is 0 (0.1 in Keras and Optax).
 *
 * Source: Duchi, Hazan & Singer (2011), "Adaptive subgradient methods for online learning and stochastic optimization",
 * JMLR 12, 2121-2159: the diagonal form; `torch.optim.Adagrad` for the options.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adagrad(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const adagrad = defineOptimizer({
  name: 'adagrad',
  defaults: {
    /** The size of the first step of an element, at least 0. Default 1, Lasagne's. */
    learningRate: 1,
    /** Added to the sum of squares inside the root, at least 0. Default 1e-6, Lasagne's; the paper has none. */
    epsilon: 1e-6,
    /** How much of the parameter is added to its gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** Where the sum of squares begins, at least 0. Default 0, the paper's. */
    initialAccumulator: 0,
  },
  optional: {
    /** How much the rate falls with the number of steps: it is divided by `1 + learningRateDecay (t - 1)`. Default: it stays. */
    learningRateDecay: range.nonNegative,
  },
  ranges: { learningRate: range.nonNegative, epsilon: range.nonNegative, weightDecay: range.nonNegative, initialAccumulator: range.nonNegative },
  settings: {
    /** Whether epsilon is added inside the root, or to it, as in PyTorch. Default `insideRoot`, Lasagne's. */
    epsilonPlace: setting.oneOf('insideRoot', 'outsideRoot'),
  },
  state: (param, { initialAccumulator }) => ({ sumSquares: onesLike(param).mul(initialAccumulator) }),
  update(context) {
    const { param, grad, sumSquares, learningRate, epsilon, weightDecay, learningRateDecay, epsilonPlace } = context;
    const g = addScaled(grad, weightDecay, param);
    const rate = learningRateDecay === undefined ? learningRate : learningRate.div(learningRateDecay.mul(context.t.sub(1)).add(1));
    const next = sumSquares.add(g.square());
    const root = epsilonPlace === 'insideRoot' ? next.add(epsilon).sqrt() : next.sqrt().add(epsilon);
    return { param: param.sub(rate.mul(g).div(root)), sumSquares: next };
  },
});
