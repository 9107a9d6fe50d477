// RAdam's rectification: how much a step is shortened while the second moment is of few gradients.
import { averageLength, div, type Expr, ge, type Hyperparameter, sqrt, sub, where } from '@pappus/core';

/** What is done while there are too few gradients for a second moment: a step of `learningRate m / (1 - beta1^t)`, or none. */
export type Unrectified = 'momentum' | 'none';

/** The rectification of a step. */
export interface Rectification {
  /** Whether there are enough gradients, a scalar of bool. */
  readonly rectified: Expr;
  /** What the step is multiplied by where there are, and 1 where not. */
  readonly factor: Expr;
}

/**
 * The length of the moving average that the second moment is, `rho_t = rhoMax - 2 t beta2^t / (1 - beta2^t)` with
 * `rhoMax = 2 / (1 - beta2) - 1`; from the threshold on, by how much its variance is larger than in the end:
 * `sqrt((rho_t - 4) (rho_t - 2) rhoMax / ((rhoMax - 4) (rhoMax - 2) rho_t))`.
 */
export function rectification(beta2: Expr, t: Expr, threshold: Hyperparameter): Rectification {
  const rhoMax = div(2, sub(1, beta2)).sub(1);
  const rho = averageLength(beta2, t);
  const rectified = ge(rho, threshold);
  const variance = rho.sub(4).div(rhoMax.sub(4)).mul(rho.sub(2).div(rhoMax.sub(2))).mul(rhoMax.div(rho));
  return { rectified, factor: sqrt(where(rectified, variance, 1)) };
}

/** `factor m / divisor` where it is rectified, else the mean `m` or 0. */
export function rectifiedMean(m: Expr, divisor: Expr, scale: Expr, { rectified, factor }: Rectification, unrectified: Unrectified): Expr {
  return where(rectified, factor.mul(scale).mul(m).div(divisor), unrectified === 'momentum' ? m : 0);
}
