import { defineOptimizer, onesLike, range, scalar, setting, sign, sqrt, sub } from '@pappus/core';
import { decayedGradient, decayedStep } from './decay.js';
import { correctionOf, divisor, runningMean } from './moments.js';

/**
 * Yogi: Adam whose second moment goes to the square of the gradient by a step of that square's size and not of their distance, so that
 * it does not fall at once where gradients become small.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- v - (1 - beta2) sign(v - g^2) g^2
 * param <- param - learningRate m / (sqrt(v) + epsilon)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-2, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-3, `initialAccumulator`
 * 1e-6, from which `v` begins, `weightDecay` 0. The paper corrects no bias. Optax and pytorch_optimizer do, as Adam, though `v` does not
 * begin at 0, and begin `m` there, too: `correctBias: true, initialMean: 1e-6`. With pytorch_optimizer decay is `decoupled` by default.
 *
 * Source: Zaheer et al. (2018), "Adaptive methods for nonconvex optimization", NeurIPS 31.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: yogi(loss, [w, b], { learningRate: 3e-3 }) }, await cpu());
 */
export const yogi = defineOptimizer({
  name: 'yogi',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-2, the paper's. */
    learningRate: 1e-2,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** 1 less the part of a squared gradient that `v` goes by in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-3, the paper's. */
    epsilon: 1e-3,
    /** Added to the second moment inside of that root, at least 0. Default 0, as in Optax (`eps_root`). */
    epsilonRoot: 0,
    /** What `v` begins with, at least 0. Default 1e-6, the paper's. */
    initialAccumulator: 1e-6,
    /** What `m` begins with. Default 0, the paper's; Optax and pytorch_optimizer begin both moments with the same number. */
    initialMean: 0,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0: the paper has none. */
    weightDecay: 0,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, epsilonRoot: range.nonNegative,
    initialAccumulator: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /**
     * Where weight decay enters: `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the step, as
     * `weightDecay param`; `coupled`, the gradient. Default `decoupled`, as in pytorch_optimizer.
     */
    decay: setting.oneOf('decoupled', 'independent', 'coupled'),
    /** Whether the bias of the moments is corrected as Adam's. Default false, the paper's. */
    correctBias: setting.flag(false),
    /** Which root the epsilons are of where the bias is corrected: `corrected`, or `uncorrected`. Default `corrected`, as in Optax. */
    epsilonPlace: setting.oneOf('corrected', 'uncorrected'),
  },
  state: (param, { initialAccumulator, initialMean }) => ({ m: onesLike(param).mul(initialMean), v: onesLike(param).mul(initialAccumulator) }),
  update(context) {
    const { param, learningRate, beta1, beta2 } = context;
    const grad = decayedGradient(context.grad, context);
    const m = runningMean(context.m, beta1, grad);
    const square = grad.square();
    const v = context.v.sub(sub(1, beta2).mul(sign(context.v.sub(square))).mul(square));
    const none = scalar(1, param.dtype);
    const [correction1, correction2] = context.correctBias ? [correctionOf(beta1, context.t), correctionOf(beta2, context.t)] : [none, none];
    const step = learningRate.mul(sqrt(correction2)).div(correction1).mul(m).div(divisor(v, correction2, context));
    return { param: param.sub(decayedStep(step, context)), m, v };
  },
});
