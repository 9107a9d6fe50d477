// Random computations: leaves of many shapes, several outputs, and updates that are each their own or one rule for all.
import { type DType, type Expr, isFloat, type Variable } from '@pappus/core';
import { type Computed, leaf, type Leaves, type Subject, type Value } from './differential.js';
import { RandomGraph, type Tracked } from './random-graph.js';
import type { FloatDType } from './setting.js';
import { spread } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[], [1], [3], [5], [8], [17], [2, 3], [3, 5], [4, 4], [1, 6], [6, 1], [9, 17], [0, 3], [2, 3, 4], [3, 1, 5], [2, 2, 2, 3]];

/** Shapes of the same few sizes: more is computed together, in place and as segments of one kernel. */
const ALIKE: readonly (readonly number[])[] = [[4, 4], [4, 4], [4, 4], [16], [16], [2, 8], [32], [4], [1, 4], [4, 1], []];

/** Of the leaves in turn, variables and inputs by turns. */
const DTYPES = ['float', 'float', 'float', 'float', 'float', 'int32', 'bool', 'float', 'int32', 'bool', 'float', 'float', 'float', 'int32', 'float', 'float'] as const;

export interface RandomPlan {
  readonly float: FloatDType;
  /** Draws for all choices, over and over. */
  readonly draws: readonly number[];
  /** Operations tried. */
  readonly size: number;
}

export interface RandomSubject {
  readonly subject: Subject;
  /** The error of each result, in roundings, once the subject is built. */
  readonly allowed: ReadonlyMap<string, number>;
  /** The largest error of any tensor on the way, in roundings, once the subject is built. */
  readonly worst: () => number;
}

/** A computation of random operations on random leaves: several outputs, several updates. */
export function randomSubject({ float, draws, size }: RandomPlan): RandomSubject {
  const drawn = (at: number): number => draws[at % draws.length] ?? 0;
  const shapes = drawn(0) % 2 === 0 ? SHAPES : ALIKE;
  const leaves: Readonly<Record<string, Value>> = Object.fromEntries(
    DTYPES.map((kind, k): [string, Value] => {
      const shape = shapes[drawn(k + 1) % shapes.length] ?? [];
      return [`${k % 2 === 0 ? 'v' : 'x'}${k}`, spread(kind === 'float' ? float : kind, shape, { seed: k + drawn(k + 20) })];
    }),
  );
  const of = (prefix: string): Record<string, Value> => Object.fromEntries(Object.entries(leaves).filter(([name]) => name.startsWith(prefix)));
  const allowed = new Map<string, number>();
  let worst = 0;
  const see = (graph: RandomGraph): void => {
    worst = graph.pool.reduce((largest, { error }) => Math.max(largest, error), worst);
  };
  const build = (given: Leaves): Computed => {
    let next = 40;
    const choose = (count: number): number => drawn(next++) % count;
    const tracked = Object.entries(leaves).map(([name, value]): Tracked => ({
      expr: name.startsWith('v') ? leaf(given.variables, name) : leaf(given.inputs, name),
      shape: value.shape,
      magnitude: MAGNITUDE[value.dtype],
      error: 0,
    }));
    const graph = new RandomGraph(tracked, choose, float);
    for (let k = 0; k < size; k++) graph.grow();
    see(graph);
    const outputs: Record<string, Expr> = {};
    const answer = (name: string, value: Tracked | undefined): void => {
      if (value === undefined) return;
      outputs[name] = value.expr;
      allowed.set(name, value.error);
    };
    for (let k = choose(4); k >= 0; k--) answer(`y${k}`, graph.pick(undefined, 4));
    const rule = shapes === ALIKE && choose(2) === 0 ? oneRule(tracked, drawn, next, float) : undefined;
    const updates = new Map<Variable, Expr>();
    for (const [name, variable] of Object.entries(given.variables)) {
      const source = rule !== undefined && isFloat(variable.dtype) ? rule(variable) : graph;
      if (source !== graph) see(source);
      const value = source.pick((t) => fits(t, variable), 4);
      if (value === undefined || (rule === undefined && choose(4) === 0)) continue;
      updates.set(variable, value.expr);
      allowed.set(name, value.error);
      if (rule !== undefined && isFloat(variable.dtype) && choose(2) === 0) answer(`z${name}`, { ...value, expr: value.expr.neg() });
    }
    return { outputs, updates };
  };
  return { subject: { steps: [of('x')], variables: of('v'), build }, allowed, worst: () => worst };
}

const MAGNITUDE: Readonly<Record<DType, number>> = { float32: 2, float64: 2, int32: 9, bool: 1 };

function fits({ expr, shape }: Tracked, variable: Variable): boolean {
  return expr.dtype === variable.dtype && shape.length === variable.shape.length && shape.every((d, k) => d === variable.shape[k]);
}

/** The same draws for every variable: those of one shape get the same code. */
function oneRule(leaves: readonly Tracked[], drawn: (at: number) => number, start: number, float: DType): (variable: Variable) => RandomGraph {
  return (variable) => {
    let next = start;
    const self = leaves.filter((t) => t.expr === variable);
    const common = leaves.filter((t) => t.shape.length === 0 || t.expr.dtype === 'int32').slice(0, 3);
    const graph = new RandomGraph([...common, ...self, ...self, ...self], (count) => drawn(next++) % count, float);
    for (let k = 0; k < 8; k++) graph.grow();
    return graph;
  };
}
