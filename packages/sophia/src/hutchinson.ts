/** The diagonal of the Hessian, estimated by products with random vectors. */
import { type Expr, grad, GraphError, normal, OptimizerError, uniform, type Variable, where, zerosLike } from '@pappus/core';

/** A parameter and its gradient. */
export interface Differentiated {
  readonly param: Variable;
  readonly grad: Expr;
}

/** How vectors are drawn. */
export interface Draws {
  readonly seed: number;
  /** The number of the step: vectors of each are others. */
  readonly t: Expr;
  /** The mean of how many estimates is taken. */
  readonly samples: number;
  /** Elements that are normal, or 1 and -1. */
  readonly vectors: 'normal' | 'signs';
}

/**
 * Hutchinson's estimate of the diagonal of the Hessian: `u * H u` for random `u`, where `H u` is the gradient of `g . u`.
 *
 * @throws {OptimizerError} if the gradients do not depend on the parameters: they are inputs, or the loss is linear
 */
export function hessianDiagonal(each: readonly Differentiated[], draws: Draws): readonly Expr[] {
  const estimates = Array.from({ length: draws.samples }, (_, sample) => oneEstimate(each, draws, sample));
  return each.map((_, k) => estimates.flatMap((estimate) => estimate[k] ?? []).reduce((a, b) => a.add(b)).div(draws.samples));
}

function oneEstimate(each: readonly Differentiated[], { seed, t, samples, vectors: kind }: Draws, sample: number): readonly Expr[] {
  const step = t.cast('int32');
  const vectors = each.map(({ param: { shape, dtype } }, k) => {
    const key = { seed: (seed * each.length + k) * samples + sample, step, dtype: dtype === 'float64' ? ('float64' as const) : ('float32' as const) };
    return kind === 'normal' ? normal(shape, key) : where(uniform(shape, key).lt(0.5), -1, 1).cast(dtype);
  });
  const wide = each.some(({ param }) => param.dtype === 'float64') ? 'float64' : 'float32';
  const along = each.flatMap((one, k) => (vectors[k] === undefined ? [] : [one.grad.mul(vectors[k]).sum().cast(wide)])).reduce((a, b) => a.add(b));
  const products = derivatives(along, each.map(({ param }) => param));
  return products.map((product, k) => product.mul(vectors[k] ?? product));
}

/** The gradients of a scalar, and 0 where none flows, as where the loss is linear in a parameter. */
function derivatives(along: Expr, params: readonly Variable[]): readonly Expr[] {
  const all = ifAnyFlows(() => grad(along, params));
  if (all !== undefined) return all;
  const one = params.map((param) => ifAnyFlows(() => grad(along, param)));
  if (one.every((product) => product === undefined)) {
    throw new OptimizerError(`sophia: the gradients do not depend on the parameters, so there is no Hessian to estimate; call it with the loss or with grad(loss, params), or give the diagonals of Hessians, { hessian }`);
  }
  return params.map((param, k) => one[k] ?? zerosLike(param));
}

function ifAnyFlows<T>(differentiate: () => T): T | undefined {
  try {
    return differentiate();
  } catch (error) {
    if (error instanceof GraphError) return undefined;
    throw error;
  }
}
