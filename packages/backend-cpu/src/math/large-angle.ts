/**
 * Reduction of a large angle modulo pi/2: x 2/pi modulo 4 in integers, from those bits of 2/pi only that matter for the exponent of x
 * (Payne & Hanek, Radian reduction for trigonometric functions, 1983). Scalar, and rarely needed.
 */
import { TWO_OVER_PI } from '@pappus/compiler';
import { f64, i32, i64, i64x2, i8x16, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local, ModuleBuilder, WasmFunction } from '../wasm/module.js';
import type { Vector } from './lanes.js';

/** So many zero bits stand before those of 2/pi. */
const LEADING_ZEROS = 64;
const TABLE = (() => {
  const hexadecimal = '0'.repeat(LEADING_ZEROS / 4) + TWO_OVER_PI;
  const bytes = Array.from({ length: hexadecimal.length / 2 }, (_, k) => parseInt(hexadecimal.slice(2 * k, 2 * k + 2), 16));
  return Array.from({ length: bytes.length / 16 }, (_, k) => bytes.slice(16 * k, 16 * k + 16));
})();

/** Bytes in this order make two big-endian words of 64 bits. */
const BIG_ENDIAN = [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8];

type I64 = Value<'i64'>;
const constant = (value: bigint | number): I64 => i64.const(BigInt.asIntN(64, BigInt(value)));

/** Two 64-bit words of the table, beginning with some byte. A swizzle gives 0 outside its 16 bytes: the sum of all finds every byte. */
function twoWords(f: FunctionBuilder, firstByte: Value<'i32'>): Vector {
  const indices = f.let(i8x16.add(i8x16.splat(firstByte), i8x16.const(BIG_ENDIAN)));
  return TABLE.map((bytes, block) => i8x16.swizzle(i8x16.const(bytes), i8x16.sub(indices, i8x16.splat(i32.const(16 * block))))).reduce(
    v128.or,
  );
}

/** The upper 64 bits of the product of two unsigned numbers, the second below 2^53. */
function multiplyHigh(f: FunctionBuilder, a: Local<'i64'>, b: Local<'i64'>): I64 {
  const word = constant(32);
  const lowWord = (x: I64) => i64.and(x, constant(0xffffffff));
  const aLow = f.let(lowWord(a));
  const aHigh = f.let(i64.shrU(a, word));
  const bLow = f.let(lowWord(b));
  const bHigh = f.let(i64.shrU(b, word));
  const middle = f.let(i64.add(i64.mul(aHigh, bLow), i64.shrU(i64.mul(aLow, bLow), word)));
  const other = i64.add(i64.mul(aLow, bHigh), lowWord(middle));
  return i64.add(i64.mul(aHigh, bHigh), i64.add(i64.shrU(middle, word), i64.shrU(other, word)));
}

/**
 * From the bits of a finite float64 x above 2^13 in magnitude: the float64 r, and in the other lane an integer k of the right
 * remainder modulo 4, with x = k pi/2 + r (modulo 2 pi) and |r| <= pi/4. r has an error of 2 units in the last place.
 */
function emitReduceLargeAngle(f: FunctionBuilder, bits: Local<'i64'>): Vector {
  // |x| = mantissa 2^exponent
  const mantissa = f.let(i64.or(i64.and(bits, constant(2n ** 52n - 1n)), constant(2n ** 52n)));
  const exponent = i64.sub(i64.and(i64.shrU(bits, constant(52)), constant(0x7ff)), constant(1075));
  // Bit i after the point of 2/pi gives multiples of 4 where i < exponent - 1: three words from there on.
  const start = f.let(i64.add(exponent, constant(LEADING_ZEROS - 2)));
  const firstByte = f.let(i32.wrapI64(i64.shrU(start, constant(3))));
  const shift = f.let(i64.and(start, constant(7)));
  const upper = f.let(twoWords(f, firstByte));
  const lower = f.let(twoWords(f, i32.add(firstByte, i32.const(16))));
  const [word0, word1, word2, word3] = [
    f.let(i64x2.extractLane(upper, 0)),
    f.let(i64x2.extractLane(upper, 1)),
    f.let(i64x2.extractLane(lower, 0)),
    f.let(i64x2.extractLane(lower, 1)),
  ];
  const aligned = (first: I64, next: I64) =>
    f.let(i64.or(i64.shl(first, shift), i64.shrU(i64.shrU(next, constant(1)), i64.sub(constant(63), shift))));
  const [first, second, third] = [aligned(word0, word1), aligned(word1, word2), aligned(word2, word3)];

  // The upper 128 bits of the product modulo 2^192; the upper two of them count quarter turns.
  const lowPart = f.let(i64.mul(second, mantissa));
  const low = f.let(i64.add(lowPart, multiplyHigh(f, third, mantissa)));
  const carry = i64.extendI32U(i64.ltU(low, lowPart));
  const high = f.let(i64.add(i64.add(i64.mul(first, mantissa), multiplyHigh(f, second, mantissa)), carry));
  const k = f.let(i64.shrU(i64.add(high, constant(2n ** 61n)), constant(62)));
  // The rest as a signed number of 128 bits, whose lower half is taken as signed too.
  const rest = i64.add(i64.sub(high, i64.shl(k, constant(62))), i64.shrU(low, constant(63)));
  const turns = f64.add(f64.convertI64S(rest), f64.mul(f64.convertI64S(low), f64.const(2 ** -64)));
  const r = i64.reinterpretF64(f64.mul(turns, f64.const((Math.PI / 2) * 2 ** -62)));

  const negative = f.let(i64.shrS(bits, constant(63)));
  const signedR = i64.xor(r, i64.and(negative, constant(2n ** 63n)));
  const signedK = i64.sub(i64.xor(k, negative), negative);
  return i64x2.replaceLane(i64x2.splat(signedR), 1, signedK);
}

/** The function of a module that does so: from 64 bits to r and k. */
export const reduceLargeAngle = (module: ModuleBuilder, name: string): WasmFunction<'v128'> => module.function({ name, parameters: ['i64'], result: 'v128' }, (f, bits) => f.return(emitReduceLargeAngle(f, bits)));
