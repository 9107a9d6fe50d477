/** Transforms of updates: what goes over the answer of any rule, such as momentum. */
import { describe } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, OptimizerError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { checkDefinition, givenOptions, type Hyperparameter, type Range, readHyperparameters } from './hyperparameter.js';
import { applyRule, type Rule } from './rule.js';
import { isMap, mergeUpdates, type Updates } from './updates.js';
import { isList } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { Variable } from '../values/variable.js';

/**
 * Changes what some variables become. Default: the parameters of the updates, and not the state of the rule that made
 * them; of a plain Map, all of its floats.
 */
export type Transform<Options extends object = object> = (
  updates: ReadonlyMap<Variable, Expr>,
  params?: readonly Variable[],
  options?: Options,
) => Updates;

/** Options of a transform, each with a default. */
export type TransformOptions<D extends Readonly<Record<string, number>>> = { readonly [K in keyof D]?: Hyperparameter } & {
  /** The first part of the state's names, as in `applyMomentum/velocity/w`. Default: the transform's name. */
  readonly name?: string;
};

/** What a transform sees of one variable: expressions of its shape, and scalars of its dtype. */
export type TransformContext<D, S extends string> = {
  /** The variable from before the step. */
  readonly param: Expr;
  /** What the variable becomes by the updates. */
  readonly next: Expr;
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & { readonly [K in keyof D | S]: Expr };

/** What `defineTransform` takes: hyperparameters `D`, names of the state `S`, and mathematics over one variable. */
export interface TransformDefinition<D extends Readonly<Record<string, number>>, S extends string>
  extends Rule<TransformContext<D, NoInfer<S>>, S> {
  /** Hyperparameters and their defaults. A docstring of one is that of the transform's option. */
  readonly defaults: D;
  /** Bounds of those given as numbers. Default: any finite number. */
  readonly ranges?: { readonly [K in keyof D]?: Range };
}

/**
 * Makes a transform of updates from mathematics over one variable, as `defineOptimizer` makes an optimizer; in place of
 * the gradient stands `next`, what the variable becomes by the updates. The updates that it is given stay as they are.
 *
 * @example
 * const halfSteps = defineTransform({
 *   name: 'halfSteps',
 *   defaults: {},
 *   update: ({ param, next }) => ({ param: param.add(next).mul(0.5) }),
 * });
 */
export function defineTransform<const D extends Readonly<Record<string, number>>, S extends string = never>(
  definition: TransformDefinition<D, S>,
): Transform<TransformOptions<D>> {
  checkDefinition('defineTransform', definition);
  return (updates, params, options) => {
    const { name } = definition;
    const [given, list]: readonly unknown[] = [updates, params];
    if (!isMap(given)) throw new OptimizerError(`${name}: takes the updates that a rule answers, or a Map of variables to expressions, not ${show(given)}`);
    if (list !== undefined && !isList(list)) {
      throw new OptimizerError(`${name}: takes the parameters in a list, as in [w, b], or undefined for all, and the options behind them; got ${show(list)}`);
    }
    const transformed = reading(name, OptimizerError, () => mergeUpdates(updates));
    const hyperparameters = readHyperparameters(definition, givenOptions(name, options), ['name']);
    const chosen = params ?? transformed.params.filter(({ dtype }) => isFloat(dtype));
    const targets = reading(name, OptimizerError, () => [...chosen]).map((param, k) => {
      const candidate: unknown = param;
      if (!(candidate instanceof Variable)) throw new OptimizerError(`${name}: parameter ${k} must be a variable, not ${show(candidate)}`);
      const next: unknown = transformed.get(param);
      if (next === undefined) throw new OptimizerError(`${definition.name}: ${describe(param)} is not among the updates`);
      if (!(next instanceof Expr)) throw new OptimizerError(`${name}: the update of ${describe(param)} must be an expression, not ${show(next)}`);
      if (chosen.indexOf(param) !== k) throw new OptimizerError(`${definition.name}: the variable ${param.name} is given twice`);
      if (!isFloat(param.dtype)) throw new DTypeError(`${definition.name}: ${describe(param)} is no float; leave it out`);
      return { param, seen: { next } };
    });
    return applyRule(definition, options?.name ?? definition.name, hyperparameters, targets, transformed);
  };
}
