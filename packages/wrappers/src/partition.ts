/** Groups of parameters with a rule each, as one rule. */
import { type CommonOptions, checkOptions, describe, type Expr, gradients, mergeUpdates, option, OptimizerError, show, StepCount, Updates, type Variable } from '@pappus/core';
import { lossWithGradients } from './loss-with-gradients.js';
import { isList } from './wrapped-rule.js';

/** Which parameters are meant: these, those for which a function answers true, or those whose names match a pattern. */
export type Selector = readonly Variable[] | ((param: Variable) => boolean) | RegExp;

/** A group of parameters: who is in it, and the rule that moves them, whose options are `O`. */
export type RuleGroup<O> = {
  /** The parameters. Default: all that no group before has taken. */
  readonly params?: Selector;
  /** The rule. Default: none; the parameters stay as they are, and no gradient of theirs is computed. */
  readonly rule?: (lossOrGrads: never, params: never, options: O) => Updates;
  /** The rule's options. A function among those of a rule that is wrapped on the spot says its types, as in `({ t }: HyperparameterPlace) => ...`. */
  readonly options?: NonNullable<O>;
};

/** Options of `partition`. */
export interface PartitionOptions {
  /** Changes the gradients of all groups together before their rules see them, as in `(grads) => clipByGlobalNorm(grads, 1)`. */
  readonly gradients?: (grads: readonly Expr[], params: readonly Variable[]) => readonly Expr[];
}

/** A group as it is read. */
interface Group {
  readonly name: string;
  readonly params: Selector | undefined;
  readonly rule: ((lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], options: object) => Updates) | undefined;
  readonly options: object;
}

/**
 * Rules by parameter, as one rule: the first group that takes a parameter has it, and a group without a rule is frozen. Gradients are
 * taken once for all, so that a loss with a `scan` runs backwards once, and one count of steps is for all.
 *
 * A group has `params`, a list of variables, a function such as `(p) => p.rank > 1`, or a pattern that is looked for in names, and
 * without it takes all that is left; `rule`, which may be wrapped; and `options`, those of the rule, schedules included.
 *
 * Each rule gets `name` and `t` among its options, as rules of `defineOptimizer` take them: its state is named by the group, as
 * `matrices/m/w1`, and the count is `partition/t`. The options of the call are those that every rule takes, for all groups; a `name`
 * stands before the names of groups. A rule that reads the loss gets it.
 *
 * Optax has this as `multi_transform` (`optax.transforms.partition`), torch as parameter groups.
 *
 * @param groups by name, in the order in which they take parameters
 * @throws {OptimizerError} if a parameter is in no group, a group takes none, or a list has a variable that is no parameter or that a
 * group before has taken
 * @example
 * const rule = partition({
 *   frozen: { params: /^embedding/ },
 *   matrices: { params: (p) => p.rank > 1, rule: momentum, options: { learningRate: 0.02 } },
 *   rest: { rule: adam, options: { learningRate: 1e-3 } },
 * });
 * const updates = rule(loss, params);
 */
export function partition<const O extends Readonly<Record<string, unknown>>>(
  groups: { readonly [K in keyof O]: RuleGroup<O[K]> },
  options?: PartitionOptions,
): (lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], options?: CommonOptions) => Updates {
  const { gradients: change } = checkOptions('partition', options, { gradients: { wanted: 'a function of gradients', takes: (value) => typeof value === 'function' } });
  const list = readGroups(groups);
  return (lossOrGrads, params, common = {}) => {
    const { name = 'partition', t, ...others } = checkOptions('partition', common, { clearNan: option.flag, maximize: option.flag, name: option.text, t: option.unchecked });
    const taken = assign(list, params);
    const moved = params.filter((param) => list.some(({ name: of, rule }) => rule !== undefined && taken.get(param) === of));
    const grads = gradientsOf(lossOrGrads, params, moved);
    const changed = change === undefined ? grads : change(grads, moved);
    if (changed.length !== moved.length) throw new OptimizerError(`partition: the option gradients must answer a gradient for each of ${moved.length} parameters, not ${changed.length}`);
    const steps = new StepCount(name, t);
    const all = list.map((group) => {
      const own = moved.filter((param) => taken.get(param) === group.name);
      if (group.rule === undefined || own.length === 0) return new Updates();
      const ownGrads = changed.filter((_, k) => taken.get(moved[k] ?? group) === group.name);
      const given = isList(lossOrGrads) ? ownGrads : lossWithGradients(lossOrGrads, own, ownGrads);
      const prefix = common.name === undefined ? group.name : `${name}/${group.name}`;
      return group.rule(given, own, { ...others, name: prefix, t: steps.next(), ...group.options });
    });
    const updates = mergeUpdates(...all);
    return steps.variable === undefined ? updates : updates.setState(steps.variable, steps.next(), { slot: `${name}/t` });
  };
}

