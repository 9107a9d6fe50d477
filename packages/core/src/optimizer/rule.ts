/**
 * What optimizers and transforms of updates share: a rule over one variable is asked for each, or one over all of them once; state is
 * made and named, steps are counted, and answers are checked.
 */
import { describe } from '../graph/describe.js';
import type { DType } from '../graph/dtype.js';
import { DTypeError, OptimizerError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import type { FirstValues } from './definition.js';
import { makeSlots, type Slot } from './first-values.js';
import { type GivenHyperparameter, type HyperparameterPlace, toScalar } from './hyperparameter.js';
import { broadcastTo } from '../operations/movement.js';
import { isPlain } from '../arguments/options.js';
import { formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import type { StepCount } from './step-count.js';
import type { Updates } from './updates.js';
import type { Variable } from '../values/variable.js';

/** A rule, whatever it sees: over one variable, or over all of them. */
export interface Rule {
  /** The rule's name: in messages. */
  readonly name: string;
  /** First values of what all variables share. */
  readonly shared?: (params: readonly Variable[], options: never) => FirstValues;
  /** First values of what is kept for a variable. */
  readonly state?: (param: Variable, first: never) => FirstValues;
  /** What a variable and its state become. */
  readonly update?: (context: never) => unknown;
  /** What all variables, their state and what they share become. */
  readonly updateAll?: (context: never) => unknown;
}

/** A variable and what its rule sees of it, beside its state and the options. */
export interface Target {
  readonly param: Variable;
  readonly seen: Readonly<Record<string, unknown>>;
}

/** A rule and what it was called with. */
export interface Application {
  readonly rule: Rule;
  /** The first part of the state's names. */
  readonly prefix: string;
  readonly hyperparameters: ReadonlyMap<string, GivenHyperparameter>;
  /** Settings, as a rule over all variables sees them. */
  readonly settings: ReadonlyMap<string, unknown>;
  readonly targets: readonly Target[];
  readonly steps: StepCount;
}

/** What is known of one target: its state, and the context that a rule sees. */
interface Prepared {
  readonly param: Variable;
  readonly slots: ReadonlyMap<string, Slot>;
  readonly context: object;
}

/** Adds what a rule answers to `updates`: first what the targets become, then their state, what they share, and the step count. */
export function applyRule(application: Application, updates: Updates): Updates {
  const { rule, prefix, targets, steps } = application;
  if (targets.length === 0) return updates;
  const dtype = targets.some(({ param }) => param.dtype === 'float64') ? 'float64' : 'float32';
  const params = targets.map(({ param }) => param);
  const options = wholeOptions(application, dtype);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- as in `call`
  const shared = makeSlots(rule.name, rule.shared?.(params, options as never) ?? {}, dtype, ['each', 'param', 't', ...Object.keys(options), ...targets.flatMap(({ seen }) => Object.keys(seen))], (slot) => `${prefix}/${slot}`, () => steps.next());
  const prepared = targets.map((target) => prepare(application, target, shared));
  const answers = rule.updateAll === undefined ? { each: prepared.map(({ context }) => call(rule.update, context)) } : call(rule.updateAll, Object.defineProperties(options, Object.getOwnPropertyDescriptors(wholeContext(application, prepared, shared, dtype))));
  const whole = new Answer(rule.name, answers, rule.updateAll === undefined ? '' : `with 'each' and what parameters share`, ['each', ...shared.keys()]);
  const each = whole.list('each', targets.length);
  const state: (() => void)[] = [];
  for (const [k, { param, slots }] of prepared.entries()) {
    const answer = new Answer(rule.name, each[k], `with 'param' and each part of the state`, ['param', ...slots.keys()]);
    updates.set(param, answer.of('param', param));
    for (const [slot, { variable }] of slots) {
      const next = answer.of(slot, variable);
      state.push(() => updates.setState(variable, next, { slot: `${prefix}/${slot}`, of: param }));
    }
  }
  for (const add of state) add();
  for (const [slot, { variable }] of shared) updates.setState(variable, whole.of(slot, variable), { slot: `${prefix}/${slot}` });
  if (steps.variable !== undefined) updates.setState(steps.variable, steps.next(), { slot: `${prefix}/t` });
  return updates;
}

function call(rule: ((context: never) => unknown) | undefined, context: object): unknown {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- its keys are those of the target, and the names of slots, settings and hyperparameters
  return rule?.(context as never);
}

function prepare({ rule, prefix, hyperparameters, steps }: Application, { param, seen }: Target, shared: ReadonlyMap<string, Slot>): Prepared {
  const place = placeOf(param, steps);
  const options: Record<string, unknown> = { ...seen };
  for (const [name, given] of hyperparameters) {
    const value = given.at(place);
    options[name] = value === undefined ? undefined : toScalar(value, param.dtype);
  }
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- as in `call`
  const first = rule.state?.(param, options as never) ?? {};
  const slots = makeSlots(rule.name, first, param.dtype, ['param', 't', ...Object.keys(options), ...shared.keys()], (slot) => `${prefix}/${slot}/${param.name}`, () => steps.next());
  const context: object = {
    param,
    get t(): Expr {
      return toScalar(steps.next(), param.dtype);
    },
    ...options,
    ...Object.fromEntries([...shared].map(([name, slot]) => [name, toScalarIfOne(slot.seen, param.dtype)])),
    ...Object.fromEntries([...slots].map(([name, slot]) => [name, slot.seen])),
  };
  return { param, slots, context };
}

function toScalarIfOne(value: Expr, dtype: DType): Expr {
  return value.rank === 0 && value.dtype !== 'bool' ? toScalar(value, dtype) : value;
}

function placeOf(param: Variable, steps: StepCount): () => HyperparameterPlace {
  return () => ({
    param,
    get t(): Expr {
      return toScalar(steps.next(), 'float64');
    },
  });
}

/** What a rule over all variables sees beside their options: each, and what they share. */
function wholeContext({ steps }: Application, prepared: readonly Prepared[], shared: ReadonlyMap<string, Slot>, dtype: DType): object {
  return {
    each: prepared.map(({ context }) => context),
    get t(): Expr {
      return toScalar(steps.next(), dtype);
    },
    ...Object.fromEntries([...shared].map(([name, slot]) => [name, slot.seen])),
  };
}

/** Settings, and hyperparameters that are the same for all variables. */
function wholeOptions({ rule, hyperparameters, settings, targets, steps }: Application, dtype: DType): object {
  const options: object = Object.fromEntries(settings);
  for (const [name, given] of hyperparameters) {
    Object.defineProperty(options, name, {
      enumerable: true,
      get(): Expr | undefined {
        const values = targets.map(({ param }) => given.at(placeOf(param, steps)));
        const [first] = values;
        const other = values.findIndex((value) => value !== first);
        if (other >= 0) {
          const named = [targets[0], targets[other]].map((one) => one?.param.name).join(' and ');
          throw new OptimizerError(`${rule.name}: ${name} must be the same for all parameters, which share what depends on it, and differs between ${named}; give groups a rule each, by partition`);
        }
        return first === undefined ? undefined : toScalar(first, dtype);
      },
    });
  }
  return options;
}

/** What a rule has answered, read by name. */
class Answer {
  private readonly next: ReadonlyMap<string, unknown>;
  constructor(
    private readonly rule: string,
    answer: unknown,
    parts: string,
    names: readonly string[],
  ) {
    if (!isPlain(answer)) throw new OptimizerError(`${rule}: the update must answer a record ${parts}, not ${show(answer)}`);
    this.next = new Map<string, unknown>(Object.entries(answer));
    // What an option leaves out is undefined in the state and in the answer.
    const other = [...this.next].find(([name, value]) => value !== undefined && !names.includes(name))?.[0];
    if (other !== undefined) {
      throw new OptimizerError(`${rule}: the update answers '${other}', which is none of ${names.map((name) => `'${name}'`).join(', ')}; declare it in state, or leave it out`);
    }
  }

  list(name: string, length: number): readonly unknown[] {
    const value = this.next.get(name);
    if (!isList(value) || value.length !== length) throw new OptimizerError(`${this.rule}: the update must answer '${name}', a list of what each of the ${length} parameters becomes, not ${show(value)}`);
    return value;
  }

  /** What a variable becomes. */
  of(name: string, target: Variable): Expr {
    const value = this.next.get(name);
    if (value === undefined) throw new OptimizerError(`${this.rule}: the rule does not say what '${name}' becomes`);
    if (!(value instanceof Expr)) throw new OptimizerError(`${this.rule}: what '${name}' becomes must be an expression, not ${show(value)}`);
    if (value.dtype !== target.dtype) throw new DTypeError(`${this.rule}: the update of ${describe(target)} is ${value.dtype}`);
    // A part of the state may become one number; a parameter that does has lost an axis on the way.
    if (value.rank === 0 && name !== 'param') return broadcastTo(value, target.shape);
    if (!sameShape(value.shape, target.shape)) throw new ShapeError(`${this.rule}: the update of ${describe(target)} has the shape ${formatShape(value.shape)}${value.rank === 0 ? ', a single number; broadcastTo(value, param.shape) fills the variable with it' : ''}`);
    return value;
  }
}
