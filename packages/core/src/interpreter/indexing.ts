/** The meaning of reading and adding at indices along an axis. */
import type { DType } from '../graph/dtype.js';
import type { Outside } from '../graph/node.js';
import { sizeOf } from '../graph/shape.js';
import { type Dense, dense } from './tensor.js';

/** What an index outside of its axis reads: of what is missing NaN, of int32 the least number, of bool false. */
export function outsideValue(outside: Outside, dtype: DType): number {
  if (outside === 'zero') return 0;
  switch (dtype) {
    case 'float32':
    case 'float64':
      return NaN;
    case 'int32':
      return -(2 ** 31);
    case 'bool':
      return 0;
  }
}

/** Positions in `whole` of the elements that indices along an axis name, in the order of the parts' elements; undefined outside. */
function positions(whole: readonly number[], indices: Dense, axis: number): (visit: (position: number | undefined, flat: number) => void) => void {
  const count = whole[axis] ?? 1;
  const inner = sizeOf(whole.slice(axis + 1));
  const outer = sizeOf(whole.slice(0, axis));
  return (visit) => {
    let flat = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const inside = index >= 0 && index < count;
        for (let i = 0; i < inner; i++) visit(inside ? (o * count + index) * inner + i : undefined, flat++);
      }
    }
  };
}

export function gather(a: Dense, indices: Dense, axis: number, shape: readonly number[], outside: number): Dense {
  const out = dense(shape);
  positions(a.shape, indices, axis)((position, flat) => (out.data[flat] = position === undefined ? outside : (a.data[position] ?? NaN)));
  return out;
}

/** Added with Neumaier's compensation as in sums: no order of additions shows in the places that count. */
export function scatter(indices: Dense, updates: Dense, axis: number, shape: readonly number[], integer: boolean): Dense {
  const out = dense(shape);
  const lost = new Float64Array(integer ? 0 : out.data.length);
  positions(shape, indices, axis)((position, flat) => {
    if (position === undefined) return;
    const before = out.data[position] ?? NaN;
    const value = updates.data[flat] ?? NaN;
    const after = before + value;
    out.data[position] = integer ? after | 0 : after;
    if (integer || !Number.isFinite(after)) return;
    lost[position] = (lost[position] ?? NaN) + (Math.abs(before) >= Math.abs(value) ? before - after + value : value - after + before);
  });
  for (let k = 0; k < lost.length; k++) out.data[k] = (out.data[k] ?? NaN) + (lost[k] ?? NaN);
  return out;
}
