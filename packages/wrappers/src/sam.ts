/** Sharpness-aware minimization: the gradient where the loss nearby is worst. */
import { cast, checkOptions, type Expr, grad, option, range, sqrt, substitute, sum } from '@pappus/core';
import { lossOf, type Rule, widestOf, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of `sam`. */
export interface SamOptions extends WrapperOptions {
  /** How far uphill the gradient is taken, at least 0. Default 0.05, the paper's; adaptive SAM wants about ten times that. */
  readonly rho?: WrapperHyperparameter;
  /** Whether each element goes uphill in proportion to its own size. Default false. */
  readonly adaptive?: boolean;
  /** Added to the norm that divides, at least 0. Default 1e-12. */
  readonly epsilon?: WrapperHyperparameter;
}

/**
 * The rule's step from here, by the gradient of the loss at a point uphill: flat minima are preferred to sharp ones. It costs a second
 * gradient. The norm is over all parameters.
 *
 * ```text
 * e = rho g / (|g| + epsilon)                        adaptive: rho param^2 g / (| |param| g | + epsilon)
 * the rule's updates by the gradient at param + e
 * ```
 *
 * Source: Foret, Kleiner, Mobahi & Neyshabur (2020), "Sharpness-aware minimization for efficiently improving generalization",
 * arXiv:2010.01412; Kwon, Kim, Park & Choi (2021), "ASAM", arXiv:2102.11600.
 *
 * @throws {OptimizerError} if it is called with gradients: it needs the loss at two points
 * @example const updates = sam(sgd, { rho: 0.05 })(loss, params, { learningRate: 0.1 });
 */
export function sam<A extends readonly unknown[]>(rule: Rule<A>, options?: SamOptions): Rule<A> {
  const { name, rho = 0.05, adaptive = false, epsilon = 1e-12 } = checkOptions('sam', options, { name: option.text, rho: option.unchecked, adaptive: option.flag, epsilon: option.unchecked });
  return wrap('sam', name, rule, (call) => {
    const loss = lossOf(call, 'whose gradient it takes at two points');
    const { params } = call;
    if (params.length === 0) return call.apply();
    const dtype = widestOf(params);
    const here = call.gradients();
    const sized = here.map((g, k) => (adaptive ? g.mul(params[k]?.abs() ?? 1) : g));
    const norm = sqrt(sized.map((g): Expr => cast(sum(g.square()), dtype)).reduce((a, b) => a.add(b)));
    const scale = call.scalar(rho, 'rho', dtype, range.nonNegative).div(norm.add(call.scalar(epsilon, 'epsilon', dtype, range.nonNegative)));
    const there = params.map((param, k) => {
      const g = sized[k] ?? param;
      return param.add((adaptive ? g.mul(param.abs()) : g).mul(cast(scale, param.dtype)));
    });
    const [worst] = substitute([loss], new Map(params.map((param, k) => [param, there[k] ?? param])));
    return call.applyGradients(grad(worst, there));
  });
}
