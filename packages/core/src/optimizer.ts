/**
 * The Optimizer interface, and `defineOptimizer`, which makes one from a rule written as mathematics. What every rule
 * shares lives here: gradients from a loss or a list, `clearNan`, state, the step count, checks.
 */
import { scalar } from './construct.js';
import { describe } from './describe.js';
import { isFloat } from './dtype.js';
import { DTypeError, OptimizerError, ShapeError } from './errors.js';
import { Expr } from './expr.js';
import { grad } from './gradients/grad.js';
import { cast, isNan, where } from './operations/elementwise.js';
import { broadcastTo } from './operations/movement.js';
import { formatShape, sameShape } from './shape.js';
import { Updates } from './updates.js';
import { Variable, variable, type VariableValue } from './variable.js';

/** A number, or a scalar expression: a variable set between steps, an input of the step, a function of the step count. */
export type Hyperparameter = number | Expr;

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

/** Bounds of a hyperparameter that is given as a number. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** Whether `max` itself is outside. Default false. */
  readonly open?: boolean;
}

/** Any finite number of at least 0. */
export const nonNegative: Range = { min: 0, max: Number.MAX_VALUE };
/** 0 to 1, without 1: decay rates. */
export const decayRate: Range = { min: 0, max: 1, open: true };

type Defaults = Readonly<Record<string, number>>;

/** Options of a rule: those with a default may be left out, those required may not. */
export type OptionsOf<D extends Defaults, R extends string> = CommonOptions &
  { readonly [K in keyof D]?: Hyperparameter } & { readonly [K in R]: Hyperparameter };

/** What a rule sees of one parameter: expressions of the parameter's shape, and scalars of its dtype. */
export type RuleContext<D extends Defaults, R extends string, S extends string> = {
  readonly param: Expr;
  readonly grad: Expr;
  /** The step count, 1 in the first step. */
  readonly t: Expr;
} & { readonly [K in keyof D | R | S]: Expr };

export interface RuleDefinition<D extends Defaults, R extends string, S extends string> {
  readonly name: string;
  /** Hyperparameters and their defaults. */
  readonly defaults: D;
  /** Hyperparameters without a default. */
  readonly required?: readonly R[];
  /** Bounds of those given as numbers. Default: any finite number. */
  readonly ranges?: { readonly [K in keyof D | NoInfer<R>]?: Range };
  /** What is kept for each parameter between steps, by name, as its first value. */
  readonly state?: (param: Variable) => Readonly<Record<S, VariableValue>>;
  /** What the parameter and its state become. */
  readonly update: (context: RuleContext<D, NoInfer<R>, NoInfer<S>>) => { readonly param: Expr } & Readonly<Record<S, Expr>>;
}

/**
 * Makes an optimizer from a rule that is pure mathematics over one parameter.
 *
 * @example
 * const signDescent = defineOptimizer({
 *   name: 'signDescent',
 *   defaults: { learningRate: 1e-3 },
 *   update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.sign().mul(learningRate)) }),
 * });
 */
export function defineOptimizer<const D extends Defaults, S extends string = never, R extends string = never>(
  definition: RuleDefinition<D, R, S>,
): Optimizer<OptionsOf<D, R>> {
  const rule = (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], options?: OptionsOf<D, R>): Updates => {
    const grads = gradients(lossOrGrads, params);
    const given = new Map<string, unknown>(Object.entries(options ?? {}));
    const hyperparameters = readHyperparameters(definition, given);
    const clearNan = given.get('clearNan') === true;
    const prefix = typeof given.get('name') === 'string' ? String(given.get('name')) : definition.name;
    const steps = new StepCount(prefix);
    const updates = new Updates();
    const stateUpdates: [Variable, Expr][] = [];
    for (const [k, param] of params.entries()) {
      const raw = grads[k];
      if (raw === undefined) continue;
      const initial: Partial<Readonly<Record<S, VariableValue>>> = definition.state?.(param) ?? {};
      const slots = new Map<string, Variable>();
      for (const [slot, value] of Object.entries<VariableValue | undefined>(initial)) {
        if (value !== undefined) slots.set(slot, variable(value, { name: `${prefix}/${slot}/${param.name}` }));
      }
      const context = {
        param,
        grad: clearNan ? where(isNan(raw), 0, raw) : raw,
        get t(): Expr {
          return cast(steps.next(), param.dtype);
        },
        ...Object.fromEntries(slots),
        ...Object.fromEntries(hyperparameters.map(([name, value]) => [name, asScalar(value, param)])),
      };
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- its keys are the names in `state`, `defaults` and `required`
      const next = new Map<string, Expr>(Object.entries(definition.update(context as RuleContext<D, R, S>)));
      const place = (target: Variable, slot: string): [Variable, Expr] => {
        const value = next.get(slot);
        if (value === undefined) throw new OptimizerError(`${definition.name}: the rule does not say what '${slot}' becomes`);
        return [target, asUpdateOf(target, value, definition.name)];
      };
      updates.setParam(...place(param, 'param'));
      for (const [slot, target] of slots) stateUpdates.push(place(target, slot));
    }
    for (const [target, value] of stateUpdates) updates.setState(target, value);
    if (steps.variable !== undefined) updates.setState(steps.variable, steps.next());
    return updates;
  };
  return rule;
}

