/**
 * The elementwise operations, one row each: arity, the dtypes taken, the dtype answered, and the meaning on numbers.
 * Gradients are in gradients/elementwise.ts; each backend has its own rendering table over the same keys.
 *
 * The meaning is in float64, of which a cast to float32 keeps what float32 holds; int32 wraps around as two's complement; bool is
 * 0 or 1.
 */
import { type DType, held, isFloat } from './dtype.js';

/** Dtypes that an operation takes. */
type Domain = 'float' | 'number' | 'integer' | 'bool' | 'any';
/** The dtype of the result: that of the operands, or bool. */
type Result = 'same' | 'bool';

interface Row<F> {
  readonly domain: Domain;
  readonly result: Result;
  readonly evaluate: F;
  /** The meaning on int32, where it differs from that on floats. */
  readonly int32?: F;
}

type Unary = (a: number) => number;
type Binary = (a: number, b: number) => number;

const bit = (value: boolean): number => (value ? 1 : 0);

/** Rounds half to even, as IEEE roundToIntegralTiesToEven; keeps the sign of zero. */
function roundHalfEven(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const shift = 2 ** 52;
  const rounded = x < 0 || Object.is(x, -0) ? x - shift + shift : x + shift - shift;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** 1 / (1 + exp(-x)), from the side that does not overflow. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/**
 * The error function: the Maclaurin series of exp(-x^2) integrated below 2.5, the continued fraction of erfc above
 * (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (2 * a * a) / (2 * n + 1);
      sum += term;
    }
    const value = (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
    return x < 0 || Object.is(x, -0) ? -value : value;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (a + fraction);
  const tail = Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction));
  return x < 0 ? tail - 1 : 1 - tail;
}

/** The remainder with the sign of the divisor; a zero keeps that of the dividend. */
function floorMod(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

const UNARY = {
  neg: { domain: 'number', result: 'same', evaluate: (a) => -a, int32: (a) => -a | 0 },
  abs: { domain: 'number', result: 'same', evaluate: Math.abs, int32: (a) => Math.abs(a) | 0 },
  sign: { domain: 'number', result: 'same', evaluate: Math.sign },
  floor: { domain: 'float', result: 'same', evaluate: Math.floor },
  ceil: { domain: 'float', result: 'same', evaluate: Math.ceil },
  round: { domain: 'float', result: 'same', evaluate: roundHalfEven },
  exp: { domain: 'float', result: 'same', evaluate: Math.exp },
  expm1: { domain: 'float', result: 'same', evaluate: Math.expm1 },
  log: { domain: 'float', result: 'same', evaluate: Math.log },
  log1p: { domain: 'float', result: 'same', evaluate: Math.log1p },
  log2: { domain: 'float', result: 'same', evaluate: Math.log2 },
  log10: { domain: 'float', result: 'same', evaluate: Math.log10 },
  sqrt: { domain: 'float', result: 'same', evaluate: Math.sqrt },
  sin: { domain: 'float', result: 'same', evaluate: Math.sin },
  cos: { domain: 'float', result: 'same', evaluate: Math.cos },
  tan: { domain: 'float', result: 'same', evaluate: Math.tan },
  tanh: { domain: 'float', result: 'same', evaluate: Math.tanh },
  sigmoid: { domain: 'float', result: 'same', evaluate: sigmoid },
  erf: { domain: 'float', result: 'same', evaluate: erf },
  relu: { domain: 'number', result: 'same', evaluate: (a) => Math.max(a, 0) },
  isNan: { domain: 'float', result: 'bool', evaluate: (a) => bit(Number.isNaN(a)) },
  isFinite: { domain: 'float', result: 'bool', evaluate: (a) => bit(Number.isFinite(a)) },
  not: { domain: 'bool', result: 'same', evaluate: (a) => 1 - a },
} as const satisfies Record<string, Row<Unary>>;

const BINARY = {
  add: { domain: 'number', result: 'same', evaluate: (a, b) => a + b, int32: (a, b) => (a + b) | 0 },
  sub: { domain: 'number', result: 'same', evaluate: (a, b) => a - b, int32: (a, b) => (a - b) | 0 },
  mul: { domain: 'number', result: 'same', evaluate: (a, b) => a * b, int32: Math.imul },
  div: { domain: 'float', result: 'same', evaluate: (a, b) => a / b },
  pow: { domain: 'float', result: 'same', evaluate: Math.pow },
  /** int32: the remainder by 0 is 0. */
  mod: { domain: 'number', result: 'same', evaluate: floorMod, int32: (a, b) => (b === 0 ? 0 : floorMod(a, b) | 0) },
  /** Not Math.max itself, which would take a third argument for an operand. */
  maximum: { domain: 'number', result: 'same', evaluate: (a, b) => Math.max(a, b) },
  minimum: { domain: 'number', result: 'same', evaluate: (a, b) => Math.min(a, b) },
  eq: { domain: 'any', result: 'bool', evaluate: (a, b) => bit(a === b) },
  ne: { domain: 'any', result: 'bool', evaluate: (a, b) => bit(a !== b) },
  lt: { domain: 'number', result: 'bool', evaluate: (a, b) => bit(a < b) },
  le: { domain: 'number', result: 'bool', evaluate: (a, b) => bit(a <= b) },
  gt: { domain: 'number', result: 'bool', evaluate: (a, b) => bit(a > b) },
  ge: { domain: 'number', result: 'bool', evaluate: (a, b) => bit(a >= b) },
  and: { domain: 'bool', result: 'same', evaluate: (a, b) => a & b },
  or: { domain: 'bool', result: 'same', evaluate: (a, b) => a | b },
  bitwiseAnd: { domain: 'integer', result: 'same', evaluate: (a, b) => a & b },
  bitwiseOr: { domain: 'integer', result: 'same', evaluate: (a, b) => a | b },
  bitwiseXor: { domain: 'integer', result: 'same', evaluate: (a, b) => a ^ b },
  shiftLeft: { domain: 'integer', result: 'same', evaluate: (a, b) => a << b },
  shiftRightLogical: { domain: 'integer', result: 'same', evaluate: (a, b) => (a >>> b) | 0 },
} as const satisfies Record<string, Row<Binary>>;

/** Elementwise operations of one operand whose result has its dtype, or is bool. */
export type UnaryOp = keyof typeof UNARY;

/** Elementwise operations of two operands of one dtype. */
export type BinaryOp = keyof typeof BINARY;
/** `where(condition, a, b)` and `cast(a)` have dtype rules of their own. */
export type ElementwiseOp = UnaryOp | BinaryOp | 'where' | 'cast';

const ROWS: Readonly<Record<UnaryOp, Row<Unary>>> & Readonly<Record<BinaryOp, Row<Binary>>> = { ...UNARY, ...BINARY };

/** The names of all elementwise operations. */
export const ELEMENTWISE_OPS: readonly string[] = [...Object.keys(ROWS), 'where', 'cast'];

/** Whether it takes one operand; `cast` is a kind of its own. */
export function isUnary(op: ElementwiseOp): op is UnaryOp {
  return op in UNARY;
}

/** Whether it takes two operands. */
export function isBinary(op: ElementwiseOp): op is BinaryOp {
  return op in BINARY;
}

/** The dtypes that an operation takes. */
export function domainOf(op: UnaryOp | BinaryOp): Domain {
  return ROWS[op].domain;
}

/** The dtype of an operation's result, given that of its operands. */
export function resultDType(op: UnaryOp | BinaryOp, operand: DType): DType {
  return ROWS[op].result === 'bool' ? 'bool' : operand;
}

/** Whether a dtype is one of those that an operation takes. */
export function inDomain(domain: Domain, dtype: DType): boolean {
  switch (domain) {
    case 'float':
      return isFloat(dtype);
    case 'number':
      return dtype !== 'bool';
    case 'integer':
      return dtype === 'int32';
    case 'bool':
      return dtype === 'bool';
    case 'any':
      return true;
  }
}

/** The meaning of a cast from float64: to the nearest float32; towards zero and saturating to int32 (NaN is 0); nonzero to bool. */
export function castNumber(value: number, to: DType): number {
  switch (to) {
    case 'float32':
    case 'float64':
      return held(value, to);
    case 'int32':
      return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), -(2 ** 31)), 2 ** 31 - 1) + 0;
    case 'bool':
      return value === 0 ? 0 : 1;
  }
}

/** The meaning of an operation on operands of `operand` dtype, with a result of `result` dtype. */
export function meaning(op: ElementwiseOp, operand: DType, result: DType): (a: number, b: number, c: number) => number {
  if (op === 'where') return (condition, a, b) => (condition !== 0 ? a : b);
  if (op === 'cast') return (a) => castNumber(a, result);
  const row = ROWS[op];
  const evaluate: Unary | Binary = operand === 'int32' && row.int32 !== undefined ? row.int32 : row.evaluate;
  return evaluate;
}
