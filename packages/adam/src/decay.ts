// Weight decay: added to the gradient, or to the step.
import { addScaled, type Expr } from '@pappus/core';

/**
 * Where weight decay enters: `coupled`, the gradient, as that of `weightDecay / 2 |param|^2` in the loss; `decoupled`, the step, times the
 * learning rate; `independent`, the step, not times the learning rate, as AdamW's paper has it.
 */
export type Decay = 'coupled' | 'decoupled' | 'independent';

/** What decay is of: a parameter, and how much. */
interface Decayed {
  readonly param: Expr;
  readonly learningRate: Expr;
  readonly weightDecay: Expr;
  readonly decay: Decay;
}

/** The gradient, with the decay if it is coupled. */
export function decayedGradient(grad: Expr, { param, weightDecay, decay }: Omit<Decayed, 'learningRate'>): Expr {
  return decay === 'coupled' ? addScaled(grad, weightDecay, param) : grad;
}

/** What is taken from the parameter, with the decay if it is not coupled. */
export function decayedStep(step: Expr, { param, learningRate, weightDecay, decay }: Decayed): Expr {
  switch (decay) {
    case 'coupled':
      return step;
    case 'decoupled':
      return addScaled(step, learningRate.mul(weightDecay), param);
    case 'independent':
      return addScaled(step, weightDecay, param);
  }
}
