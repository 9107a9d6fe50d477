/** Cautious steps over any rule. */
import { addScaled, checkOptions, defineTransform, div, Expr, grad, type HyperparameterOption, isNan, maximum, neg, onesLike, OptimizerError, option, range, setting, sign, type Updates, type Variable, where, zerosLike } from '@pappus/core';

/** Options of `cautious`. */
export interface CautiousOptions {
  /**
   * What the steps that count are multiplied by, for each parameter of n elements, `count` of whose steps do: `mean`, `1 / max(count / n, 1e-3)`
   * as C-Optim's AdamW; `count`, `n / (count + 1)` as its Lion and kozistr's pytorch_optimizer; `none`. Default `mean`.
   */
  readonly scale?: 'mean' | 'count' | 'none';
  /** How much of the parameter is taken from it in a step, times the `learningRate` of the call, which must be given then; at least 0. Default 0. */
  readonly weightDecay?: HyperparameterOption;
  /** Where the parameter decays: in `all` elements, or only in those `agreeing` with the rule's step, which leads towards 0, too. Default `all`. */
  readonly decay?: 'all' | 'agreeing';
  /** The first part of the name of the step count, which a decay or a rate that is a function of it needs. Default `cautious`. */
  readonly name?: string;
}

/** The smallest share of steps that counts by which they are divided, C-Optim's. */
const SMALLEST_MEAN = 1e-3;

/**
 * A rule whose step counts only in the elements where it goes against the gradient of now; the state of the rule goes on as it did.
 *
 * ```text
 * step = updates[param] - param        k = 1 where step g < 0, else 0
 * param <- param - learningRate weightDecay param + step k / max(mean(k), 1e-3)
 * ```
 *
 * What the rule answers is taken as a whole, its weight decay included. C-Optim leaves the decay out of the mask: so does `weightDecay` of
 * `cautious` itself, as in `cautious(adam, { weightDecay: 0.1 })`, or `cautious(adamw, { weightDecay: 0.1 })` with `weightDecay: 0` for the
 * rule. With `decay: 'agreeing'` that is cautious weight decay: an element decays only where the rule does not move it away from 0.
 *
 * The gradients are those that the rule gets: of a loss it is handed the list, so that they are computed once. A rule that reads the loss
 * itself takes it as its option `loss`.
 *
 * Sources: Liang, Chen, Liu & Liu (2024), "Cautious optimizers: improving training with one line of code", arXiv:2411.16085; of the decay
 * Chen et al. (2025), "Cautious weight decay", arXiv:2510.12402.
 *
 * @param rule the rule, or a wrapped one
 * @throws {OptimizerError|InputError} when the answer is called, for options that do not fit, or a weight decay without a `learningRate` beside it
 * @example const updates = cautious(lion, { scale: 'count', weightDecay: 0.1 })(loss, params, { learningRate: 1e-4 });
 */
export function cautious<A extends readonly unknown[]>(
  rule: (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], ...options: A) => Updates,
  options: CautiousOptions = {},
): (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], ...options: A) => Updates {
  checkOptions('cautious', options, { scale: ['mean', 'count', 'none'], weightDecay: option.unchecked, decay: ['all', 'agreeing'], name: option.text });
  return (lossOrGrads, params, ...given) => {
    const grads = lossOrGrads instanceof Expr ? grad(lossOrGrads, params) : lossOrGrads;
    const updates = rule(grads, params, ...given);
    const climbs = optionOf(given, 'maximize') === true;
    const uphill = new Map(params.flatMap((param, k) => {
      const g = grads[k];
      return g === undefined ? [] : [[param, climbs ? neg(g) : g] as const];
    }));
    return masked(updates, params, uphill, options.weightDecay === undefined ? options : { ...options, learningRate: rateOf(given) });
  };
}

/** What is asked of the options: hyperparameters and settings, as of any rule. */
const NAMES = {
  defaults: { learningRate: 0, weightDecay: 0 },
  ranges: { learningRate: range.nonNegative, weightDecay: range.nonNegative },
  settings: { scale: setting.oneOf('mean', 'count', 'none'), decay: setting.oneOf('all', 'agreeing') },
} as const;

/** What the parameters of updates become, given which way is up. */
function masked(updates: Updates, params: readonly Variable[], uphill: ReadonlyMap<Variable, Expr>, options: CautiousOptions & { readonly learningRate?: HyperparameterOption }): Updates {
  const transform = defineTransform({
    name: 'cautious',
    ...NAMES,
    update({ param, next, learningRate, weightDecay, scale, decay }) {
      const up = uphill.get(param);
      if (up === undefined) throw new OptimizerError(`cautious: there is no gradient of ${param.name}; give one for each parameter, in their order`);
      const step = next.sub(param);
      // By signs: a product of small numbers would be 0 in float32.
      const agrees = sign(step).mul(sign(up)).lt(0);
      // A step that is no number is none that may be left out.
      const counted = where(agrees.or(isNan(step)), step, 0);
      const decaying = decay === 'all' ? param : where(sign(step).mul(sign(param)).le(0), param, 0);
      const decayed = addScaled(zerosLike(param), weightDecay, decaying);
      const moved = scale === 'none' ? counted : counted.mul(factorOf(where(agrees, onesLike(param), 0).sum(), param, scale));
      return { param: param.sub(learningRate.mul(decayed)).add(moved) };
    },
  });
  return transform(updates, params, options);
}

/** What the steps that count are multiplied by. */
function factorOf(count: Expr, { shape }: Variable, scale: 'mean' | 'count'): Expr {
  const elements = shape.reduce<number>((product, length) => product * length, 1);
  return scale === 'mean' ? div(1, maximum(count.div(elements), SMALLEST_MEAN)) : div(elements, count.add(1));
}

/** An option of the call of a rule, whatever it is. */
function optionOf(given: readonly unknown[], name: string): unknown {
  const [options] = given;
  const value: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined;
  return value;
}

function rateOf(given: readonly unknown[]): HyperparameterOption {
  const rate = optionOf(given, 'learningRate');
  if (!isHyperparameter(rate)) throw new OptimizerError('cautious: weightDecay is times the learning rate, which must be given in the call: cautious(rule, { weightDecay: 0.1 })(loss, params, { learningRate: 1e-3 })');
  return rate;
}

function isHyperparameter(value: unknown): value is HyperparameterOption {
  return typeof value === 'number' || typeof value === 'function' || value instanceof Expr;
}
