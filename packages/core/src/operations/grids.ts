/** Grids: numbers at equal distances, and coordinates of the points that vectors span. */
import { iota, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { type Dimension, dimension, type DimensionLike } from '../graph/dimension.js';
import { isFloat } from '../graph/dtype.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { add, cast, div, lt, maximum, mul, sub, where } from './elementwise.js';
import { broadcastTo, reshape } from './movement.js';
import { commonShape, liftAll, requireTensors } from './operand-checks.js';

/** Options of `linspace`. */
export interface LinspaceOptions {
  /** Whether the last number is `stop`. Default true. */
  readonly endpoint?: boolean;
  /** Of numbers that stand beside no expression. Default float32. */
  readonly dtype?: 'float32' | 'float64';
}

const LINSPACE = { endpoint: option.flag, dtype: ['float32', 'float64'] } as const satisfies OptionTable<LinspaceOptions>;

/**
 * So many numbers at equal distances from start to stop, both exact: `[count]`, or `[count, ...]` where start and stop have axes, which broadcast. Each is counted
 * from the end that is nearer, as in torch; NumPy counts from the start and then puts in the stop. One number is the start.
 *
 * @param start a number, or float32 or float64: what a step computes as well
 * @param stop as start; the two have one dtype
 * @param count from 0 on, or the name of an open dimension; NumPy's default is 50, here there is none
 * @param options `endpoint`, default true: without it, the numbers stop before `stop`; `dtype`, of two numbers, default float32
 * @throws {ShapeError} if the count is no whole number from 0 on, or start and stop do not broadcast
 * @throws {DTypeError} if they are no floats, or of two dtypes
 * @throws {InputError} if one is a number that is not finite
 * @example linspace(0, 1, 5)   // 0, 0.25, 0.5, 0.75, 1
 */
export function linspace(start: Operand, stop: Operand, count: DimensionLike, options?: LinspaceOptions): Expr {
  const { endpoint = true, dtype = 'float32' } = checkOptions('linspace', options, LINSPACE);
  for (const end of [start, stop]) {
    if (typeof end === 'number' && !Number.isFinite(end)) throw new InputError(`linspace: start and stop must be finite, and one is ${show(end)}`);
  }
  const many = dimension(count, 'linspace');
  const [from, to] = liftAll([start, stop], 'linspace', dtype);
  if (from === undefined || to === undefined) throw new TypeError('linspace has two ends');
  if (!isFloat(from.dtype)) throw new DTypeError(`linspace: takes float32 or float64, and ${describe(from)} is ${from.dtype}; cast it with .cast('float32')`);
  return spaced(from, to, many, endpoint);
}

function spaced(from: Expr, to: Expr, count: Dimension, endpoint: boolean): Expr {
  const { dtype } = from;
  const shape = commonShape([from, to], 'linspace');
  const steps = sub(size(count, dtype), endpoint ? 1 : 0);
  const step = div(sub(to, from), maximum(steps, 1));
  const k = reshape(cast(iota([count], 0), dtype), [count, ...shape.map(() => 1)]);
  const [ahead, behind] = [add(from, mul(k, step)), sub(to, mul(sub(steps, k), step))];
  return where(lt(mul(k, 2), maximum(steps, 1)), ahead, behind);
}

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /**
   * `'xy'`: the first two axes of the results are those of the second and the first vector, as rows and columns of an image with x and y; NumPy's and TF.js's
   * default, and ours. `'ij'`: in the order of the vectors; torch's default.
   */
  readonly indexing?: 'xy' | 'ij';
}

/**
 * The coordinates of the points that vectors span: a tensor for each vector, all of the shape of the grid. Nothing is copied where they are used.
 *
 * @param vectors `[n]`, `[m]`, ... of any dtypes; a tensor without axes counts as one of size 1
 * @param options `indexing`, default `'xy'`, by which the results are `[m, n, ...]`
 * @throws {ShapeError} if one has more than one axis
 * @example const [x, y] = meshgrid([linspace(-1, 1, 640), linspace(-1, 1, 480)]);   // both [480, 640]
 */
export function meshgrid(vectors: readonly Expr[], options?: MeshgridOptions): Expr[] {
  requireTensors('meshgrid', vectors, 'the vectors');
  const { indexing = 'xy' } = checkOptions('meshgrid', options, { indexing: ['xy', 'ij'] });
  for (const vector of vectors) {
    if (vector.rank > 1) throw new ShapeError(`meshgrid: takes vectors, and ${describe(vector)} has ${vector.rank} axes`);
  }
  const axisOf = (k: number): number => (indexing === 'xy' && k < 2 && vectors.length > 1 ? 1 - k : k);
  const sizes = vectors.map((_, k) => vectors[axisOf(k)]?.shape[0] ?? 1);
  return vectors.map((vector, k) => broadcastTo(reshape(vector, sizes.map((d, axis) => (axis === axisOf(k) ? d : 1))), sizes));
}
