// Makes a graph smaller while something is still wrong with it: fewer results, fewer steps, smaller sizes, simpler numbers.
import { compile, type Expr, interpreter } from '@pappus/core';
import { build } from './build.js';
import { type Call, countSteps, type Graph, type GivenTensor, type Id, type InputLeaf, pruned } from './graph.js';
import { narrowerLoops, replacements } from './shrink-steps.js';
import { closed, simplerNumbers, smallerSizes } from './shrink-values.js';

export interface ShrinkOptions {
  /** Whether a graph still has what is wrong. One that cannot be built or run throws, and has not. */
  readonly fails: (graph: Graph) => Promise<boolean>;
  /** How long it may take, in milliseconds. Default 20,000. */
  readonly limit?: number;
}

/** A smaller graph that still fails; the same one, without what nothing needs, where none does. */
export async function shrunk(graph: Graph, { fails, limit = 20_000 }: ShrinkOptions): Promise<Graph> {
  const end = performance.now() + limit;
  let best = graph;
  /** Takes the first of the candidates that still fails, and says whether there was one. */
  const takeOne = async (candidates: (graph: Graph) => Iterable<Graph> | AsyncIterable<Graph>): Promise<boolean> => {
    for await (const candidate of candidates(best)) {
      if (performance.now() > end) return false;
      const smaller = pruned(candidate);
      if (!lighter(smaller, best) || !(await fails(smaller).catch(() => false))) continue;
      best = smaller;
      return true;
    }
    return false;
  };
  /** The same, until there is none. */
  const takeAll = async (candidates: (graph: Graph) => Iterable<Graph> | AsyncIterable<Graph>): Promise<boolean> => {
    let taken = false;
    while (await takeOne(candidates)) taken = true;
    return taken;
  };
  await takeOne((g) => [g]);
  const passes = [fewerResults, fewerCalls, closed, earlierResults, cuts, replacements, narrowerLoops, smallerSizes, simplerNumbers];
  for (let progress = true; progress && performance.now() < end; ) {
    progress = false;
    for (const pass of passes) progress = (await takeAll(pass)) || progress;
  }
  return best;
}

/** What a reader has to take in, the most tiring first. */
function weights(graph: Graph): readonly number[] {
  const tensors = [...graph.calls.flatMap((call) => Object.values(call)), ...graph.leaves.flatMap((leaf) => (leaf.kind === 'variable' ? [leaf.value] : []))];
  const open = graph.leaves.reduce((sum, leaf) => sum + (leaf.kind === 'input' ? leaf.shape.filter((d) => typeof d === 'string').length : 0), 0);
  return [
    graph.calls.length,
    countSteps(graph.steps),
    Object.keys(graph.outputs).length + graph.updates.length,
    graph.leaves.length,
    open,
    tensors.reduce((sum, { data }) => sum + data.length, 0),
    tensors.reduce((sum, { data }) => sum + Array.from(data, weightOf).reduce((a, b) => a + b, 0), 0),
  ];
}

/** Its digits; of numbers of one digit 0 is the simplest. */
function weightOf(x: number): number {
  return String(x).length + (Number.isFinite(x) ? Math.min(1, Math.abs(x)) : 1) + (x < 0 ? 1 : 0);
}

function lighter(a: Graph, b: Graph): boolean {
  const other = weights(b);
  for (const [k, weight] of weights(a).entries()) {
    if (weight !== other[k]) return weight < (other[k] ?? 0);
  }
  return false;
}

/** One output and no update, one update and no output, or one of them less. */
function* fewerResults(graph: Graph): Iterable<Graph> {
  const outputs = Object.entries(graph.outputs);
  if (outputs.length + graph.updates.length < 2) return;
  for (const [name, id] of outputs) yield { ...graph, outputs: { [name]: id }, updates: [] };
  for (const [, value] of graph.updates) yield { ...graph, outputs: { y: value }, updates: [] };
  for (const update of graph.updates) yield { ...graph, outputs: {}, updates: [update] };
  for (const [name] of outputs) yield { ...graph, outputs: Object.fromEntries(outputs.filter(([other]) => other !== name)) };
  for (const update of graph.updates) yield { ...graph, updates: graph.updates.filter((other) => other !== update) };
}

