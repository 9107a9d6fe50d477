/** The meaning of a cumulative sum. */
import { sizeOf } from '../graph/shape.js';
import { type Dense, dense } from './tensor.js';

export interface CumsumNode {
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

/** Along each line of the axis, with Neumaier's compensation as for sums: no order of additions shows in the places that count. */
export function cumsum(a: Dense, { axis, reverse, exclusive }: CumsumNode, integer: boolean): Dense {
  const out = dense(a.shape);
  const count = a.shape[axis] ?? 1;
  const inner = sizeOf(a.shape.slice(axis + 1));
  const outer = sizeOf(a.shape.slice(0, axis));
  for (let line = 0; line < outer * inner; line++) {
    const start = Math.floor(line / inner) * count * inner + (line % inner);
    let sum = 0;
    let lost = 0;
    for (let k = 0; k < count; k++) {
      const at = start + (reverse ? count - 1 - k : k) * inner;
      const value = a.data[at] ?? NaN;
      const before = sum + lost;
      const after = integer ? (sum + value) | 0 : sum + value;
      if (!integer && Number.isFinite(after)) lost += Math.abs(sum) >= Math.abs(value) ? sum - after + value : value - after + sum;
      sum = after;
      out.data[at] = exclusive ? before : sum + lost;
    }
  }
  return out;
}
