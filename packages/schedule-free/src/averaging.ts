/** What schedule-free rules share: the weight of a step in the average, and the steps of y and z. */
import { type DType, type Expr, hyperparameter, scalar, type Variable, where } from '@pappus/core';

/** What all parameters of a schedule-free rule share: host scalars, in float64 since sums of weights grow for as long as one trains. */
export type Shared = {
  /** The largest rate so far. */
  readonly rateMax: Expr;
  /** The sum of the weights of all steps. It is 0 until a step has moved anything. */
  readonly weightSum: Expr;
  /** How far y is from z towards x, which the evaluation has to know. It is 0 before the first step. */
  readonly interpolation: Expr;
};

/** First values of what is shared. */
export function sharedFirst(): Shared {
  return { rateMax: scalar(0, 'float64'), weightSum: scalar(0, 'float64'), interpolation: scalar(0, 'float64') };
}

/** What a step of any schedule-free rule depends on: scalars, as the rule sees them. */
export interface StepScalars {
  /** From before the step. */
  readonly rateMax: Expr;
  /** From before the step. */
  readonly weightSum: Expr;
  readonly t: Expr;
  /** The rate of this step. */
  readonly rate: Expr;
  /** The rate that weighs this step. */
  readonly averagingRate: Expr;
  readonly stepPower: Expr;
  readonly ratePower: Expr;
  /** `momentum` or `beta1`. */
  readonly beta: Expr;
}

/** What a step does to the average, and what is shared after it. */
export interface Averaging {
  readonly rate: Expr;
  /** The part of x that the new z becomes. */
  readonly c: Expr;
  readonly beta: Expr;
  readonly shared: Shared;
}

/** `w = t^stepPower rateMax^ratePower; c = w / (sum of all w)`, and 0 where that is 0 / 0. */
export function averaging({ t, rate, averagingRate, stepPower, ratePower, beta, rateMax, weightSum }: StepScalars): Averaging {
  const rateMaxNext = rateMax.maximum(float64(averagingRate));
  const weight = float64(t).pow(float64(stepPower)).mul(rateMaxNext.pow(float64(ratePower)));
  const weightSumNext = weightSum.add(weight);
  const c = where(weightSumNext.eq(0), 0, weight.div(weightSumNext));
  return { rate, c, beta, shared: { rateMax: rateMaxNext, weightSum: weightSumNext, interpolation: float64(beta) } };
}

/** The scalar in float64, where the host has it exactly. */
export function float64(value: Expr): Expr {
  return as(value, 'float64');
}

/** The scalar in a dtype, not rounded to it before it meets a tensor. */
export function as(value: Expr, dtype: DType): Expr {
  return hyperparameter(value, dtype, 'scheduleFree');
}

/** The rate that has been warmed up: `learningRate min(1, t / warmupSteps)`. */
export function warmedUp(learningRate: Expr, warmupSteps: Expr, t: Expr): Expr {
  return float64(learningRate).mul(float64(t).div(float64(warmupSteps).maximum(1)).minimum(1));
}

/** What y, the parameter, and z become by a direction; x is never there, since `x = y + (1 - 1 / beta) (z - y)`. */
export function stepAlong(direction: Expr, { param: y, z }: { readonly param: Variable; readonly z: Expr }, step: Averaging): { readonly param: Expr; readonly z: Expr } {
  const [rate, c, beta] = [as(step.rate, y.dtype), as(step.c, y.dtype), as(step.beta, y.dtype)];
  const back = rate.mul(beta.mul(c.neg().add(1)).sub(1));
  return { param: y.add(c.mul(z.sub(y))).add(back.mul(direction)), z: z.sub(rate.mul(direction)) };
}

/** 0 to 1 without both: x cannot be had from y and z where y is z. */
export const interpolationRange = { min: Number.MIN_VALUE, max: 1, open: true } as const;
