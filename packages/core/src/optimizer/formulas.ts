/** Formulas that many rules share. */
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { formatShape, sameShape } from '../graph/shape.js';
import { add, expm1, log, mul, neg } from '../operations/elementwise.js';
import { requireFloat, requireTensor } from '../operations/operand-checks.js';
import { type Hyperparameter, hyperparameter, range } from './hyperparameter.js';

/**
 * `1 - beta^t`, by which a running mean that began at 0 is divided, computed as `-expm1(t log(beta))`: close to 1 - 1 the difference
 * itself loses all digits where the count lives on a device in float32 (6.9e-6 off after one step at beta 0.999; this is 2.6e-7).
 *
 * @param beta the part of the mean that stays in a step, in [0, 1), a scalar
 * @param t the number of the step, a scalar of a float dtype, which is that of the answer
 * @example const mean = m.div(biasCorrection(beta1, t));
 */
export function biasCorrection(beta: Hyperparameter, t: Expr): Expr {
  requireFloat('biasCorrection', t);
  return neg(expm1(mul(t, log(hyperparameter(beta, t.dtype, 'biasCorrection: beta', range.decayRate)))));
}

/**
 * `a + scale * b`, and `a` itself where the scale is the number 0: a weight decay that is off costs nothing, and no infinity times 0.
 *
 * @param scale a hyperparameter as a rule sees it, or a product of such, which is 0 where one of them is the number 0
 * @throws {DTypeError|ShapeError} if `a` and `b` differ in dtype or shape, or the scale is no scalar of that dtype
 * @example const decayed = addScaled(grad, weightDecay, param);
 */
export function addScaled(a: Expr, scale: Expr, b: Expr): Expr {
  requireFloat('addScaled', a);
  requireTensor('addScaled', scale, 'the scale');
  requireTensor('addScaled', b);
  if (scale.dtype !== a.dtype || b.dtype !== a.dtype) throw new DTypeError(`addScaled: takes one dtype, and has ${a.dtype}, the scale ${scale.dtype} and ${b.dtype}`);
  if (scale.rank !== 0 || !sameShape(a.shape, b.shape)) throw new ShapeError(`addScaled: takes one shape and a scalar, and has ${formatShape(a.shape)}, the scale ${formatShape(scale.shape)} and ${formatShape(b.shape)}`);
  return isZero(scale) ? a : add(a, mul(scale, b));
}

function isZero({ node, args }: Expr): boolean {
  return node.kind === 'constant' ? node.value === 0 : node.kind === 'elementwise' && node.op === 'mul' && args.some(isZero);
}
