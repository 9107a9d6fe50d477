/** The tangents of a scan: one scan in the same direction, which carries the tangents of the carries beside them, and keeps nothing of its steps. */
import { topological } from '../graph/describe.js';
import { isFloat } from '../graph/dtype.js';
import type { Expr } from '../graph/expr.js';
import { closeScan, dependents, finalOf, placeholder, type Projection, stackOf, substitute } from '../graph/scan.js';
import { pushForward, zeroTangent } from './push-forward.js';

/** The tangents of projections of one run, given those of its operands; none of what does not move with them. */
export function scanTangents(projections: readonly Projection[], tangents: ReadonlyMap<Expr, Expr>): ReadonlyMap<Expr, Expr> {
  const [first] = projections;
  if (first === undefined || !first.args.some((arg) => tangents.has(arg))) return new Map();
  const { args, node: { scan } } = first;
  const leaves = [...scan.carries, ...scan.inputs, ...scan.constants];
  const operands = new Map(leaves.map((leaf, k) => [leaf, args[k] ?? leaf]));
  const operandOf = (leaf: Expr): Expr => operands.get(leaf) ?? leaf;
  const moved = movedCarries(scan.carries, scan.next, leaves.filter((leaf) => tangents.has(operandOf(leaf))));

  // The body beside its tangents, over placeholders for what is another one in each step.
  const seeds = new Map<Expr, Expr>();
  const beside = (leaf: Expr): Expr => placeholder('tangent', leaf.shape, leaf.dtype);
  const carried = scan.carries.flatMap((carry, k) => (moved.has(carry) && isFloat(carry.dtype) ? [{ k, carry, at: beside(carry) }] : []));
  const inputs = scan.inputs.flatMap((input) => {
    const value = tangents.get(operandOf(input));
    return value === undefined ? [] : [{ input, value, at: beside(input) }];
  });
  for (const { carry, at } of carried) seeds.set(carry, at);
  for (const { input, at } of inputs) seeds.set(input, at);
  const outside = new Map<Expr, Expr>();
  for (const constant of scan.constants) {
    const operand = operandOf(constant);
    outside.set(constant, operand);
    const tangent = tangents.get(operand);
    if (tangent !== undefined) seeds.set(constant, tangent);
  }
  const stacked = projections.flatMap(({ node }) => (node.result === 'stack' ? [node.of] : []));
  const within = pushForward([...scan.next, ...stacked], seeds);
  const wanted = stacked.filter((of) => within.has(of));
  const open = (exprs: readonly Expr[]): readonly Expr[] => substitute(exprs, outside);
  const next = open(scan.next);
  const nextTangents = open(carried.map(({ k, carry }) => within.get(scan.next[k] ?? carry) ?? zeroTangent(carry)));
  const closed = closeScan(
    {
      length: scan.length,
      reverse: scan.reverse,
      carries: [
        ...scan.carries.map((carry, k) => ({ placeholder: carry, initial: operandOf(carry), next: next[k] ?? carry })),
        ...carried.map(({ carry, at }, k) => ({ placeholder: at, initial: tangents.get(operandOf(carry)) ?? zeroTangent(carry), next: nextTangents[k] ?? at })),
      ],
      inputs: [
        ...scan.inputs.map((input) => ({ placeholder: input, value: operandOf(input) })),
        ...inputs.map(({ at, value }) => ({ placeholder: at, value })),
      ],
      rules: scan.rules,
    },
    open(wanted.map((of) => within.get(of) ?? of)),
  );
  const found = new Map<Expr, Expr>();
  for (const projection of projections) {
    const { node: { result, of } } = projection;
    const at = result === 'stack' ? wanted.indexOf(of) : carried.findIndex(({ carry }) => carry === of);
    if (at < 0) continue;
    found.set(projection, result === 'stack' ? stackOf(closed.run, closed.wanted[at] ?? of) : finalOf(closed.run, scan.carries.length + at));
  }
  return found;
}

/** The carries that are other ones where the leaves are: in some step, each by way of those before it. */
export function movedCarries(carries: readonly Expr[], next: readonly Expr[], leaves: readonly Expr[]): ReadonlySet<Expr> {
  const order = topological(next);
  const moved = new Set(leaves);
  for (let before = -1; before < moved.size; ) {
    before = moved.size;
    const reached = dependents(order, moved);
    for (const [k, carry] of carries.entries()) if (reached.has(next[k] ?? carry)) moved.add(carry);
  }
  return moved;
}
