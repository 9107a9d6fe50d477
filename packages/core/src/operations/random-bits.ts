/** Random bits in the graph: Threefry-2x32 with 20 rounds (Salmon et al. 2011), as random.ts makes them on the host. */
import { isExpr } from '../graph/brand.js';
import { iota, scalar } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { productOfDimensions } from '../graph/dimension.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { PARITY, ROTATIONS } from '../values/random.js';
import { option, type OptionTable } from '../arguments/options.js';
import type { Shape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { add, bitwiseOr, bitwiseXor, cast, mul, shiftLeft, shiftRightLogical } from './elementwise.js';
import { broadcastTo, reshape } from './movement.js';

/** What the numbers of an operation depend on, beside the position of the element. */
export interface RandomKey {
  /** A whole number, of which 32 bits count, or an int32 scalar. Two operations with one seed and one step get the same numbers: give each its own. */
  readonly seed: number | Expr;
  /** The same for the step: what changes from call to call, such as a variable that counts them. */
  readonly step: number | Expr;
}

/** Checked by `keyWords`. */
export function keyOptions(): OptionTable<RandomKey> {
  return { seed: option.unchecked, step: option.unchecked };
}

/** The key's two words as int32 scalars. */
export type KeyWords = readonly [seed: Expr, step: Expr];

/**
 * The key, checked.
 *
 * @throws {InputError} for a number that is not whole
 * @throws {ShapeError} for an expression that is no scalar
 * @throws {DTypeError} for an expression that is not int32
 */
export function keyWords(operation: string, { seed, step }: Partial<RandomKey>): KeyWords {
  const word = (value: number | Expr | undefined, what: string): Expr => {
    if (value === undefined) throw new InputError(`${operation}: the option ${what} is missing; give a whole number or an int32 scalar, as in { seed: 1, step }`);
    return keyWord(operation, what, value);
  };
  return [word(seed, 'seed'), word(step, 'step')];
}

/** One word of a key, likewise. */
export function keyWord(operation: string, what: string, value: number | Expr): Expr {
  if (!isExpr(value, operation)) return scalar(wholeSeed(operation, what, value) | 0, 'int32');
  if (value.rank !== 0) throw new ShapeError(`${operation}: the ${what} must be a scalar, and ${describe(value)} is none`);
  if (value.dtype !== 'int32') {
    throw new DTypeError(`${operation}: the ${what} ${describe(value)} is ${value.dtype}, not int32; cast it with .cast('int32')`);
  }
  return value;
}

/** A whole number, such as one of 32 bits or a time in milliseconds; the low 32 bits of it count. */
export function wholeSeed(operation: string, what: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new InputError(`${operation}: the ${what} must be a whole number or an int32 scalar, not ${show(value)}`);
  return value;
}

/**
 * Two int32 words for each element of a shape: Threefry of the key and the counter [row-major index, block]. Some 110
 * operations, which the compiler writes where the words are used: nothing of it is in memory.
 */
export function randomWords(shape: Shape, key: KeyWords, block: number | Expr = 0): readonly [Expr, Expr] {
  return wordsAt(rowMajorIndex(shape), key, block);
}

/** Two int32 words for each counter. */
export function wordsAt(counter: Expr, [seed, step]: KeyWords, block: number | Expr): readonly [Expr, Expr] {
  const schedule = [seed, step, bitwiseXor(bitwiseXor(seed, step), PARITY)];
  const word = (k: number): Expr => schedule[k % 3] ?? seed;
  let x = add(counter, word(0));
  let y = broadcastTo(add(word(1), block), counter.shape);
  for (let group = 0; group < 5; group++) {
    for (const rotation of ROTATIONS[group % 2] ?? []) {
      x = add(x, y);
      y = bitwiseXor(bitwiseOr(shiftLeft(y, rotation), shiftRightLogical(y, 32 - rotation)), x);
    }
    x = add(x, word(group + 1));
    y = add(y, add(word(group + 2), group + 1));
  }
  return [x, y];
}

function rowMajorIndex(shape: Shape): Expr {
  const size = productOfDimensions(shape);
  // A single number is one for the host.
  return size === 1 ? broadcastTo(scalar(0, 'int32'), shape) : reshape(iota([size], 0), shape);
}

/** The top `bits` bits of words: a whole number of [0, 2^bits). */
export function topBits(words: Expr, bits: number): Expr {
  return shiftRightLogical(words, 32 - bits);
}

/** Two independent numbers of [0, 1) for each element: multiples of 2^-24 in float32, of 2^-53 in float64, which take a second block. */
export function units(shape: Shape, key: KeyWords, dtype: 'float32' | 'float64', block: number | Expr = 0): readonly [Expr, Expr] {
  const [x, y] = randomWords(shape, key, block);
  if (dtype === 'float32') {
    const unit = (words: Expr): Expr => mul(cast(topBits(words, 24), 'float32'), 2 ** -24);
    return [unit(x), unit(y)];
  }
  const unit = (high: Expr, low: Expr): Expr => mul(add(mul(cast(topBits(high, 27), 'float64'), 2 ** 26), cast(topBits(low, 26), 'float64')), 2 ** -53);
  const [z, w] = randomWords(shape, key, typeof block === 'number' ? block + 1 : add(block, 1));
  return [unit(x, y), unit(z, w)];
}

/** A number inside of (0, 1) for each element, neither end included: odd multiples of 2^-24 in float32, of 2^-53 in float64. */
export function insideUnits(shape: Shape, key: KeyWords, dtype: 'float32' | 'float64', block: number | Expr = 0): Expr {
  const [x, y] = randomWords(shape, key, block);
  if (dtype === 'float32') return mul(add(mul(cast(topBits(x, 23), 'float32'), 2), 1), 2 ** -24);
  const whole = add(mul(cast(topBits(x, 26), 'float64'), 2 ** 26), cast(topBits(y, 26), 'float64'));
  return mul(add(mul(whole, 2), 1), 2 ** -53);
}
