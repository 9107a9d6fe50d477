/** The rate of MoMo, from a model of the loss: means of it, of gradients and of their products with the parameters. */
import { biasCorrection, type DType, type Expr, hyperparameter, where } from '@pappus/core';
import { ratio } from './totals.js';

/** Scalars of one dtype; means are those of after the step's gradient has come in. */
interface Model {
  /** The mean of losses. */
  readonly f: Expr;
  /** The mean of `<g, x>`. */
  readonly c: Expr;
  /** `<m, x>`. */
  readonly along: Expr;
  /** The squared norm of m. */
  readonly squares: Expr;
  readonly t: Expr;
  /** The part of a mean that stays in a step, where means began at 0 and are to be corrected. */
  readonly decay: Expr | undefined;
  readonly learningRate: Expr;
  readonly weightDecay: Expr;
  readonly lowerBound: Expr;
  /** The estimate of the lower bound, if it is estimated. */
  readonly bound: Expr | undefined;
}

/** What the model says. */
interface ModelStep {
  readonly rate: Expr;
  /** Divides by `1 + learningRate weightDecay`, and leaves what it is given as it is where there is no decay. */
  readonly shrink: (tensor: Expr, dtype: DType) => Expr;
  readonly bound: Expr | undefined;
}

/**
 * `rate = min(learningRate / p, max(k (f - p bound - c) + along, 0) / squares)`. An estimated bound is reset before where the model is below
 * it, to half of what the model says, and is afterwards where the step leads on the model; it is never below the one given.
 */
export function modelStep({ f, c, along, squares, t, decay, learningRate, weightDecay, lowerBound, bound }: Model): ModelStep {
  const decays = !(weightDecay.node.kind === 'constant' && weightDecay.node.value === 0);
  const k = learningRate.mul(weightDecay).add(1);
  const scaled = (a: Expr): Expr => (decays ? k.mul(a) : a);
  const correct = decay === undefined ? (a: Expr): Expr => a : (a: Expr): Expr => a.mul(biasCorrection(decay, t));
  const uncorrect = decay === undefined ? (a: Expr): Expr => a : (a: Expr): Expr => a.div(biasCorrection(decay, t));
  const model = scaled(f.sub(c)).add(along);
  const reset = bound === undefined ? lowerBound : where(model.lt(scaled(correct(bound))), uncorrect(decays ? model.div(k) : model).mul(0.5).maximum(lowerBound), bound);
  const above = model.sub(scaled(correct(reset))).maximum(0);
  const largest = uncorrect(learningRate);
  const rate = ratio(above, squares, above.mul(0)).minimum(largest);
  return {
    rate,
    shrink: (tensor, dtype) => (decays ? tensor.div(hyperparameter(k, dtype, 'momo')) : tensor),
    bound: bound === undefined ? undefined : uncorrect(f.add(along).sub(c).sub(rate.mul(squares).mul(0.5))).maximum(lowerBound),
  };
}
