/** Random whole numbers, draws from a table of probabilities, and orders, as numbers of a step. */
import { isExpr } from '../graph/brand.js';
import { iota, scalar } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { dimension, type Dimension, type DimensionLike, multiplyDimensions } from '../graph/dimension.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import { checkOptions, option } from '../arguments/options.js';
import { formatShape, normalizeAxis, sameShape, type Shape, type ShapeLike, toShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, and, bitwiseAnd, bitwiseXor, cast, gt, log, lt, minimum, mul, neg, shiftRightLogical, sub, where } from './elementwise.js';
import { cumsum } from './cumulative.js';
import { take } from './indexing.js';
import { broadcastTo, expandDims, reshape, slice } from './movement.js';
import { argSort } from './order/sort.js';
import { lift, requireFloat } from './operand-checks.js';
import { insideUnits, keyOptions, type KeyWords, keyWords, type RandomKey, randomWords, units } from './random-bits.js';
import { broadcasts } from './random.js';
import { max, min, sum } from './reductions.js';

/** Options of `randint`. */
export interface RandintOptions extends RandomKey {
  /** The least that there is: a number, or an int32 expression that broadcasts to the shape. Default 0. */
  readonly low?: number | Expr;
  /** What all are below, at most 2^31: likewise. */
  readonly high: number | Expr;
}

/**
 * int32: whole numbers from `low` to `high - 1`, each as probable as the others to 2^-32. As NumPy's `integers` and JAX's `randint`. Where an
 * expression `high` is not above `low`, the result is `low`.
 *
 * @throws {InputError} if a bound that is a number is not whole, high is not above low, or the seed or the step is none that is whole
 * @throws {DTypeError} if a bound, the seed or the step is an expression that is not int32
 * @throws {ShapeError} if a bound does not broadcast to the shape, or the seed or the step is no scalar
 * @example randint(['batch'], { high: 10, seed: 1, step })
 */
export function randint(shape: ShapeLike, options: RandintOptions): Expr {
  const { low = 0, high, ...key } = checkOptions('randint', options, { low: option.unchecked, high: option.unchecked, ...keyOptions() });
  const sizes = toShape(shape, 'randint');
  const words = randomWords(sizes, keyWords('randint', key));
  if (high === undefined) throw new InputError('randint: the option high is missing; give what all numbers are below, as in { high: 10 }');
  const [least, end] = [bound('low', low, 2 ** 31 - 1, sizes), bound('high', high, 2 ** 31, sizes)];
  if (!(least instanceof Expr) && !(end instanceof Expr)) {
    if (!(end > least)) throw new InputError(`randint: high must be above low: ${end} is not above ${least}`);
    // All numbers of int32 are more than it counts.
    return end - least === 2 ** 32 ? words[0] : add(scaledDown(words, scalar((end - least) | 0, 'int32')), least);
  }
  const from = least instanceof Expr ? least : scalar(least, 'int32');
  // 2^31 is one too many for int32, and counts as the number that it wraps around to; nothing is below that.
  const to = end instanceof Expr ? end : scalar(end | 0, 'int32');
  const drawn = add(scaledDown(words, sub(to, from)), from);
  return broadcastTo(end === 2 ** 31 ? drawn : where(gt(to, from), drawn, from), sizes);
}

function bound(what: string, value: number | Expr, most: number, sizes: Shape): number | Expr {
  if (!isExpr(value, 'randint')) {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value > most) throw new InputError(`randint: ${what} must be a whole number from -2147483648 to ${most}, or an int32 expression, not ${show(value)}`);
    return value;
  }
  if (value.dtype !== 'int32') throw new DTypeError(`randint: ${what}, ${describe(value)}, is ${value.dtype}, not int32; cast it with .cast('int32')`);
  if (!broadcasts(value.shape, sizes)) throw new ShapeError(`randint: ${what}, ${describe(value)}, does not broadcast to ${formatShape(sizes)}`);
  return value;
}

/** floor((x 2^32 + y) n / 2^64) of words and a count without a sign: whole numbers below n. */
function scaledDown([x, y]: readonly [Expr, Expr], n: Expr): Expr {
  const low = mul(x, n);
  const rest = highWord(y, n);
  const carried = lessUnsigned(add(low, rest), low);
  return add(highWord(x, n), cast(carried, 'int32'));
}

