/** What only the sizes of open dimensions tell: that slices and windows stay inside, that indices have something to name, that what fits in the graph fits in a call. */
import { describe, topological } from './describe.js';
import { bindDimension, bindPosition, type Dimension, fits } from './dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from './expr.js';
import type { WindowSpans } from './node.js';
import { formatShape, sizeOf } from './shape.js';

/**
 * Checks the expressions under the roots for these sizes, before anything is compiled or run.
 *
 * @throws {ShapeError} if a size is negative, a slice reaches outside, an axis holds no window, `max` or `min` has no elements, an index
 *   names something on an axis of size 0, or a slice is cut short and does not fit what it meets
 */
export function checkSizes(roots: readonly Expr[], sizes: ReadonlyMap<string, number>): void {
  const bind = (d: Dimension): number => bindDimension(d, sizes);
  const bodies = new Set<Expr>();
  const order = topological(roots);
  // First, since what is made of windows has negative sizes where there is none.
  for (const { node, args: [, operand] } of order) {
    if (node.kind === 'customGradient' && node.windows !== undefined && operand !== undefined) checkWindows(operand, node.windows, bind);
  }
  for (const expr of order) {
    const { node } = expr;
    const [arg] = expr.args;
    if (node.kind === 'window' && arg !== undefined) {
      checkWindows(arg, { operation: 'window', spans: [[node.axis, node.dilation * (bind(expr.shape[node.axis + 1] ?? 1) - 1) + 1]] }, bind);
    }
    const shape = expr.shape.map(bind);
    // A scan without a step takes nothing.
    if (node.kind === 'scan' && bind(node.scan.length) > 0) for (const inside of [...node.scan.next, node.of]) bodies.add(inside);
    if (arg === undefined) continue;
    if (node.kind === 'gather' || node.kind === 'scatter') {
      const [whole, indices] = node.kind === 'gather' ? [arg, expr.args[1]] : [expr, arg];
      checkTaken(node.operation, whole, node.axis, (indices?.shape ?? []).map(bind), bind(whole.shape[node.axis] ?? 1));
    } else if (node.kind === 'slice') {
      checkInside(node, arg, arg.shape.map(bind), shape, sizes);
    } else if (node.kind === 'pad') {
      checkInside(node, expr, shape, arg.shape.map(bind), sizes);
    } else if (node.kind === 'reduce' && (node.op === 'max' || node.op === 'min') && node.ofNone !== true) {
      const empty = node.axes.find((axis) => bind(arg.shape[axis] ?? 1) === 0);
      if (empty !== undefined) {
        throw new ShapeError(`${node.operation ?? node.op}: ${describe(arg)} has no elements to choose from: its axis ${empty} has size 0 here`);
      }
    } else {
      checkFits(expr, shape, bind);
    }
  }
  if (bodies.size > 0) checkSizes([...bodies], sizes);
}

function checkWindows(operand: Expr, { operation, spans }: WindowSpans, bind: (d: Dimension) => number): void {
  for (const [axis, span] of spans) {
    const size = bind(operand.shape[axis] ?? 1);
    if (size < span) throw new ShapeError(`${operation}: axis ${axis} of ${describe(operand)} is shorter than one window of ${span}: it has size ${size} here`);
  }
}

/** That sizes which are equal where no slice is cut short are equal here. */
function checkFits(expr: Expr, shape: readonly number[], bind: (d: Dimension) => number): void {
  const { node, args } = expr;
  const shapes = args.map((a) => a.shape.map(bind));
  const [first = [], second = []] = shapes;
  const unequal = (): ShapeError =>
    new ShapeError(
      `${args.map(describe).join(' and ')} fits ${formatShape(expr.shape)} where no slice is cut short; here the shapes are ${formatShape(first)} and ${formatShape(shape)}`,
    );
  const wrong = (operands: readonly Expr[], found: readonly (readonly number[])[]): ShapeError =>
    new ShapeError(`${operands.map(describe).join(' and ')} fit where no slice is cut short; here the shapes are ${found.map(formatShape).join(' and ')}`);
  switch (node.kind) {
    case 'broadcast':
      // What is 1 because it was cut does not stretch: the graph took it for as many as it stands beside.
      if (first.some((d, k) => d !== shape[k + shape.length - first.length] && !(d === 1 && fits(args[0]?.shape[k] ?? 1, 1)))) throw unequal();
      return;
    case 'reshape':
      if (sizeOf(first) !== sizeOf(shape)) throw unequal();
      return;
    case 'concat':
      if (shapes.some((other) => other.some((d, k) => k !== node.axis && d !== first[k]))) throw wrong(args, shapes);
      return;
    case 'matmul': {
      const batch = first.length - node.rows - node.depth;
      if (!equal([...first.slice(0, batch), ...first.slice(batch + node.rows)], second.slice(0, batch + node.depth))) throw wrong(args, shapes);
      return;
    }
    case 'scan': {
      const { carries, inputs, next, length } = node.scan;
      for (const [k, carry] of carries.entries()) {
        const inside = carry.shape.map(bind);
        const [given, after] = [args[k], next[k]];
        if (given !== undefined && !equal(inside, shapes[k] ?? [])) throw wrong([given, carry], [shapes[k] ?? [], inside]);
        if (after !== undefined && !equal(inside, after.shape.map(bind))) throw wrong([carry, after], [inside, after.shape.map(bind)]);
      }
      const stacked = shapes.slice(carries.length, carries.length + inputs.length);
      if (stacked.some(([steps]) => steps !== bind(length))) throw wrong(args.slice(carries.length, carries.length + inputs.length), stacked);
      return;
    }
    default:
      return;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, k) => d === b[k]);
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
