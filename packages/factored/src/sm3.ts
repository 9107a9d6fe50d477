import { defineOptimizer, type Expr, max, maximum, minimum, range, setting, sub, zeros, zerosLike } from '@pappus/core';

/** The greatest accumulated squares of each slice, by axis: of a matrix those of each row, and those of each column. */
type Accumulators = Record<`axis${number}`, Expr>;

type State = Accumulators & { readonly m: Expr | undefined };

/**
 * SM3: Adagrad whose sum of squares is kept, for each row and each column, as the greatest in it: the least of these bounds the sum.
 *
 * ```text
 * v = min over axes of accumulator + g^2        with beta: beta min + (1 - beta) g^2
 * accumulator of each axis <- max of v over the other axes
 * m <- momentum m + (1 - momentum) g / sqrt(v + epsilon)
 * param <- param - learningRate m
 * ```
 *
 * Options: `learningRate` 0.1; `momentum`, which the paper's experiments have at 0.9 and which needs as much memory as the parameter, none;
 * `beta`, none, so that v is a sum as in the paper; `epsilon` 1e-30, which stands for the paper's 0 / 0 = 0. A tensor of `[n, m]` needs
 * `n + m` numbers. This is the paper's SM3-II, the tighter bound. Where pytorch_optimizer has a mean (beta > 0), an accumulator stays where
 * the new one is less, which is `accumulator: 'neverLess'`; in Optax it does not.
 *
 * Source: Anil, Gupta, Koren & Singer (2019), "Memory-efficient adaptive optimization", arXiv:1901.11150, algorithm SM3-II.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: sm3(loss, [w, b], { momentum: 0.9 }) }, await cpu());
 */
export const sm3 = defineOptimizer({
  name: 'sm3',
  defaults: {
    /** The size of the first step in each element, at least 0. Default 0.1. */
    learningRate: 0.1,
    /** Added to squares under the root, at least 0. Default 1e-30. */
    epsilon: 1e-30,
  },
  optional: {
    /** The part of a running mean of squares that stays, in [0, 1). Default: sums in the place of means, the paper's. */
    beta: range.decayRate,
    /** The part of a running mean of steps that stays, in [0, 1), which needs as much memory as the parameter. Default: no mean. */
    momentum: range.decayRate,
  },
  ranges: { learningRate: range.nonNegative, epsilon: range.nonNegative },
  settings: {
    /** Whether accumulators become what was found in this step, or stay where that is less. Default `'replaced'`, the paper's. */
    accumulator: setting.oneOf('replaced', 'neverLess'),
  },
  state: (param, { momentum }): State => {
    const accumulators: Accumulators = {};
    for (const axis of axesOf(param)) accumulators[`axis${axis}`] = zeros(param.shape.map((length, k) => (k === axis ? length : 1)), { dtype: param.dtype });
    return { ...accumulators, m: momentum === undefined ? undefined : zerosLike(param) };
  },
  update(context) {
    const { param, grad, m, learningRate, momentum, beta, epsilon, accumulator } = context;
    const axes = axesOf(param);
    const least = axes.flatMap((axis) => context[`axis${axis}`] ?? []).reduce((a, b) => minimum(a, b));
    const v = beta === undefined ? least.add(grad.square()) : beta.mul(least).add(sub(1, beta).mul(grad.square()));
    const next: Accumulators = {};
    for (const axis of axes) {
      const before = context[`axis${axis}`];
      // Of no elements there is no greatest.
      const greatest = param.shape.includes(0) && before !== undefined ? before : max(v, axes.filter((other) => other !== axis), { keepdims: true });
      next[`axis${axis}`] = accumulator === 'neverLess' && before !== undefined ? maximum(before, greatest) : greatest;
    }
    const step = grad.div(v.add(epsilon).sqrt());
    const mNext = m === undefined || momentum === undefined ? undefined : momentum.mul(m).add(sub(1, momentum).mul(step));
    return { param: param.sub(learningRate.mul(mNext ?? step)), ...next, m: mNext };
  },
});

/** The axes of a parameter; a scalar counts as a slice of its own. */
function axesOf({ rank }: Expr): readonly number[] {
  return Array.from({ length: Math.max(1, rank) }, (_, axis) => axis);
}
