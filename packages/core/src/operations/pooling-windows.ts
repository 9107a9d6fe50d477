/** How the windows of pools lie, the elements in them, and the way of a gradient back to these. */
import { iota, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, type Dimension, multiplyDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { WindowSpans } from '../graph/node.js';
import { add, and, cast, ge, lt, maximum, minimum, mul, sub } from './elementwise.js';
import { padNode, reshape, sliceNode } from './movement.js';
import { requireFloat } from './operand-checks.js';
import { type Padding, padWidths, type PerAxis, perAxis } from './spatial.js';
import { windowCount } from './windows.js';

/** Options that all pools share. */
export interface PoolingOptions {
  /** Elements from one window to the next; one number, or one an axis. Default: the size, so that windows lie side by side. */
  readonly stride?: PerAxis;
  /** What is put around the operand; it is never chosen and does not count. Default `valid`: nothing. */
  readonly padding?: Padding;
  /** Elements from one element of a window to its next; one number, or one an axis. Default 1. */
  readonly dilation?: PerAxis;
  /**
   * Whether a last window that reaches beyond the end counts too, as far as it is inside: the number of windows is rounded up and not
   * down. It must begin inside or in the padding before, as in PyTorch. Default false.
   */
  readonly ceilMode?: boolean;
}

/** How windows lie; one number for each spatial axis. */
export interface PoolPlan {
  readonly operation: string;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** The padding. */
  readonly widths: readonly (readonly [before: number, after: number])[];
  /** What `ceilMode` puts behind the padding, for the last window to be whole. */
  readonly overhangs: readonly number[];
}

/** @throws {ShapeError|DTypeError} as the pools say */
export function planOf(operation: string, spatial: number, x: Expr, given: PerAxis, { stride, padding, dilation = 1, ceilMode = false }: PoolingOptions): PoolPlan {
  requireFloat(operation, x);
  if (x.rank !== spatial + 2) throw new ShapeError(`${operation}: ${describe(x)} should have ${spatial + 2} dimensions`);
  const sizes = perAxis(operation, 'size', given, spatial, 1);
  // Each element of a window is an expression of its own.
  if (sizes.reduce((product, n) => product * n, 1) > 2 ** 20) throw new ShapeError(`${operation}: windows of [${sizes.join(', ')}] elements are too large; reduce over the axes instead`);
  const strides = perAxis(operation, 'stride', stride ?? sizes, spatial, 1);
  const dilations = perAxis(operation, 'dilation', dilation, spatial, 1);
  const spans = sizes.map((extent, k) => (dilations[k] ?? 1) * (extent - 1) + 1);
  const widths = padWidths(operation, padding, x.shape.slice(2), spans, strides).map((pair, k): readonly [number, number] => {
    const [before, after] = pair.map(Number);
    for (const width of [before, after]) {
      if (width === undefined || width >= (spans[k] ?? 1)) {
        throw new ShapeError(`${operation}: a padding of ${String(width)} makes windows that hold nothing; it must be less than the size ${spans[k]}`);
      }
    }
    return [before ?? 0, after ?? 0];
  });
  const overhangs = spans.map((span, k) => (ceilMode ? overhang(x.shape[2 + k] ?? 1, span, strides[k] ?? 1, widths[k] ?? [0, 0]) : 0));
  return { operation, sizes, strides, dilations, widths, overhangs };
}

/** By how much the last window reaches over the padding where the number of windows is rounded up. */
function overhang(length: Dimension, span: number, stride: number, [before, after]: readonly [number, number]): number {
  // The windows of an open axis fill it, if their stride is not 1 (`windowCount`): there is nothing to round.
  if (typeof length !== 'number') return 0;
  const padded = length + before + after;
  const roundedUp = Math.ceil((padded - span) / stride);
  // torch's rule: the last window begins inside or in the padding before.
  const last = roundedUp * stride >= length + before ? roundedUp - 1 : roundedUp;
  return last < 0 ? 0 : Math.max(0, last * stride + span - padded);
}

/** What `pad` puts around the operand, one entry for each of its axes. */
export function paddingOf({ widths, overhangs }: PoolPlan): readonly (readonly [number, number])[] {
  return [[0, 0], [0, 0], ...widths.map(([before, after], k): readonly [number, number] => [before, after + (overhangs[k] ?? 0)])];
}

export function isPadded(plan: PoolPlan): boolean {
  return paddingOf(plan).flat().some((width) => width > 0);
}

export function spansOf({ operation, sizes, dilations }: PoolPlan): WindowSpans {
  return { operation, spans: sizes.map((extent, k) => [2 + k, (dilations[k] ?? 1) * (extent - 1) + 1]) };
}

export function keyOf({ operation, sizes, strides, dilations, widths, overhangs }: PoolPlan): string {
  return [operation, ...[sizes, strides, dilations, widths, overhangs].map((numbers) => numbers.join())].join(' ');
}

/** The places in a window: an index for each axis. */
export function offsetsOf({ sizes }: PoolPlan): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>((places, extent) => places.flatMap((place) => Array.from({ length: extent }, (_, k) => [...place, k])), [[]]);
}

