/** Penalties of large weights, as what they add to gradients. */
import { addScaled, type Expr, type Hyperparameter, hyperparameter, range } from '@pappus/core';
import { beside } from './adaptive-clip.js';
import type { Each } from './norms.js';

/** How much a penalty weighs: a number, a scalar expression, or a function of the parameter, which 0 leaves out. */
export type PenaltyAmount<P extends Expr> = Hyperparameter | ((param: P) => Hyperparameter);

/**
 * Gradients with that of `amount |param|` added: `g + amount sign(param)`, which makes small weights 0.
 *
 * @param amount for each parameter, at least 0
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if the lists differ in length, or the amount is no number of at least 0 and no scalar
 * @example const updates = sgd(l1Penalty(grad(loss, params), params, (p) => (p.rank > 1 ? 1e-4 : 0)), params, { learningRate: 0.1 });
 */
export function l1Penalty<const T extends readonly Expr[], P extends Expr>(grads: T, params: readonly P[], amount: PenaltyAmount<P>): Each<T>;
export function l1Penalty(grads: readonly Expr[], params: readonly Expr[], amount: PenaltyAmount<Expr>): readonly Expr[] {
  return beside('l1Penalty', grads, params, (g, param) => addScaled(g, amountOf('l1Penalty', amount, param), param.sign()));
}

/**
 * Gradients with that of `amount / 2 param^2` added: `g + amount param`, the coupled weight decay of other libraries.
 *
 * @param amount for each parameter, at least 0
 * @throws {DTypeError} if a tensor is no float
 * @throws {OptimizerError} if the lists differ in length, or the amount is no number of at least 0 and no scalar
 * @example const updates = momentum(l2Penalty(grad(loss, params), params, 5e-4), params, { learningRate: 0.1 });
 */
export function l2Penalty<const T extends readonly Expr[], P extends Expr>(grads: T, params: readonly P[], amount: PenaltyAmount<P>): Each<T>;
export function l2Penalty(grads: readonly Expr[], params: readonly Expr[], amount: PenaltyAmount<Expr>): readonly Expr[] {
  return beside('l2Penalty', grads, params, (g, param) => addScaled(g, amountOf('l2Penalty', amount, param), param));
}

function amountOf(what: string, amount: PenaltyAmount<Expr>, param: Expr): Expr {
  return hyperparameter(typeof amount === 'function' ? amount(param) : amount, param.dtype, `${what}: amount`, range.nonNegative);
}
