/** Vector arithmetic by lane type, so that one text of a function serves float32 and float64. */
import { type ElementaryFunctions, FLOAT32_FUNCTIONS, FLOAT64_FUNCTIONS } from '@pappus/compiler';
import { f32x4, f64x2, i32, i32x4, i64x2, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local, ModuleBuilder, WasmFunction } from '../wasm/module.js';

export type Lanes = 'f32x4' | 'f64x2';
export type Vector = Value<'v128'>;
export type VectorLocal = Local<'v128'>;
type Unary = (a: Vector) => Vector;
type Binary = (a: Vector, b: Vector) => Vector;
type Shift = (a: Vector, count: Value<'i32'>) => Vector;

/** The float instructions that both lane types have. */
interface FloatInstructions {
  const(value: number): Vector;
  eq: Binary;
  ne: Binary;
  lt: Binary;
  gt: Binary;
  le: Binary;
  ge: Binary;
  trunc: Unary;
  abs: Unary;
  neg: Unary;
  add: Binary;
  sub: Binary;
  mul: Binary;
  div: Binary;
  pmin: Binary;
  pmax: Binary;
}

interface IntegerInstructions {
  add: Binary;
  sub: Binary;
  shl: Shift;
  shrU: Shift;
  shrS: Shift;
}

/** What is known of the number format: IEEE 754 binary32 or binary64. */
interface Format {
  /** Bits of the fraction, without the hidden one. */
  readonly fractionBits: number;
  readonly bias: number;
  readonly smallestNormal: number;
}

/** Float instructions, and the bit manipulation of the functions, for one lane type. */
export class Arithmetic {
  private constructor(
    readonly lanes: Lanes,
    readonly float: FloatInstructions,
    readonly integer: IntegerInstructions,
    readonly format: Format,
    /** Coefficients and limits of the functions. */
    readonly functions: ElementaryFunctions,
    /** A lane constant by its bits. */
    readonly bits: (pattern: bigint) => Vector,
  ) {}

  static readonly of: Record<Lanes, Arithmetic> = {
    f32x4: new Arithmetic(
      'f32x4',
      f32x4,
      i32x4,
      { fractionBits: 23, bias: 127, smallestNormal: 2 ** -126 },
      FLOAT32_FUNCTIONS,
      (pattern) => i32x4.const(Number(BigInt.asIntN(32, pattern))),
    ),
    f64x2: new Arithmetic(
      'f64x2',
      f64x2,
      i64x2,
      { fractionBits: 52, bias: 1023, smallestNormal: 2 ** -1022 },
      FLOAT64_FUNCTIONS,
      (pattern) => i64x2.const(BigInt.asIntN(64, pattern)),
    ),
  };

  /** Added to a small number, leaves it rounded to an integer in the low bits of the sum. */
  get roundingConstant(): number {
    return 1.5 * 2 ** this.format.fractionBits;
  }

  /** Moves bit n of an integer to the sign, and clears the others. */
  bitToSign(a: Vector, n: number): Vector {
    const signBit = this.lanes === 'f32x4' ? 31 : 63;
    return this.sign(this.integer.shl(a, i32.const(signBit - n)));
  }

  /** The integer, plus n, that a sum with `roundingConstant` holds. */
  unrounded(sum: Vector, n: number): Vector {
    const { fractionBits, bias } = this.format;
    const bits = (BigInt(bias + fractionBits) << BigInt(fractionBits)) | (1n << BigInt(fractionBits - 1));
    return this.integer.sub(sum, this.bits(bits - BigInt(n)));
  }

  /** The sign bit of each lane. */
  sign(a: Vector): Vector {
    return v128.and(a, this.float.const(-0));
  }

  /** Gives `a`, which is zero or has the sign of `x` already, the sign of `x` where it is zero. */
  withSignOf(a: Vector, x: Vector): Vector {
    return v128.or(a, this.sign(x));
  }

  /** An integer, shifted into the exponent field. */
  toExponentField(a: Vector): Vector {
    return this.integer.shl(a, i32.const(this.format.fractionBits));
  }

  /** `c_0 + c_1 x + c_2 x^2 + ...` by Horner's rule. */
  polynomial(x: VectorLocal, coefficients: readonly number[]): Vector {
    return coefficients
      .map((c) => this.float.const(c))
      .reduceRight((sum, c) => this.float.add(this.float.mul(sum, x), c));
  }
}

/** Functions that the others call. */
export interface Helpers {
  /** A function of the module by its name, written when it is first asked for. */
  shared(name: string, write: (module: ModuleBuilder, name: string) => WasmFunction<'v128'>): WasmFunction<'v128'>;
}

/** Writes a function of one argument for one lane type: gives the result. */
export type EmitUnary = (f: FunctionBuilder, a: Arithmetic, x: VectorLocal, helpers: Helpers) => Vector;
/** Writes a function of two arguments for one lane type: gives the result. */
export type EmitBinary = (f: FunctionBuilder, a: Arithmetic, x: VectorLocal, y: VectorLocal, helpers: Helpers) => Vector;
