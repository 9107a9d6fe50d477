/** Affine functions of the indices of a nest: where an element is, as an offset and a stride for each axis. */
import { stridesOf } from '@pappus/core/backend';
import { itemAt } from '../required.js';

/** An affine function of the indices of a nest: `offset + sum(strides[k] index[k])`. */
export interface Affine {
  /** The value where all indices are 0. */
  readonly offset: number;
  /** One coefficient for each axis of the iteration. */
  readonly strides: readonly number[];
}

export function constantAffine(offset: number, rank: number): Affine {
  return { offset, strides: new Array<number>(rank).fill(0) };
}

/** The index of one axis. */
export function axisIndex(axis: number, rank: number): Affine {
  return { offset: 0, strides: Array.from({ length: rank }, (_, k) => (k === axis ? 1 : 0)) };
}

/** `start + step * a` */
export function scaled(a: Affine, step: number, start: number): Affine {
  return { offset: start + step * a.offset, strides: a.strides.map((s) => s * step) };
}

/** `a + b` */
export function sumOf(a: Affine, b: Affine): Affine {
  return { offset: a.offset + b.offset, strides: a.strides.map((s, axis) => s + itemAt(b.strides, axis, 'the stride of axis')) };
}

/** The row-major position of an element of `shape` whose indices these are. */
export function linear(indices: readonly Affine[], shape: readonly number[], rank: number): Affine {
  const weights = stridesOf(shape);
  let result = constantAffine(0, rank);
  for (const [k, index] of indices.entries()) {
    const weight = itemAt(weights, k, 'the weight of axis');
    result = {
      offset: result.offset + weight * index.offset,
      strides: result.strides.map((s, axis) => s + weight * itemAt(index.strides, axis, 'the stride of axis')),
    };
  }
  return result;
}

/** Whether two functions agree on all of an iteration: axes of size 1 do not count. */
export function sameOver(a: Affine, b: Affine, extents: readonly number[]): boolean {
  return a.offset === b.offset && extents.every((n, k) => n <= 1 || a.strides[k] === b.strides[k]);
}

/**
 * The indices into `shape` whose row-major position is `position`, where each axis of the iteration falls into one axis
 * of the shape without carrying into the next; undefined where one would.
 */
export function delinearize(position: Affine, shape: readonly number[], extents: readonly number[]): Affine[] | undefined {
  if (shape.length === 1) return [position];
  if (shape.some((d) => d === 0)) return shape.map(() => constantAffine(0, extents.length));
  const weights = stridesOf(shape);
  const offsets: number[] = [];
  let rest = position.offset;
  if (rest < 0 || position.strides.some((s) => s < 0)) return undefined;
  for (const weight of weights) {
    offsets.push(Math.floor(rest / weight));
    rest %= weight;
  }
  const strides = shape.map(() => new Array<number>(extents.length).fill(0));
  const largest = [...offsets];
  for (const [axis, stride] of position.strides.entries()) {
    const extent = itemAt(extents, axis, 'the extent of axis');
    if (stride === 0 || extent <= 1) continue;
    const k = weights.findIndex((weight, at) => stride % weight === 0 && itemAt(shape, at, 'the size of axis') > 1 && weight <= stride);
    const target = strides[k];
    if (target === undefined) return undefined;
    const coefficient = stride / itemAt(weights, k, 'the weight of axis');
    target[axis] = coefficient;
    largest[k] = itemAt(largest, k, 'the largest index of axis') + coefficient * (extent - 1);
  }
  if (largest.some((index, k) => index >= itemAt(shape, k, 'the size of axis'))) return undefined;
  return shape.map((_, k) => ({ offset: itemAt(offsets, k, 'the offset of axis'), strides: strides[k] ?? [] }));
}

/** How far something moves along an axis: nowhere along none (-1), and in a nest without axes. */
export function strideAlong(strides: readonly number[], axis: number): number {
  return axis < 0 || strides.length === 0 ? 0 : itemAt(strides, axis, 'the stride of axis');
}

/** The extent of an axis: one element along none (-1), and in a nest without axes. */
export function extentAlong(extents: readonly number[], axis: number): number {
  return axis < 0 || extents.length === 0 ? 1 : itemAt(extents, axis, 'the extent of axis');
}
