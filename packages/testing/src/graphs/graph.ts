// A computation as data: what it is given and what it does with it, step by step, so that it can be built, printed and made smaller.
import type { DType, TypedArray } from '@pappus/core';
import type { OperationName } from './operations.js';

/** The number of a value: of a leaf, of the result of a step, or of what the body of a scan is given. Each is of one value in a graph. */
export type Id = number;

/** A tensor that a graph is given. */
export interface GivenTensor {
  /** The dtype of its elements. */
  readonly dtype: DType;
  /** The sizes of its axes. */
  readonly shape: readonly number[];
  /** Its elements in row-major order. */
  readonly data: TypedArray;
}

/** An input of a graph. */
export interface InputLeaf {
  readonly kind: 'input';
  /** The number of its value. */
  readonly id: Id;
  /** Under which a call gives it. */
  readonly name: string;
  /** The dtype of its elements. */
  readonly dtype: DType;
  /** Sizes, and names of open dimensions. */
  readonly shape: readonly (number | string)[];
}

/** A variable of a graph. */
export interface VariableLeaf {
  readonly kind: 'variable';
  /** The number of its value. */
  readonly id: Id;
  /** The variable's name. */
  readonly name: string;
  /** What it starts from. */
  readonly value: GivenTensor;
}

/** What a graph is given. */
export type Leaf = InputLeaf | VariableLeaf;

/** What an operation is called with. */
export type Argument =
  | number
  | string
  | boolean
  | null
  /** A value. */
  | {
      readonly kind: 'value';
      /** Which. */
      readonly id: Id;
    }
  /** The size of an axis of a value, where it is open. */
  | {
      readonly kind: 'size';
      /** Of which value. */
      readonly id: Id;
      /** Of which axis. */
      readonly axis: number;
    }
  | {
      readonly kind: 'list';
      /** What is in it. */
      readonly entries: readonly Argument[];
    }
  | {
      readonly kind: 'options';
      /** By name. */
      readonly fields: Readonly<Record<string, Argument>>;
    };

/** A function of values that a scan or a `remat` runs: steps over parameters, and over all that was computed before. */
export interface Body {
  /** The numbers of what it is given. */
  readonly parameters: readonly Id[];
  /** What it does, in this order. */
  readonly steps: readonly Step[];
  /** The numbers of what it answers. */
  readonly results: readonly Id[];
}

/** One thing that a graph does. */
export type Step =
  | {
      readonly kind: 'call';
      /** The number of the result. */
      readonly id: Id;
      /** The function that is called. */
      readonly operation: OperationName;
      /** What it is called with. */
      readonly args: readonly Argument[];
    }
  /** The result of a body over the operands. */
  | {
      readonly kind: 'remat';
      /** The number of the result. */
      readonly id: Id;
      /** What the body is given. */
      readonly operands: readonly Id[];
      /** What is computed again for the gradient. */
      readonly body: Body;
    }
  /** A scan: parameters and results of the body are the carries, and then the inputs and the outputs. It is no value, its parts are. */
  | {
      readonly kind: 'scan';
      /** The scan's number. */
      readonly id: Id;
      /** What the carries begin with. */
      readonly carries: readonly Id[];
      /** What is taken apart along its first axis. */
      readonly inputs: readonly Id[];
      /** Whether the last part comes first. */
      readonly reverse: boolean;
      /** What a step does. */
      readonly body: Body;
    }
  /** The last value of carry `index` of a scan, or its outputs `index`. */
  | {
      readonly kind: 'part';
      /** The number of the result. */
      readonly id: Id;
      /** Of which scan. */
      readonly scan: Id;
      /** Of its carries, or of its outputs. */
      readonly of: 'carry' | 'outputs';
      /** Which of its carries or outputs. */
      readonly index: number;
    };

/** The inputs of one call, by name. */
export type Call = Readonly<Record<string, GivenTensor>>;

/** A computation, what it is given, and how often. */
export interface Graph {
  /** Inputs and variables. */
  readonly leaves: readonly Leaf[];
  /** What it does, in this order. */
  readonly steps: readonly Step[];
  /** What it answers, by name. */
  readonly outputs: Readonly<Record<string, Id>>;
  /** Variables, and the values that become theirs. */
  readonly updates: readonly (readonly [variable: Id, value: Id])[];
  /** At least one. */
  readonly calls: readonly Call[];
}

