// Random computations: leaves of many shapes, several outputs, and updates that are each their own or one rule for all.
import { type DType, type Expr, isFloat, type Variable } from '@pappus/core';
import type { Graph } from '../graphs/graph.js';
import { Recorder } from '../graphs/recorder.js';
import type { Value } from './differential.js';
import { RandomGraph, type Tracked } from './random-graph.js';
import type { FloatDType } from './setting.js';
import { spread, uniforms } from './values.js';

const SHAPES: readonly (readonly number[])[] = [[], [1], [3], [5], [8], [17], [2, 3], [3, 5], [4, 4], [1, 6], [6, 1], [9, 17], [0, 3], [2, 3, 4], [3, 1, 5], [2, 2, 2, 3]];

/** Shapes of the same few sizes: more is computed together, in place and as segments of one kernel. */
const ALIKE: readonly (readonly number[])[] = [[4, 4], [4, 4], [4, 4], [16], [16], [2, 8], [32], [4], [1, 4], [4, 1], []];

/** Of the leaves in turn, variables and inputs by turns. */
const DTYPES = ['float', 'float', 'float', 'float', 'float', 'int32', 'bool', 'float', 'int32', 'bool', 'float', 'float', 'float', 'int32', 'float', 'float'] as const;

/** From what a random computation is made. */
export interface RandomPlan {
  /** The dtype of its floats. */
  readonly float: FloatDType;
  /** Draws for all choices, over and over. */
  readonly draws: readonly number[];
  /** Operations tried. */
  readonly size: number;
}

/** A random computation, and how far roundings may take its results. */
export interface RandomComputation {
  /** What it does; `subjectOf` makes something of it that can be run. */
  readonly graph: Graph;
  /** The error of each result, in roundings. */
  readonly allowed: ReadonlyMap<string, number>;
  /** The largest error of any tensor on the way, in roundings. */
  readonly worst: number;
}

/** The draws of a seed, from 100 to 400 of them. */
export function drawsOf(seed: number): readonly number[] {
  const random = uniforms(seed);
  return Array.from({ length: 100 + Math.floor(random() * 301) }, () => Math.floor(random() * 1e6));
}

/** A computation of random operations on random leaves: several outputs, several updates. */
export function randomComputation({ float, draws, size }: RandomPlan): RandomComputation {
  const drawn = (at: number): number => draws[at % draws.length] ?? 0;
  const shapes = drawn(0) % 2 === 0 ? SHAPES : ALIKE;
  const recorder = new Recorder();
  const variables: Variable[] = [];
  const call: Record<string, Value> = {};
  const tracked = DTYPES.map((kind, k): Tracked => {
    const shape = shapes[drawn(k + 1) % shapes.length] ?? [];
    const value = spread(kind === 'float' ? float : kind, shape, { seed: k + drawn(k + 20) });
    const leaf = { shape, magnitude: MAGNITUDE[value.dtype], error: 0 };
    if (k % 2 === 0) {
      const made = recorder.variable(`v${k}`, value);
      variables.push(made);
      return { ...leaf, expr: made };
    }
    call[`x${k}`] = value;
    return { ...leaf, expr: recorder.input(`x${k}`, value.dtype, shape) };
  });
  const allowed = new Map<string, number>();
  let worst = 0;
  const see = (graph: RandomGraph): void => {
    worst = graph.pool.reduce((largest, { error }) => Math.max(largest, error), worst);
  };
  let next = 40;
  const choose = (count: number): number => drawn(next++) % count;
  const graph = new RandomGraph(tracked, choose, float, recorder);
  for (let k = 0; k < size; k++) graph.grow();
  see(graph);
  const outputs: Record<string, Expr> = {};
  const answer = (name: string, value: Tracked | undefined): void => {
    if (value === undefined) return;
    outputs[name] = value.expr;
    allowed.set(name, value.error);
  };
  for (let k = choose(4); k >= 0; k--) answer(`y${k}`, graph.pick(undefined, 4));
  const rule = shapes === ALIKE && choose(2) === 0 ? oneRule(tracked, drawn, next, float, recorder) : undefined;
  const updates = new Map<Variable, Expr>();
  for (const variable of variables) {
    const { name } = variable;
    const source = rule !== undefined && isFloat(variable.dtype) ? rule(variable) : graph;
    if (source !== graph) see(source);
    const value = source.pick((t) => fits(t, variable), 4);
    if (value === undefined || (rule === undefined && choose(4) === 0)) continue;
    updates.set(variable, value.expr);
    allowed.set(name, value.error);
    if (rule !== undefined && isFloat(variable.dtype) && choose(2) === 0) answer(`z${name}`, { ...value, expr: recorder.apply('neg', value.expr) });
  }
  return { graph: recorder.graph({ outputs, updates }, [call]), allowed, worst };
}

const MAGNITUDE: Readonly<Record<DType, number>> = { float32: 2, float64: 2, int32: 9, bool: 1 };

function fits({ expr, shape }: Tracked, variable: Variable): boolean {
  return expr.dtype === variable.dtype && shape.length === variable.shape.length && shape.every((d, k) => d === variable.shape[k]);
}

/** The same draws for every variable: those of one shape get the same code. */
function oneRule(leaves: readonly Tracked[], drawn: (at: number) => number, start: number, float: DType, recorder: Recorder): (variable: Variable) => RandomGraph {
  return (variable) => {
    let next = start;
    const self = leaves.filter((t) => t.expr === variable);
    const common = leaves.filter((t) => t.shape.length === 0 || t.expr.dtype === 'int32').slice(0, 3);
    const graph = new RandomGraph([...common, ...self, ...self, ...self], (count) => drawn(next++) % count, float, recorder);
    for (let k = 0; k < 8; k++) graph.grow();
    return graph;
  };
}
