/** Quantiles over axes, the median among them. */
import { requireOwn } from '../../graph/brand.js';
import { literal, scalar, size, unrounded } from '../../graph/construct.js';
import { describe } from '../../graph/describe.js';
import { type Dimension, productOfDimensions } from '../../graph/dimension.js';
import { DTypeError, InputError, ShapeError } from '../../errors.js';
import { type Axes, Expr } from '../../graph/expr.js';
import { checkOptions, REDUCE } from '../../arguments/options.js';
import { reading } from '../../arguments/fields.js';
import { show } from '../../arguments/show.js';
import { isList, normalizeAxes } from '../../graph/shape.js';
import { stack } from '../arrange.js';
import { add, and, cast, ceil, eq, floor, ge, isFinite, isNan, le, lt, mul, round, sub, where } from '../elementwise.js';
import { gatherNode } from '../indexing.js';
import { expandDims, reshape, restoreAxes, transpose } from '../movement.js';
import { requireFloat } from '../operand-checks.js';
import type { ReduceOptions } from '../reductions.js';
import { elementsAt, lastSize } from './last-axis.js';
import { orderOf } from './sort.js';

/** Options of `quantile`. */
export interface QuantileOptions extends ReduceOptions {
  /**
   * What is between two elements: `'linear'`, the share of the way from one to the other; `'lower'` and `'higher'`, that one of them; `'nearest'`,
   * the nearer one, half way that of the even rank; `'midpoint'`, their mean. Default `'linear'`.
   */
  readonly method?: 'linear' | 'lower' | 'higher' | 'nearest' | 'midpoint';
}

const METHODS = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;
type Method = (typeof METHODS)[number];

/**
 * The value below which a share q of the elements over the axes lies: of n elements in order that of rank q (n - 1), counted from 0, and between
 * two ranks what the method says, as NumPy's `quantile` and torch's. NaN if any element is. The gradient flows to the one or two elements
 * from which a value is made; where several are equal, their order says to which.
 *
 * @param x float32 or float64; NumPy takes integers as float64, here they are cast first
 * @param q from 0 to 1: a number; numbers in a list, or an expression `[k]` of x's dtype, for which the result has k as its first axis; or
 * an expression without axes. Where an expression is out of range, its quantile is NaN
 * @param axes all by default
 * @param options `method`, default `'linear'`; `keepdims`, default false
 * @throws {DTypeError} if it is no float, or q an expression of another dtype
 * @throws {InputError} if a number q is not from 0 to 1
 * @throws {ShapeError} if there is no such axis, nothing to choose from, or q is an expression with more axes than one
 * @example quantile(x, [0.25, 0.5, 0.75], 0)   // [n, d] gives [3, d]
 */
export function quantile(x: Expr, q: number | readonly number[] | Expr, axes?: Axes, options?: QuantileOptions): Expr {
  requireFloat('quantile', x);
  const { method = 'linear', keepdims = false } = checkOptions('quantile', options, { ...REDUCE, method: METHODS });
  return overAxes('quantile', x, q, axes, method, keepdims);
}

/**
 * The median over the axes: the middle one of the elements in order, or the mean of the two in the middle, as NumPy's; torch's `median` is the lower
 * one of the two, `quantile(x, 0.5, axes, { method: 'lower' })`. NaN if any element is. The gradient flows to the one element, or half of it
 * to either of the two.
 *
 * @param x float32 or float64
 * @param axes all by default
 * @param options `keepdims`, default false
 * @throws {DTypeError} if it is no float
 * @throws {ShapeError} if there is no such axis, or nothing to choose from
 * @example median(literal([1, 4, 2, 10], [4], 'float32'))   // 3
 */
export function median(x: Expr, axes?: Axes, options?: ReduceOptions): Expr {
  requireFloat('median', x);
  const { keepdims = false } = checkOptions('median', options, REDUCE);
  return overAxes('median', x, 0.5, axes, 'linear', keepdims);
}

function overAxes(operation: string, x: Expr, q: number | readonly number[] | Expr, axes: Axes | undefined, method: Method, keepdims: boolean): Expr {
  const chosen = normalizeAxes(axes, x.rank, operation);
  const kept = x.shape.map((_, k) => k).filter((k) => !chosen.includes(k));
  const front = kept.map((k) => x.shape[k] ?? 1);
  const rows = reshape(transpose(x, [...kept, ...chosen]), [...front, productOfDimensions(chosen.map((k) => x.shape[k] ?? 1))]);
  const count = lastSize(rows);
  if (count === 0) throw new ShapeError(`${operation}: ${describe(x)} has no elements to choose from`);
  const ranks = ranksOf(operation, q, count, x, method);
  const values = along(operation, rows, ranks, count);
  const restored = (each: Expr): Expr => (keepdims ? restoreAxes(each, chosen, x.rank) : each);
  if (!ranks.isList) return restored(reshape(values, front));
  const inFront = transpose(values, [front.length, ...front.keys()]);
  return keepdims ? reshape(inFront, [lastSize(values), ...restored(reshape(values.slice(...front.map(() => null), 0), front)).shape]) : inFront;
}

/** Which elements in order a quantile is made of: `[k]` each. */
interface Ranks {
  /** int32 */
  readonly low: Expr;
  readonly high: Expr;
  /** The share of the way from the lower to the higher one; undefined where they are one. */
  readonly share: Expr | undefined;
  /** Whether the result has an axis for them. */
  readonly isList: boolean;
}

