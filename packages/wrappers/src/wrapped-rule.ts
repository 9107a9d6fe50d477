/** What all wrappers share: they take any rule and answer one that takes the same options, count steps, and name their state. */
import {
  type DType, Expr, gradients, type Hyperparameter, hyperparameter, isFloat, isNan, mergeUpdates, OptimizerError, type Range, show, StepCount, type Updates, type Variable, variable, type VariableValue, where,
} from '@pappus/core';
import { lossWithGradients } from './loss-with-gradients.js';

/** Any rule, be it of `defineOptimizer` or a function of one's own: what every variable becomes, from a loss or gradients, with options of its own. */
export type Rule<A extends readonly unknown[]> = (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], ...options: A) => Updates;

/** What a hyperparameter of a wrapper may be: a number, a scalar expression, or a function of the step count that answers one. */
export type WrapperHyperparameter = Hyperparameter | ((place: WrapperPlace) => Hyperparameter);

/** What a hyperparameter that is a function is asked for. */
export interface WrapperPlace {
  /** The number of this step, 1 in the first: a float64 scalar, which the host evaluates. */
  readonly t: Expr;
}

/** Options of every wrapper. */
export interface WrapperOptions {
  /** The first part of the names of the wrapper's state, as in `lookahead/slow/w`; behind the rule's `name` where that is given. Default: the wrapper's name. */
  readonly name?: string;
}

type AnyRule = Rule<readonly unknown[]>;

/** One call of a wrapped rule. */
export class WrappedCall {
  /** The first part of the state's names. */
  readonly prefix: string;
  private readonly steps: StepCount;
  private readonly kept: { readonly variable: Variable; readonly next: Expr; readonly slot: string; readonly of: Variable | undefined }[] = [];

  constructor(
    readonly wrapper: string,
    name: string,
    private readonly rule: AnyRule,
    readonly lossOrGrads: Expr | readonly Expr[],
    readonly params: readonly Variable[],
    private readonly options: readonly unknown[],
  ) {
    const outer = fieldOf(options[0], 'name');
    this.prefix = typeof outer === 'string' ? `${outer}/${name}` : name;
    const t = fieldOf(options[0], 't');
    // The rule checks what it is given.
    this.steps = new StepCount(this.prefix, isExpression(t) ? t : undefined);
  }

  /** The number of this step, 1 in the first, as the host has it: in float64. */
  get t(): Expr {
    return hyperparameter(this.steps.next(), 'float64', `${this.wrapper}: t`);
  }

  /** Whether this step is the last of `every` steps. It is counted in whole numbers, which are exact on a device, too. */
  isLastOf(every: number, after = 0): Expr {
    return this.steps.next().sub(after).mod(every).eq(0);
  }

  /** The gradients, of the loss or as given; NaN counts as 0 where the rule's options say so, before anything is kept of it. */
  gradients(lossOrGrads = this.lossOrGrads): readonly Expr[] {
    const grads = gradients(lossOrGrads, this.params, this.wrapper);
    return fieldOf(this.options[0], 'clearNan') === true ? grads.map((g) => where(isNan(g), 0, g)) : grads;
  }

  /** The rule's updates by what it was called with. `change` is laid over its options. */
  apply(lossOrGrads = this.lossOrGrads, change: object = {}): Updates {
    const [first, ...rest] = this.options;
    const some = Object.keys(change).length > 0;
    const given = some ? [typeof first === 'object' && first !== null ? { ...first, ...change } : change, ...rest] : this.options;
    return mergeUpdates(this.rule(lossOrGrads, this.params, ...given));
  }

  /** The rule's updates by other gradients of the same loss, which rules that need it find where it was given. */
  applyGradients(grads: readonly Expr[]): Updates {
    return this.apply(isList(this.lossOrGrads) ? grads : lossWithGradients(this.lossOrGrads, this.params, grads));
  }

