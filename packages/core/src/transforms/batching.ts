/**
 * Graphs over many examples at once: what an expression of one example is for all of them, along a new first axis. A rule for each kind of
 * node; what depends on no example stays as it is.
 */
import { construct, iota, size } from '../graph/construct.js';
import { describe, topological } from '../graph/describe.js';
import { type Dimension, multiplyDimensions } from '../graph/dimension.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { Node } from '../graph/node.js';
import { customNode } from '../gradients/custom.js';
import { isProjection, placeholder, type Projection, projectionsByRun, runKey } from '../graph/scan.js';
import { add, ge, lt, mul, where } from '../operations/elementwise.js';
import { gatherNode, scatterNode } from '../operations/indexing.js';
import { broadcastTo, concat, padNode, reshape, sliceNode, transpose } from '../operations/movement.js';
import { productNode } from '../operations/products.js';
import { sum } from '../operations/reductions.js';
import { scan } from '../operations/scan.js';
import type { Shape } from '../graph/shape.js';

/** An expression for all examples, `[count, ...]`, or one that all have in common. */
interface Batched {
  readonly value: Expr;
  readonly isBatched: boolean;
}

/** Of `[count, ...]`, whatever it was. */
type Spread = (operand: Batched, shape: Shape) => Expr;

/** What a rule is given: the expression of one example, its operands, and how many examples there are. */
interface Situation<K extends Node['kind']> {
  readonly expr: Expr;
  readonly node: Extract<Node, { kind: K }>;
  readonly args: readonly Batched[];
  readonly count: Dimension;
  readonly spread: Spread;
}

type Rule<K extends Node['kind']> = (situation: Situation<K>) => Expr;

/** What depends on an example through operands alone: kinds without operands have no rule, and results of bodies are batched together. */
type RuleKind = Exclude<Node['kind'], 'constant' | 'size' | 'data' | 'input' | 'variable' | 'iota' | 'placeholder' | 'scan'>;

const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

/** The only operand, which is batched. */
const only = ({ args: [a] }: { readonly args: readonly Batched[] }): Expr => needed(a, 'an operand').value;

/** All operands, each `[count, ...]`. */
const all = <K extends Node['kind']>({ expr, args, spread }: Situation<K>): Expr[] => args.map((arg, k) => spread(arg, needed(expr.args[k], 'an operand').shape));

/** The same operation over operands with one more axis in front. */
const same = <K extends Node['kind']>(s: Situation<K>, node: Node = s.node): Expr => construct(node, all(s), [s.count, ...s.expr.shape], s.expr.dtype);

