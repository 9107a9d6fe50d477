// Running means of gradients and of their squares, and what is made of them: corrections, means that look ahead, roots that divide.
import { addScaled, biasCorrection, div, type Expr, maximum, onesLike, sqrt, sub } from '@pappus/core';

/** `decay mean + (1 - decay) value`. */
export function runningMean(mean: Expr, decay: Expr, value: Expr): Expr {
  return decay.mul(mean).add(sub(1, decay).mul(value));
}

/**
 * `1 - beta^t`. In float64 it is the difference, whose last digits the rules that are Lasagne's have always had; in float32, where that
 * loses all digits if the count lives on a device, `biasCorrection`.
 */
export function correctionOf(beta: Expr, t: Expr): Expr {
  return t.dtype === 'float64' ? sub(1, beta.pow(t)) : biasCorrection(beta, t);
}

/**
 * Nesterov's mean with a constant momentum, as in Optax, to be divided by `1 - beta1^t` as the mean itself:
 * `(1 - beta1^t) (beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t))`.
 *
 * @param m the mean of this step
 */
export function lookAhead(m: Expr, grad: Expr, beta1: Expr, t: Expr): Expr {
  return beta1.mul(biasCorrection(beta1, t)).div(biasCorrection(beta1, t.add(1))).mul(m).add(sub(1, beta1).mul(grad));
}

/** Which of the two moments a maximum is taken of. */
export type MaximumOf = 'uncorrected' | 'corrected';

/** AMSGrad's largest second moment so far: what is kept of it, and what divides in the place of `v`, before the correction of its bias. */
export function largestMoment(vMax: Expr, v: Expr, correction: Expr, maximumOf: MaximumOf): { readonly kept: Expr; readonly uncorrected: Expr } {
  if (maximumOf === 'uncorrected') {
    const kept = maximum(vMax, v);
    return { kept, uncorrected: kept };
  }
  const kept = maximum(vMax, v.mul(div(1, correction)));
  return { kept, uncorrected: kept.mul(correction) };
}

/** Which root epsilon is added to: that of the second moment as it is, or corrected of its bias. */
export type EpsilonPlace = 'uncorrected' | 'corrected';

/** The epsilons of a root. */
export interface RootEpsilons {
  /** Added to the root. */
  readonly epsilon: Expr;
  /** Added inside the root. Default: nothing. */
  readonly epsilonRoot?: Expr;
  /** Which root both are of. */
  readonly epsilonPlace: EpsilonPlace;
}

/**
 * What divides the mean of gradients, before the correction of its bias: `sqrt(v + epsilonRoot) + epsilon`. What is added to the
 * corrected root is that times `sqrt(correction)`, so that all places cost the same.
 */
export function divisor(v: Expr, correction: Expr, { epsilon, epsilonRoot, epsilonPlace }: RootEpsilons): Expr {
  const corrected = epsilonPlace === 'corrected';
  const inside = epsilonRoot === undefined ? v : addScaled(v, corrected ? correction.mul(epsilonRoot) : epsilonRoot, onesLike(v));
  return inside.sqrt().add(corrected ? sqrt(correction).mul(epsilon) : epsilon);
}
