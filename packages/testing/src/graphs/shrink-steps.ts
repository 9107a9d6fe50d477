// Graphs with fewer steps, for the search for a small one: a step gives way to a value that there is without it, a scan carries less.
import { build } from './build.js';
import { type Graph, type Id, idsOf, renamed, type Step } from './graph.js';

type Scan = Extract<Step, { kind: 'scan' }>;

/** A value that was there before in the place of a step, in bodies too: a leaf, a parameter or a step of the same dtype and shape, or any operand. */
export function* replacements(graph: Graph): Iterable<Graph> {
  const { values } = build(graph);
  const kindOf = (id: Id): string | undefined => {
    const value = values.get(id);
    return value === undefined ? undefined : `${value.dtype}[${value.shape.join()}]`;
  };
  const leaves = graph.leaves.map((leaf) => leaf.id);
  for (const [step, before] of inScope(graph.steps, leaves)) {
    const kind = kindOf(step.id);
    if (kind === undefined) continue;
    for (const id of before) {
      if (kindOf(id) === kind || (step.kind === 'call' && idsOf(step).includes(id))) yield renamed({ ...graph, steps: withoutStep(graph.steps, step.id) }, new Map([[step.id, id]]));
    }
  }
}

/** Steps, those of bodies included, and the values that are there before each of them. */
function* inScope(steps: readonly Step[], known: readonly Id[]): Iterable<readonly [Step, readonly Id[]]> {
  const before = [...known];
  for (const step of steps) {
    yield [step, [...before]];
    if ('body' in step) yield* inScope(step.body.steps, [...before, ...step.body.parameters]);
    before.push(step.id);
  }
}

function withoutStep(steps: readonly Step[], id: Id): readonly Step[] {
  return steps.filter((step) => step.id !== id).map((step) => ('body' in step ? { ...step, body: { ...step.body, steps: withoutStep(step.body.steps, id) } } : step));
}

function used(steps: readonly Step[]): ReadonlySet<Id> {
  return new Set(steps.flatMap(idsOf));
}

/** Scans without an output or an input that nobody uses, with an output that is an earlier value, and with a carry that is always what it was at first. */
export function* narrowerLoops(graph: Graph): Iterable<Graph> {
  for (const step of graph.steps) {
    if (step.kind !== 'scan') continue;
    const { carries, inputs, body } = step;
    const isUsed = used(body.steps);
    const wanted = (of: 'carry' | 'outputs', index: number): boolean => graph.steps.some((other) => other.kind === 'part' && other.scan === step.id && other.of === of && other.index === index);
    const outputs = body.results.slice(carries.length);
    for (const k of outputs.keys()) if (!wanted('outputs', k)) yield replaced(graph, { ...step, body: { ...body, results: without(body.results, carries.length + k) } }, { of: 'outputs', index: k });
    for (const [k, result] of outputs.entries()) {
      for (const id of [...body.parameters, ...body.steps.map((inner) => inner.id)]) {
        if (id !== result) yield replaced(graph, { ...step, body: { ...body, results: body.results.map((other, at) => (at === carries.length + k ? id : other)) } });
      }
    }
    for (const k of inputs.keys()) {
      const parameter = body.parameters[carries.length + k];
      if (inputs.length < 2 || parameter === undefined || isUsed.has(parameter) || body.results.includes(parameter)) continue;
      yield replaced(graph, { ...step, inputs: without(inputs, k), body: { ...body, parameters: without(body.parameters, carries.length + k) } });
    }
    for (const [k, initial] of carries.entries()) {
      const parameter = body.parameters[k];
      if (parameter === undefined || wanted('carry', k)) continue;
      const smaller = { ...step, carries: without(carries, k), body: { ...body, parameters: without(body.parameters, k), results: without(body.results, k) } };
      yield renamed(replaced(graph, smaller, { of: 'carry', index: k }), new Map([[parameter, initial]]));
    }
  }
}

function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, k) => k !== index);
}

/** The graph with a scan in the place of the one of its number; parts behind one that is gone move up. */
function replaced(graph: Graph, scan: Scan, gone?: { readonly of: 'carry' | 'outputs'; readonly index: number }): Graph {
  return {
    ...graph,
    steps: graph.steps.map((step) => {
      if (step.id === scan.id) return scan;
      if (gone === undefined || step.kind !== 'part' || step.scan !== scan.id || step.of !== gone.of || step.index < gone.index) return step;
      return { ...step, index: step.index - 1 };
    }),
  };
}
