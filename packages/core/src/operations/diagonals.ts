/** Diagonals of matrices: taken out as views, put in, and summed. */
import { iota, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, atLeastZero, multiplyDimensions, smaller, subtractDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { formatShape, normalizeAxis } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, eq, mul, where } from './elementwise.js';
import { gatherNode } from './indexing.js';
import { broadcastTo, expandDims, padNode, reshape, sliceNode, transpose } from './movement.js';
import { lift, requireNumbers, requireTensor } from './operand-checks.js';
import { sum } from './reductions.js';

/** Options of `diag`. */
export interface DiagOptions {
  /** Which diagonal: 0, the default, is the main one, 1 the one above it (to its right), -1 the one below. A whole number. */
  readonly offset?: number;
}

/** Options of `diagonal` and `trace`. */
export interface DiagonalOptions extends DiagOptions {
  /** The axis that is the rows. Default -2. */
  readonly axis1?: number;
  /** The axis that is the columns. Default -1. */
  readonly axis2?: number;
}

const DIAG = { offset: option.unchecked } as const satisfies OptionTable<DiagOptions>;
const DIAGONAL = { ...DIAG, axis1: option.unchecked, axis2: option.unchecked } as const satisfies OptionTable<DiagonalOptions>;

/**
 * A diagonal of matrices, as the last axis of the result: of `[..., n, m]` it is `[..., min(n, m)]`, of offset k the elements `x[i, i + k]`. A view where the
 * columns are a known number. The matrices are the last two axes, as of all linear algebra here; NumPy's and torch's `diagonal` take the first two
 * unless told otherwise. A diagonal that is wholly outside has size 0, as in NumPy; torch refuses one that is further out than that.
 *
 * @param x any dtype
 * @param options `offset`, default 0; `axis1`, default -2; `axis2`, default -1
 * @throws {ShapeError} if there are no such axes, both are the same, or the offset is no whole number below 2^31
 * @example diagonal(literal([1, 2, 3, 4, 5, 6], [2, 3], 'float32'), { offset: 1 })   // 2, 6
 */
export function diagonal(x: Expr, options?: DiagonalOptions): Expr {
  return diagonalOf('diagonal', x, options);
}

/**
 * Matrices that are 0 but for one diagonal: vectors `[..., n]` become `[..., n + |k|, n + |k|]` for the offset k, as torch's `diag_embed` and NumPy's `diag` of
 * one vector. NumPy's and torch's `diag` of a matrix takes its diagonal out, which `diagonal` does here.
 *
 * @param v any dtype; in bool matrices the others are false
 * @param options `offset`, default 0
 * @throws {ShapeError} if there is no axis, or the offset is no whole number below 2^31
 * @example diag(literal([1, 2], [2], 'float32'))   // [[1, 0], [0, 2]]
 */
export function diag(v: Expr, options?: DiagOptions): Expr {
  requireTensor('diag', v);
  const { offset = 0 } = checkOptions('diag', options, DIAG);
  requireOffset('diag', offset);
  const n = v.shape.at(-1);
  if (n === undefined) throw new ShapeError(`diag: takes vectors, and ${describe(v)} has no axis; diag(x.reshape([1])) is a matrix of one element`);
  const batch = v.shape.slice(0, -1);
  const side = addDimensions(n, Math.abs(offset));
  const shape = [...batch, side, side];
  if (typeof side === 'number' && side >= 2 ** 31) throw new ShapeError(`diag: the result ${formatShape(shape)} would be larger than int32 can count`);
  const long = offset === 0 ? v : padNode(v, v.shape.map(() => 0), v.shape.map(() => 1), [...batch, side]);
  // Of a diagonal above, each row has its element; of one below, each column.
  const repeated = broadcastTo(expandDims(long, offset < 0 ? -2 : -1), shape);
  const on = eq(iota([side, side], 1), add(iota([side, side], 0), offset));
  return where(on, repeated, lift(0, v.dtype, 'diag'));
}

/**
 * The sum of a diagonal: of matrices `[..., n, m]` it is `[...]`; 0 of a diagonal without elements. The matrices are the last two axes, where NumPy takes the
 * first two unless told otherwise, and torch's `trace` takes one matrix.
 *
 * @param x float32, float64 or int32, which wraps around
 * @param options as those of `diagonal`
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} as `diagonal`
 * @example trace(literal([1, 2, 3, 4], [2, 2], 'float32'))   // 5
 */
export function trace(x: Expr, options?: DiagonalOptions): Expr {
  requireNumbers('trace', x);
  return sum(diagonalOf('trace', x, options), -1);
}

function requireOffset(operation: string, offset: number): void {
  if (!Number.isInteger(offset) || Math.abs(offset) >= 2 ** 31) throw new ShapeError(`${operation}: the offset must be a whole number below 2^31, not ${show(offset)}`);
}

function diagonalOf(operation: string, x: Expr, options: DiagonalOptions | undefined): Expr {
  requireTensor(operation, x);
  const { offset = 0, axis1 = -2, axis2 = -1 } = checkOptions(operation, options, DIAGONAL);
  requireOffset(operation, offset);
  if (x.rank < 2) throw new ShapeError(`${operation}: takes matrices, and ${describe(x)} has ${x.rank} axes`);
  const [rows, columns] = [normalizeAxis(axis1, x.rank, operation), normalizeAxis(axis2, x.rank, operation)];
  if (rows === columns) throw new ShapeError(`${operation}: axis1 and axis2 are both axis ${rows} of ${describe(x)}, and a matrix has two`);
  const others = x.shape.map((_, k) => k).filter((k) => k !== rows && k !== columns);
  return ofLastTwo(operation, transpose(x, [...others, rows, columns]), offset);
}

function ofLastTwo(operation: string, x: Expr, offset: number): Expr {
  const batch = x.shape.slice(0, -2);
  const [n = 1, m = 1] = x.shape.slice(-2);
  const [row, column] = [Math.max(0, -offset), Math.max(0, offset)];
  const length = smaller(atLeastZero(subtractDimensions(n, row)), atLeastZero(subtractDimensions(m, column)));
  const shape = [...batch, length];
  const flat = reshape(x, [...batch, multiplyDimensions(n, m)]);
  if (length === 0) return sliceNode(flat, flat.shape.map(() => 0), flat.shape.map(() => 1), shape);
  if (typeof m === 'number') {
    return sliceNode(flat, [...batch.map(() => 0), row * m + column], [...batch.map(() => 1), m + 1], shape);
  }
  // How far apart they lie is known of a call.
  const columns = size(m, 'int32');
  const positions = add(mul(iota([length], 0), add(columns, 1)), add(mul(columns, row), column));
  return gatherNode(flat, positions, batch.length, 'missing', operation);
}
