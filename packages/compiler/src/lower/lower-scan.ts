/**
 * Scans in the compiler's graph. The body is lowered into the same graph, over leaves of its own; what is known before the scan
 * (host scalars, tensors of one number, variables) stays what it is. Carries that nothing wants are left out; a scan of one
 * step is no scan.
 */
import { type Expr } from '@pappus/core';
import { type Scan, type Projection, valueName } from '@pappus/core/backend';
import { type Graph, scalarUnder } from './graph.js';
import { isLeaf } from '../choose/realize.js';
import type { BoundLeaf, LoweredScan, Tensor } from './tensor.js';

/** Lowers expressions of a body, given what its placeholders are. */
export type LowerBody = (roots: readonly Expr[], leaves: ReadonlyMap<Expr, Tensor>) => readonly Tensor[];

/** The tensors of projections of one run, given its operands and their number of steps. */
export function lowerRun(graph: Graph, projections: readonly Projection[], args: readonly Tensor[], count: number, lowerBody: LowerBody): ReadonlyMap<Expr, Tensor> {
  const [first] = projections;
  if (first === undefined) return new Map();
  const { scan } = first.node;
  const operands = operandsOf(scan, args);
  if (count <= 1) return writtenOut(graph, projections, operands, count, lowerBody);

  const leaves = new Map<Expr, Tensor>();
  const captured: BoundLeaf[] = [];
  const inputs: BoundLeaf[] = [];
  const capture = (source: Tensor): Tensor => {
    // A leaf of a scan around this one is an operand like others, so that it is seen to be needed.
    if ((isLeaf(source) && source.op.kind !== 'placeholder') || scalarUnder(source) !== undefined) return source;
    const leaf = graph.placeholder(source.shape, source.dtype);
    captured.push({ leaf, source });
    return leaf;
  };
  const given = (placeholder: Expr, leaf: Tensor): void => {
    leaves.set(placeholder, leaf);
    const name = valueName(placeholder);
    if (name !== undefined && leaf.op.kind === 'placeholder') graph.name(leaf, name);
  };
  for (const { placeholder, value } of operands.constants) given(placeholder, capture(value));
  for (const { placeholder, value } of operands.inputs) {
    const shape = value.shape.slice(1);
    const same = sameInAllSteps(graph, value);
    if (same !== undefined) {
      leaves.set(placeholder, graph.broadcast(capture(same), shape));
    } else {
      const leaf = graph.placeholder(shape, value.dtype);
      given(placeholder, leaf);
      inputs.push({ leaf, source: value });
    }
  }
  const carries = operands.carries.map(({ placeholder, value }) => {
    const leaf = graph.placeholder(value.shape, value.dtype);
    given(placeholder, leaf);
    return { leaf, initial: value };
  });
  const stacks = projections.filter(({ node }) => node.result === 'stack');
  const roots = lowerBody([...scan.next, ...stacks.map(({ node }) => node.of)], leaves);
  const ofs = new Map(projections.map((p) => [p, p.node.result === 'final' ? leaves.get(p.node.of) : roots[scan.next.length + stacks.indexOf(p)]]));

  const next = new Map(carries.flatMap(({ leaf }, k) => (roots[k] === undefined ? [] : [[leaf, roots[k]] as const])));
  const live = liveTensors([...ofs.values()].flatMap((of) => of ?? []), next);
  const lowered: LoweredScan = {
    id: graph.uniqueId(),
    count,
    reverse: scan.reverse,
    carries: carries.flatMap((carry) => {
      const after = next.get(carry.leaf);
      return live.has(carry.leaf) && after !== undefined ? [{ ...carry, next: after }] : [];
    }),
    inputs: inputs.filter(({ leaf }) => live.has(leaf)),
    captured: captured.filter(({ leaf }) => live.has(leaf)),
  };
  const tensorArgs = [...lowered.carries.map((c) => c.initial), ...lowered.inputs.map((i) => i.source), ...lowered.captured.map((c) => c.source)];
  return new Map(
    [...ofs].flatMap(([projection, of]) => {
      if (of === undefined) return [];
      const { result } = projection.node;
      const shape = result === 'stack' ? [count, ...of.shape] : of.shape;
      return [[projection, graph.make({ kind: 'scan', scan: lowered, result, of }, tensorArgs, shape, of.dtype)] as const];
    }),
  );
}

