// Random computations of the wide kind: leaves of shapes with open dimensions, odd values, several sizes in turns, updates that read each other.
import { type DType, type Expr, isFloat, type TypedArray, type Variable } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import type { Graph } from '../graphs/graph.js';
import { Recorder } from '../graphs/recorder.js';
import type { FloatDType } from './setting.js';
import { fromList, samples, spread, uniforms } from './values.js';
import { type Choose, WideGraph } from './wide-graph.js';

export interface WidePlan {
  readonly float: FloatDType;
  /** Whether the backend has tensors of both float dtypes. */
  readonly mixed: boolean;
  /** Whether numbers below the normal range are kept. */
  readonly subnormals: boolean;
  /** Draws for all choices, over and over. */
  readonly draws: readonly number[];
}

type Axis = number | 'n' | 'm';

interface LeafPlan {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Axis[];
  readonly isVariable: boolean;
}

export interface WideComputation {
  readonly graph: Graph;
  /** Errors that are none of ours, while the graph was made. */
  readonly raw: readonly string[];
}

const SIZES = [0, 1, 2, 3, 4, 5, 8, 17] as const;
const SHAPES: readonly (readonly Axis[])[] = [
  [], [], [1], [3], [4], [8], [2, 3], [3, 4], [4, 3], [4, 4], [1, 4], [3, 1], [2, 3, 4], [2, 1, 3], [0, 3], ['n'], ['n'], ['n', 3], ['n', 4], [3, 'n'], [4, 'n'], ['n', 'm'], ['m', 'n'], ['m', 4], ['n', 1], ['m'], ['n', 2, 3],
];
const ALIKE: readonly (readonly Axis[])[] = [[4, 4], [4, 4], [16], [2, 8], [4], [1, 4], [4, 1], [], ['n', 4], ['n', 4], [4, 'n']];
const DTYPES: readonly (DType | 'float' | 'other')[] = ['float', 'float', 'float', 'int32', 'float', 'bool', 'float', 'int32', 'other', 'float', 'float', 'float', 'int32', 'bool'];

const ODD_FLOATS = [NaN, Infinity, -Infinity, -0, 0, 1, -1, 0.5];
const ODD_INTEGERS = [0, 1, -1, 2, 3, 2147483647, -2147483648, 65536, -7, 100];

export function widePlan({ float, mixed, subnormals, draws }: WidePlan): WideComputation {
  const drawing = (start: number): Choose => {
    let at = start;
    return (count) => {
      const draw = draws[at % draws.length] ?? 0;
      // The list goes round, and then means something else.
      const round = Math.floor(at++ / draws.length);
      return (draw + 7 * round) % count;
    };
  };
  const choose = drawing(0);
  const shapes = choose(3) === 0 ? ALIKE : SHAPES;
  const leaves: LeafPlan[] = DTYPES.slice(0, 6 + choose(DTYPES.length - 5)).map((kind, k) => {
    const isVariable = k % 2 === 0;
    const drawn = shapes[choose(shapes.length)] ?? [];
    const other: FloatDType = mixed ? (float === 'float32' ? 'float64' : 'float32') : float;
    const dtype = kind === 'float' ? float : kind === 'other' ? other : kind;
    // A variable is as large as it is.
    const shape = isVariable ? drawn.map((d) => (typeof d === 'number' ? d : 3)) : drawn;
    return { name: `${isVariable ? 'v' : 'x'}${k}`, dtype, shape, isVariable };
  });
  // A scalar of each kind for the host.
  leaves.push({ name: 'rate', dtype: float, shape: [], isVariable: true }, { name: 'count', dtype: 'int32', shape: [], isVariable: true }, { name: 'given', dtype: float, shape: [], isVariable: false });
  const odd = choose(3) === 0;
  const exact = choose(2) === 0;
  const valueOf = (dtype: DType, shape: readonly number[], seed: number): TypedArray => {
    const special = odd && seed % 3 > 0;
    if (dtype === 'int32' && special) return fromList(dtype, shape, ODD_INTEGERS, seed).data;
    if (!isFloat(dtype)) return spread(dtype, shape, { seed }).data;
    const random = uniforms(seed);
    const plain = (): number => (exact ? Math.floor(random() * 33 - 16) / 8 : random() * 4 - 2);
    const strange = [...ODD_FLOATS, ...(subnormals ? [1e-40, -(2 ** -149)] : []), ...samples(dtype, false, seed).slice(22, 26)];
    const list = Array.from({ length: sizeOf(shape) }, () => (special && random() < 0.3 ? (strange[Math.floor(random() * strange.length)] ?? NaN) : plain()));
    return fromList(dtype, shape, list.length === 0 ? [0] : list).data;
  };
  const firstSeed = choose(1000);
  const names = new Set(leaves.filter((l) => !l.isVariable).flatMap((l) => l.shape.filter((d) => typeof d === 'string')));
  const steps = Array.from({ length: 1 + choose(4) }, (_, step) => {
    const sizes = new Map([...names].map((name): [string, number] => [name, SIZES[choose(SIZES.length)] ?? 1]));
    const values = Object.fromEntries(
      leaves.flatMap(({ name, dtype, shape, isVariable }, k) => {
        if (isVariable) return [];
        const known = shape.map((d) => (typeof d === 'number' ? d : (sizes.get(d) ?? 1)));
        return [[name, { dtype, shape: known, data: valueOf(dtype, known, firstSeed + 31 * step + k) }]];
      }),
    );
    return { sizes, values };
  });
  const operations = 4 + choose(36);
  const from = 100;
  const draw = drawing(from);
  const recorder = new Recorder();
  const variables: Variable[] = [];
  const all = leaves.map(({ name, dtype, shape, isVariable }, k): Expr => {
    if (!isVariable) return recorder.input(name, dtype, shape);
    const known = shape.map(Number);
    const made = recorder.variable(name, { dtype, shape: known, data: valueOf(dtype, known, firstSeed + 500 + k) });
    variables.push(made);
    return made;
  });
  const grown = new WideGraph(all, draw, { float, sizes: steps.map((s) => s.sizes), mixed }, recorder);
  for (let k = 0; k < operations; k++) grown.grow();
  const outputs: Record<string, Expr> = {};
  for (let k = draw(4); k >= 0; k--) {
    const output = grown.pick() ?? all[0];
    if (output !== undefined) outputs[`y${k}`] = output;
  }
  const updates = new Map<Variable, Expr>();
  for (const target of variables) {
    if (draw(3) === 0) continue;
    const fits = (e: Expr): boolean => e.dtype === target.dtype && e.shape.length === target.shape.length && e.shape.every((d, k) => d === target.shape[k]);
    // Now and then the old value of another: swaps and cycles.
    const value = draw(3) === 0 ? grown.pick((e) => fits(e) && e !== target && e.node.kind === 'variable') : grown.pick(fits);
    if (value !== undefined) updates.set(target, value);
  }
  return { graph: recorder.graph({ outputs, updates }, steps.map(({ values }) => values)), raw: grown.raw };
}
