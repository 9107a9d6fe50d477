/** Formulas that many rules share. */
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { formatShape, sameShape } from '../graph/shape.js';
import { add, div, exp, expm1, log, mul, neg, sub, where } from '../operations/elementwise.js';
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

/** Below it the difference of `averageLength` is a series; above, at most three binary digits of the difference are lost. */
const NEAR = 0.25;

/** `2 B(2k) / (2k)!` with Bernoulli's numbers B. At `NEAR` the next would add 4e-16. */
const SERIES = [1 / 6, -1 / 360, 1 / 15120, -1 / 604800, 1 / 23950080];

/**
 * Of how many values a plain mean varies as much as the exponential mean of `t` values, RAdam's length of an average:
 * `n - 2 t beta^t / (1 - beta^t)` with `n = 2 / (1 - beta) - 1`. While it is small beside n it is computed as
 * `n + 2 / log(beta) + t (1 - x / 6 + x^3 / 360 - ...)` with `x = -t log(beta)`: the difference is off by 1e-4 where the count lives on a
 * device in float32, and decides whether a step is rectified.
 *
 * @param beta the part of the mean that stays in a step, in [0, 1), a scalar
 * @param t the number of the step, a scalar of a float dtype, which is that of the answer
 * @example const rectified = averageLength(beta2, t).gt(4);
 */
export function averageLength(beta: Hyperparameter, t: Expr): Expr {
  requireFloat('averageLength', t);
  const stays = hyperparameter(beta, t.dtype, 'averageLength: beta', range.decayRate);
  const n = div(2, sub(1, stays)).sub(1);
  const x = mul(t, log(stays)).neg();
  const square = x.square();
  const series = SERIES.reduceRight<Expr>((sum, coefficient) => sum.mul(square).add(coefficient), mul(0, x));
  const near = n.add(div(2, log(stays))).add(t.mul(sub(1, x.mul(series))));
  // A power would have beta as float32 has it.
  const far = n.sub(t.mul(2).mul(exp(x.neg())).div(biasCorrection(stays, t)));
  return where(x.lt(NEAR), near, far);
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