/** For each place in a window, the elements there, one for each window. */
export function windowElements(operand: Expr, plan: PoolPlan): readonly Expr[] {
  const { operation, sizes, strides, dilations } = plan;
  const counts = sizes.map((extent, k) => windowCount(operation, operand, 2 + k, extent, strides[k] ?? 1, dilations[k] ?? 1));
  const shape = [...operand.shape.slice(0, 2), ...counts];
  return offsetsOf(plan).map((offset) => sliceNode(operand, [0, 0, ...offset.map((place, k) => place * (dilations[k] ?? 1))], [1, 1, ...strides], shape));
}

/**
 * How many elements of each window are none of the padding, int32.
 *
 * @param operand with the padding
 * @param windows a value for each window
 * @param withPadding whether the padding counts, but what `ceilMode` puts behind it
 */
export function insideCounts(operand: Expr, windows: Expr, { sizes, strides, dilations, widths, overhangs }: PoolPlan, withPadding = false): Expr {
  const counts = sizes.map((extent, k) => {
    const axis = 2 + k;
    const [before, after] = withPadding ? [0, 0] : (widths[k] ?? [0, 0]);
    const start = mul(iota(windows.shape, axis), strides[k] ?? 1);
    const end = size(addDimensions(operand.shape[axis] ?? 1, -after - (overhangs[k] ?? 0)), 'int32');
    const apart = dilations[k] ?? 1;
    if (apart === 1) return sub(minimum(add(start, extent), end), maximum(start, before));
    const places = Array.from({ length: extent }, (_, j) => add(start, j * apart));
    return places.map((place) => cast(and(ge(place, before), lt(place, end)), 'int32')).reduce(add);
  });
  return counts.reduce(mul, scalar(1, 'int32'));
}

export function sideBySide({ sizes, strides, dilations }: PoolPlan): boolean {
  return sizes.every((extent, k) => extent === strides[k] && (extent === 1 || dilations[k] === 1));
}

/** `[n, c, o, p]` as `[n, c, o, 1, p, 1]`, to meet all elements of its windows. */
export function stretched(values: Expr): Expr {
  return reshape(values, [...values.shape.slice(0, 2), ...values.shape.slice(2).flatMap((d) => [d, 1])]);
}

/** What `f` makes of the windows, which lie side by side, as `[n, c, o, size, p, size]`; 0 where the operand is behind the last of them. */
export function overWindows(operand: Expr, values: Expr, { sizes }: PoolPlan, f: (parts: Expr) => Expr): Expr {
  const counts = values.shape.slice(2);
  const inner = [...operand.shape.slice(0, 2), ...counts.map((count, k) => multiplyDimensions(count, sizes[k] ?? 1))];
  const [zeros, ones] = [inner.map(() => 0), inner.map(() => 1)];
  const parts = reshape(sliceNode(operand, zeros, ones, inner), [...inner.slice(0, 2), ...counts.flatMap((count, k): Dimension[] => [count, sizes[k] ?? 1])]);
  return padNode(reshape(f(parts), inner), zeros, ones, operand.shape);
}

/** Values of windows at the last elements of their windows, zeros between and around them. */
export function spread(values: Expr, operand: Expr, plan: PoolPlan): Expr {
  const reach = reachOf(plan);
  const shape = operand.shape.map((d, k) => (k < 2 ? d : addDimensions(d, reach[k - 2] ?? 0)));
  return padNode(values, [0, 0, ...reach], [1, 1, ...plan.strides], shape);
}

/** For each element, the value of the window in which it is at this place. */
export function at(values: Expr, operand: Expr, plan: PoolPlan, offset: readonly number[]): Expr {
  const starts = [0, 0, ...reachOf(plan).map((reach, k) => reach - (plan.dilations[k] ?? 1) * (offset[k] ?? 0))];
  return sliceNode(values, starts, starts.map(() => 1), operand.shape);
}

/** Elements from the first to the last of a window. */
function reachOf({ sizes, dilations }: PoolPlan): readonly number[] {
  return sizes.map((extent, k) => (dilations[k] ?? 1) * (extent - 1));
}
