/** Pooling over windows: the largest elements, where they stand, and means. */
import { iota, scalar, size } from '../graph/construct.js';
import { productOfDimensions, type Dimension } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { customNode } from '../gradients/custom.js';
import { pad } from './arrange.js';
import { add, and, cast, div, eq, isNan, maximum, minimum, mul, or, where } from './elementwise.js';
import { broadcastTo } from './movement.js';
import { at, insideCounts, isPadded, keyOf, offsetsOf, overWindows, paddingOf, planOf, type PoolingOptions, type PoolPlan, sideBySide, spansOf, spread, stretched, windowElements } from './pooling-windows.js';
import type { PerAxis } from './spatial.js';

/** Options of `avgPool1d`, `avgPool2d` and `avgPool3d`. */
export interface AveragePoolingOptions extends PoolingOptions {
  /** Whether the zeros of the padding count in the mean. Default false, as in TensorFlow; PyTorch has true. What `ceilMode` puts behind them never counts. */
  readonly countIncludePad?: boolean;
}

/** What `maxPool1dWithIndices` and its like answer. */
export interface MaxPoolResult {
  /** The largest elements, as of the pool without indices. */
  readonly values: Expr;
  /** int32, of the values' shape: where they stand in the operand. */
  readonly indices: Expr;
}

/**
 * The largest element of each window along the last axis: `[batch, channels, n]` gives `[batch, channels, m]`; NaN if any is.
 * Elements that tie share the gradient. A window that holds none (a dilated one may) is -Infinity.
 *
 * @throws {ShapeError} if the rank does not fit, the axis is shorter than a window, or an option is out of its range
 * @throws {DTypeError} if the operand is no float
 */
export function maxPool1d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return maxPool('maxPool1d', 1, x, size, options);
}

/** The largest element of each window: `[batch, channels, height, width]`; otherwise as `maxPool1d`. */
export function maxPool2d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return maxPool('maxPool2d', 2, x, size, options);
}

/** The largest element of each window: `[batch, channels, depth, height, width]`; otherwise as `maxPool1d`. */
export function maxPool3d(x: Expr, size: PerAxis, options: PoolingOptions = {}): Expr {
  return maxPool('maxPool3d', 3, x, size, options);
}

/**
 * The largest element of each window and its index: of the first one of several, and of the first NaN if there is any (PyTorch has the
 * last NaN); -1 for a window that holds nothing. No gradient flows through the indices. Otherwise as `maxPool1d`. As PyTorch's
 * `return_indices=True`.
 *
 * @example const { values, indices } = maxPool1dWithIndices(signal, 2);   // signal.reshape([-1]).take(indices) for one channel of one signal
 */
export function maxPool1dWithIndices(x: Expr, size: PerAxis, options: PoolingOptions = {}): MaxPoolResult {
  return maxPoolWithIndices('maxPool1dWithIndices', 1, x, size, options);
}

/**
 * As `maxPool1dWithIndices` over `[batch, channels, height, width]`: an index is that in the row-major order of one image of one channel,
 * `row * width + column`, without the padding.
 */
export function maxPool2dWithIndices(x: Expr, size: PerAxis, options: PoolingOptions = {}): MaxPoolResult {
  return maxPoolWithIndices('maxPool2dWithIndices', 2, x, size, options);
}

/** As `maxPool2dWithIndices` over `[batch, channels, depth, height, width]`. */
export function maxPool3dWithIndices(x: Expr, size: PerAxis, options: PoolingOptions = {}): MaxPoolResult {
  return maxPoolWithIndices('maxPool3dWithIndices', 3, x, size, options);
}

/**
 * The mean of each window along the last axis: `[batch, channels, n]` gives `[batch, channels, m]`; of a window that reaches into
 * the padding, the mean of what is inside, unless `countIncludePad` counts the padding too. NaN of a window that holds nothing.
 *
 * @throws {ShapeError} if the rank does not fit, the axis is shorter than a window, or an option is out of its range
 * @throws {DTypeError} if the operand is no float
 */
export function avgPool1d(x: Expr, size: PerAxis, options: AveragePoolingOptions = {}): Expr {
  return avgPool('avgPool1d', 1, x, size, options);
}

/** The mean of each window: `[batch, channels, height, width]`; otherwise as `avgPool1d`. */
export function avgPool2d(x: Expr, size: PerAxis, options: AveragePoolingOptions = {}): Expr {
  return avgPool('avgPool2d', 2, x, size, options);
}

/** The mean of each window: `[batch, channels, depth, height, width]`; otherwise as `avgPool1d`. */
export function avgPool3d(x: Expr, size: PerAxis, options: AveragePoolingOptions = {}): Expr {
  return avgPool('avgPool3d', 3, x, size, options);
}

// What they hold is checked where it is used, beside what it is used with.
function optionTable(): OptionTable<PoolingOptions> {
  return { stride: option.unchecked, padding: option.unchecked, dilation: option.unchecked, ceilMode: option.flag };
}

