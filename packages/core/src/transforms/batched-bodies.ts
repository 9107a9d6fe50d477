/** Batches of what has an inside: a scan whose steps take all examples, a body that is computed again for all, a gradient of one's own for each. */
import { construct, size as sizeOf } from '../graph/construct.js';
import type { Dimension } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import type { CustomVjp, Node } from '../graph/node.js';
import { closeScan, finalOf, placeholder, type Projection, stackOf, substitute } from '../graph/scan.js';
import { customNode, customVjp } from '../gradients/custom.js';
import { type RematBody, rematBody, type RematResult } from '../gradients/remat.js';
import { mul } from '../operations/elementwise.js';
import { broadcastTo } from '../operations/movement.js';
import { sum } from '../operations/reductions.js';
import { type Batch, batched, inBatch, moveAxis } from './batched.js';
import { movedCarries } from './scan-tangents.js';

type Found = ReadonlyMap<Expr, Expr>;

/** What stands for the same of every example. */
function placeholderOfMany(leaf: Expr, size: Dimension): Expr {
  return placeholder(leaf.node.kind === 'placeholder' ? leaf.node.name : 'batch', [size, ...leaf.shape], leaf.dtype);
}

/** The projections of one run over a batch: every step takes all examples. */
export function batchedRun(projections: readonly Projection[], found: Found, size: Dimension): ReadonlyMap<Expr, Expr> {
  const [first] = projections;
  if (first === undefined) return new Map();
  const { args, node: { scan } } = first;
  const leaves = [...scan.carries, ...scan.inputs, ...scan.constants];
  const operands = new Map(leaves.map((leaf, k) => [leaf, args[k] ?? leaf]));
  const operandOf = (leaf: Expr): Expr => operands.get(leaf) ?? leaf;
  const isMany = movedCarries(scan.carries, scan.next, leaves.filter((leaf) => found.has(operandOf(leaf))));

  // The body over all examples; what is the same for all keeps its placeholder.
  const within = new Map<Expr, Expr>();
  for (const leaf of [...scan.carries, ...scan.inputs]) if (isMany.has(leaf)) within.set(leaf, placeholderOfMany(leaf, size));
  const outside = new Map<Expr, Expr>();
  for (const constant of scan.constants) {
    const operand = operandOf(constant);
    outside.set(constant, operand);
    const many = found.get(operand);
    if (many !== undefined) within.set(constant, many);
  }
  const stacked = projections.flatMap(({ node }) => (node.result === 'stack' ? [node.of] : []));
  const inside = batched([...scan.next, ...stacked], { mapped: within, size });
  const open = (expr: Expr): Expr => substitute([inside.get(expr) ?? expr], outside)[0] ?? expr;
  const carries = scan.carries.map((carry, k) => {
    const next = scan.next[k] ?? carry;
    const at = within.get(carry);
    if (at === undefined) return { placeholder: carry, initial: operandOf(carry), next: open(next) };
    return { placeholder: at, initial: inBatch(operandOf(carry), found, size), next: inside.has(next) ? open(next) : broadcastTo(open(next), at.shape) };
  });
  const inputs = scan.inputs.map((input) => {
    const many = found.get(operandOf(input));
    return many === undefined ? { placeholder: input, value: operandOf(input) } : { placeholder: within.get(input) ?? input, value: moveAxis(many, 0, 1) };
  });
  const { run, wanted } = closeScan({ length: scan.length, reverse: scan.reverse, carries, inputs, rules: scan.rules }, stacked.map(open));
  return new Map(projections.map((projection): [Expr, Expr] => {
    const { node: { result, of }, shape } = projection;
    const isBatched = inside.has(of);
    const value = result === 'final' ? finalOf(run, scan.carries.indexOf(of)) : stackOf(run, wanted[stacked.indexOf(of)] ?? of);
    if (!isBatched) return [projection, broadcastTo(value, [size, ...shape])];
    return [projection, result === 'final' ? value : moveAxis(value, 1, 0)];
  }));
}

/** The body of a result over a batch, of which the gradient computes all examples again. */
export function batchedBody({ node: { body }, args }: RematResult, found: Found, size: Dimension): RematBody {
  const operands = args.slice(body.results.length);
  const within = new Map<Expr, Expr>();
  const leavesOf = (leaves: readonly Expr[], from: number): readonly Expr[] =>
    leaves.map((leaf, k) => {
      if (!found.has(operands[from + k] ?? leaf)) return leaf;
      const many = placeholderOfMany(leaf, size);
      within.set(leaf, many);
      return many;
    });
  const [inputs, constants] = [leavesOf(body.inputs, 0), leavesOf(body.constants, body.inputs.length)];
  const inside = batched(body.results, { mapped: within, size });
  return rematBody(inputs, constants, body.results.map((result) => inBatch(result, inside, size)), body.rules);
}

/** The value over a batch, whose gradient is that of each example; of an operand that is the same for all, their sum. */
export function batchedCustom(node: Extract<Node, { kind: 'customGradient' }>, expr: Expr, found: Found, { mapped, size }: Batch): Expr {
  const [value = expr, ...operands] = expr.args;
  const isMany = operands.map((operand) => found.has(operand));
  const vjp: CustomVjp = (cotangent, given) => {
    // The function itself is asked for one example, whose cotangents are batched in turn.
    const one = placeholder('cotangent', expr.shape, expr.dtype);
    const within = new Map([...mapped, [one, cotangent] as const]);
    const examples = operands.map((operand, k) => {
      const many = given[k] ?? operand;
      if (isMany[k] !== true) return many;
      const example = placeholder('operand', operand.shape, operand.dtype);
      within.set(example, many);
      return example;
    });
    const pulled = customVjp(node, construct(node, [value, ...examples], expr.shape, expr.dtype), one);
    const all = batched(pulled.flatMap((g) => g ?? []), { mapped: within, size });
    return pulled.map((g, k) => {
      if (g === null || isMany[k] === true) return g === null ? null : inBatch(g, all, size);
      const many = all.get(g);
      return many === undefined ? mul(g, sizeOf(size, g.dtype)) : sum(many, 0);
    });
  };
  const windows = node.windows === undefined || isMany[0] !== true ? node.windows : { ...node.windows, spans: node.windows.spans.map(([axis, span]) => [axis + 1, span] as const) };
  return customNode(inBatch(value, found, size), operands.map((operand) => found.get(operand) ?? operand), vjp, `${node.key} of each of ${String(size)}, ${isMany.join()}`, windows);
}
