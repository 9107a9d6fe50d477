/** Dense float64 arrays under a shape, and walking over their indices: what the interpreter computes with. */
import { sizeOf, stridesOf } from '../graph/shape.js';

/** Numbers under a shape. */
export interface Dense {
  /** The elements in row-major order, in float64 whatever the dtype. */
  readonly data: Float64Array;
  /** The sizes of the axes. */
  readonly shape: readonly number[];
}

export function dense(shape: readonly number[]): Dense {
  return { data: new Float64Array(sizeOf(shape)), shape };
}

/** Calls `visit` for every index of `shape` in row-major order with the offset that `strides` and `start` give. */
export function walk(
  shape: readonly number[],
  strides: readonly number[],
  start: number,
  visit: (offset: number, flat: number) => void,
): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let offset = start;
  for (let flat = 0; flat < size; flat++) {
    visit(offset, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      offset += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        break;
      }
      offset -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
}

/** The elements of `a` that a strided view of `shape` shows. */
export function gatherView(a: Dense, shape: readonly number[], strides: readonly number[], start: number): Dense {
  const out = dense(shape);
  walk(shape, strides, start, (offset, flat) => {
    out.data[flat] = a.data[offset] ?? NaN;
  });
  return out;
}

/** Strides with which `from` is read as if broadcast to `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(from);
  const added = to.length - from.length;
  return to.map((_, k) => (k < added || from[k - added] === 1 ? 0 : (strides[k - added] ?? 0)));
}