function maxPool(operation: string, spatial: number, x: Expr, extent: PerAxis, options: PoolingOptions): Expr {
  return largest(x, planOf(operation, spatial, x, extent, checkOptions(operation, options, optionTable())));
}

function largest(x: Expr, plan: PoolPlan): Expr {
  const pooled = (operand: Expr): Expr => windowElements(operand, plan).reduce(maximum);
  const vjp = (g: Expr, operand: Expr): Expr => {
    const value = pooled(operand);
    const share = div(g, tiesOf(operand, value, plan));
    if (sideBySide(plan)) return overWindows(operand, value, plan, (parts) => where(eq(parts, stretched(value)), stretched(share), 0));
    const [values, shares] = [spread(value, operand, plan), spread(share, operand, plan)];
    return offsetsOf(plan).map((offset) => where(eq(operand, at(values, operand, plan, offset)), at(shares, operand, plan, offset), 0)).reduce(add);
  };
  const operand = pad(x, paddingOf(plan), { value: -Infinity });
  return customNode(pooled(operand), [operand], (g, [a = operand]) => [vjp(g, a)], keyOf(plan), spansOf(plan));
}

/** How many elements of each window are its largest; those of the padding, which is -Infinity, do not count. */
function tiesOf(operand: Expr, value: Expr, plan: PoolPlan): Expr {
  const equal = windowElements(operand, plan).map((element) => cast(eq(element, value), operand.dtype)).reduce(add);
  // Where -Infinity is the largest, all elements are: as many as are inside.
  return isPadded(plan) ? where(eq(value, -Infinity), cast(insideCounts(operand, value, plan), operand.dtype), equal) : equal;
}

function maxPoolWithIndices(operation: string, spatial: number, x: Expr, extent: PerAxis, options: PoolingOptions): MaxPoolResult {
  const plan = planOf(operation, spatial, x, extent, checkOptions(operation, options, optionTable()));
  const values = largest(x, plan);
  const elements = windowElements(pad(x, paddingOf(plan), { value: -Infinity }), plan);
  const positions = offsetsOf(plan).map((offset, k) => {
    const element = elements[k] ?? values;
    const found = or(eq(element, values), isNan(element));
    const coordinates = offset.map((place, axis) => {
      const start = place * (plan.dilations[axis] ?? 1) - (plan.widths[axis]?.[0] ?? 0);
      return add(mul(iota(values.shape, 2 + axis), plan.strides[axis] ?? 1), start);
    });
    const position = coordinates.map((at, axis) => mul(at, sizeOfDimension(productOfDimensions(x.shape.slice(3 + axis))))).reduce(add);
    return where(isPadded(plan) ? and(found, inside(coordinates, x.shape.slice(2))) : found, position, NOWHERE);
  });
  const first = positions.reduce(minimum);
  return { values, indices: isPadded(plan) ? where(eq(first, NOWHERE), -1, first) : first };
}

/** Behind every position. */
const NOWHERE = 2 ** 31 - 1;

function sizeOfDimension(dimension: Dimension): Expr {
  return size(dimension, 'int32');
}

/** Whether coordinates are those of an element, and not of the padding. */
function inside(coordinates: readonly Expr[], shape: readonly Dimension[]): Expr {
  return coordinates.map((at, axis) => and(at.ge(0), at.lt(sizeOfDimension(shape[axis] ?? 1)))).reduce(and);
}

function avgPool(operation: string, spatial: number, x: Expr, extent: PerAxis, options: AveragePoolingOptions): Expr {
  const { countIncludePad = false, ...others } = checkOptions(operation, options, { ...optionTable(), countIncludePad: option.flag });
  const plan = planOf(operation, spatial, x, extent, others);
  const operand = pad(x, paddingOf(plan));
  const sums = sumPool(operand, plan);
  if (!(countIncludePad ? plan.overhangs.some((width) => width > 0) : isPadded(plan))) return div(sums, plan.sizes.reduce((product, n) => product * n, 1));
  const one = broadcastTo(scalar(1, 'bool'), [1, 1, ...sums.shape.slice(2)]);
  return div(sums, cast(insideCounts(operand, one, plan, countIncludePad), x.dtype));
}

function sumPool(operand: Expr, plan: PoolPlan): Expr {
  const value = windowElements(operand, plan).reduce(add);
  const vjp = (g: Expr, a: Expr): Expr => {
    if (sideBySide(plan)) return overWindows(a, g, plan, (parts) => broadcastTo(stretched(g), parts.shape));
    const values = spread(g, a, plan);
    return offsetsOf(plan).map((offset) => at(values, a, plan, offset)).reduce(add);
  };
  return customNode(value, [operand], (g, [a = operand]) => [vjp(g, a)], keyOf(plan), spansOf(plan));
}
