/** Polynomials of expressions. */
import { scalar } from '../graph/construct.js';
import type { Expr } from '../graph/expr.js';
import { add, mul } from './elementwise.js';

/** By Horner's rule, of coefficients of which that of the highest power is the first. */
export function polynomial([first = 0, ...rest]: readonly number[], x: Expr): Expr {
  return rest.reduce((sum, c) => add(mul(sum, x), c), scalar(first, x.dtype));
}
