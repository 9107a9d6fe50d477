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
import { checkDefinition, type Defaults, type FirstValues, type Names, type NamesOf, type OwnOptions, type Ranges, type RuleAnswer, type SeenOptions, type Slots, type StateOf } from './definition.js';
import { givenOptions, type Range, readHyperparameters } from './hyperparameter.js';
import { isNan, neg, where } from '../operations/elementwise.js';
import { applyRule } from './rule.js';
import { type PerParameterSetting, readSettings, type Settings } from './settings.js';
import { checkStepCount, StepCount } from './step-count.js';
import { formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { Updates } from './updates.js';
import { Variable } from '../values/variable.js';

/** Options that every rule takes. */
export interface CommonOptions {
  /** Replace NaN in gradients with 0, so that the weight and its state survive. Default false. */
  readonly clearNan?: boolean;
  /** Climb: gradients, and the loss where the rule reads it, count with the other sign. Default false. */
  readonly maximize?: boolean;
  /** The first part of the state's names, as in `adam/m/w`. Default: the rule's name. */
  readonly name?: string;
  /** The number of this step, 1 in the first, where somebody else counts. Default: the rule counts itself. */
  readonly t?: Expr;
}

const COMMON = ['clearNan', 'maximize', 'name', 't'] as const satisfies readonly (keyof CommonOptions)[];

/**
 * An update rule: what every variable becomes, from a scalar loss or a list of gradients in the order of `params`.
 * Options are optional where none is required.
 */
export type Optimizer<Options extends object = object> = (
  lossOrGrads: Expr | readonly Expr[],
  params: readonly Variable[],
  ...options: object extends Options ? [options?: Options] : [options: Options]
) => Updates;

/** Options of a rule. */
export type OptionsOf<N extends Names> = CommonOptions & OwnOptions<N>;

/**
 * What a rule sees of one parameter: expressions, and scalars of the parameter's dtype. Hyperparameters, the step count and what is shared
 * are not rounded to float32 before they meet a tensor; a number that the rule itself writes beside a float32 expression is.
 */
export type RuleContext<N extends Names, St = unknown, Sh = unknown> = {
  /** The parameter, and its value from before the step: its shape has numbers, and its name can be asked for. */
  readonly param: Variable;
  /** The gradient of the loss by the parameter. */
  readonly grad: Expr;
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & SeenOptions<N> & Slots<St> & Slots<Sh>;

/**
 * What a rule over all parameters sees. Scalars are float64 where a parameter is, else float32, and a hyperparameter that is a function
 * must answer the same for all parameters where it is read here; each parameter's own stands in `each`.
 */
export type AllContext<N extends Names, St = unknown, Sh = unknown> = {
  /** What the rule sees of each parameter. */
  readonly each: readonly RuleContext<N, St, Sh>[];
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & SharedOptions<N> & Slots<Sh>;

/** Hyperparameters and settings that are the same for all parameters. */
export type SharedOptions<N extends Names> = Omit<SeenOptions<N>, keyof PerParameter<N['settings']>>;

/** The settings of a kind that has an expression for each parameter. */
type PerParameter<S> = { [K in keyof S as S[K] extends PerParameterSetting ? K : never]: true };

/** What all parameters, their state, and what they share become. */
export type AllAnswer<St, Sh> = {
  /** For each parameter, in their order. */
  readonly each: readonly RuleAnswer<St>[];
} & Slots<Sh>;

/** What `defineOptimizer` takes: hyperparameters, settings, state and what is shared, by name, and mathematics over one parameter or all. */
export interface RuleDefinition<D extends Defaults, R extends Ranges, O extends Ranges, S extends Settings, St extends FirstValues, Sh extends FirstValues> {
  /** The rule's name: the first part of its state's names, as in `adam/m/w`, and in messages. */
  readonly name: string;
  /** Hyperparameters and their defaults. A docstring of one is that of the rule's option. */
  readonly defaults: D;
  /** Hyperparameters without a default, and their bounds where they are given as numbers. Default: none. */
  readonly required?: R;
  /** Hyperparameters that may be left out, which the rule then sees as undefined, and their bounds. Default: none. */
  readonly optional?: O;
  /** Bounds of those with a default, where they are given as numbers. Default: any finite number. */
  readonly ranges?: { readonly [K in keyof D]?: Range };
  /** What is fixed when the rule is called: flags, whole numbers, texts. Default: none. */
  readonly settings?: S;
  /**
   * First values of what all parameters share between steps, by name, which may depend on options; `updateAll` says what they become. A
   * number is float64 where a parameter is, else float32. Default: nothing is shared.
   */
  readonly shared?: (params: readonly Variable[], options: SharedOptions<NamesOf<NoInfer<D>, NoInfer<R>, NoInfer<O>, NoInfer<S>>>) => Sh;
  /**
   * First values of what is kept for a parameter between steps, by name; a part that is undefined is not there for this parameter. A number
   * has the parameter's dtype. An expression that depends on a variable, such as the parameter, or on the gradient is that of the first
   * step. Default: nothing is kept.
   */
  readonly state?: StateOf<NamesOf<NoInfer<D>, NoInfer<R>, NoInfer<O>, NoInfer<S>>, St>;
  /** What the parameter and each part of its state become in a step. */
  readonly update?: (context: RuleContext<NamesOf<NoInfer<D>, NoInfer<R>, NoInfer<O>, NoInfer<S>>, St>) => RuleAnswer<NoInfer<St>>;
  /** In the place of `update`: what all parameters, their state and what they share become in a step. */
  readonly updateAll?: (context: AllContext<NamesOf<NoInfer<D>, NoInfer<R>, NoInfer<O>, NoInfer<S>>, St, Sh>) => AllAnswer<NoInfer<St>, NoInfer<Sh>>;
}

/** No names. */
type None = Readonly<Record<never, never>>;

/**
 * Makes an optimizer from a rule that is pure mathematics over one parameter: `state` says what is kept for it between
 * steps, by name, and `update` what it and its state become; or over all parameters at once, by `shared` and `updateAll`.
 *
 * @throws {OptimizerError} if the definition has no name or no update, or its defaults are no record of numbers
 * @example
 * const signDescent = defineOptimizer({
 *   name: 'signDescent',
 *   defaults: { learningRate: 1e-3 },
 *   update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.sign().mul(learningRate)) }),
 * });
 */
export function defineOptimizer<
  const D extends Defaults,
  const R extends Ranges = None,
  const O extends Ranges = None,
  const S extends Settings = None,
  St extends FirstValues = None,
  Sh extends FirstValues = None,
>(definition: RuleDefinition<D, R, O, S, St, Sh>): Optimizer<OptionsOf<NamesOf<D, R, O, S>>> {
  checkDefinition('defineOptimizer', definition);
  const { name } = definition;
  const settings: Settings = definition.settings ?? {};
  return (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], options?: object): Updates => {
    const raw = gradients(lossOrGrads, params, name);
    const given = givenOptions(name, options);
    const hyperparameters = readHyperparameters(definition, given, [...Object.keys(settings), ...COMMON]);
    const climbs = given.get('maximize') === true;
    const loss = lossOrGrads instanceof Expr ? lossOrGrads : undefined;
    const values = readSettings(name, settings, given, loss, (list, what) => checkEach(list, params, `${name}: ${what}`));
    const grads = raw.map((g) => (climbs ? neg(g) : g)).map((g) => (given.get('clearNan') === true ? where(isNan(g), 0, g) : g));
    const whole = new Map<string, unknown>();
    for (const [key, value] of values) {
      const kind = settings[key]?.kind;
      if (kind !== 'perParameter') whole.set(key, kind === 'loss' && climbs && value instanceof Expr ? neg(value) : value);
    }
    const targets = params.map((param, k) => {
      const own = Object.entries(settings).flatMap(([key, { kind }]) => (kind === 'perParameter' ? [[key, itemOf(values.get(key), k)] as const] : []));
      return { param, seen: { grad: grads[k], ...Object.fromEntries([...whole, ...own]) } };
    });
    const prefix = given.get('name');
    const steps = new StepCount(typeof prefix === 'string' ? prefix : name, checkStepCount(given.get('t'), name));
    return applyRule({ rule: definition, prefix: typeof prefix === 'string' ? prefix : name, hyperparameters, settings: whole, targets, steps }, new Updates());
  };
}

function itemOf(list: unknown, k: number): unknown {
  return isList(list) ? list[k] : undefined;
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
  checkEach(lossOrGrads, params, `${rule}: the gradient`, rule);
  return lossOrGrads;
}

/** A list of an expression for each parameter, of its shape and dtype. */
function checkEach(given: unknown, params: readonly Variable[], what: string, rule?: string): readonly Expr[] {
  const called = rule ?? what;
  if (!isList(given)) throw new OptimizerError(rule === undefined ? `${what} must be a list of an expression for each parameter, not ${show(given)}` : `${rule}: takes a loss, or a list of gradients, not ${show(given)}`);
  const listed = reading(called, OptimizerError, () => [...given]);
  if (listed.length !== params.length) {
    throw new OptimizerError(`${called}: ${listed.length} ${rule === undefined ? 'expressions' : 'gradients'} are given for ${params.length} parameters; give one for each, in their order`);
  }
  return params.map((param, k) => {
    const g: unknown = listed[k];
    requireOwn(g, `${what} of ${describe(param)}`);
    if (!(g instanceof Expr)) throw new OptimizerError(`${what} of ${describe(param)} must be an expression, not ${show(g)}`);
    if (g.dtype !== param.dtype) throw new DTypeError(`${what} of ${describe(param)} is ${g.dtype}; cast it with .cast('${param.dtype}')`);
    if (!sameShape(g.shape, param.shape)) {
      throw new ShapeError(`${what} of ${describe(param)} has the shape ${formatShape(g.shape)}; is the order that of the parameters?`);
    }
    return g;
  });
}
