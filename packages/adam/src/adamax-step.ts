// The step of Adamax, which AdamaxW's is, too.
import { type Expr, maximum } from '@pappus/core';
import { correctionOf, runningMean } from './moments.js';

/** What a step of Adamax depends on. */
export interface AdamaxState {
  readonly grad: Expr;
  readonly m: Expr;
  readonly u: Expr;
  readonly t: Expr;
  readonly learningRate: Expr;
  readonly beta1: Expr;
  readonly beta2: Expr;
  readonly epsilon: Expr;
  readonly epsilonPlace: 'outside' | 'insideMaximum';
}

/** `learningRate / (1 - beta1^t) * m / (u + epsilon)`, or with epsilon inside the maximum; and what `m` and `u` become. */
export function adamaxStep(state: AdamaxState): { readonly step: Expr; readonly m: Expr; readonly u: Expr } {
  const { grad, t, learningRate, beta1, beta2, epsilon, epsilonPlace } = state;
  const m = runningMean(state.m, beta1, grad);
  const inside = epsilonPlace === 'insideMaximum';
  const u = maximum(beta2.mul(state.u), inside ? grad.abs().add(epsilon) : grad.abs());
  return { step: learningRate.div(correctionOf(beta1, t)).mul(m).div(inside ? u : u.add(epsilon)), m, u };
}