  /** A variable of the wrapper's state. */
  state(slot: string, value: VariableValue, of?: Variable, dtype?: DType): Variable {
    return variable(value, { name: of === undefined ? `${this.prefix}/${slot}` : `${this.prefix}/${slot}/${of.name}`, ...(dtype === undefined ? {} : { dtype }) });
  }

  /** Says what a variable of the wrapper's state becomes. */
  keep(kept: Variable, next: Expr, slot: string, of?: Variable): void {
    this.kept.push({ variable: kept, next, slot, of });
  }

  /** A hyperparameter of the wrapper as a scalar. `t` where a function does not count by the wrapper's steps. */
  scalar(value: WrapperHyperparameter, name: string, dtype: DType, bounds: Range, t = (): Expr => this.t): Expr {
    return hyperparameter(typeof value === 'function' ? value({ t: t() }) : value, dtype, `${this.wrapper}: ${name}`, bounds);
  }

  /**
   * The updates with the wrapper's state.
   *
   * @throws {OptimizerError} if the rule has state of the same name, as where a wrapper goes over itself
   */
  finish(updates: Updates): Updates {
    const names = new Set([...updates.keys()].map(({ name }) => name));
    const { variable: count } = this.steps;
    if (count !== undefined) this.keep(count, this.steps.next(), 't');
    for (const { variable: kept, next, slot, of } of this.kept) {
      if (names.has(kept.name)) throw new OptimizerError(`${this.wrapper}: two variables would be named ${kept.name}; give this one another name, as in ${this.wrapper}(rule, { name: 'outer' })`);
      updates.setState(kept, next, { slot: `${this.prefix}/${slot}`, ...(of === undefined ? {} : { of }) });
    }
    return updates;
  }

  /** The parameters with what they become, but for those that stay, as in a group without a rule. */
  *moved(updates: Updates): Generator<readonly [param: Variable, next: Expr, k: number]> {
    for (const [k, param] of this.params.entries()) {
      const next = updates.get(param);
      if (next !== undefined) yield [param, next, k];
    }
  }
}

/** A rule that does what `make` says, and takes the options of another. */
export function wrap<A extends readonly unknown[]>(wrapper: string, name: string | undefined, rule: Rule<A>, make: (call: WrappedCall) => Updates): Rule<A>;
export function wrap(wrapper: string, name: string | undefined, rule: AnyRule, make: (call: WrappedCall) => Updates): AnyRule {
  checkRule(wrapper, rule);
  if (name === '') throw new OptimizerError(`${wrapper}: the option name must be a text of at least one letter`);
  return (lossOrGrads, params, ...options) => {
    const call = new WrappedCall(wrapper, name ?? wrapper, rule, lossOrGrads, params, options);
    return call.finish(make(call));
  };
}

/** @throws {OptimizerError} if it is no function */
export function checkRule(wrapper: string, rule: unknown): void {
  if (typeof rule !== 'function') throw new OptimizerError(`${wrapper}: takes a rule, such as adam, not ${show(rule)}; its options are given where ${wrapper}(rule, ...) is called`);
}

/** Whether a gradient may be taken of what was given. */
export function isList(lossOrGrads: Expr | readonly Expr[]): lossOrGrads is readonly Expr[] {
  return Array.isArray(lossOrGrads);
}

/** @throws {OptimizerError} if gradients are given where the loss itself is needed */
export function lossOf(call: WrappedCall, why: string): Expr {
  if (isList(call.lossOrGrads)) throw new OptimizerError(`${call.wrapper}: needs the loss itself, ${why}; call it with the loss, not with gradients`);
  return call.lossOrGrads;
}

/** The dtype in which what all parameters share is computed. */
export function widestOf(params: readonly Variable[]): DType {
  return params.some(({ dtype }) => dtype === 'float64') || !params.some(({ dtype }) => isFloat(dtype)) ? 'float64' : 'float32';
}

function isExpression(value: unknown): value is Expr {
  return value instanceof Expr;
}

function fieldOf(options: unknown, name: 'name' | 't' | 'clearNan'): unknown {
  return typeof options === 'object' && options !== null && name in options ? Reflect.get(options, name) : undefined;
}