function* fewerCalls(graph: Graph): Iterable<Graph> {
  if (graph.calls.length < 2) return;
  for (const call of graph.calls) yield { ...graph, calls: [call] };
  for (const call of graph.calls) yield { ...graph, calls: graph.calls.filter((other) => other !== call) };
}

/** A value on the way as the only output, the first ones first. */
function* earlierResults(graph: Graph): Iterable<Graph> {
  const [name = 'y'] = Object.keys(graph.outputs);
  const found = graph.steps.filter((step) => step.kind !== 'scan' && !Object.values(graph.outputs).includes(step.id));
  // Most of them compute nothing wrong: from the first, the middle, three quarters on.
  for (let from = 0; from < found.length; from += Math.max(1, Math.ceil((found.length - from) / 8))) {
    const step = found[from];
    if (step !== undefined) yield { ...graph, outputs: { [name]: step.id }, updates: [] };
  }
  for (const [, value] of graph.updates) yield { ...graph, outputs: { ...graph.outputs, [`y${value}`]: value }, updates: graph.updates.filter(([, other]) => other !== value) };
}

/** Steps that are inputs instead, with the values that they have by the definition: all before one of them first, then few, then each. */
async function* cuts(graph: Graph): AsyncIterable<Graph> {
  const ids = graph.steps.flatMap((step) => (step.kind === 'scan' ? [] : [step.id]));
  const values = await valuesOf(graph).catch(() => undefined);
  if (values === undefined) return;
  const results = new Set([...Object.values(graph.outputs), ...graph.updates.map(([, value]) => value)]);
  for (let size = ids.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < ids.length; from += size) {
      const chosen = ids.slice(from, from + size).filter((id) => !results.has(id));
      if (chosen.length > 0) yield cut(graph, new Set(chosen), values);
    }
  }
}

type Values = ReadonlyMap<Id, readonly GivenTensor[]>;

/** What all steps are in each call, by the definition. */
async function valuesOf(graph: Graph): Promise<Values> {
  const { inputs, updates, values } = build(graph);
  const own = graph.steps.flatMap((step) => (step.kind === 'scan' ? [] : [step.id]));
  const outputs: Record<string, Expr> = {};
  for (const id of own) {
    const value = values.get(id);
    if (value !== undefined) outputs[`t${id}`] = value;
  }
  const run = await compile({ inputs, outputs, updates }, interpreter());
  const found = new Map<Id, GivenTensor[]>(own.map((id) => [id, []]));
  for (const call of graph.calls) {
    const answers = await run(call);
    for (const id of own) {
      const answer = answers[`t${id}`];
      if (answer !== undefined) found.get(id)?.push({ dtype: answer.dtype, shape: answer.shape, data: await answer.read() });
    }
  }
  return found;
}

/** Inputs in the place of steps. Where calls differ in a size, it stays open under the name of no other. */
function cut(graph: Graph, chosen: ReadonlySet<Id>, values: Values): Graph {
  const taken = new Set(graph.leaves.map((leaf) => leaf.name));
  const leaves: InputLeaf[] = [];
  const given: Record<string, GivenTensor>[] = graph.calls.map(() => ({}));
  for (const id of chosen) {
    const tensors = values.get(id) ?? [];
    const [first] = tensors;
    if (first === undefined) continue;
    const name = taken.has(`x${id}`) ? `x${id}_` : `x${id}`;
    leaves.push({ kind: 'input', id, name, dtype: first.dtype, shape: first.shape.map((d, axis) => (tensors.every((t) => t.shape[axis] === d) ? d : `d${id}_${axis}`)) });
    for (const [k, tensor] of tensors.entries()) {
      const call = given[k];
      if (call !== undefined) call[name] = tensor;
    }
  }
  return {
    ...graph,
    leaves: [...graph.leaves, ...leaves],
    steps: graph.steps.filter((step) => !chosen.has(step.id)),
    calls: graph.calls.map((call, k): Call => ({ ...call, ...given[k] })),
  };
}
