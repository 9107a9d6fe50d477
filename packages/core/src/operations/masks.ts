/** Tensors made of indices: ranges, the identity, triangles, one-hot rows. Nothing of them is stored; they fuse into their users. */
import { iota } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { type Dimension, dimension, type DimensionLike } from '../graph/dimension.js';
import { type DType, DTYPES } from '../graph/dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { normalizeAxis } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, cast, eq, le, mul, sub, where } from './elementwise.js';
import { expandDims } from './movement.js';
import { lift, requireTensor } from './operand-checks.js';

/** Options of `arange`. */
export interface ArangeOptions {
  /** Default int32 where start, stop and step are whole numbers, float32 otherwise. */
  readonly dtype?: Exclude<DType, 'bool'>;
}

/**
 * `[n]`: start, start + step, start + 2 step, ... below `stop` (above it for a negative step); `arange(stop)` starts from
 * 0. `iota` counts along an open dimension.
 *
 * @param step 1 by default
 * @throws {ShapeError} if a bound is not finite, or the step is 0
 * @throws {DTypeError} if a bound or the step is none of the dtype's values
 * @example arange(1, 7, 2) // 1, 3, 5
 */
export function arange(stop: number, options?: ArangeOptions): Expr;
export function arange(start: number, stop: number, step?: number, options?: ArangeOptions): Expr;
export function arange(first: number, second: number | ArangeOptions = {}, step = 1, last: ArangeOptions = {}): Expr {
  const [start, stop, given] = typeof second === 'object' ? [0, first, second] : [first, second, last];
  const options = checkOptions('arange', given, { dtype: ['float32', 'float64', 'int32'] });
  if (!Number.isFinite(start) || !Number.isFinite(stop) || !Number.isFinite(step) || step === 0) {
    throw new ShapeError(`arange: the bounds must be finite and the step not 0; got ${show(start)}, ${show(stop)} and ${show(step)}`);
  }
  const dtype = options.dtype ?? ([start, stop, step].every(Number.isInteger) ? 'int32' : 'float32');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > 2 ** 31) throw new ShapeError(`arange: ${count} numbers are more than int32 can count; take larger steps`);
  const counted = cast(iota([count], 0), dtype);
  const scaled = step === 1 ? counted : mul(counted, lift(step, dtype, 'arange'));
  return start === 0 ? scaled : add(scaled, lift(start, dtype, 'arange'));
}

/** Options of what is made of nothing but sizes. */
export interface DTypeOptions {
  /** Default float32. */
  readonly dtype?: DType;
}

/**
 * `[rows, columns]`: ones on the diagonal, zeros elsewhere.
 *
 * @param columns as many as rows by default
 */
export function eye(rows: DimensionLike, columns: DimensionLike = rows, options?: DTypeOptions): Expr {
  const { dtype = 'float32' } = checkOptions('eye', options, { dtype: DTYPES });
  const shape = [dimension(rows, 'eye'), dimension(columns, 'eye')];
  return cast(eq(iota(shape, 0), iota(shape, 1)), dtype);
}

/**
 * bool `[rows, columns]`: true on the diagonal and below it.
 *
 * @param columns as many as rows by default
 * @param diagonal moves the limit: 1 is the diagonal above the main one, -1 that below; 0 by default
 * @throws {DTypeError} if the diagonal is no whole number, or of a magnitude of 2^31 or more
 * @example tri('time') // who attends to whom in a causal model
 */
export function tri(rows: DimensionLike, columns: DimensionLike = rows, diagonal = 0): Expr {
  requireDiagonal('tri', diagonal);
  return upTo(dimension(rows, 'tri'), dimension(columns, 'tri'), diagonal);
}

/** bool `[rows, columns]`: true up to a diagonal. Differences of indices are numbers of int32, their sums with a diagonal may be none. */
function upTo(rows: Dimension, columns: Dimension, diagonal: number): Expr {
  const [row, column] = [iota([rows, columns], 0), iota([rows, columns], 1)];
  return diagonal === 0 ? le(column, row) : le(sub(column, row), diagonal);
}

/**
 * The lower triangle of matrices `[..., rows, columns]`, with 0 above the diagonal.
 *
 * @param diagonal as for `tri`
 * @throws {ShapeError} if there are not two axes
 */
export function tril(a: Expr, diagonal = 0): Expr {
  return where(triangleOf('tril', a, diagonal), a, lift(0, a.dtype, 'tril'));
}

/**
 * The upper triangle of matrices `[..., rows, columns]`, with 0 below the diagonal.
 *
 * @param diagonal the first diagonal that is kept: 0, the main one, by default
 * @throws {ShapeError} if there are not two axes
 */
export function triu(a: Expr, diagonal = 0): Expr {
  return where(triangleOf('triu', a, diagonal, -1), lift(0, a.dtype, 'triu'), a);
}

function requireDiagonal(operation: string, diagonal: number): void {
  if (!Number.isInteger(diagonal) || Math.abs(diagonal) >= 2 ** 31) throw new DTypeError(`${operation}: the diagonal must be a whole number of a magnitude below 2^31, not ${show(diagonal)}`);
}

function triangleOf(operation: string, a: Expr, diagonal: number, moved = 0): Expr {
  requireTensor(operation, a);
  requireDiagonal(operation, diagonal);
  const [rows, columns] = a.shape.slice(-2);
  if (rows === undefined || columns === undefined) throw new ShapeError(`${operation}: takes matrices, and ${describe(a)} has ${a.rank} axes`);
  return upTo(rows, columns, diagonal + moved);
}

/** Options of `oneHot`. */
export interface OneHotOptions extends DTypeOptions {
  /** Where the new axis stands in the result. Default -1, the last. */
  readonly axis?: number;
}

/**
 * 1 where the index along a new axis is the label, 0 elsewhere. A label that is not from 0 to classes - 1 is no error, and gives zeros
 * everywhere, as it is no class; `take` and `crossEntropy` answer NaN for one.
 *
 * @param labels `[...]`, int32
 * @throws {DTypeError} if the labels are not int32
 * @example oneHot(digits, 10) // float32 [batch, 10]
 */
export function oneHot(labels: Expr, classes: DimensionLike, options?: OneHotOptions): Expr {
  const { dtype = 'float32', axis = -1 } = checkOptions('oneHot', options, { dtype: DTYPES, axis: option.unchecked });
  requireTensor('oneHot', labels, 'the labels');
  if (labels.dtype !== 'int32') {
    throw new DTypeError(`oneHot: the labels ${describe(labels)} are ${labels.dtype}, not int32; cast them with .cast('int32')`);
  }
  const at = normalizeAxis(axis, labels.rank + 1, 'oneHot');
  const shape = [...labels.shape.slice(0, at), dimension(classes, 'oneHot'), ...labels.shape.slice(at)];
  return cast(eq(iota(shape, at), expandDims(labels, at)), dtype);
}
