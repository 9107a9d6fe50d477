/** What variables become in a step: an ordered map that knows parameters from state. */
import { isExpr } from '../graph/brand.js';
import { GraphError, OptimizerError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { show } from '../arguments/show.js';
import type { Variable } from '../values/variable.js';

/** Whose state a variable is. */
export interface StateRole {
  /** What a rule calls it, behind the rule's name: `adam/m`. */
  readonly slot: string;
  /** The variable that it is kept for. Default: it is shared by all. */
  readonly of?: Variable;
}

/** New values by variable, in insertion order. All of them see the values from before the step. */
export class Updates extends Map<Variable, Expr> {
  private readonly stateKeys = new Map<Variable, StateRole | undefined>();

  /** The keys that are parameters: all that were not added as state. */
  get params(): readonly Variable[] {
    return [...this.keys()].filter((key) => !this.stateKeys.has(key));
  }

  /** The keys that are an optimizer's state. */
  get state(): readonly Variable[] {
    return [...this.keys()].filter((key) => this.stateKeys.has(key));
  }

  /** Says what a parameter becomes. Transforms, such as momentum, cover parameters. */
  setParam(variable: Variable, value: Expr): this {
    this.stateKeys.delete(variable);
    return this.set(variable, value);
  }

  /** Says what a part of an optimizer's state becomes. Transforms leave it alone unless it is named. */
  setState(variable: Variable, value: Expr, role?: StateRole): this {
    this.stateKeys.set(variable, role ?? this.stateKeys.get(variable));
    return this.set(variable, value);
  }

  /** Whose state a variable is; undefined if it is no state, or nobody said. */
  roleOf(variable: Variable): StateRole | undefined {
    return this.stateKeys.get(variable);
  }

  /**
   * Finds a part of the state: of a parameter by its name in the rule, as `updates.slot(w, 'm')`, or what all parameters share, as
   * `updates.slot('t')`. Where several rules have the name it is written with the rule's before it, as `'adam/m'`.
   *
   * @throws {OptimizerError} if there is none of that name, or more than one; the message says which there are
   */
  slot(name: string): Variable;
  slot(of: Variable, name: string): Variable;
  slot(...given: readonly [string] | readonly [Variable, string]): Variable {
    const [of, name] = given.length === 1 ? [undefined, given[0]] : given;
    const whose = of === undefined ? 'shared state' : `state of ${nameOf(of)}`;
    const all = [...this.stateKeys].flatMap(([variable, role]) => (role !== undefined && role.of === of ? [{ variable, slot: role.slot }] : []));
    const found = all.filter(({ slot }) => slot === name || slot.endsWith(`/${name}`));
    const [first, second] = found;
    const list = (some: readonly { readonly slot: string }[]): string => some.map(({ slot }) => slot).join(', ');
    if (first === undefined) throw new OptimizerError(`updates: there is no ${whose} named ${show(name)}; ${all.length === 0 ? 'there is none at all' : `there is ${list(all)}`}`);
    if (second !== undefined) throw new OptimizerError(`updates: several parts of the ${whose} are named ${show(name)}: ${list(found)}; write the rule's name before it`);
    return first.variable;
  }

  /** A copy in which every variable becomes something else; what is state stays state. */
  mapValues(change: (next: Expr, variable: Variable) => Expr): Updates {
    const changed = new Updates();
    for (const [variable, next] of this) changed.take(this, variable, change(next, variable));
    return changed;
  }

  /** @internal Sets a variable in the role that it has in other updates. */
  take(from: Updates, variable: Variable, value: Expr): void {
    if (from.stateKeys.has(variable)) this.setState(variable, value, from.stateKeys.get(variable));
    else this.setParam(variable, value);
  }

  /**
   * Changes what a variable becomes, such as to constrain it.
   *
   * @throws {OptimizerError} if the variable is not among the updates
   * @example updates.modify(w, (next) => next.maximum(0));
   */
  modify(variable: Variable, change: (next: Expr) => Expr): this {
    const next = this.get(variable);
    if (next === undefined) throw new OptimizerError(`${nameOf(variable)} is not among the updates, and cannot be modified`);
    return this.set(variable, change(next));
  }

  /** Takes everything out. */
  override clear(): void {
    this.stateKeys.clear();
    super.clear();
  }

  /** Takes a variable out; answers whether it was there. */
  override delete(variable: Variable): boolean {
    this.stateKeys.delete(variable);
    return super.delete(variable);
  }
}

function nameOf(variable: unknown): string {
  return isExpr(variable, 'updates') && variable.node.kind === 'variable' ? variable.node.name : show(variable);
}

/**
 * Several updates as one.
 *
 * @throws {OptimizerError} if a variable is in two of them, which the message names
 * @throws {GraphError} if one is no Map, or a key is no variable
 */
export function mergeUpdates(...all: readonly ReadonlyMap<Variable, Expr>[]): Updates {
  const merged = new Updates();
  for (const updates of all) {
    if (!isMap(updates)) throw notUpdates(updates, 'mergeUpdates');
    for (const [variable, value] of updates) {
      const target: unknown = variable;
      if (!isExpr(target, 'updates') || target.node.kind !== 'variable') throw new GraphError('updates: a key is no variable; make it with variable(value)');
      if (merged.has(variable)) {
        throw new OptimizerError(`the variable ${nameOf(variable)} is updated twice; a step gives each variable one new value`);
      }
      if (updates instanceof Updates) merged.take(updates, variable, value);
      else merged.setParam(variable, value);
    }
  }
  return merged;
}

/**
 * Asserts that it is what a rule answered, whose state is known by name.
 *
 * @param where the function that was called, for messages
 * @throws {OptimizerError} if it is none
 */
export function requireUpdates(value: unknown, where: string): void {
  if (!reading(where, OptimizerError, () => value instanceof Updates)) throw new OptimizerError(`${where}: takes the updates that a rule answered, not ${show(value)}`);
}

/** Whether it is a Map, of whichever realm; a proxy that throws is none. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  try {
    return value instanceof Map || Object.prototype.toString.call(value) === '[object Map]';
  } catch {
    return false;
  }
}

/** The error of what is given for updates and is none. */
export function notUpdates(value: unknown, where = 'updates'): GraphError {
  const given = show(value);
  const pairs = given.startsWith('an array') ? '; make a Map of pairs, as in new Map([[w, w.sub(step)]])' : '';
  return new GraphError(`${where}: takes what a rule answers, a Map of variables to what they become, or a list of these, not ${given}${pairs}`);
}
