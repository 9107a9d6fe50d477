/** What windows over the spatial axes of a tensor share: options of one number an axis, and padding. */
import type { Dimension } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import { asList, isList } from '../graph/shape.js';
import { show } from '../arguments/show.js';

/** One number for all spatial axes, or one an axis. */
export type PerAxis = number | readonly number[];

/**
 * Elements around the spatial axes: none (`valid`); as many as make the result as long as the operand, divided by the stride
 * and rounded up, an odd one behind (`same`, as in TensorFlow); a number for all sides; or an entry an axis, each a number for
 * both sides or `[before, after]`.
 */
export type Padding = 'valid' | 'same' | number | readonly (number | readonly [before: number, after: number])[];

/** Before and after an axis. */
export type Widths = readonly [before: Dimension, after: Dimension];

/** What no axis is longer than whose elements stand in a table. */
export const LONGEST_TABLE = 2 ** 20;

/** @throws {ShapeError} unless there is one whole number from `least` to `most` an axis */
export function perAxis(operation: string, what: string, value: PerAxis, axes: number, least: number, most = 2 ** 31 - 1): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(axes).fill(value) : Array.from(asList(value, operation, `the ${what}`));
  if (list.length !== axes) throw new ShapeError(`${operation}: takes one ${what} or ${axes}, and ${list.length} are given`);
  for (const entry of list) {
    if (!Number.isInteger(entry) || entry < least) throw new ShapeError(`${operation}: the ${what} must be a whole number of at least ${least}, not ${show(entry)}`);
    if (entry > most) throw new ShapeError(`${operation}: the ${what} must be at most ${most}, not ${entry}`);
  }
  return list;
}

/**
 * How much is put around each axis.
 *
 * @param spans elements from the first to the last of a window, one an axis
 * @throws {ShapeError} if a width is no whole number of at least 0, or `same` needs a size that is not known
 */
export function padWidths(operation: string, padding: Padding = 'valid', sizes: readonly Dimension[], spans: readonly number[], strides: readonly number[]): readonly Widths[] {
  if (padding === 'valid') return sizes.map(() => [0, 0]);
  if (padding === 'same') return sizes.map((size, k) => sameWidths(operation, size, spans[k] ?? 1, strides[k] ?? 1));
  if (typeof padding !== 'number' && !isList(padding)) {
    throw new ShapeError(`${operation}: the padding must be 'valid', 'same', a number or a list with an entry for each axis, not ${show(padding)}`);
  }
  const list = typeof padding === 'number' ? sizes.map(() => padding) : asList(padding, operation, 'the padding');
  if (list.length !== sizes.length) throw new ShapeError(`${operation}: takes a padding for each of ${sizes.length} axes, and ${list.length} are given`);
  return Array.from(list, (entry): Widths => {
    const pair: Widths = typeof entry === 'number' ? [entry, entry] : entry;
    const [before, after, ...more] = asList(pair, operation, 'a padding');
    if (before === undefined || after === undefined || more.length > 0) throw new ShapeError(`${operation}: a padding must be a number or [before, after], not ${show(pair)}`);
    for (const width of [before, after]) {
      if (typeof width !== 'number' || !Number.isInteger(width) || width < 0) {
        throw new ShapeError(`${operation}: a padding must be a whole number of at least 0, not ${show(width)}; or use 'same' or 'valid'`);
      }
    }
    return [before, after];
  });
}

function sameWidths(operation: string, size: Dimension, span: number, stride: number): Widths {
  let total = span - stride;
  if (typeof size === 'number') {
    total = Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
  } else if (stride !== 1) {
    throw new ShapeError(`${operation}: the padding 'same' with a stride of ${stride} on the open dimension ${size.toString()} needs a known size`);
  }
  const before = Math.floor(total / 2);
  return [before, total - before];
}
