/** Pooling over windows: the largest elements, and means. */
import { iota, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { addDimensions, type Dimension, multiplyDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import type { WindowSpans } from '../graph/node.js';
import { checkOptions, option } from '../arguments/options.js';
import { customNode } from '../gradients/custom.js';
import { pad } from './arrange.js';
import { add, cast, div, eq, maximum, minimum, mul, sub, where } from './elementwise.js';
import { broadcastTo, padNode, reshape, sliceNode } from './movement.js';
import { requireFloat } from './operand-checks.js';
import { type Padding, padWidths, type PerAxis, perAxis } from './spatial.js';
import { windowCount } from './windows.js';

/** Options of `maxPool1d`, `maxPool2d`, `avgPool1d` and `avgPool2d`. */
export interface PoolingOptions {
  /** Elements from one window to the next; one number, or one an axis. Default: the size, so that windows lie side by side. */
  readonly stride?: PerAxis;
  /** What is put around the operand; it is never chosen and does not count. Default `valid`: nothing. */
  readonly padding?: Padding;
}

/**
 * The largest element of each window along the last axis: `[batch, channels, n]` gives `[batch, channels, m]`; NaN if any is.
 * Elements that tie share the gradient.
 *
 * @throws {ShapeError} if the rank does not fit, the axis is shorter than a window, or an option is out of its range
 * @throws {DTypeError} if the operand is no float
 */
export function maxPool1d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return maxPool(x, planOf('maxPool1d', 1, x, size, options));
}

/** The largest element of each window: `[batch, channels, height, width]`; otherwise as `maxPool1d`. */
export function maxPool2d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return maxPool(x, planOf('maxPool2d', 2, x, size, options));
}

/**
 * The mean of each window along the last axis: `[batch, channels, n]` gives `[batch, channels, m]`; of a window that reaches into
 * the padding, the mean of what is inside.
 *
 * @throws {ShapeError} if the rank does not fit, the axis is shorter than a window, or an option is out of its range
 * @throws {DTypeError} if the operand is no float
 */
export function avgPool1d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return avgPool(x, planOf('avgPool1d', 1, x, size, options));
}

/** The mean of each window: `[batch, channels, height, width]`; otherwise as `avgPool1d`. */
export function avgPool2d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return avgPool(x, planOf('avgPool2d', 2, x, size, options));
}

interface Plan {
  readonly operation: string;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** For `pad`, one entry an axis of the operand. */
  readonly widths: readonly (readonly [number, number])[];
}

function planOf(operation: string, spatial: number, x: Expr, size: PerAxis, options: PoolingOptions): Plan {
  const { stride, padding } = checkOptions(operation, options, { stride: option.unchecked, padding: option.unchecked });
  requireFloat(operation, x);
  if (x.rank !== spatial + 2) throw new ShapeError(`${operation}: ${describe(x)} should have ${spatial + 2} dimensions`);
  const sizes = perAxis(operation, 'size', size, spatial, 1);
  // Each element of a window is an expression of its own.
  if (sizes.reduce((product, n) => product * n, 1) > 2 ** 20) throw new ShapeError(`${operation}: windows of [${sizes.join(', ')}] elements are too large; reduce over the axes instead`);
  const strides = perAxis(operation, 'stride', stride ?? sizes, spatial, 1);
  const widths = padWidths(operation, padding, x.shape.slice(2), sizes, strides).map((pair, k): readonly [number, number] => {
    const [before, after] = pair.map(Number);
    for (const width of [before, after]) {
      if (width === undefined || width >= (sizes[k] ?? 1)) {
        throw new ShapeError(`${operation}: a padding of ${String(width)} makes windows that hold nothing; it must be less than the size ${sizes[k]}`);
      }
    }
    return [before ?? 0, after ?? 0];
  });
  return { operation, sizes, strides, widths: [[0, 0], [0, 0], ...widths] };
}

function maxPool(x: Expr, plan: Plan): Expr {
  const largest = (operand: Expr): Expr => windowElements(operand, plan).reduce(maximum);
  const vjp = (g: Expr, operand: Expr): Expr => {
    const value = largest(operand);
    const share = div(g, tiesOf(operand, value, plan));
    if (sideBySide(plan)) return overWindows(operand, value, plan, (parts) => where(eq(parts, stretched(value)), stretched(share), 0));
    const [values, shares] = [spread(value, operand, plan), spread(share, operand, plan)];
    return offsetsOf(plan).map((offset) => where(eq(operand, at(values, operand, plan, offset)), at(shares, operand, plan, offset), 0)).reduce(add);
  };
  const operand = pad(x, plan.widths, { value: -Infinity });
  return customNode(largest(operand), [operand], (g, [a = operand]) => [vjp(g, a)], keyOf(plan), spansOf(plan));
}

