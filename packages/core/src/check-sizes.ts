/** What only the sizes of open dimensions tell: that slices stay inside, and that a maximum or an index has something to choose from. */
import { describe, topological } from './describe.js';
import { bindDimension, bindPosition, type Dimension } from './dimension.js';
import { ShapeError } from './errors.js';
import type { Expr } from './expr.js';

/**
 * Checks the expressions under the roots for these sizes, before anything is compiled or run.
 *
 * @throws {ShapeError} if a size is negative, a slice reaches outside, or `max` or `min` has no elements, or an index an axis of size 0
 */
export function checkSizes(roots: readonly Expr[], sizes: ReadonlyMap<string, number>): void {
  const bind = (d: Dimension): number => bindDimension(d, sizes);
  const bodies = new Set<Expr>();
  for (const expr of topological(roots)) {
    const { node } = expr;
    const shape = expr.shape.map(bind);
    // A loop without a step takes nothing.
    if (node.kind === 'scan' && bind(node.loop.length) > 0) for (const inside of [...node.loop.next, node.of]) bodies.add(inside);
    const [arg] = expr.args;
    if (arg === undefined) continue;
    if (node.kind === 'gather' || node.kind === 'scatter') {
      const [whole, indices] = node.kind === 'gather' ? [arg, expr.args[1]] : [expr, arg];
      checkTaken(node.operation, whole, node.axis, (indices?.shape ?? []).map(bind), bind(whole.shape[node.axis] ?? 1));
    } else if (node.kind === 'slice') {
      checkInside(node, arg, arg.shape.map(bind), shape, sizes);
    } else if (node.kind === 'pad') {
      checkInside(node, expr, shape, arg.shape.map(bind), sizes);
    } else if (node.kind === 'reduce' && (node.op === 'max' || node.op === 'min')) {
      const empty = node.axes.find((axis) => bind(arg.shape[axis] ?? 1) === 0);
      if (empty !== undefined) {
        throw new ShapeError(`${node.op}: ${describe(arg)} has no elements to choose from: its axis ${empty} has size 0 here`);
      }
    }
  }
  if (bodies.size > 0) checkSizes([...bodies], sizes);
}

function checkTaken(operation: string, whole: Expr, axis: number, indices: readonly number[], size: number): void {
  if (size > 0 || indices.includes(0)) return;
  throw new ShapeError(`${operation}: ${describe(whole)} has nothing to take or to add to: its axis ${axis} has size 0 here`);
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
