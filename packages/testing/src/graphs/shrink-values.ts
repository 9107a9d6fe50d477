// Graphs over less and simpler data, for the search for a small one: sizes that are known, smaller ones, numbers with few digits.
import { type TypedArray } from '@pappus/core';
import { allocate, sizeOf } from '@pappus/core/backend';
import { type Argument, type Body, type Call, type Graph, type GivenTensor, type Leaf, type Step } from './graph.js';

/** All sizes known, where there is one call. */
export function* closed(graph: Graph): Iterable<Graph> {
  const [call, ...others] = graph.calls;
  if (call === undefined || others.length > 0) return;
  if (!graph.leaves.some((leaf) => leaf.kind === 'input' && leaf.shape.some((d) => typeof d === 'string'))) return;
  yield { ...graph, leaves: graph.leaves.map((leaf): Leaf => (leaf.kind === 'input' ? { ...leaf, shape: call[leaf.name]?.shape ?? leaf.shape } : leaf)) };
}

/** Sizes that are smaller wherever they occur: one size everywhere, or the axis of one leaf. */
export function* smallerSizes(graph: Graph): Iterable<Graph> {
  const tensors = [...graph.calls.flatMap((call) => Object.values(call)), ...graph.leaves.flatMap((leaf) => (leaf.kind === 'variable' ? [leaf.value] : []))];
  const sizes = [...new Set(tensors.flatMap(({ shape }) => shape))].filter((d) => d > 1).sort((a, b) => b - a);
  for (const size of sizes) {
    for (const smaller of new Set([1, 2, Math.floor(size / 2), size - 1])) {
      if (smaller < 1 || smaller >= size) continue;
      const of = (d: number): number => (d === size ? smaller : d);
      yield resized(graph, of, of);
      yield resized(graph, of, (d) => d);
    }
  }
  // Leaves of fewer axes, where all operations broadcast.
  for (const leaf of graph.leaves) {
    const shape = leaf.kind === 'variable' ? leaf.value.shape : graph.calls[0]?.[leaf.name]?.shape;
    if (shape === undefined || shape.length === 0 || (leaf.kind === 'input' && leaf.shape.some((d) => typeof d === 'string'))) continue;
    yield mapped(graph, (name, tensor) => (name === leaf.name ? part(tensor, tensor.shape.slice(1)) : tensor), (name, declared) => (name === leaf.name ? declared.slice(1) : declared));
  }
}

function resized(graph: Graph, ofLeaves: (d: number) => number, ofArguments: (d: number) => number): Graph {
  const smaller = mapped(graph, (_, tensor) => part(tensor, tensor.shape.map(ofLeaves)), (_, shape) => shape.map((d) => (typeof d === 'number' ? ofLeaves(d) : d)));
  return { ...smaller, steps: smaller.steps.map((step) => withArguments(step, ofArguments)) };
}

/** The same with other values for leaves, by their names. */
function mapped(graph: Graph, value: (name: string, tensor: GivenTensor) => GivenTensor, shape: (name: string, shape: readonly (number | string)[]) => readonly (number | string)[]): Graph {
  return {
    ...graph,
    leaves: graph.leaves.map((leaf): Leaf => (leaf.kind === 'variable' ? { ...leaf, value: value(leaf.name, leaf.value) } : { ...leaf, shape: shape(leaf.name, leaf.shape) })),
    calls: graph.calls.map((call): Call => Object.fromEntries(Object.entries(call).map(([name, tensor]) => [name, value(name, tensor)]))),
  };
}

/** The first elements. */
function part({ dtype, data }: GivenTensor, shape: readonly number[]): GivenTensor {
  return { dtype, shape, data: filled(dtype, sizeOf(shape), (k) => data[k] ?? 0) };
}

function filled(dtype: GivenTensor['dtype'], size: number, value: (index: number) => number): TypedArray {
  const data = allocate(dtype, size);
  for (let k = 0; k < size; k++) data[k] = value(k);
  return data;
}

/** Whole numbers above 1 in lists: sizes, as far as one can tell. */
function withArguments(step: Step, of: (d: number) => number): Step {
  const argument = (arg: Argument): Argument => {
    if (arg === null || typeof arg !== 'object' || arg.kind !== 'list') return arg;
    return { ...arg, entries: arg.entries.map((entry) => (typeof entry === 'number' && entry > 1 ? of(entry) : argument(entry))) };
  };
  const body = (inside: Body): Body => ({ ...inside, steps: inside.steps.map((inner) => withArguments(inner, of)) });
  if (step.kind === 'call') return { ...step, args: step.args.map(argument) };
  return 'body' in step ? { ...step, body: body(step.body) } : step;
}

/** Numbers that say less: all the same, counted, whole, with one digit; of all leaves, and of each. */
export function* simplerNumbers(graph: Graph): Iterable<Graph> {
  const simpler: readonly ((x: number, index: number) => number)[] = [
    () => 1,
    (_, k) => k + 1,
    (x) => (Number.isFinite(x) ? Math.round(x) : x),
    (x) => (Number.isFinite(x) ? Math.ceil(Math.abs(x)) : x),
    (x) => (Number.isFinite(x) ? Number(x.toPrecision(1)) : x),
    (x) => (Number.isFinite(x) ? Number(x.toPrecision(2)) : x),
  ];
  const names = graph.leaves.map((leaf) => leaf.name);
  for (const chosen of [names, ...(names.length < 2 ? [] : names.map((name) => [name]))]) {
    for (const of of simpler) {
      yield mapped(
        graph,
        (name, tensor) => {
          if (!chosen.includes(name)) return tensor;
          const { dtype, shape, data } = tensor;
          return { dtype, shape, data: filled(dtype, data.length, (k) => (dtype === 'bool' ? Math.min(1, Math.abs(of(data[k] ?? 0, k))) : of(data[k] ?? 0, k))) };
        },
        (_, shape) => shape,
      );
    }
  }
}
