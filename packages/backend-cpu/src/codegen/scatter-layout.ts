/** How a scatter goes through what it adds, and where it keeps what in scratch memory. */
import { extentAlong, indexedAxes, type ScatterKernel } from '@pappus/compiler';
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT, sizeOf } from '@pappus/core/backend';
import { RUN } from './accumulator.js';
import { lanesOf } from './body-emitter.js';
import type { LaneCount } from './vectors.js';

/** Vectors of a row that is short. */
const SHORT_ROW = 2;

export interface ScatterLayout {
  readonly dtype: DType;
  /** Axes along which nothing but the index says where to add, and how many places they have. */
  readonly indexed: readonly boolean[];
  readonly positions: number;
  /** The axis along which the lanes of a row lie: the last that is not indexed; -1 where single elements are added. */
  readonly axis: number;
  /** Whether a row is one vector, since the places along the indexed axes are nearer to each other than the elements of a row. */
  readonly narrow: boolean;
  /** The axes of a row; the others that are not indexed are loops around all of it. */
  readonly inRow: readonly boolean[];
  /** How many totals there may be: an index has had a run of additions, and one more, before it needs one, unless each has one. */
  readonly most: number;
  /** Whether all is added to totals at once, of which each index has one: where rows are so short that counting runs costs more. */
  readonly direct: boolean;
  /** Lanes of a total, and bytes of one vector of totals. */
  readonly lanes: LaneCount;
  readonly totalBytes: number;
  /** Bytes of the totals of a row. */
  readonly rowBytes: number;
  /** Bytes from the start of the scratch memory, where a word for each index is: what the totals belong to, totals, indices, values. */
  readonly owners: number;
  readonly totals: number;
  readonly keys: number;
  readonly values: number;
  readonly bytes: number;
}

export function layOutScatter(kernel: ScatterKernel): ScatterLayout {
  const { extents, body, count } = kernel;
  const indexed = indexedAxes(kernel);
  const positions = sizeOf(extents.filter((_, k) => indexed[k] === true));
  const axis = indexed.lastIndexOf(false);
  const narrow = axis >= 0 && axis < indexed.lastIndexOf(true);
  const inRow = indexed.map((is, k) => !is && (!narrow || k === axis));
  const dtype = body.stores[0]?.access.buffer.dtype ?? 'float32';
  const needed = dtype === 'float32' || dtype === 'float64' ? Math.min(count, Math.floor(positions / (RUN + 1))) : 0;
  const lanes = axis < 0 ? 2 : lanesOf(body);
  const totalBytes = dtype === 'float32' && lanes === 2 ? 16 : 32;
  const vectors = (axis < 0 || narrow ? 1 : Math.ceil(extentAlong(extents, axis) / lanes)) * sizeOf(extents.filter((_, k) => inRow[k] === true && k !== axis));
  const rowBytes = totalBytes * vectors;
  const direct = needed > 0 && vectors <= SHORT_ROW && 2 * count <= positions;
  const most = direct ? count : needed;
  // Whole vectors may be written, and lines are apart.
  const room = (bytes: number): number => (bytes === 0 ? 0 : Math.ceil(bytes / 64 + 1) * 64);
  const owners = direct || most === 0 ? 0 : room(count * 4);
  const totals = owners + (direct ? 0 : room(most * 4));
  const keys = totals + room(most * rowBytes);
  const values = keys + room(positions * 4);
  const bytes = values + (axis < 0 ? room(positions * BYTES_PER_ELEMENT[dtype]) : 0);
  return { dtype, indexed, positions, axis, narrow, inRow, most, direct, lanes, totalBytes, rowBytes, owners, totals, keys, values, bytes };
}
