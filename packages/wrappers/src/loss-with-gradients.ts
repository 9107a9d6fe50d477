/** A loss whose gradients are those that a wrapper has made. */
import { cast, customGradient, type Expr, type Variable } from '@pappus/core';

/**
 * The loss, with other gradients by the parameters: so a rule gets changed gradients, and the value of the loss if it reads that. The
 * gradients are operands, so that `substitute` reaches them.
 */
export function lossWithGradients(loss: Expr, params: readonly Variable[], grads: readonly Expr[]): Expr {
  return customGradient(loss, [...params, ...grads], (cotangent, operands) => {
    const given = operands.slice(params.length);
    return [...given.map((g) => g.mul(cast(cotangent, g.dtype))), ...given.map(() => null)];
  });
}