interface Operand {
  readonly placeholder: Expr;
  readonly value: Tensor;
}

function operandsOf({ carries, inputs, constants }: Scan, args: readonly Tensor[]): Readonly<Record<'carries' | 'inputs' | 'constants', readonly Operand[]>> {
  const pair = (placeholders: readonly Expr[], start: number): Operand[] =>
    placeholders.flatMap((placeholder, k) => {
      const value = args[start + k];
      return value === undefined ? [] : [{ placeholder, value }];
    });
  return { carries: pair(carries, 0), inputs: pair(inputs, carries.length), constants: pair(constants, carries.length + inputs.length) };
}

/** A run of one step or none. */
function writtenOut(
  graph: Graph,
  projections: readonly Projection[],
  { carries, inputs, constants }: ReturnType<typeof operandsOf>,
  count: number,
  lowerBody: LowerBody,
): ReadonlyMap<Expr, Tensor> {
  const initial = new Map(carries.map(({ placeholder, value }) => [placeholder, value]));
  const tensors = new Map<Expr, Tensor>();
  if (count === 0) {
    for (const projection of projections) {
      const carry = initial.get(projection.node.of);
      if (projection.node.result === 'final' && carry !== undefined) tensors.set(projection, carry);
    }
    const stacks = projections.filter(({ node }) => node.result === 'stack');
    const ofs = lowerBody(stacks.map(({ node }) => node.of), leavesOfOneStep(graph, { carries, inputs, constants }, true));
    for (const [k, stack] of stacks.entries()) {
      const { shape = [], dtype = stack.dtype } = ofs[k] ?? {};
      tensors.set(stack, graph.broadcast(graph.constant(0, dtype), [0, ...shape]));
    }
    return tensors;
  }
  const roots = projections.map(({ node }) => (node.result === 'stack' ? node.of : (node.scan.next[node.scan.carries.indexOf(node.of)] ?? node.of)));
  const values = lowerBody(roots, leavesOfOneStep(graph, { carries, inputs, constants }, false));
  for (const [k, projection] of projections.entries()) {
    const value = values[k];
    if (value !== undefined) tensors.set(projection, projection.node.result === 'stack' ? graph.reshape(value, [1, ...value.shape]) : value);
  }
  return tensors;
}

/** What the placeholders are in the only step; where there is no step, inputs of the right shape. */
function leavesOfOneStep(graph: Graph, { carries, inputs, constants }: ReturnType<typeof operandsOf>, empty: boolean): ReadonlyMap<Expr, Tensor> {
  const leaves = new Map([...carries, ...constants].map(({ placeholder, value }) => [placeholder, value]));
  for (const { placeholder, value } of inputs) {
    const shape = value.shape.slice(1);
    leaves.set(placeholder, empty ? graph.broadcast(graph.constant(0, value.dtype), shape) : graph.reshape(value, shape));
  }
  return leaves;
}

/** What an input repeats along its first axis, if it does; of a shape that broadcasts to that of a part. */
function sameInAllSteps(graph: Graph, value: Tensor): Tensor | undefined {
  const [source] = value.args;
  if (value.op.kind !== 'broadcast' || source === undefined) return undefined;
  if (source.shape.length < value.shape.length) return source;
  return source.shape[0] === 1 ? graph.reshape(source, source.shape.slice(1)) : undefined;
}

/** The tensors that the roots need, carries of earlier steps included. */
function liveTensors(roots: readonly Tensor[], next: ReadonlyMap<Tensor, Tensor>): ReadonlySet<Tensor> {
  const live = new Set<Tensor>();
  const stack = [...roots];
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (live.has(tensor)) continue;
    live.add(tensor);
    for (const arg of tensor.args) if (!live.has(arg)) stack.push(arg);
    const after = next.get(tensor);
    if (after !== undefined) stack.push(after);
  }
  return live;
}
