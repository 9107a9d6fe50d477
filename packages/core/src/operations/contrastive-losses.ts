/** Losses of embeddings, by which those that belong together come near each other and others stay away. */
import { describe } from '../graph/describe.js';
import { InputError, ShapeError } from '../errors.js';
import { iota } from '../graph/construct.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { normalizeAxis } from '../graph/shape.js';
import { add, cast, div, eq, maximum, minimum, mul, relu, square, sub, where } from './elementwise.js';
import { beside, type LossOptions, reduced, REDUCTIONS } from './losses.js';
import { concat, transpose } from './movement.js';
import { requireFloat, requireShape, requireTensor } from './operand-checks.js';
import { matmul } from './products.js';
import { logSumExp, sum } from './reductions.js';
import { norm } from './statistics.js';

/** Options of `tripletMargin`. */
export interface TripletMarginOptions extends LossOptions {
  /** By how much further the negative is to be. Default 1. */
  readonly margin?: number;
  /** The order of the norm that is the distance. Default 2. */
  readonly p?: number;
  /** What is added to every difference, so that no distance is 0. Default 1e-6, as in PyTorch. */
  readonly epsilon?: number;
  /** Whether the negative is to keep away from the positive too, if that is nearer to it. Default false. Balntas et al. (2016). */
  readonly swap?: boolean;
}

/**
 * `max(0, margin + d(anchor, positive) - d(anchor, negative))` for vectors, which are the last axis; `d(x, y)` is the norm of `x - y +
 * epsilon`. The gradient is 0 from the margin on. With `reduction: 'none'` it has the shape `[...]`. As PyTorch's triplet_margin_loss.
 *
 * @param anchor `[..., n]`, float
 * @param positive of the same shape and dtype
 * @param negative likewise
 * @throws {ShapeError} if the shapes differ, or are those of scalars
 * @throws {DTypeError} if they are no floats, or the dtypes differ
 */
export function tripletMargin(anchor: Expr, positive: Expr, negative: Expr, options?: TripletMarginOptions): Expr {
  const { margin = 1, p = 2, epsilon = 1e-6, swap = false, ...how } = checkOptions('tripletMargin', options, {
    reduction: REDUCTIONS, margin: option.finite, p: option.finite, epsilon: option.finite, swap: option.flag,
  });
  const [near, far] = [besideVectors('tripletMargin', anchor, positive, 'the positive'), besideVectors('tripletMargin', anchor, negative, 'the negative')];
  const distance = (x: Expr, y: Expr): Expr => norm(add(sub(x, y), epsilon), -1, { order: p });
  const away = distance(anchor, far);
  return reduced(relu(add(sub(distance(anchor, near), swap ? minimum(away, distance(near, far)) : away), margin)), how);
}

/** Options of `contrastive`. */
export interface ContrastiveOptions extends LossOptions {
  /** How far apart those are to be that do not belong together. Default 1. */
  readonly margin?: number;
}

/**
 * For pairs of vectors at the Euclidean distance d: `d²` if they belong together, `max(0, margin - d)²` if not. The gradient at a distance
 * of 0 is 0. Hadsell et al. (2006), equation 4, who have half of it; as contrastive_loss of TensorFlow Addons, which takes the distances. With
 * `reduction: 'none'` it has the shape `[...]`.
 *
 * @param a `[..., n]`, float
 * @param b of the same shape and dtype
 * @param same `[...]`: whether they belong together, bool or 1 and 0 of any dtype
 * @throws {ShapeError} if the shapes do not fit, or are those of scalars
 * @throws {DTypeError} if `a` is no float, or the dtypes differ
 */
export function contrastive(a: Expr, b: Expr, same: Expr, options?: ContrastiveOptions): Expr {
  const { margin = 1, ...how } = checkOptions('contrastive', options, { reduction: REDUCTIONS, margin: option.finite });
  const other = besideVectors('contrastive', a, b, 'the second operand');
  requireTensor('contrastive', same, 'what says which belong together');
  requireShape('contrastive', same, a.shape.slice(0, -1), `${describe(a)} without its last axis`);
  const difference = sub(a, other);
  const together = cast(same, a.dtype);
  // The square of the distance itself: that of its root would have no second derivative at 0.
  const near = sum(square(difference), -1);
  const far = square(relu(sub(margin, norm(difference, -1))));
  return reduced(add(mul(together, near), mul(sub(1, together), far)), how);
}

