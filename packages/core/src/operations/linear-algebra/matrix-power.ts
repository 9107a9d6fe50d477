/** Powers of matrices. */
import type { Expr } from '../../graph/expr.js';
import { broadcastTo } from '../movement.js';
import { eye } from '../masks.js';
import { requireWhole } from '../operand-checks.js';
import { matmul } from '../products.js';
import { requireSquare } from './checks.js';
import { inverse } from './solve.js';

/**
 * A matrix multiplied by itself n times over, in about `2 log2(n)` products; of n = 0 the identity, of n below 0 that power of the inverse, which is
 * all NaN for singular matrices.
 *
 * @param a `[..., m, m]`, float32 or float64
 * @param n a whole number
 * @returns `[..., m, m]`
 * @throws {ShapeError} unless the last two axes are of one size, or n is no whole number
 * @throws {DTypeError} unless it is float32 or float64
 * @example matrixPower(literal([1, 1, 1, 0], [2, 2], 'float32'), 5)   // [[8, 5], [5, 3]]
 */
export function matrixPower(a: Expr, n: number): Expr {
  requireSquare('matrixPower', a);
  requireWhole('matrixPower', n, 'n');
  let square = n < 0 ? inverse(a) : a;
  let power: Expr | undefined;
  // Over the binary digits of n, the last one first.
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = power === undefined ? square : matmul(power, square);
    if (rest > 1) square = matmul(square, square);
  }
  const [size = 1] = a.shape.slice(-1);
  return power ?? broadcastTo(eye(size, size, { dtype: a.dtype }), a.shape);
}
