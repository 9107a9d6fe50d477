/** Weight decay, as the rules of this package have it: a part of the gradient, or taken from the parameter beside it. */
import { addScaled, type Expr } from '@pappus/core';

/** What a rule sees that has weight decay. */
export interface Decaying {
  readonly param: Expr;
  readonly grad: Expr;
  readonly learningRate: Expr;
  readonly weightDecay: Expr;
  readonly decay: 'coupled' | 'decoupled';
}

/** The gradient that joins the velocity, and the parameter that the velocity moves. */
export function withDecay({ param, grad, learningRate, weightDecay, decay }: Decaying): { readonly grad: Expr; readonly from: Expr } {
  if (decay === 'coupled') return { grad: addScaled(grad, weightDecay, param), from: param };
  return { grad, from: param.sub(learningRate.mul(weightDecay).mul(param)) };
}
