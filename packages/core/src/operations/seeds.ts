/** Seeds made of seeds. */
import { scalar } from '../graph/construct.js';
import { InputError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { show } from '../arguments/show.js';
import { threefry2x32 } from '../values/random.js';
import { keyWord, wholeSeed, wordsAt } from './random-bits.js';

/** The block of the counter that seeds are made from; numbers are made from blocks of 0 and more. */
const SEEDS = -1;

/**
 * Seeds that have nothing to do with each other or with numbers of the seed they are from: one for each layer, worker or kind of noise.
 * Seed i is `foldIn(seed, i)`. As JAX's `random.split`, but of 32 bits: of k seeds two are equal with a probability of k² / 2^33.
 *
 * @param seed a whole number, of which the low 32 bits count; or an int32 scalar, of which int32 scalars are made, anew in each call
 * @param count how many; 2 by default
 * @throws {InputError} if the seed or the count is no whole number, or the count is not from 0 to 65536
 * @throws {DTypeError|ShapeError} if the seed is an expression, but no int32 scalar
 * @example const [first, second] = splitSeed(42);   dropout(x, 0.1, { seed: first, step })
 */
export function splitSeed(seed: number, count?: number): number[];
export function splitSeed(seed: Expr, count?: number): Expr[];
export function splitSeed(seed: number | Expr, count = 2): (number | Expr)[] {
  if (!Number.isInteger(count) || count < 0 || count > MOST) throw new InputError(`splitSeed: the count must be a whole number from 0 to ${MOST}, not ${show(count)}`);
  return Array.from({ length: count }, (_, i) => derived('splitSeed', seed, i));
}

/** Of expressions, each is one of some hundred nodes. */
const MOST = 2 ** 16;

/**
 * A seed made of a seed and a number, such as that of a layer or of an epoch: other numbers make seeds that have nothing to do with each
 * other. As JAX's `random.fold_in`.
 *
 * @param seed a whole number, of which the low 32 bits count, or an int32 scalar
 * @param data likewise; where one of the two is an expression, so is the result
 * @throws {InputError} if a number is not whole
 * @throws {DTypeError|ShapeError} if an expression is no int32 scalar
 * @example bernoulli([8], { p: 0.1, seed: foldIn(7, epoch), step })
 */
export function foldIn(seed: number, data: number): number;
export function foldIn(seed: number | Expr, data: number | Expr): number | Expr;
export function foldIn(seed: number | Expr, data: number | Expr): number | Expr {
  return derived('foldIn', seed, data);
}

function derived(operation: string, seed: number | Expr, data: number | Expr): number | Expr {
  if (typeof seed === 'number' && typeof data === 'number') {
    const [word] = threefry2x32([wholeSeed(operation, 'seed', seed) | 0, 0], [wholeSeed(operation, 'data', data) | 0, SEEDS]);
    return word | 0;
  }
  const [key, counter] = [keyWord(operation, 'seed', seed), keyWord(operation, 'data', data)];
  return wordsAt(counter, [key, scalar(0, 'int32')], SEEDS)[0];
}