function idsOfArgument(arg: Argument): readonly Id[] {
  if (arg === null || typeof arg !== 'object') return [];
  switch (arg.kind) {
    case 'value':
    case 'size':
      return [arg.id];
    case 'list':
      return arg.entries.flatMap(idsOfArgument);
    case 'options':
      return Object.values(arg.fields).flatMap(idsOfArgument);
  }
}

/** The values that a step uses, those inside of its body included. */
export function idsOf(step: Step): readonly Id[] {
  switch (step.kind) {
    case 'call':
      return step.args.flatMap(idsOfArgument);
    case 'remat':
      return [...step.operands, ...idsOfBody(step.body)];
    case 'scan':
      return [...step.carries, ...step.inputs, ...idsOfBody(step.body)];
    case 'part':
      return [step.scan];
  }
}

function idsOfBody({ steps, results }: Body): readonly Id[] {
  return [...steps.flatMap(idsOf), ...results];
}

/** The names of the open dimensions of a graph's inputs, and their sizes in a call. */
export function sizesOf({ leaves }: Graph, call: Call): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const leaf of leaves) {
    if (leaf.kind !== 'input') continue;
    for (const [axis, size] of leaf.shape.entries()) if (typeof size === 'string') sizes.set(size, call[leaf.name]?.shape[axis] ?? 0);
  }
  return sizes;
}

/** How many steps there are, those of bodies included. */
export function countSteps(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + 1 + ('body' in step ? countSteps(step.body.steps) : 0), 0);
}

/** The same computation without what none of its results needs. */
export function pruned(graph: Graph): Graph {
  const wanted = new Set<Id>([...Object.values(graph.outputs), ...graph.updates.flat()]);
  const steps = neededSteps(graph.steps, wanted);
  const leaves = graph.leaves.filter((leaf) => wanted.has(leaf.id));
  const names = new Set(leaves.map((leaf) => leaf.name));
  const calls = graph.calls.map((call): Call => Object.fromEntries(Object.entries(call).filter(([name]) => names.has(name))));
  return { ...graph, leaves, steps, calls };
}

/** The steps that are wanted, from the last on; what they use is wanted too. */
function neededSteps(steps: readonly Step[], wanted: Set<Id>): readonly Step[] {
  const kept: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!wanted.has(step.id)) continue;
    const needed = 'body' in step ? { ...step, body: prunedBody(step.body) } : step;
    for (const id of idsOf(needed)) wanted.add(id);
    kept.push(needed);
  }
  return kept.reverse();
}

function prunedBody(body: Body): Body {
  return { ...body, steps: neededSteps(body.steps, new Set(body.results)) };
}

/** The same with other values in the place of some, wherever they are used. */
export function renamed(graph: Graph, names: ReadonlyMap<Id, Id>): Graph {
  const of = (id: Id): Id => names.get(id) ?? id;
  return {
    ...graph,
    steps: graph.steps.map((step) => renamedStep(step, of)),
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, of(id)])),
    updates: graph.updates.map(([variable, value]) => [variable, of(value)]),
  };
}

function renamedStep(step: Step, of: (id: Id) => Id): Step {
  switch (step.kind) {
    case 'call':
      return { ...step, args: step.args.map((arg) => renamedArgument(arg, of)) };
    case 'remat':
      return { ...step, operands: step.operands.map(of), body: renamedBody(step.body, of) };
    case 'scan':
      return { ...step, carries: step.carries.map(of), inputs: step.inputs.map(of), body: renamedBody(step.body, of) };
    case 'part':
      return { ...step, scan: of(step.scan) };
  }
}

function renamedBody({ parameters, steps, results }: Body, of: (id: Id) => Id): Body {
  return { parameters, steps: steps.map((step) => renamedStep(step, of)), results: results.map(of) };
}

function renamedArgument(arg: Argument, of: (id: Id) => Id): Argument {
  if (arg === null || typeof arg !== 'object') return arg;
  switch (arg.kind) {
    case 'value':
    case 'size':
      return { ...arg, id: of(arg.id) };
    case 'list':
      return { ...arg, entries: arg.entries.map((entry) => renamedArgument(entry, of)) };
    case 'options':
      return { ...arg, fields: Object.fromEntries(Object.entries(arg.fields).map(([name, field]) => [name, renamedArgument(field, of)])) };
  }
}
