/** The cube root of what is not negative. */
import { type Expr, maximum } from '@pappus/core';

/** The square of the cube root of the least positive number is larger: only 0 is divided by this. */
const leastSquare = (dtype: Expr['dtype']): number => (dtype === 'float64' ? 1e-250 : 1e-36);

/**
 * x^(1/3) for x >= 0: by a logarithm and an exponential, and a step of Newton's method, which makes up for their roundings. With `pow`, which is
 * exact for any base and exponent, a step of MADGRAD takes more than twice as long.
 */
export function cubeRoot(x: Expr): Expr {
  const near = x.log().mul(1 / 3).exp();
  return near.mul(2).add(x.div(maximum(near.square(), leastSquare(x.dtype)))).mul(1 / 3);
}
