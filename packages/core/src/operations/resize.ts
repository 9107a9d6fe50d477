/** Images of other sizes: the nearest elements, or straight lines between neighbours. */
import { describe } from '../graph/describe.js';
import { InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { broadcastTo, expandDims, reshape } from './movement.js';
import { requireFloat, requireTensor } from './operand-checks.js';
import { rowsAlong, type Tap, weightedSums } from './resampling.js';
import { LONGEST_TABLE, type PerAxis, perAxis } from './spatial.js';

/** Options of `resize`. */
export interface ResizeOptions {
  /**
   * `'nearest'`, the default: element `floor(i n / size)`, as PyTorch's `nearest`. `'nearestExact'`: the one under the centre,
   * `floor((i + 1/2) n / size)`, as PyTorch's `nearest-exact` and the nearest of TensorFlow 2 and JAX. `'linear'`: between the two elements
   * on either side (linear, bilinear or trilinear, by the number of axes); nothing is smoothed where the size shrinks.
   */
  readonly method?: 'nearest' | 'nearestExact' | 'linear';
  /**
   * Whether the first and the last element of the result stand on those of the operand: element i is at `i (n - 1) / (size - 1)`. By
   * default false: the outer edges of the elements do, and the centre of i is at `(i + 1/2) n / size - 1/2`, and not before 0. For `'nearest'`
   * true rounds that place, a half up, as TensorFlow does; `'nearestExact'` does not take it.
   */
  readonly alignCorners?: boolean;
}

/**
 * `[batch, channels, ...sizes]` with other sizes, of any number of axes from one on: an image is `[batch, channels, height, width]`. As
 * PyTorch's `interpolate` with a `size`, in whole numbers where that rounds `n / size` to float32.
 *
 * @param size of the result; one number for all axes behind the second, or one an axis
 * @throws {ShapeError} if there are fewer than three axes, an axis has no elements or an open size, or a size is no whole number of at least 1
 * @throws {DTypeError} if the method is `'linear'` and the operand is no float; the others take all dtypes
 * @throws {InputError} if an option is none, or `'nearestExact'` is to align corners
 * @example resize(images, [2 * height, 2 * width], { method: 'linear' })
 */
export function resize(x: Expr, size: PerAxis, options?: ResizeOptions): Expr {
  const { method = 'nearest', alignCorners = false } = checkOptions('resize', options, { method: ['nearest', 'nearestExact', 'linear'], alignCorners: option.flag });
  requireTensor('resize', x);
  if (method === 'linear') requireFloat('resize', x);
  if (method === 'nearestExact' && alignCorners) throw new InputError("resize: alignCorners goes with the methods 'nearest' and 'linear', not 'nearestExact'");
  if (x.rank < 3) throw new ShapeError(`resize: ${describe(x)} should have at least 3 dimensions: batch, channels, and what is resized`);
  const sizes = perAxis('resize', 'size', size, x.rank - 2, 1, LONGEST_TABLE);
  return sizes.reduce((resized, target, k) => {
    const axis = 2 + k;
    const n = x.shape[axis];
    if (typeof n !== 'number' || n === 0) throw new ShapeError(`resize: axis ${axis} of ${describe(x)} has the size ${String(n)}; it must be known, and at least 1`);
    if (n === target) return resized;
    if (method === 'linear') return weightedSums('resize', resized, axis, Array.from({ length: target }, (_, i) => tapsAt(place(i, n, target, alignCorners), n)));
    return chosen(resized, axis, Array.from({ length: target }, (_, i) => nearest(i, n, target, method === 'nearestExact', alignCorners)), n);
  }, x);
}

/** Where element i of the result stands on the operand. */
function place(i: number, n: number, size: number, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : (i * (n - 1)) / (size - 1);
  return Math.max(0, ((2 * i + 1) * n - size) / (2 * size));
}

/** The elements on either side of a place. */
function tapsAt(position: number, n: number): readonly Tap[] {
  const index = Math.min(Math.floor(position), n - 1);
  const share = index === n - 1 ? 0 : position - index;
  // One that counts nothing is left out: it may be infinite.
  return share === 0 ? [{ index, weight: 1 }] : [{ index, weight: 1 - share }, { index: index + 1, weight: share }];
}

function nearest(i: number, n: number, size: number, exact: boolean, alignCorners: boolean): number {
  if (alignCorners) return size === 1 ? 0 : quotient(2 * i * (n - 1) + size - 1, 2 * (size - 1));
  return exact ? quotient((2 * i + 1) * n, 2 * size) : quotient(i * n, size);
}

/** The whole quotient of whole numbers, without a rounding. */
function quotient(a: number, b: number): number {
  return (a - (a % b)) / b;
}

/** The elements at indices along an axis; where each is repeated equally often, as a view. */
function chosen(x: Expr, axis: number, indices: readonly number[], n: number): Expr {
  const times = indices.length / n;
  if (indices.every((index, i) => index === Math.floor(i / times)) && Number.isInteger(times)) {
    const [before, after] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
    return reshape(broadcastTo(expandDims(x, axis + 1), [...before, times, ...after]), [...x.shape.slice(0, axis), indices.length, ...after]);
  }
  const rows = rowsAlong('resize', x, axis, indices.map((index) => [index]));
  return reshape(rows, [...x.shape.slice(0, axis), indices.length, ...x.shape.slice(axis + 1)]);
}
