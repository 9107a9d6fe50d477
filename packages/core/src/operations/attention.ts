/** Scaled dot-product attention. */
import { size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { fits } from '../graph/dimension.js';
import { DTypeError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { broadcastShapes, formatShape, sameShape, type Shape } from '../graph/shape.js';
import { add, and, div, eq, exp, maximum, mul, rsqrt, sub, where } from './elementwise.js';
import { tri } from './masks.js';
import { broadcastTo, stopGradient, swapLast } from './movement.js';
import { softmax } from './networks.js';
import { requireFloat } from './operand-checks.js';
import { matmul } from './products.js';
import { peak, sum } from './reductions.js';

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /**
   * Broadcasts to `[..., queries, keys]`. bool: true where a query may attend to a key. Of the queries' dtype: added to the
   * scores, so that -Infinity hides a key. A query that may attend to no key, by the mask and `causal` together, gets zeros, and
   * no gradient flows from it.
   */
  readonly mask?: Expr;
  /** Whether a query attends only to keys up to its own position, both counted from the first. Default false. */
  readonly causal?: boolean;
  /** What the scores are multiplied by. Default `1 / sqrt(d)`. */
  readonly scale?: number;
}

/**
 * `softmax(q kᵀ / sqrt(d)) v`: for each query, the mean of the values by how well their keys match. Vaswani et al. (2017),
 * arXiv:1706.03762, equation 1. Heads are a leading axis.
 *
 * @param query `[..., queries, d]`, float
 * @param key `[..., keys, d]`; leading axes broadcast
 * @param value `[..., keys, e]`
 * @returns `[..., queries, e]`
 * @throws {ShapeError} if d, or the number of keys and values, differ, or the mask does not broadcast
 * @throws {DTypeError} if the dtypes differ or are no floats
 * @example scaledDotProductAttention(q, k, v, { causal: true }) // [batch, heads, time, d]
 */
export function scaledDotProductAttention(query: Expr, key: Expr, value: Expr, options?: AttentionOptions): Expr {
  const operation = 'scaledDotProductAttention';
  const { mask, causal = false, scale } = checkOptions(operation, options, { mask: option.expression, causal: option.flag, scale: option.finite });
  for (const operand of [query, key, value]) {
    requireFloat(operation, operand);
    if (operand.rank < 2) throw new ShapeError(`${operation}: ${describe(operand)} should be matrices, [..., positions, features]`);
  }
  const d = query.shape[query.rank - 1] ?? 1;
  if (!fits(d, key.shape[key.rank - 1] ?? 1)) throw new ShapeError(`${operation}: the last axes of the queries ${describe(query)} and the keys ${describe(key)} differ`);
  if (!fits(key.shape[key.rank - 2] ?? 1, value.shape[value.rank - 2] ?? 1)) {
    throw new ShapeError(`${operation}: the keys ${describe(key)} and the values ${describe(value)} differ in number, their last axis but one`);
  }
  for (const operand of [key, value]) {
    if (operand.dtype !== query.dtype) throw new DTypeError(`${operation}: ${describe(query)} and ${describe(operand)} must have one dtype; cast one of them with .cast(dtype)`);
  }
  const leading = [key, value].reduce<Shape | undefined>((shape, operand) => shape && broadcastShapes(shape, operand.shape.slice(0, -2)), query.shape.slice(0, -2));
  if (leading === undefined) throw new ShapeError(`${operation}: the leading axes of ${[query, key, value].map(describe).join(', ')} do not broadcast`);
  if (mask !== undefined) checkMask(operation, mask, query, key);
  // Without features every score is 0, whatever it is multiplied by that is finite.
  const factor = scale ?? (typeof d === 'number' ? 1 / Math.sqrt(Math.max(d, 1)) : rsqrt(maximum(size(d, query.dtype), 1)));
  const scores = mul(matmul(query, swapLast(key)), factor);
  const spread = mask === undefined ? undefined : broadcastTo(mask, scores.shape);
  const [allowed, bias] = spread?.dtype === 'bool' ? [spread, undefined] : [undefined, spread];
  const biased = bias === undefined ? scores : add(scores, bias);
  const [queries = 1, keys = 1] = scores.shape.slice(-2);
  const triangle = causal ? broadcastTo(tri(queries, keys), scores.shape) : undefined;
  const visible = allowed !== undefined && triangle !== undefined ? and(allowed, triangle) : (allowed ?? triangle);
  const masked = visible === undefined ? biased : where(visible, biased, -Infinity);
  // A causal row always has its first key; a row of a mask may have none.
  return matmul(mask === undefined ? softmax(masked) : softmaxOrZeros(masked), value);
}

/** The softmax along the last axis, and zeros where nothing is above -Infinity: no value and no derivative is NaN. */
function softmaxOrZeros(a: Expr): Expr {
  const largest = stopGradient(peak(a, -1));
  const powers = exp(sub(a, where(eq(largest, -Infinity), 0, largest)));
  const total = sum(powers, -1, { keepdims: true });
  return div(powers, where(eq(total, 0), 1, total));
}

function checkMask(operation: string, mask: Expr, query: Expr, key: Expr): void {
  if (mask.dtype !== 'bool' && mask.dtype !== query.dtype) throw new DTypeError(`${operation}: the mask ${describe(mask)} must be bool, or ${query.dtype} as the queries are`);
  const leading = broadcastShapes(query.shape.slice(0, -2), key.shape.slice(0, -2)) ?? [];
  const scores = [...leading, query.shape[query.rank - 2] ?? 1, key.shape[key.rank - 2] ?? 1];
  const common = broadcastShapes(mask.shape, scores);
  if (common === undefined || !sameShape(common, scores)) throw new ShapeError(`${operation}: the mask ${describe(mask)} does not broadcast to ${formatShape(scores)}, a score for each query and key`);
}