/** The gradients of those that are not frozen. */
function gradientsOf(lossOrGrads: Expr | readonly Expr[], params: readonly Variable[], moved: readonly Variable[]): readonly Expr[] {
  if (!isList(lossOrGrads)) return gradients(lossOrGrads, moved, 'partition');
  const all = gradients(lossOrGrads, params, 'partition');
  return all.filter((_, k) => moved.some((param) => param === params[k]));
}

function readGroups(groups: unknown): readonly Group[] {
  const example = 'as in { matrices: { params: (p) => p.rank > 1, rule: muon }, rest: { rule: adam } }';
  if (!isRecord(groups)) throw new OptimizerError(`partition: takes groups by name, ${example}, not ${show(groups)}`);
  return entriesOf(groups).map(([name, group]) => {
    if (!isRecord(group)) throw new OptimizerError(`partition: the group ${name} must be a record of params, rule and options, not ${show(group)}`);
    for (const key of Object.keys(group)) if (!['params', 'rule', 'options'].includes(key)) throw new OptimizerError(`partition: the group ${name} has params, rule and options, and no ${show(key)}`);
    const { params, rule, options = {} } = group;
    if (params !== undefined && !isSelector(params)) throw new OptimizerError(`partition: the params of the group ${name} must be a list of variables, a function or a pattern, not ${show(params)}`);
    if (rule !== undefined && !isRule(rule)) throw new OptimizerError(`partition: the rule of the group ${name} must be a rule, such as adam, not ${show(rule)}`);
    if (typeof options !== 'object' || options === null) throw new OptimizerError(`partition: the options of the group ${name} must be those of its rule by name, not ${show(options)}`);
    if (rule === undefined && group['options'] !== undefined) throw new OptimizerError(`partition: the group ${name} has options and no rule; without a rule it is frozen`);
    return { name, params, rule, options };
  });
}

/** @throws {OptimizerError} if what reads a group throws */
function entriesOf(groups: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(groups);
  } catch (error) {
    throw new OptimizerError('partition: the groups could not be read', { cause: error });
  }
}

/** The group of each parameter. */
function assign(groups: readonly Group[], params: readonly Variable[]): ReadonlyMap<unknown, string> {
  const taken = new Map<unknown, string>();
  for (const { name, params: selector } of groups) {
    if (isListed(selector)) {
      for (const listed of selector) {
        if (!params.includes(listed)) throw new OptimizerError(`partition: the group ${name} lists ${describe(listed)}, which is none of the parameters`);
        const other = taken.get(listed);
        if (other !== undefined) throw new OptimizerError(`partition: the group ${name} lists ${listed.name}, which the group ${other} has taken; take it out of one of the two groups`);
      }
    }
    const own = params.filter((param) => !taken.has(param) && selects(selector, param));
    if (own.length === 0) throw new OptimizerError(`partition: the group ${name} takes none of the parameters ${params.map((param) => param.name).join(', ')}; those before it have taken them, or its params say others`);
    for (const param of own) taken.set(param, name);
  }
  const left = params.filter((param) => !taken.has(param)).map((param) => param.name);
  if (left.length > 0) throw new OptimizerError(`partition: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} in no group; add a group without params, which takes all that is left`);
  return taken;
}

function selects(selector: Selector | undefined, param: Variable): boolean {
  if (selector === undefined) return true;
  if (typeof selector === 'function') return selector(param);
  // Not `test`, which remembers where it was.
  return isPattern(selector) ? param.name.search(selector) >= 0 : selector.includes(param);
}

function isListed(selector: Selector | undefined): selector is readonly Variable[] {
  return Array.isArray(selector);
}

function isPattern(selector: readonly Variable[] | RegExp): selector is RegExp {
  return selector instanceof RegExp;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    // A proxy may throw anything, and is no record then.
    Object.keys(value);
    return true;
  } catch {
    return false;
  }
}

function isSelector(value: unknown): value is Selector {
  try {
    return typeof value === 'function' || value instanceof RegExp || Array.isArray(value);
  } catch {
    return false;
  }
}

function isRule(value: unknown): value is NonNullable<Group['rule']> {
  return typeof value === 'function';
}