const RULES: { readonly [K in RuleKind]: Rule<K> } = {
  elementwise: (s) => same(s),
  unroundedCast: (s) => same(s),
  stopGradient: (s) => same(s),
  barrier: (s) => same(s),
  routine: (s) => same(s),
  reduce: (s) => same(s, { ...s.node, axes: shifted(s.node.axes) }),
  cumsum: (s) => same(s, { ...s.node, axis: s.node.axis + 1 }),
  window: (s) => same(s, { ...s.node, axis: s.node.axis + 1 }),
  reshape: (s) => reshape(only(s), [s.count, ...s.expr.shape]),
  broadcast: (s) => {
    const a = only(s);
    const added = s.expr.rank + 1 - a.rank;
    return broadcastTo(reshape(a, [s.count, ...Array.from({ length: added }, () => 1), ...a.shape.slice(1)]), [s.count, ...s.expr.shape]);
  },
  transpose: (s) => transpose(only(s), [0, ...shifted(s.node.permutation)]),
  slice: (s) => sliceNode(only(s), [0, ...s.node.starts], [1, ...s.node.steps], [s.count, ...s.expr.shape]),
  pad: (s) => padNode(only(s), [0, ...s.node.starts], [1, ...s.node.steps], [s.count, ...s.expr.shape]),
  concat: (s) => concat(all(s), s.node.axis + 1),
  matmul: (s) => {
    const [a, b] = s.args;
    const { rows, columns, depth } = s.node;
    const left = needed(s.expr.args[0], 'the left operand');
    // One right operand for all: the examples are rows of one product.
    if (b?.isBatched === false && a !== undefined && left.rank === rows + depth) return productNode(a.value, b.value, { rows: rows + 1, columns, depth });
    const [x, y] = all(s);
    return productNode(needed(x, 'the left operand'), needed(y, 'the right operand'), s.node);
  },
  gather: (s) => {
    const [table, indices] = s.args;
    const { axis, outside, operation } = s.node;
    const [a, by] = [needed(table, 'the table'), needed(indices, 'the indices')];
    if (!by.isBatched) return gatherNode(a.value, by.value, axis + 1, outside, operation);
    const rank = by.value.rank - 1;
    if (!a.isBatched) return moved(gatherNode(a.value, by.value, axis, outside, operation), axis, 0);
    // The tables of all examples one behind the other.
    const first = moved(a.value, axis + 1, 1);
    const found = gatherNode(reshape(first, [multiplyDimensions(s.count, needed(first.shape[1], 'the axis')), ...first.shape.slice(2)]), placed(by.value, needed(first.shape[1], 'the axis'), s.count), 0, outside, operation);
    // [count, ...indices, ...before, ...behind] to [count, ...before, ...indices, ...behind]
    return transpose(found, [0, ...range(1 + rank, axis), ...range(1, rank), ...range(1 + rank + axis, found.rank - 1 - rank - axis)]);
  },
  scatter: (s) => {
    const [indices, updates] = s.args;
    const { axis, operation } = s.node;
    const by = needed(indices, 'the indices');
    const added = s.spread(needed(updates, 'what is added'), needed(s.expr.args[1], 'what is added').shape);
    if (!by.isBatched) return scatterNode(by.value, added, axis + 1, [s.count, ...s.expr.shape], operation);
    const rank = by.value.rank - 1;
    const places = needed(s.expr.shape[axis], 'the axis');
    // [count, ...before, ...indices, ...behind] to [count, ...indices, ...before, ...behind]
    const front = transpose(added, [0, ...range(1 + axis, rank), ...range(1, axis), ...range(1 + axis + rank, added.rank - 1 - axis - rank)]);
    const rest = front.shape.slice(1 + rank);
    const sums = scatterNode(placed(by.value, places, s.count), front, 0, [multiplyDimensions(s.count, places), ...rest], operation);
    return moved(reshape(sums, [s.count, places, ...rest]), 1, axis + 1);
  },
  customGradient: (s) => {
    const { node, args, count, spread, expr } = s;
    const [value, ...operands] = args;
    const mask = operands.map(({ isBatched }) => (isBatched ? 'b' : '-')).join('');
    const windows = node.windows === undefined ? undefined : { ...node.windows, spans: node.windows.spans.map(([axis, span]) => [axis + (operands[0]?.isBatched === true ? 1 : 0), span] as const) };
    const plain = expr.args.slice(1);
    return customNode(
      spread(needed(value, 'the value'), expr.shape),
      operands.map((operand) => operand.value),
      (cotangent, given) => {
        const g = placeholder('cotangent', expr.shape, expr.dtype);
        const examples = given.map((operand, k) => (operands[k]?.isBatched === true ? placeholder('operand', needed(plain[k], 'an operand').shape, operand.dtype) : operand));
        const cotangents = node.vjp(g, examples);
        const leaves = new Map<Expr, Expr>([[g, cotangent], ...examples.flatMap((example, k) => (operands[k]?.isBatched === true ? [[example, needed(given[k], 'an operand')] as const] : []))]);
        const flowing = cotangents.filter((each) => each !== null);
        const found = batched(flowing, leaves, count);
        return cotangents.map((each, k) => {
          if (each === null) return null;
          const of = needed(found[flowing.indexOf(each)], 'a cotangent');
          return operands[k]?.isBatched === true ? of : sum(of, 0);
        });
      },
      `${node.key} of ${String(count)} examples ${mask}`,
      windows,
    );
  },
  // Only memory is saved by computing it again: the value is that of the operand.
  remat: (s) => needed(s.args[s.node.index], 'the result').value,
};

/**
 * What expressions are for all examples, each `[count, ...]`.
 *
 * @param examples expressions of one example, and what they are for all: `[count, ...]`
 * @throws {GraphError} if an expression cannot be batched
 */
export function batched(roots: readonly Expr[], examples: ReadonlyMap<Expr, Expr>, count: Dimension): readonly Expr[] {
  const spread: Spread = ({ value, isBatched }, shape) => (isBatched ? value : broadcastTo(value, [count, ...shape]));
  const found = batchedValues(roots, new Map([...examples].map(([example, value]) => [example, { value, isBatched: true }])), count, spread);
  return roots.map((root) => spread(needed(found.get(root), describe(root)), root.shape));
}

function batchedValues(roots: readonly Expr[], leaves: ReadonlyMap<Expr, Batched>, count: Dimension, spread: Spread): ReadonlyMap<Expr, Batched> {
  const found = new Map(leaves);
  const order = topological(roots);
  const runs = projectionsByRun(order);
  for (const expr of order) {
    if (found.has(expr)) continue;
    const args = expr.args.map((arg) => needed(found.get(arg), describe(arg)));
    if (!args.some(({ isBatched }) => isBatched)) {
      found.set(expr, { value: expr, isBatched: false });
    } else if (isProjection(expr)) {
      for (const [projection, value] of batchedRun(runs.get(runKey(expr)) ?? [expr], args, count, spread)) found.set(projection, { value, isBatched: true });
    } else {
      found.set(expr, { value: ruled(expr, args, count, spread), isBatched: true });
    }
  }
  return found;
}