/** The high word of a product of words without a sign, by products of halves. */
function highWord(a: Expr, b: Expr): Expr {
  const halves = (word: Expr): readonly [Expr, Expr] => [shiftRightLogical(word, 16), bitwiseAnd(word, 0xffff)];
  const [[a1, a0], [b1, b0]] = [halves(a), halves(b)];
  const [[high1, low1], [high2, low2]] = [halves(mul(a1, b0)), halves(mul(a0, b1))];
  const middle = add(add(shiftRightLogical(mul(a0, b0), 16), low1), low2);
  return add(add(add(mul(a1, b1), high1), high2), shiftRightLogical(middle, 16));
}

function lessUnsigned(a: Expr, b: Expr): Expr {
  return lt(bitwiseXor(a, -(2 ** 31)), bitwiseXor(b, -(2 ** 31)));
}

/**
 * int32: `draws` indices for each row of weights, with replacement, index k with the probability `weights[k] / sum(weights)`, by the inverse of
 * their cumulative sums. A weight of 0 is never drawn; one below 2^-24 of the sum (2^-53 in float64) hardly. A row without a weight above 0 gives
 * -1, one with a NaN anything. As PyTorch's `multinomial`; `categorical` draws from logits. How often each was drawn, NumPy's `multinomial`, is
 * `oneHot(drawn, n).sum(-2)`.
 *
 * @param weights `[..., n]`, float, not below 0, and a sum that the dtype has; it need not be 1
 * @param draws how many, a number or an open dimension: the result is `[..., draws]`
 * @throws {DTypeError} if the weights are no floats, or the seed or the step not int32
 * @throws {ShapeError} if the weights are a scalar, or none, or the seed or the step is no scalar
 * @throws {InputError} if the seed or the step is none that is whole
 */
export function multinomial(weights: Expr, draws: DimensionLike, key: RandomKey): Expr {
  requireFloat('multinomial', weights, 'the weights');
  const words = keyWords('multinomial', checkOptions('multinomial', key, keyOptions()));
  return drawn('multinomial', weights, dimension(draws, 'multinomial'), words);
}

function drawn(operation: string, weights: Expr, draws: Dimension, key: KeyWords): Expr {
  const along = normalizeAxis(-1, weights.rank, operation);
  if (weights.shape[along] === 0) throw new ShapeError(`${operation}: ${describe(weights)} has nothing to choose from`);
  const [u] = units([...weights.shape.slice(0, -1), draws], key, weights.dtype === 'float64' ? 'float64' : 'float32');
  const sums = cumsum(weights, along);
  const total = sum(weights, along, { keepdims: true });
  // [..., draws, n]: the first whose sum is beyond the point, where rounding puts none beyond it the last that there is.
  const beyond = and(gt(expandDims(sums, -2), expandDims(mul(u, total), -1)), expandDims(gt(weights, 0), -2));
  const first = min(where(beyond, iota(beyond.shape, along + 1), 2 ** 31 - 1), -1);
  const last = max(where(gt(weights, 0), iota(weights.shape, along), -1), along, { keepdims: true });
  return minimum(first, last);
}

/** Options of `choice`. */
export interface ChoiceOptions extends RandomKey {
  /** Whether one may be drawn several times. Default true. */
  readonly replace?: boolean;
  /** `[n]`: how probable each is, in any scale. Default: all equally. */
  readonly p?: Expr | readonly number[];
  /** The axis along which parts of an expression are drawn. Default 0. */
  readonly axis?: number;
}

/**
 * Draws from the numbers 0 to n - 1 (int32), or from the parts of a tensor along an axis, as NumPy's and JAX's `choice`. With
 * `replace: false` it is the order of n random keys; with probabilities that draws one after the other from what is left, by Gumbel's maxima; those
 * of probability 0 come last. Where `p` is an expression, NaN draws anything, and zeros alone draw, with replacement, the index -1.
 *
 * @param from n, or a tensor `[..., n, ...]`
 * @param shape of the draws, which takes the place of the axis: without replacement a single number, at most n
 * @throws {InputError} if n is no whole number above 0, a number of `p` is below 0 or not finite, or none is above 0, the seed or the step is none that is
 * whole, or an option is none
 * @throws {ShapeError} if there is no such axis, nothing to draw from, `p` is not `[n]`, or more are drawn than there are
 * @throws {DTypeError} if `p` is no float, or the seed or the step not int32
 * @example choice(examples, [32], { replace: false, seed: 1, step })   // [60, 5] gives [32, 5]
 */
