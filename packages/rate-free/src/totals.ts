/** Scalars over all parameters: sums of what each of them sums to, and scalars in the dtype of one parameter. */
import { type Expr, where } from '@pappus/core';

/** The sum of all elements of all tensors, in the dtype of a scalar that it will meet. */
export function total(tensors: readonly Expr[], like: Expr): Expr {
  return tensors.map((tensor) => tensor.sum().cast(like.dtype)).reduce((sum, part) => sum.add(part));
}

/** `a / b`, and `otherwise` where b is 0: a step whose gradients are all 0 says nothing. */
export function ratio(a: Expr, b: Expr, otherwise: Expr): Expr {
  return where(b.eq(0), otherwise, a.div(b));
}

/** `distance` at most times a growth rate, if there is one. */
export function grownAtMost(estimate: Expr, distance: Expr, growthRate: Expr | undefined): Expr {
  return growthRate === undefined ? estimate : estimate.minimum(distance.mul(growthRate));
}
