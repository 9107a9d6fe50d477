// What a rule is given that takes no gradients: a loss that has them.
import { add, customGradient, Expr, isNan, literal, stopGradient, type Variable, where } from '@pappus/core';
import type { Traits } from './row.js';
import type { TestedRule } from './trial.js';

/** The rule as one of gradients. */
export function ofGradients(rule: TestedRule, traits: Traits): TestedRule {
  return (lossOrGrads, params, options) => rule(lossOrGrads instanceof Expr ? lossOrGrads : givenTo(traits, lossOrGrads, params), params, options);
}

/** What a rule of the suite is given for gradients. */
function givenTo({ needs }: Traits, grads: readonly Expr[], params: readonly Variable[]): Expr | readonly Expr[] {
  if (needs === 'loss') return lossOf(grads, params);
  // Gradients of a loss have their own second derivatives.
  return needs === 'curvature' && grads.every(({ node }) => node.kind === 'input') ? curvedLossOf(grads, params) : grads;
}

/** A positive loss with these gradients, wherever they are taken: they flow into what the parameters stand for, and a NaN of them is none of the loss. */
function lossOf(grads: readonly Expr[], params: readonly Variable[]): Expr {
  const dtype = params[0]?.dtype ?? 'float64';
  const along = sumOf(params.map((param, p) => where(isNan(gradOf(grads, p)), 0, gradOf(grads, p)).mul(param).sum()), dtype);
  const positive = along.square().add(0.5).sqrt();
  return customGradient(positive, [...params, ...grads], (cotangent) => [...grads.map((g) => g.mul(cotangent)), ...grads.map(() => null)]);
}

/** A loss with these gradients, and a Hessian of 1 in every element of its diagonal. */
function curvedLossOf(grads: readonly Expr[], params: readonly Variable[]): Expr {
  const parts = params.map((param, p) => gradOf(grads, p).mul(param).add(param.sub(stopGradient(param)).square().mul(0.5)).sum());
  return sumOf(parts, params[0]?.dtype ?? 'float64');
}

function gradOf(grads: readonly Expr[], p: number): Expr {
  const grad = grads[p];
  if (grad === undefined) throw new Error('a gradient is missing');
  return grad;
}

function sumOf(parts: readonly Expr[], dtype: 'float32' | 'float64' | 'int32' | 'bool'): Expr {
  return parts.reduce((sum, part) => add(sum, part), literal([0], [], dtype));
}