/** How many elements of each window are its largest; those of the padding, which is -Infinity, do not count. */
function tiesOf(operand: Expr, value: Expr, plan: Plan): Expr {
  const equal = windowElements(operand, plan).map((element) => cast(eq(element, value), operand.dtype)).reduce(add);
  // Where -Infinity is the largest, all elements are: as many as are inside.
  return isPadded(plan) ? where(eq(value, -Infinity), cast(insideCounts(operand, value, plan), operand.dtype), equal) : equal;
}

/** How many elements of each window are none of the padding, int32. */
function insideCounts(operand: Expr, windows: Expr, { sizes, strides, widths }: Plan): Expr {
  const counts = sizes.map((extent, k) => {
    const axis = 2 + k;
    const [before, after] = widths[axis] ?? [0, 0];
    const start = mul(iota(windows.shape, axis), strides[k] ?? 1);
    const end = size(addDimensions(operand.shape[axis] ?? 1, -after), 'int32');
    return sub(minimum(add(start, extent), end), maximum(start, before));
  });
  return counts.reduce(mul);
}

function isPadded({ widths }: Plan): boolean {
  return widths.flat().some((width) => width > 0);
}

function avgPool(x: Expr, plan: Plan): Expr {
  const sums = sumPool(pad(x, plan.widths), plan);
  if (!isPadded(plan)) return div(sums, plan.sizes.reduce((product, size) => product * size, 1));
  const inside = pad(broadcastTo(scalar(1, x.dtype), [1, 1, ...x.shape.slice(2)]), plan.widths);
  return div(sums, windowElements(inside, plan).reduce(add));
}

function sumPool(operand: Expr, plan: Plan): Expr {
  const value = windowElements(operand, plan).reduce(add);
  const vjp = (g: Expr, a: Expr): Expr => {
    if (sideBySide(plan)) return overWindows(a, g, plan, (parts) => broadcastTo(stretched(g), parts.shape));
    const values = spread(g, a, plan);
    return offsetsOf(plan).map((offset) => at(values, a, plan, offset)).reduce(add);
  };
  return customNode(value, [operand], (g, [a = operand]) => [vjp(g, a)], keyOf(plan), spansOf(plan));
}

function spansOf({ operation, sizes }: Plan): WindowSpans {
  return { operation, spans: sizes.map((size, k) => [2 + k, size]) };
}

function keyOf({ operation, sizes, strides, widths }: Plan): string {
  return `${operation} ${sizes.join()} ${strides.join()} ${widths.join()}`;
}

/** The places in a window: an index for each axis. */
function offsetsOf({ sizes }: Plan): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>((places, size) => places.flatMap((place) => Array.from({ length: size }, (_, k) => [...place, k])), [[]]);
}

/** For each place in a window, the elements there, one for each window. */
function windowElements(operand: Expr, plan: Plan): readonly Expr[] {
  const counts = plan.sizes.map((size, k) => windowCount(plan.operation, operand, 2 + k, size, plan.strides[k] ?? 1, 1));
  const shape = [...operand.shape.slice(0, 2), ...counts];
  return offsetsOf(plan).map((offset) => sliceNode(operand, [0, 0, ...offset], [1, 1, ...plan.strides], shape));
}

function sideBySide({ sizes, strides }: Plan): boolean {
  return sizes.every((size, k) => size === strides[k]);
}

/** `[n, c, o, p]` as `[n, c, o, 1, p, 1]`, to meet all elements of its windows. */
function stretched(values: Expr): Expr {
  return reshape(values, [...values.shape.slice(0, 2), ...values.shape.slice(2).flatMap((d) => [d, 1])]);
}

/** What `f` makes of the windows, which lie side by side, as `[n, c, o, size, p, size]`; 0 where the operand is behind the last of them. */
function overWindows(operand: Expr, values: Expr, { sizes }: Plan, f: (parts: Expr) => Expr): Expr {
  const counts = values.shape.slice(2);
  const inner = [...operand.shape.slice(0, 2), ...counts.map((count, k) => multiplyDimensions(count, sizes[k] ?? 1))];
  const [zeros, ones] = [inner.map(() => 0), inner.map(() => 1)];
  const parts = reshape(sliceNode(operand, zeros, ones, inner), [...inner.slice(0, 2), ...counts.flatMap((count, k): Dimension[] => [count, sizes[k] ?? 1])]);
  return padNode(reshape(f(parts), inner), zeros, ones, operand.shape);
}

/** Values of windows at the last elements of their windows, zeros between and around them. */
function spread(values: Expr, operand: Expr, { sizes, strides }: Plan): Expr {
  const shape = operand.shape.map((d, k) => (k < 2 ? d : addDimensions(d, (sizes[k - 2] ?? 1) - 1)));
  return padNode(values, [0, 0, ...sizes.map((size) => size - 1)], [1, 1, ...strides], shape);
}

/** For each element, the value of the window in which it is at this place. */
function at(values: Expr, operand: Expr, { sizes }: Plan, offset: readonly number[]): Expr {
  const starts = [0, 0, ...sizes.map((size, k) => size - 1 - (offset[k] ?? 0))];
  return sliceNode(values, starts, starts.map(() => 1), operand.shape);
}
