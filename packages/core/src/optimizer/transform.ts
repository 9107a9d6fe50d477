/** Transforms of updates: what goes over the answer of any rule, such as momentum. */
import { describe } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, OptimizerError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { checkDefinition, type Defaults, type FirstValues, type Names, type NamesOf, type OwnOptions, type RuleAnswer, type SeenOptions, type Slots } from './definition.js';
import { givenOptions, type Range, readHyperparameters } from './hyperparameter.js';
import { applyRule } from './rule.js';
import { readSettings, type Settings } from './settings.js';
import { checkStepCount, StepCount } from './step-count.js';
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

/** Options of a transform. */
export type TransformOptions<N extends Names> = OwnOptions<N> & {
  /** The first part of the state's names, as in `applyMomentum/velocity/w`. Default: the transform's name. */
  readonly name?: string;
  /** The number of this step, 1 in the first, where somebody else counts. Default: the transform counts itself. */
  readonly t?: Expr;
};

/** What a transform sees of one variable: expressions of its shape, and scalars of its dtype. */
export type TransformContext<N extends Names, St = unknown> = {
  /** The variable, and its value from before the step. */
  readonly param: Variable;
  /** What the variable becomes by the updates. */
  readonly next: Expr;
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & SeenOptions<N> & Slots<St>;

/** What `defineTransform` takes: hyperparameters, settings and state, by name, and mathematics over one variable. */
export interface TransformDefinition<D extends Defaults, S extends Settings, St extends FirstValues> {
  /** The transform's name: the first part of its state's names, and in messages. */
  readonly name: string;
  /** Hyperparameters and their defaults. A docstring of one is that of the transform's option. */
  readonly defaults: D;
  /** Bounds of those given as numbers. Default: any finite number. */
  readonly ranges?: { readonly [K in keyof D]?: Range };
  /** What is fixed when the transform is called: flags, whole numbers, texts. Default: none. */
  readonly settings?: S;
  /** First values of what is kept for a variable between steps, as those of a rule. Default: nothing is kept. */
  readonly state?: (param: Variable, first: Omit<TransformContext<TransformNames<NoInfer<D>, NoInfer<S>>>, 'param' | 't'>) => St;
  /** What the variable and each part of its state become in a step. */
  readonly update: (context: TransformContext<TransformNames<NoInfer<D>, NoInfer<S>>, St>) => RuleAnswer<NoInfer<St>>;
}

/** No names. */
type None = Readonly<Record<never, never>>;
/** The names of a transform, all of whose hyperparameters have a default. */
type TransformNames<D extends Defaults, S extends Settings> = NamesOf<D, None, None, S>;

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
export function defineTransform<const D extends Defaults, const S extends Settings = None, St extends FirstValues = None>(
  definition: TransformDefinition<D, S, St>,
): Transform<TransformOptions<TransformNames<D, S>>> {
  checkDefinition('defineTransform', definition);
  const { name } = definition;
  const settings: Settings = definition.settings ?? {};
  return (updates, params, options) => {
    const [original, list]: readonly unknown[] = [updates, params];
    if (!isMap(original)) throw new OptimizerError(`${name}: takes the updates that a rule answers, or a Map of variables to expressions, not ${show(original)}`);
    if (list !== undefined && !isList(list)) {
      throw new OptimizerError(`${name}: takes the parameters in a list, as in [w, b], or undefined for all, and the options behind them; got ${show(list)}`);
    }
    const transformed = reading(name, OptimizerError, () => mergeUpdates(updates));
    const given = givenOptions(name, options);
    const hyperparameters = readHyperparameters(definition, given, [...Object.keys(settings), 'name', 't']);
    const values = readSettings(name, settings, given, undefined, noList);
    const chosen = params ?? transformed.params.filter(({ dtype }) => isFloat(dtype));
    const targets = reading(name, OptimizerError, () => [...chosen]).flatMap((param, k) => {
      const candidate: unknown = param;
      if (!(candidate instanceof Variable)) throw new OptimizerError(`${name}: parameter ${k} must be a variable, not ${show(candidate)}`);
      const next: unknown = transformed.get(param);
      if (next === undefined) throw new OptimizerError(`${name}: ${describe(param)} is not among the updates`);
      if (!(next instanceof Expr)) throw new OptimizerError(`${name}: the update of ${describe(param)} must be an expression, not ${show(next)}`);
      if (chosen.indexOf(param) !== k) throw new OptimizerError(`${name}: the variable ${param.name} is given twice`);
      // Every key of a rule's updates may be given: its step count goes on as it did.
      if (!isFloat(param.dtype) && transformed.state.includes(param)) return [];
      if (!isFloat(param.dtype)) throw new DTypeError(`${name}: ${describe(param)} is no float; leave it out`);
      return [{ param, seen: { next, ...Object.fromEntries(values) } }];
    });
    const prefix = options?.name ?? name;
    return applyRule({ rule: definition, prefix, hyperparameters, settings: values, targets, steps: new StepCount(prefix, checkStepCount(given.get('t'), name)) }, transformed);
  };
}

function noList(_: unknown, what: string): never {
  throw new OptimizerError(`a transform has no lists for all parameters; ${what} is one`);
}
