/** What only the sizes of open dimensions tell: that slices stay inside, and that a maximum has something to choose from. */
import { describe, topological } from './describe.js';
import { bindDimension, bindPosition, type Dimension } from './dimension.js';
import { ShapeError } from './errors.js';
import type { Expr } from './expr.js';

/**
 * Checks the expressions under the roots for these sizes, before anything is compiled or run.
 *
 * @throws {ShapeError} if a size is negative, a slice reaches outside, or `max` or `min` has no elements
 */
export function checkSizes(roots: readonly Expr[], sizes: ReadonlyMap<string, number>): void {
  const bind = (d: Dimension): number => bindDimension(d, sizes);
  const bodies = new Set<Expr>();
  for (const expr of topological(roots)) {
    const { node } = expr;
    const shape = expr.shape.map(bind);
    if (node.kind === 'scan') for (const inside of [...node.loop.next, node.of]) bodies.add(inside);
    const [arg] = expr.args;
    if (arg === undefined) continue;
    if (node.kind === 'slice') {
      checkInside(node, arg, arg.shape.map(bind), shape, sizes);
    } else if (node.kind === 'pad') {
      checkInside(node, expr, shape, arg.shape.map(bind), sizes);
    } else if (node.kind === 'reduce' && (node.op === 'max' || node.op === 'min') && node.ofNone !== true) {
      const empty = node.axes.find((axis) => bind(arg.shape[axis] ?? 1) === 0);
      if (empty !== undefined) {
        throw new ShapeError(`${node.op}: ${describe(arg)} has no elements to choose from: its axis ${empty} has size 0 here`);
      }
    }
  }
  if (bodies.size > 0) checkSizes([...bodies], sizes);
}

function checkInside(
  { kind, starts, steps }: { readonly kind: string; readonly starts: readonly Dimension[]; readonly steps: readonly number[] },
  whole: Expr,
  extents: readonly number[],
  part: readonly number[],
  sizes: ReadonlyMap<string, number>,
): void {
  for (const [axis, size] of extents.entries()) {
    const count = part[axis] ?? 0;
    if (count === 0) continue;
    const start = bindPosition(starts[axis] ?? 0, sizes);
    const outside = [start, start + (count - 1) * (steps[axis] ?? 1)].find((position) => position < 0 || position >= size);
    if (outside !== undefined) {
      throw new ShapeError(`${kind}: ${describe(whole)} has no element ${outside} on axis ${axis}, whose size is ${size} here`);
    }
  }
}