/** By the rule of the node's kind. */
function ruled(expr: Expr, args: readonly Batched[], count: Dimension, spread: Spread): Expr {
  const { node } = expr;
  const by = <K extends RuleKind>(kind: K, own: Extract<Node, { kind: K }>): Expr => RULES[kind]({ expr, node: own, args, count, spread });
  switch (node.kind) {
    case 'elementwise':
      return by(node.kind, node);
    case 'unroundedCast':
      return by(node.kind, node);
    case 'stopGradient':
      return by(node.kind, node);
    case 'barrier':
      return by(node.kind, node);
    case 'routine':
      return by(node.kind, node);
    case 'reduce':
      return by(node.kind, node);
    case 'cumsum':
      return by(node.kind, node);
    case 'window':
      return by(node.kind, node);
    case 'reshape':
      return by(node.kind, node);
    case 'broadcast':
      return by(node.kind, node);
    case 'transpose':
      return by(node.kind, node);
    case 'slice':
      return by(node.kind, node);
    case 'pad':
      return by(node.kind, node);
    case 'concat':
      return by(node.kind, node);
    case 'matmul':
      return by(node.kind, node);
    case 'gather':
      return by(node.kind, node);
    case 'scatter':
      return by(node.kind, node);
    case 'customGradient':
      return by(node.kind, node);
    case 'remat':
      return by(node.kind, node);
    case 'scan':
    case 'constant':
    case 'size':
    case 'data':
    case 'input':
    case 'variable':
    case 'iota':
    case 'placeholder':
      throw new GraphError(`vmap: ${describe(expr)} has no rule`);
  }
}

/** All that is asked of a run of a scan, as one scan over all examples: its carries are batched, its inputs and constants where they are. */
function batchedRun(run: readonly Projection[], args: readonly Batched[], count: Dimension, spread: Spread): ReadonlyMap<Projection, Expr> {
  const [first] = run;
  if (first === undefined) return new Map();
  const { carries, inputs, constants, next, length, reverse } = first.node.scan;
  const operand = (k: number): Batched => needed(args[k], 'an operand of a scan');
  const named = (list: readonly Expr[]): Record<string, Expr> => Object.fromEntries(list.map((expr, k) => [`${k}`, expr]));
  const stacks = run.filter(({ node }) => node.result === 'stack');
  const result = scan(
    (carry, slices) => {
      const leaves = new Map<Expr, Batched>();
      for (const [k, leaf] of carries.entries()) leaves.set(leaf, { value: needed(carry[`${k}`], 'a carry'), isBatched: true });
      for (const [k, leaf] of inputs.entries()) leaves.set(leaf, { value: needed(slices[`${k}`], 'an input'), isBatched: operand(carries.length + k).isBatched });
      for (const [k, leaf] of constants.entries()) leaves.set(leaf, operand(carries.length + inputs.length + k));
      const wanted = [...next, ...stacks.map(({ node }) => node.of)];
      const found = batchedValues(wanted, leaves, count, spread);
      const values = wanted.map((root) => spread(needed(found.get(root), describe(root)), root.shape));
      return { carry: named(values.slice(0, next.length)), outputs: named(values.slice(next.length)) };
    },
    {
      carry: named(carries.map((leaf, k) => spread(operand(k), leaf.shape))),
      inputs: named(inputs.map((_, k) => {
        const { value, isBatched } = operand(carries.length + k);
        return isBatched ? moved(value, 1, 0) : value;
      })),
      length,
      reverse,
    },
  );
  return new Map(run.map((projection) => {
    const { node } = projection;
    if (node.result === 'final') return [projection, needed(result.carry[`${carries.indexOf(node.of)}`], 'a carry')];
    return [projection, moved(needed(result.outputs[`${stacks.indexOf(projection)}`], 'an output'), 0, 1)];
  }));
}

/** Where the parts of each example are, those of all lying one behind the other; an index outside of its axis stays outside. */
function placed(indices: Expr, extent: Dimension, count: Dimension): Expr {
  const steps = size(extent, 'int32');
  const example = reshape(iota([count], 0), [count, ...indices.shape.slice(1).map(() => 1)]);
  return where(ge(indices, 0).and(lt(indices, steps)), add(indices, mul(example, steps)), -1);
}

/** With an axis at another place. */
function moved(a: Expr, from: number, to: number): Expr {
  const axes = range(0, a.rank).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return transpose(a, axes);
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => from + k);
}

function needed<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new GraphError(`vmap: ${what} is missing`);
  return found;
}