/** The quantiles of rows, `[..., k]`. */
function along(operation: string, rows: Expr, { low, high, share }: Ranks, count: Dimension): Expr {
  const order = orderOf(rows, false);
  const at = (rank: Expr): Expr => elementsAt(operation, rows, gatherNode(order, rank, rows.rank - 1, 'missing', operation));
  const lower = at(low);
  const value = share === undefined ? lower : between(lower, at(high), share);
  // NaN is last in order, if there is any.
  const last = at(reshape(sub(size(count, 'int32'), 1), [1]));
  return where(isNan(last), last, value);
}

/** `lower + (higher - lower) share`, exact at its ends; and of infinities what they come to. */
function between(lower: Expr, higher: Expr, share: Expr): Expr {
  const distance = sub(higher, lower);
  const isPlain = isFinite(distance);
  const way = where(isPlain, distance, 0);
  const plain = where(lt(share, 0.5), add(lower, mul(way, share)), sub(higher, mul(way, sub(1, share))));
  // The distance of infinities, or of numbers that are very large.
  const isSame = eq(lower, higher);
  const [a, b] = [where(isSame, 0, lower), where(isSame, 0, higher)];
  return where(isPlain, plain, where(isSame, lower, add(mul(a, sub(1, share)), mul(b, share))));
}

function ranksOf(operation: string, q: unknown, count: Dimension, x: Expr, method: Method): Ranks {
  if (q instanceof Expr) return ranksOfExpression(operation, q, count, x, method);
  const isOne = typeof q === 'number';
  const list = (isOne ? [q] : entriesOf(operation, q)).map((each) => {
    if (typeof each === 'number' && each >= 0 && each <= 1) return each;
    throw new InputError(`${operation}: q must be from 0 to 1, not ${show(each)}`);
  });
  return { ...(typeof count === 'number' ? ranksOfNumbers(list, count, x, method) : ranksOfOpen(list, count, x, method)), isList: !isOne };
}

function entriesOf(operation: string, q: unknown): readonly unknown[] {
  requireOwn(q, operation);
  if (!isList(q)) throw new InputError(`${operation}: q must be a number, a list of numbers or an expression, not ${show(q)}`);
  return reading(operation, InputError, () => Array.from(q));
}

type Places = Omit<Ranks, 'isList'>;

/** Worked out here, in float64. */
function ranksOfNumbers(list: readonly number[], count: number, x: Expr, method: Method): Places {
  const ranks = list.map((q) => q * (count - 1));
  const places = (of: (rank: number) => number): Expr => literal(ranks.map(of), [ranks.length], 'int32');
  const isWhole = ranks.every((rank) => Number.isInteger(rank));
  const low = places(method === 'higher' ? Math.ceil : method === 'nearest' ? roundEven : Math.floor);
  if (isWhole || (method !== 'linear' && method !== 'midpoint')) return { low, high: low, share: undefined };
  const shares = ranks.map((rank) => (method === 'midpoint' ? 0.5 : rank - Math.floor(rank)));
  return { low, high: places(Math.ceil), share: literal(shares, [ranks.length], x.dtype) };
}

function roundEven(x: number): number {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** Of a size that is open: by numbers of the host, which are not rounded to float32. */
function ranksOfOpen(list: readonly number[], count: Dimension, x: Expr, method: Method): Places {
  const each = list.map((q) => placesOf(mul(unrounded(q, x.dtype), sub(size(count, x.dtype), 1)), method));
  const all = (of: (places: Places) => Expr | undefined): Expr | undefined => {
    const parts = each.flatMap((places) => of(places) ?? []);
    return parts.length === 0 ? undefined : stack(parts);
  };
  const none = literal([], [0], 'int32');
  return { low: all(({ low }) => low) ?? none, high: all(({ high }) => high) ?? none, share: all(({ share }) => share) };
}

function ranksOfExpression(operation: string, q: Expr, count: Dimension, x: Expr, method: Method): Ranks {
  if (q.dtype !== x.dtype) throw new DTypeError(`${operation}: q, ${describe(q)}, is ${q.dtype}, and ${describe(x)} ${x.dtype}; cast it with .cast('${x.dtype}')`);
  if (q.rank > 1) throw new ShapeError(`${operation}: q has one axis at most, and ${describe(q)} has ${q.rank}`);
  const { low, high, share } = placesOf(mul(q, sub(size(count, x.dtype), 1)), method);
  // Out of range, NaN included, there is no element, which reads NaN.
  const isShare = and(ge(q, 0), le(q, 1));
  const listed = (e: Expr): Expr => (q.rank === 0 ? expandDims(e, 0) : e);
  return {
    low: listed(where(isShare, low, scalar(-1, 'int32'))),
    high: listed(where(isShare, high, scalar(-1, 'int32'))),
    share: share === undefined ? undefined : listed(share),
    isList: q.rank === 1,
  };
}

/** For ranks as expressions. */
function placesOf(rank: Expr, method: Method): Places {
  const below = floor(rank);
  const low = cast(method === 'higher' ? ceil(rank) : method === 'nearest' ? round(rank) : below, 'int32');
  if (method !== 'linear' && method !== 'midpoint') return { low, high: low, share: undefined };
  return { low, high: cast(ceil(rank), 'int32'), share: method === 'midpoint' ? scalar(0.5, rank.dtype).broadcastTo(rank.shape) : sub(rank, below) };
}