/** Options of `ntXent` and `infoNce`. */
export interface TemperatureOptions extends LossOptions {
  /** What cosines are divided by, above 0. Default 0.5 for `ntXent`, 0.1 for `infoNce`. */
  readonly temperature?: number;
}

/**
 * The normalized, temperature-scaled cross-entropy of SimCLR: two views of each of n examples, where each of the 2 n vectors is to find its
 * other view among all but itself: `logSumExp over k other than i of cos(i, k) / temperature - cos(i, other view) / temperature`. With
 * `reduction: 'none'` it has the shape `[2 n]`, the first views first. Chen et al. (2020), arXiv:2002.05709, equation 1.
 *
 * @param a `[n, d]`, float: the first views
 * @param b of the same shape and dtype: the second views, in the same order
 * @throws {ShapeError} if the shapes differ, or are those of no matrix
 * @throws {DTypeError} if they are no floats, or the dtypes differ
 * @throws {InputError} if the temperature is not above 0
 */
export function ntXent(a: Expr, b: Expr, options?: TemperatureOptions): Expr {
  const { scale, how } = temperatureOf('ntXent', 0.5, options);
  const [first, second] = unitRows('ntXent', a, b);
  const all = concat([first, second]);
  const cosines = mul(matmul(all, transpose(all)), scale);
  const others = where(eq(iota(cosines.shape, 0), iota(cosines.shape, 1)), -Infinity, cosines);
  const own = mul(sum(mul(first, second), -1), scale);
  return reduced(sub(logSumExp(others, -1), concat([own, own])), how);
}

/**
 * InfoNCE with the other examples of the batch as negatives: `logSumExp over k of cos(query i, key k) / temperature - cos(query i, key i) /
 * temperature`. CLIP's loss is the mean of this one both ways round. With `reduction: 'none'` it has the shape `[n]`. van den Oord et al.
 * (2018), arXiv:1807.03748.
 *
 * @param queries `[n, d]`, float
 * @param keys of the same shape and dtype: key i belongs to query i
 * @throws {ShapeError|DTypeError|InputError} as `ntXent`
 */
export function infoNce(queries: Expr, keys: Expr, options?: TemperatureOptions): Expr {
  const { scale, how } = temperatureOf('infoNce', 0.1, options);
  const [a, b] = unitRows('infoNce', queries, keys);
  const own = mul(sum(mul(a, b), -1), scale);
  return reduced(sub(logSumExp(mul(matmul(a, transpose(b)), scale), -1), own), how);
}

function temperatureOf(operation: string, usual: number, options: TemperatureOptions | undefined): { readonly scale: number; readonly how: LossOptions } {
  const { temperature = usual, ...how } = checkOptions(operation, options, { reduction: REDUCTIONS, temperature: option.finite });
  if (!(temperature > 0)) throw new InputError(`${operation}: the temperature must be above 0, not ${show(temperature)}`);
  return { scale: 1 / temperature, how };
}

/** The rows of two matrices, each divided by its length, which counts at least 1e-8. */
function unitRows(operation: string, a: Expr, b: Expr): readonly [Expr, Expr] {
  const other = besideVectors(operation, a, b, 'the second operand');
  if (a.rank !== 2) throw new ShapeError(`${operation}: ${describe(a)} should have 2 dimensions, one row for each example`);
  const unit = (x: Expr): Expr => div(x, maximum(norm(x, -1, { keepdims: true }), 1e-8));
  return [unit(a), unit(other)];
}

/** Vectors beside others of the same shape and dtype. */
function besideVectors(operation: string, a: Expr, b: Expr, what: string): Expr {
  requireFloat(operation, a);
  requireTensor(operation, b, what);
  normalizeAxis(-1, a.rank, operation);
  return beside(operation, a, b);
}