export function choice(from: number | Expr, shape: ShapeLike, options: ChoiceOptions): Expr {
  const { replace = true, p, axis = 0, ...key } = checkOptions('choice', options, { replace: option.flag, p: option.unchecked, axis: option.unchecked, ...keyOptions() });
  const words = keyWords('choice', key);
  const sizes = toShape(shape, 'choice');
  const along = isExpr(from, 'choice') ? normalizeAxis(axis, from.rank, 'choice') : 0;
  const n = countOf('choice', from, along);
  const weights = p === undefined ? undefined : p instanceof Expr ? p : numberedWeights(p);
  if (weights !== undefined) {
    requireFloat('choice', weights, 'p');
    if (!sameShape(weights.shape, [n])) throw new ShapeError(`choice: p, ${describe(weights)}, should have the shape ${formatShape([n])}, one number for each that there is`);
  }
  const indices = replace ? withReplacement(sizes, n, weights, words) : withoutReplacement(sizes, n, weights, words);
  return from instanceof Expr ? take(from, indices, along) : indices;
}

/** Probabilities that are numbers, checked. */
function numberedWeights(p: readonly number[]): Expr {
  const weights = lift(p, 'float32', 'choice: p');
  if (weights.rank !== 1) return weights;
  const wrong = p.find((each) => !(each >= 0 && each < Infinity));
  if (wrong !== undefined) throw new InputError(`choice: the numbers of p must be finite and not below 0, not ${show(wrong)}`);
  if (p.length > 0 && p.every((each) => each === 0)) throw new InputError('choice: one of the numbers of p must be above 0');
  return weights;
}

/** How many there are to choose from or to put in order. */
function countOf(operation: string, from: number | Expr, axis: number): number {
  const n = from instanceof Expr ? from.shape[axis] : from;
  if (typeof n === 'number' && Number.isInteger(n) && n > 0 && n < 2 ** 31) return n;
  if (!(from instanceof Expr)) throw new InputError(`${operation}: takes a tensor or a whole number above 0, not ${show(from)}`);
  throw new ShapeError(`${operation}: axis ${axis} of ${describe(from)} has the size ${String(n)}; it must be known, and above 0`);
}

function withReplacement(sizes: Shape, n: number, weights: Expr | undefined, key: KeyWords): Expr {
  if (weights === undefined) return scaledDown(randomWords(sizes, key), scalar(n, 'int32'));
  const flat = sizes.reduce<Dimension>((product, size) => multiplyDimensions(product, size), 1);
  return reshape(drawn('choice', weights, flat, key), sizes);
}

function withoutReplacement(sizes: Shape, n: number, weights: Expr | undefined, key: KeyWords): Expr {
  const [count, ...more] = sizes;
  if (typeof count !== 'number' || more.length > 0) throw new ShapeError(`choice: without replacement the shape must be a single known number, not ${formatShape(sizes)}`);
  if (count > n) throw new ShapeError(`choice: without replacement ${count} are more than the ${n} that there are`);
  if (weights === undefined) return slice(argSort(randomWords([n], key)[0], 0), [0, count]);
  const u = insideUnits([n], key, weights.dtype === 'float64' ? 'float64' : 'float32');
  return slice(argSort(sub(log(weights), log(neg(log(u)))), 0, { descending: true }), [0, count]);
}

/** Options of `permutation`. */
export interface PermutationOptions extends RandomKey {
  /** The axis whose parts change places. Default 0. */
  readonly axis?: number;
}

/**
 * The numbers 0 to n - 1 (int32) in a random order, or the parts of a tensor along an axis, whole. As NumPy's and JAX's `permutation`: the
 * order of as many random keys. Orders are equally probable but for n² / 2^33, by which two of the keys are equal.
 *
 * @param of n, or a tensor `[..., n, ...]`
 * @throws {InputError} if n is no whole number above 0, or the seed or the step is none that is whole
 * @throws {ShapeError} if there is no such axis, its size is 0 or open, or the seed or the step is no scalar
 * @throws {DTypeError} if the seed or the step is not int32
 * @example const order = permutation(60, { seed: 1, step: epoch });   examples.take(order), labels.take(order)
 */
export function permutation(of: number | Expr, options: PermutationOptions): Expr {
  const { axis = 0, ...key } = checkOptions('permutation', options, { axis: option.unchecked, ...keyOptions() });
  const words = keyWords('permutation', key);
  const along = isExpr(of, 'permutation') ? normalizeAxis(axis, of.rank, 'permutation') : 0;
  const order = argSort(randomWords([countOf('permutation', of, along)], words)[0], 0);
  return of instanceof Expr ? take(of, order, along) : order;
}
