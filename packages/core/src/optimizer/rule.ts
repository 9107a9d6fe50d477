/**
 * What optimizers and transforms of updates share: a rule over one variable is asked for each, its state is made and
 * named, the steps are counted, and its answers are checked.
 */
import { describe } from '../graph/describe.js';
import { DTypeError, OptimizerError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { type Hyperparameter, toScalar } from './hyperparameter.js';
import { broadcastTo } from '../operations/movement.js';
import { isPlain } from '../arguments/options.js';
import { formatShape, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import type { Updates } from './updates.js';
import { type Variable, variable, type VariableValue } from '../values/variable.js';

/** What a variable and each part of its state, by name, become. */
export type RuleAnswer<S extends string> = {
  /** What the variable becomes: of its shape and dtype, or a scalar. */
  readonly param: Expr;
} & Readonly<Record<S, Expr>>;

/** A rule over one variable: its state, by name, and what it and its state become. `C` is what it sees. */
export interface Rule<C, S extends string> {
  /** The rule's name: the first part of its state's names, as in `adam/m/w`, and in messages. */
  readonly name: string;
  /** First values of what is kept for a variable between steps, by name. Default: nothing is kept. */
  readonly state?: (param: Variable) => Readonly<Record<S, VariableValue>>;
  /** What the variable and each part of its state become in a step. */
  readonly update: (context: C) => RuleAnswer<S>;
}

/** A variable and what its rule sees of it, beside its state and the hyperparameters. */
export interface Target {
  readonly param: Variable;
  readonly seen: Readonly<Record<string, Expr>>;
}

/**
 * Adds what a rule answers to `updates`: first what the targets become, then their state, then the step count.
 *
 * @param prefix the first part of the state's names
 */
export function applyRule<C, S extends string>(
  rule: Rule<C, S>,
  prefix: string,
  hyperparameters: ReadonlyMap<string, Hyperparameter>,
  targets: readonly Target[],
  updates: Updates,
): Updates {
  const steps = new StepCount(prefix);
  const stateUpdates: [Variable, Expr][] = [];
  for (const { param, seen } of targets) {
    const initial: Partial<Readonly<Record<S, VariableValue>>> = rule.state?.(param) ?? {};
    if (!isPlain(initial)) throw new OptimizerError(`${rule.name}: the state must be a record of first values by name, not ${show(initial)}`);
    const slots = new Map<string, Variable>();
    for (const [slot, value] of Object.entries<VariableValue | undefined>(initial)) {
      if (value !== undefined) slots.set(slot, variable(value, { name: `${prefix}/${slot}/${param.name}` }));
    }
    const context: object = {
      param,
      get t(): Expr {
        return toScalar(steps.next(), param.dtype);
      },
      ...seen,
      ...Object.fromEntries(slots),
      ...Object.fromEntries([...hyperparameters].map(([name, value]) => [name, toScalar(value, param.dtype)])),
    };
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- its keys are those of the target, and the names of slots and hyperparameters
    const answer: unknown = rule.update(context as C);
    if (!isPlain(answer)) throw new OptimizerError(`${rule.name}: the update must answer a record with 'param' and each part of the state, not ${show(answer)}`);
    const next = new Map<string, unknown>(Object.entries(answer));
    const become = (target: Variable, slot: string): Expr => {
      const value = next.get(slot);
      if (value === undefined) throw new OptimizerError(`${rule.name}: the rule does not say what '${slot}' becomes`);
      if (!(value instanceof Expr)) throw new OptimizerError(`${rule.name}: what '${slot}' becomes must be an expression, not ${show(value)}`);
      return asUpdateOf(target, value, rule.name);
    };
    updates.set(param, become(param, 'param'));
    for (const [slot, target] of slots) stateUpdates.push([target, become(target, slot)]);
  }
  for (const [target, value] of stateUpdates) updates.setState(target, value);
  if (steps.variable !== undefined) updates.setState(steps.variable, steps.next());
  return updates;
}

/** The count of steps, a variable that exists once a rule asks for it. */
class StepCount {
  variable: Variable | undefined;
  constructor(private readonly prefix: string) {}

  /** The number of this step: 1 in the first. The count ends at the largest int32, where no correction of a bias is left to be made. */
  next(): Expr {
    this.variable ??= variable(0, { name: `${this.prefix}/t`, dtype: 'int32' });
    return this.variable.minimum(2 ** 31 - 2).add(1);
  }
}

function asUpdateOf(target: Variable, value: Expr, rule: string): Expr {
  if (value.dtype !== target.dtype) throw new DTypeError(`${rule}: the update of ${describe(target)} is ${value.dtype}`);
  if (value.rank === 0) return broadcastTo(value, target.shape);
  if (!sameShape(value.shape, target.shape)) throw new ShapeError(`${rule}: the update of ${describe(target)} has the shape ${formatShape(value.shape)}`);
  return value;
}
