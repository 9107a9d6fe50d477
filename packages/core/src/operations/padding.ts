/** Padding with elements of the tensor itself, axis by axis: in parts that lie there already where that is known, else by computed positions. */
import { iota, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, type Dimension } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { add, lt, maximum, mod, mul, sub, where } from './elementwise.js';
import { gatherNode } from './indexing.js';
import { broadcastTo, concat, expandDims, type Range, sliceAlong } from './movement.js';

/** Whose elements the new ones are. */
export type ExtensionMode = 'edge' | 'reflect' | 'symmetric' | 'wrap';

/** How many elements are new, before and behind. */
export type Width = readonly [before: number, after: number];

/** The tensor with new elements on each axis; those of later axes are of what earlier ones have become. */
export function extended(a: Expr, widths: readonly Width[], mode: ExtensionMode): Expr {
  return widths.reduce((known, width, axis) => (width.some((count) => count > 0) ? along(known, axis, width, mode) : known), a);
}

function along(a: Expr, axis: number, width: Width, mode: ExtensionMode): Expr {
  const [before, after] = width;
  const extent = a.shape[axis] ?? 1;
  if (extent === 0) throw new ShapeError(`pad: axis ${axis} of ${describe(a)} has size 0, and no element to pad with`);
  const part = (range: Range): Expr => sliceAlong(a, axis, range);
  const joined = (first: () => Expr, last: () => Expr): Expr => concat([...(before > 0 ? [first()] : []), a, ...(after > 0 ? [last()] : [])], axis);
  if (mode === 'edge') {
    const repeated = (edge: number, count: number): Expr => broadcastTo(expandDims(part(edge), axis), a.shape.map((d, k) => (k === axis ? count : d)));
    return joined(() => repeated(0, before), () => repeated(-1, after));
  }
  // The element at the edge is not reflected.
  const own = mode === 'reflect' ? 1 : 0;
  if (typeof extent !== 'number' || Math.max(before, after) > extent - own) return gatherNode(a, positions(extent, width, mode), axis, 'missing', 'pad');
  if (mode === 'wrap') return joined(() => part([extent - before, null]), () => part([0, after]));
  return joined(() => part(backwards(own + before - 1, own)), () => part(backwards(extent - own - 1, extent - own - after)));
}

/** From an element down to another, both included. */
function backwards(from: number, to: number): Range {
  return [from, to === 0 ? null : to - 1, -1];
}

/** For each element of the result the one that it is. */
function positions(extent: Dimension, [before, after]: Width, mode: Exclude<ExtensionMode, 'edge'>): Expr {
  const count = size(extent, 'int32');
  const at = sub(iota([addDimensions(extent, before + after)], 0), before);
  switch (mode) {
    case 'wrap':
      return mod(at, count);
    case 'reflect':
    case 'symmetric': {
      // There and back: what is behind the last element comes back by as much.
      const last = sub(count, 1);
      const back = mode === 'symmetric' ? add(mul(last, 2), 1) : mul(last, 2);
      // Of one element all are reflections.
      const around = mod(at, mode === 'symmetric' ? add(back, 1) : maximum(back, 1));
      return where(lt(around, count), around, sub(back, around));
    }
  }
}
