/** The factor that brings a step into proportion to its parameter. */
import { type Expr, where } from '@pappus/core';

/** The norms that a trust ratio is of. */
export interface Norms {
  /** Of the parameter. */
  readonly param: Expr;
  /** Of the step, or what stands for it. */
  readonly step: Expr;
}

/**
 * `ratio`, and 1 where one of the norms is 0, since a parameter of zeros would never move, or where `trust` is 0.
 *
 * @param trust 1, or 0 for a parameter whose step is left as long as it is
 */
export function trustRatio({ param, step }: Norms, ratio: Expr, trust: Expr): Expr {
  return where(param.eq(0).or(step.eq(0)).or(trust.eq(0)), 1, ratio);
}
