// The step of NAdam for all parameters, which share one product of momenta; NAdamW's is it, too.
import { type Expr, pow, sqrt, sub } from '@pappus/core';
import { correctionOf, divisor, type RootEpsilons, runningMean } from './moments.js';

/** How Nesterov's momentum goes with the step count. */
export type MomentumSchedule = 'warmed' | 'constant';

/** What the momenta of a step depend on. */
export interface Momenta {
  readonly t: Expr;
  readonly beta1: Expr;
  readonly momentumDecay: Expr;
  readonly momentumSchedule: MomentumSchedule;
  /** The product of the momenta of the steps before. */
  readonly product: Expr;
}

/** What the gradient and the mean weigh in a step, and what the product of momenta becomes. */
export interface Weights {
  readonly ofGradient: Expr;
  readonly ofMean: Expr;
  readonly product: Expr;
}

/** `mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2)`, or `beta1` in each step. */
function momentumAt(t: Expr, { beta1, momentumDecay, momentumSchedule }: Momenta): Expr {
  return momentumSchedule === 'constant' ? beta1 : beta1.mul(sub(1, pow(0.96, t.mul(momentumDecay)).mul(0.5)));
}

/**
 * `(1 - mu_t) / (1 - mu_1 ... mu_t)` of the gradient and `mu_(t + 1) / (1 - mu_1 ... mu_(t + 1))` of the mean: float64 scalars, which the
 * host evaluates.
 */
export function nesterovWeights(given: Momenta): Weights {
  const [t, beta1, momentumDecay] = [given.t.cast('float64'), given.beta1.cast('float64'), given.momentumDecay.cast('float64')];
  const momenta = { ...given, t, beta1, momentumDecay };
  const momentum = momentumAt(t, momenta);
  const next = momentumAt(t.add(1), momenta);
  const product = given.product.mul(momentum);
  return { ofGradient: sub(1, momentum).div(sub(1, product)), ofMean: next.div(sub(1, product.mul(next))), product };
}

/** What a step of one parameter depends on. */
export interface NadamState extends RootEpsilons {
  readonly grad: Expr;
  readonly m: Expr;
  readonly v: Expr;
  readonly t: Expr;
  readonly learningRate: Expr;
  readonly beta1: Expr;
  readonly beta2: Expr;
}

/** `learningRate (ofGradient g + ofMean m) / (sqrt(v / (1 - beta2^t)) + epsilon)`, and what the moments become. */
export function nadamStep(state: NadamState, weights: Weights): { readonly step: Expr; readonly m: Expr; readonly v: Expr } {
  const { grad, t, learningRate, beta1, beta2 } = state;
  const correction = correctionOf(beta2, t);
  const rate = learningRate.mul(sqrt(correction));
  const [ofGradient, ofMean] = [rate.mul(weights.ofGradient.cast(rate.dtype)), rate.mul(weights.ofMean.cast(rate.dtype))];
  const m = runningMean(state.m, beta1, grad);
  const v = runningMean(state.v, beta2, grad.square());
  return { step: ofGradient.mul(grad).add(ofMean.mul(m)).div(divisor(v, correction, state)), m, v };
}