/**
 * The gradients of a loss, or a list of gradients checked against the parameters.
 *
 * @throws {OptimizerError} if a parameter is no variable or is given twice, or the list has another length
 * @throws {ShapeError|DTypeError|GraphError} if the loss is no scalar or does not depend on a parameter, or a gradient
 *   has not its parameter's shape or dtype
 */
export function gradients(lossOrGrads: Expr | readonly Expr[], params: readonly Variable[]): readonly Expr[] {
  for (const [k, param] of params.entries()) {
    const candidate: unknown = param;
    if (!(candidate instanceof Variable)) {
      const what = candidate instanceof Expr ? describe(candidate) : typeof candidate;
      throw new OptimizerError(`parameter ${k} is no variable, but ${what}; make it with variable(value)`);
    }
    if (!isFloat(param.dtype)) throw new DTypeError(`parameter ${describe(param)} is no float, and has no gradient`);
    if (params.indexOf(param) !== k) throw new OptimizerError(`the variable ${param.name} is given twice in the parameters`);
  }
  if (lossOrGrads instanceof Expr) return grad(lossOrGrads, params);
  if (lossOrGrads.length !== params.length) {
    throw new OptimizerError(`${lossOrGrads.length} gradients are given for ${params.length} parameters; give one for each, in their order`);
  }
  for (const [k, param] of params.entries()) {
    const g = lossOrGrads[k];
    if (g === undefined) continue;
    if (g.dtype !== param.dtype) throw new DTypeError(`the gradient of ${describe(param)} is ${g.dtype}; cast it with .cast('${param.dtype}')`);
    if (!sameShape(g.shape, param.shape)) {
      throw new ShapeError(`the gradient of ${describe(param)} has the shape ${formatShape(g.shape)}; is the order that of the parameters?`);
    }
  }
  return lossOrGrads;
}

/** The count of steps, a variable that exists once a rule asks for it. */
class StepCount {
  variable: Variable | undefined;
  constructor(private readonly prefix: string) {}

  /** The number of this step: 1 in the first. */
  next(): Expr {
    this.variable ??= variable(0, { name: `${this.prefix}/t`, dtype: 'int32' });
    return this.variable.add(1);
  }
}

function readHyperparameters(
  definition: { readonly name: string; readonly defaults: Defaults; readonly required?: readonly string[]; readonly ranges?: Readonly<Record<string, Range | undefined>> },
  given: ReadonlyMap<string, unknown>,
): (readonly [string, Hyperparameter])[] {
  const names = [...Object.keys(definition.defaults), ...(definition.required ?? [])];
  for (const name of given.keys()) {
    if (name !== 'clearNan' && name !== 'name' && !names.includes(name)) {
      throw new OptimizerError(`${definition.name}: there is no option '${name}'; the options are ${[...names, 'clearNan', 'name'].join(', ')}`);
    }
  }
  return names.map((name) => {
    const value = given.get(name) ?? definition.defaults[name];
    if (value instanceof Expr) {
      if (value.rank !== 0) throw new OptimizerError(`${definition.name}: ${name} must be a scalar, and ${describe(value)} is none`);
      if (value.dtype === 'bool') throw new OptimizerError(`${definition.name}: ${name} must be a number, and ${describe(value)} is bool`);
      return [name, value];
    }
    if (value === undefined) throw new OptimizerError(`${definition.name}: ${name} is required; give a number or a scalar expression`);
    if (typeof value !== 'number') throw new OptimizerError(`${definition.name}: ${name} must be a number or a scalar expression`);
    const { min, max, open = false } = definition.ranges?.[name] ?? { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
    if (!(value >= min && (open ? value < max : value <= max))) {
      throw new OptimizerError(`${definition.name}: ${name} must be ${formatRange(min, max, open)}, not ${value}`);
    }
    return [name, value];
  });
}

function formatRange(min: number, max: number, open: boolean): string {
  if (max !== Number.MAX_VALUE) return `from ${min} to ${max}${open ? ' (excluded)' : ''}`;
  return min === -Number.MAX_VALUE ? 'a finite number' : `a finite number of at least ${min}`;
}

function asScalar(value: Hyperparameter, param: Variable): Expr {
  return value instanceof Expr ? cast(value, param.dtype) : scalar(value, param.dtype);
}

function asUpdateOf(target: Variable, value: Expr, rule: string): Expr {
  if (value.dtype !== target.dtype) throw new DTypeError(`${rule}: the update of ${describe(target)} is ${value.dtype}`);
  if (value.rank === 0) return broadcastTo(value, target.shape);
  if (!sameShape(value.shape, target.shape)) throw new ShapeError(`${rule}: the update of ${describe(target)} has the shape ${formatShape(value.shape)}`);
  return value;
}
