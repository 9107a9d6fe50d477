/**
 * What is needed only where a condition of the host holds, as in every tenth step: what a variable becomes, where it stays what it is
 * otherwise, and whatever only one branch of a `where` needs. What depends on tensors is no such condition, and both branches are computed; so
 * are those of a condition that holds in one step alone, but for the branch of that step.
 */
import { ALWAYS, both, type Condition, Conditions, either, isAlways, negated, NEVER } from '../kernels/condition.js';
import { append } from '../lists/multimap.js';
import { scalarUnder } from '../lower/graph.js';
import type { LoweredComputation } from '../lower/lower.js';
import type { LoweredScan, Tensor } from '../lower/tensor.js';
import { isHosted, reachable, withoutReshapes } from './realize.js';

/** What a leaf becomes. */
export interface Assignment {
  readonly target: Tensor;
  /** The scalar of the host without which it stays what it is; undefined if it is always written. */
  readonly when?: number | undefined;
}

export interface Demand {
  readonly updates: readonly (Assignment & { readonly value: Tensor })[];
  /** The scalar of the host without which nobody needs a tensor; undefined of one that is always needed. */
  readonly whenOf: (tensor: Tensor) => number | undefined;
}

export function demand({ graph, outputs, updates }: Pick<LoweredComputation, 'graph' | 'outputs' | 'updates'>): Demand {
  const conditions = new Conditions(graph.host);
  /** The condition on which a tensor is its second operand, if the host knows. */
  const choiceOf = ({ op, args: [condition] }: Tensor): Condition | undefined => {
    if (op.kind !== 'elementwise' || op.op !== 'where' || condition === undefined) return undefined;
    const scalar = scalarUnder(condition);
    return scalar?.op.kind === 'host' ? conditions.of(scalar.op.index) : undefined;
  };

  const guarded = updates.map(({ target, value }) => {
    const { condition, changed } = changeOf(value, target);
    if (isAlways(conditions.mostly(condition)) || changed === undefined || isHosted(withoutReshapes(changed))) return { target, value, condition: ALWAYS };
    return { target, value: changed, condition };
  });

  /** When a leaf becomes something else than it is, and what that is then. */
  function changeOf(root: Tensor, target: Tensor): Change {
    const known = new Map<Tensor, Change>();
    const visit = (value: Tensor): Change => {
      const plain = withoutReshapes(value);
      const change = known.get(plain) ?? branches(plain);
      known.set(plain, change);
      return change;
    };
    const branches = (plain: Tensor): Change => {
      if (plain === target) return { condition: NEVER, changed: undefined };
      const choice = choiceOf(plain);
      const [selector, yes, no] = plain.args;
      if (choice === undefined || selector === undefined || yes === undefined || no === undefined) return { condition: ALWAYS, changed: plain };
      const [a, b] = [visit(yes), visit(no)];
      const condition = either(both(choice, a.condition), both(negated(choice), b.condition));
      if (isAlways(condition)) return { condition, changed: plain };
      if (a.changed === undefined || b.changed === undefined) return { condition, changed: a.changed ?? b.changed };
      const shaped = [a.changed, b.changed].map((branch) => graph.reshape(branch, plain.shape));
      return { condition, changed: graph.elementwise('where', [selector, ...shaped], plain.dtype) };
    };
    return visit(root);
  }

  const order = reachable([...outputs, ...guarded.map(({ value }) => value)]);
  const needed = new Map<Tensor, Condition>();
  const need = (tensor: Tensor, condition: Condition): void => {
    needed.set(tensor, either(needed.get(tensor) ?? NEVER, condition));
  };
  const runs = new Map<LoweredScan, Tensor[]>();
  for (const tensor of order) if (tensor.op.kind === 'scan') append(runs, tensor.op.scan, tensor);
  for (const tensor of outputs) need(tensor, ALWAYS);
  for (const { value, condition } of guarded) need(value, condition);
  for (const tensor of order.reverse()) {
    // All that is wanted of a scan is computed by one run of it. Its results were made one after the other: nothing between them needs any.
    const results = tensor.op.kind === 'scan' ? (runs.get(tensor.op.scan) ?? []) : [tensor];
    const own = results.reduce<Condition>((all, result) => either(all, needed.get(result) ?? NEVER), NEVER);
    for (const result of results) needed.set(result, own);
    const choice = choiceOf(tensor);
    for (const [k, arg] of tensor.args.entries()) need(arg, choice === undefined || k === 0 ? own : both(own, conditions.mostly(k === 1 ? choice : negated(choice))));
  }

  return {
    updates: guarded.map(({ target, value, condition }) => ({ target, value, when: conditions.indexOf(condition) })),
    whenOf: (tensor) => conditions.indexOf(needed.get(tensor) ?? ALWAYS),
  };
}

/** When a variable becomes something else, and what: undefined if never. */
interface Change {
  readonly condition: Condition;
  readonly changed: Tensor | undefined;
}
