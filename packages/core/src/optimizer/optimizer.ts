/**
 * The Optimizer interface, and `defineOptimizer`, which makes one from a rule written as mathematics: gradients come
 * from a loss or a list, NaN in them may count as 0, and the rest is what every rule shares (rule.ts).
 */
import { requireOwn } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, OptimizerError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { gradients as gradientsOfLoss } from '../gradients/grad.js';
import { type Hyperparameter, checkDefinition, givenOptions, type Range, readHyperparameters } from './hyperparameter.js';
import { isNan, where } from '../operations/elementwise.js';
import { applyRule, type Rule } from './rule.js';
import { formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { Updates } from './updates.js';
import { Variable } from '../values/variable.js';

/** Options that every rule takes. */
export interface CommonOptions {
  /** Replace NaN in gradients with 0, so that the weight and its state survive. Default false. */
  readonly clearNan?: boolean;
  /** The first part of the state's names, as in `adam/m/w`. Default: the rule's name. */
  readonly name?: string;
}

/**
 * An update rule: what every variable becomes, from a scalar loss or a list of gradients in the order of `params`.
 * Options are optional where none is required.
 */
export type Optimizer<Options extends object = object> = (
  lossOrGrads: Expr | readonly Expr[],
  params: readonly Variable[],
  ...options: object extends Options ? [options?: Options] : [options: Options]
) => Updates;

type Defaults = Readonly<Record<string, number>>;
type Ranges = Readonly<Record<string, Range>>;

/** Options of a rule: those with a default may be left out, those required may not. Each has the docstring that the definition gives it. */
export type OptionsOf<D extends Defaults, R extends Ranges> = CommonOptions &
  { readonly [K in keyof D]?: Hyperparameter } & { readonly [K in keyof R]: Hyperparameter };

/**
 * What a rule sees of one parameter: expressions of the parameter's shape, and scalars of its dtype. Hyperparameters and the step count
 * are not rounded to float32 before they meet a tensor; a number that the rule itself writes beside a float32 expression is.
 */
export type RuleContext<D extends Defaults, R extends Ranges, S extends string> = {
  /** The parameter from before the step. */
  readonly param: Expr;
  /** The gradient of the loss by the parameter. */
  readonly grad: Expr;
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & { readonly [K in keyof D | keyof R | S]: Expr };

/** What `defineOptimizer` takes: hyperparameters `D`, names of the state `S`, and mathematics over one parameter. */
export interface RuleDefinition<D extends Defaults, R extends Ranges, S extends string>
  extends Rule<RuleContext<D, NoInfer<R>, NoInfer<S>>, S> {
  /** Hyperparameters and their defaults. A docstring of one is that of the rule's option. */
  readonly defaults: D;
  /** Hyperparameters without a default, and their bounds where they are given as numbers. Default: none. */
  readonly required?: R;
  /** Bounds of those with a default, where they are given as numbers. Default: any finite number. */
  readonly ranges?: { readonly [K in keyof D]?: Range };
}

/**
 * Makes an optimizer from a rule that is pure mathematics over one parameter: `state` says what is kept for it between
 * steps, by name, and `update` what it and its state become.
 *
 * @throws {OptimizerError} if the definition has no name or no update, or its defaults are no record of numbers
 * @example
 * const signDescent = defineOptimizer({
 *   name: 'signDescent',
 *   defaults: { learningRate: 1e-3 },
 *   update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.sign().mul(learningRate)) }),
 * });
 */
export function defineOptimizer<const D extends Defaults, S extends string = never, const R extends Ranges = Readonly<Record<never, Range>>>(
  definition: RuleDefinition<D, R, S>,
): Optimizer<OptionsOf<D, R>> {
  checkDefinition('defineOptimizer', definition);
  return (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], options?: OptionsOf<D, R>): Updates => {
    const grads = gradients(lossOrGrads, params, definition.name);
    const given = givenOptions(definition.name, options);
    const hyperparameters = readHyperparameters(definition, given, ['clearNan', 'name']);
    const targets = params.flatMap((param, k) => {
      const raw = grads[k];
      if (raw === undefined) return [];
      return [{ param, seen: { grad: options?.clearNan === true ? where(isNan(raw), 0, raw) : raw } }];
    });
    return applyRule(definition, options?.name ?? definition.name, hyperparameters, targets, new Updates());
  };
}

/**
 * The gradients of a loss, or a list of gradients checked against the parameters.
 *
 * @param rule the function that was called, for messages
 * @throws {OptimizerError} if a parameter is no variable or is given twice, or the list has another length
 * @throws {ShapeError|DTypeError|GraphError} if the loss is no scalar or does not depend on a parameter, or a gradient
 *   has not its parameter's shape or dtype
 */
export function gradients(lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], rule = 'gradients'): readonly Expr[] {
  if (!isList(params)) {
    const given: unknown = params;
    const advice = given instanceof Variable ? `[${given.name}]` : 'as in [w, b]';
    throw new OptimizerError(`${rule}: takes the parameters in a list, ${advice}, not ${show(given)}`);
  }
  for (const [k, param] of reading(rule, OptimizerError, () => [...params]).entries()) {
    const candidate: unknown = param;
    requireOwn(candidate, `${rule}: parameter ${k}`);
    if (!(candidate instanceof Variable)) throw new OptimizerError(`${rule}: parameter ${k} must be a variable, not ${show(candidate)}; make it with variable(value)`);
    if (!isFloat(candidate.dtype)) throw new DTypeError(`${rule}: parameter ${describe(candidate)} is no float, and has no gradient`);
    if (params.indexOf(param) !== k) throw new OptimizerError(`${rule}: the variable ${candidate.name} is given twice in the parameters`);
  }
  requireOwn(lossOrGrads, `${rule}: the loss`);
  if (lossOrGrads instanceof Expr) return gradientsOfLoss(lossOrGrads, params, rule);
  const grads: unknown = lossOrGrads;
  if (!isList(grads)) throw new OptimizerError(`${rule}: takes a loss, or a list of gradients, not ${show(grads)}`);
  const listed = reading(rule, OptimizerError, () => [...grads]);
  if (listed.length !== params.length) {
    throw new OptimizerError(`${rule}: ${listed.length} gradients are given for ${params.length} parameters; give one for each, in their order`);
  }
  for (const [k, param] of params.entries()) {
    const g: unknown = listed[k];
    requireOwn(g, `${rule}: the gradient of ${describe(param)}`);
    if (!(g instanceof Expr)) throw new OptimizerError(`${rule}: the gradient of ${describe(param)} must be an expression, not ${show(g)}`);
    if (g.dtype !== param.dtype) throw new DTypeError(`${rule}: the gradient of ${describe(param)} is ${g.dtype}; cast it with .cast('${param.dtype}')`);
    if (!sameShape(g.shape, param.shape)) {
      throw new ShapeError(`${rule}: the gradient of ${describe(param)} has the shape ${formatShape(g.shape)}; is the order that of the parameters?`);
    }
  }
  return lossOrGrads;
}
