import { addScaled, cbrt, defineOptimizer, type Expr, OptimizerError, range, setting, zerosLike } from '@pappus/core';

/**
 * MADGRAD: dual averaging with the cube root of weighted squares in the place of Adagrad's square root, and momentum by averaging of
 * points.
 *
 * ```text
 * weight = learningRate sqrt(t)
 * sum <- sum + weight g        sumSquares <- sumSquares + weight g^2
 * z = start - sum' / (sumSquares'^(1/3) + epsilon)
 * param <- momentum param + (1 - momentum) z
 * ```
 *
 * where `start` is the parameter before the first step.
 *
 * Options, with the authors' defaults: `learningRate` 1e-2, `momentum` 0.9 in [0, 1), `epsilon` 1e-6; `weightDecay` 0, which is added to
 * the gradient, or with `decay: 'decoupled'` taken from the parameter times the rate, `param - learningRate weightDecay param`, after
 * the step. The best decay is smaller than for SGD, often 0, the authors say.
 *
 * Their code adds epsilon to the learning rate: give `learningRate + epsilon` for its numbers. With momentum 0 it keeps no `start`, but finds
 * it from the parameter and the sums, as does `start: 'recovered'`; with a decay that is decoupled this is another rule, whose start
 * decays too. It takes the number 0 as momentum, since else the parameter is no longer `z`.
 *
 * Source: Defazio & Jelassi (2021), "Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient method for
 * stochastic optimization", arXiv:2101.11075, and the authors' `madgrad.MADGRAD`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, such as `start: 'recovered'` with momentum
 * @example const updates = madgrad(loss, [w, b], { learningRate: 1e-2, momentum: 0.9 });
 */
export const madgrad = defineOptimizer({
  name: 'madgrad',
  defaults: {
    /** What gradients are weighted by, times the root of the step count, at least 0. Default 1e-2, the authors'. */
    learningRate: 1e-2,
    /** The part of the parameter that stays in a step towards `z`, in [0, 1). Default 0.9, the authors'. */
    momentum: 0.9,
    /** Added to the cube root that divides, at least 0. Default 1e-6, the authors'. */
    epsilon: 1e-6,
    /** How much of the parameter is added to its gradient, or taken from it, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, momentum: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is part of the gradient, `coupled`, or taken from the parameter times the learning rate. Default `coupled`, the authors'. */
    decay: setting.oneOf('coupled', 'decoupled'),
    /** Whether the parameter of before the first step is kept, or recovered from the sums, for momentum 0. Default `kept`. */
    start: setting.oneOf('kept', 'recovered'),
  },
  state: (param, { start }) => ({ sum: zerosLike(param), sumSquares: zerosLike(param), first: start === 'kept' ? param : undefined }),
  update({ param, grad, sum, sumSquares, first, t, learningRate, momentum, epsilon, weightDecay, decay }) {
    if (first === undefined && !isZero(momentum)) throw new OptimizerError("madgrad: start: 'recovered' is for momentum: 0, where the parameter is where the sums say; with momentum the start must be kept");
    const weight = learningRate.mul(t.sqrt());
    const g = decay === 'coupled' ? addScaled(grad, weightDecay, param) : grad;
    const origin = first ?? param.add(sum.div(cbrt(sumSquares).add(epsilon)));
    const [sumNext, sumSquaresNext] = [sum.add(weight.mul(g)), sumSquares.add(weight.mul(g.square()))];
    const z = origin.sub(sumNext.div(cbrt(sumSquaresNext).add(epsilon)));
    const near = first === undefined ? z : momentum.mul(param).add(momentum.neg().add(1).mul(z));
    const decayed = decay === 'coupled' ? near : near.sub(learningRate.mul(weightDecay).mul(param));
    return { param: decayed, sum: sumNext, sumSquares: sumSquaresNext, first };
  },
});

function isZero({ node }: Expr): boolean {
  return node.kind === 'constant' && node.value === 0;
}
