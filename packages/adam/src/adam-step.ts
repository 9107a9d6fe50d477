// The step of Adam and AMSGrad, which AdamW's is, too.
import { type Expr, sqrt } from '@pappus/core';
import { correctionOf, divisor, largestMoment, lookAhead, type MaximumOf, type RootEpsilons, runningMean } from './moments.js';

/** What a step of Adam depends on. */
export interface AdamState extends RootEpsilons {
  readonly grad: Expr;
  readonly m: Expr;
  readonly v: Expr;
  /** Undefined where no maximum is taken. */
  readonly vMax?: Expr | undefined;
  readonly t: Expr;
  readonly learningRate: Expr;
  readonly beta1: Expr;
  readonly beta2: Expr;
  readonly maximumOf: MaximumOf;
  readonly nesterov: boolean;
}

/** What is taken from the parameter, and what the moments become. */
export interface AdamStep {
  readonly step: Expr;
  readonly m: Expr;
  readonly v: Expr;
  readonly vMax: Expr | undefined;
}

/** `learningRate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)`, with what `m`, `v` and epsilon stand for by the options. */
export function adamStep(state: AdamState & { readonly vMax: Expr }): AdamStep & { readonly vMax: Expr };
export function adamStep(state: AdamState): AdamStep;
export function adamStep(state: AdamState): AdamStep {
  const { grad, t, learningRate, beta1, beta2, maximumOf, nesterov } = state;
  const correction = correctionOf(beta2, t);
  const rate = learningRate.mul(sqrt(correction)).div(correctionOf(beta1, t));
  const m = runningMean(state.m, beta1, grad);
  const v = runningMean(state.v, beta2, grad.square());
  const mean = nesterov ? lookAhead(m, grad, beta1, t) : m;
  const largest = state.vMax === undefined ? { kept: undefined, uncorrected: v } : largestMoment(state.vMax, v, correction, maximumOf);
  return { step: rate.mul(mean).div(divisor(largest.uncorrected, correction, state)), m, v, vMax: largest.kept };
}
