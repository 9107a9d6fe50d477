/** What elementwise operations make of errors: by their derivatives, or by their values at the ends of what an operand may be. */
import { type DType, isFloat } from '@pappus/core';
import { type ElementwiseOp, meaning } from '@pappus/core/backend';

/** What a backend promises. */
export interface Precision {
  /** The largest relative error of an elementary function, a division or a root, by dtype. */
  readonly elementary: Readonly<Record<'float32' | 'float64', number>>;
  /** The same of a sum or a product of two numbers: half a unit in the last place where they are rounded to the nearest. */
  readonly arithmetic: Readonly<Record<'float32' | 'float64', number>>;
  /** Whether a quotient or a root that the dtype has exactly is that. */
  readonly exactQuotients: boolean;
  /** Numbers below this may be taken for 0. */
  readonly flushed: number;
}

export interface Known {
  readonly value: number;
  readonly error: number;
}

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };
const SPACING = { float32: 2 ** -149, float64: 2 ** -1074 };

/**
 * The error of a value that is rounded to a dtype: what came in, and the rounding. Where it came in exact and the dtype has it, it stays
 * so, but for what elementary functions are.
 */
export function roundingOf(value: number, error: number, dtype: DType, precision: Precision, by: 'held' | 'arithmetic' | 'elementary'): number {
  if (!isFloat(dtype)) return error;
  if (!Number.isFinite(value)) return error;
  // It may be infinite where the definition is not.
  if (Math.abs(value) + error > LARGEST[dtype] * 0.999) return Infinity;
  const flush = dtype === 'float32' && value !== 0 && Math.abs(value) - error < precision.flushed ? precision.flushed : 0;
  const exact = error === 0 && Math.fround(value) === value && (by !== 'elementary' || value === 0);
  if (exact) return flush;
  const relative = by === 'elementary' ? precision.elementary[dtype] : precision.arithmetic[dtype];
  return error + relative * (Math.abs(value) + error) + SPACING[dtype] + flush;
}

const MONOTONE: ReadonlySet<ElementwiseOp> = new Set(['floor', 'ceil', 'round', 'sign', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'sqrt', 'tanh', 'sigmoid', 'erf', 'relu']);
const EXACT: ReadonlySet<ElementwiseOp> = new Set(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'relu', 'maximum', 'minimum', 'where', 'not', 'mod']);

/** The error of an elementwise operation, whose result by the definition is `value`. */
export function elementwiseError(op: ElementwiseOp, value: number, args: readonly Known[], operand: DType, dtype: DType, precision: Precision): number {
  const [a = { value: NaN, error: Infinity }, b, c] = args;
  if (op === 'where') return whereError(a, b, c);
  if (op === 'and' || op === 'or') {
    // What is certain decides.
    const decides = op === 'and' ? 0 : 1;
    if (args.some((x) => x.error === 0 && x.value === decides)) return 0;
  }
  if (args.some((x) => x.error === Infinity)) return Infinity;
  if (operand === 'int32' || operand === 'bool') {
    if (args.every((x) => x.error === 0)) return isFloat(dtype) ? roundingOf(value, 0, dtype, precision, 'held') : 0;
    return Infinity;
  }
  const certain = args.every((x) => x.error === 0);
  if (args.some((x) => Number.isNaN(x.value))) return 0;
  if (op === 'cast') return castError(value, a, operand, dtype, precision);
  const propagated = propagate(op, value, a, b, dtype);
  if (!isFloat(dtype)) return propagated;
  if (EXACT.has(op) && op !== 'mod') return certain ? roundingOf(value, 0, dtype, precision, 'held') : propagated;
  const quotient = op === 'div' || op === 'sqrt';
  const elementary = quotient ? !precision.exactQuotients : op !== 'add' && op !== 'sub' && op !== 'mul';
  const by = elementary ? 'elementary' : 'arithmetic';
  if (!elementary && quotient) return roundingOf(value, propagated, dtype, precision, 'arithmetic');
  return roundingOf(value, propagated, dtype, precision, by);
}

function whereError(condition: Known, a: Known | undefined, b: Known | undefined): number {
  if (a === undefined || b === undefined) return Infinity;
  if (condition.error === 0) return condition.value === 0 ? b.error : a.error;
  if (a.error === 0 && b.error === 0 && Object.is(a.value, b.value)) return 0;
  const apart = Math.abs(a.value - b.value);
  return Number.isNaN(apart) ? Infinity : apart + Math.max(a.error, b.error);
}

function castError(value: number, a: Known, operand: DType, dtype: DType, precision: Precision): number {
  if (isFloat(dtype)) return dtype === operand || dtype === 'float64' ? a.error : roundingOf(value, a.error, dtype, precision, 'held');
  if (a.error === 0) return 0;
  // What may be 0 may be false.
  if (dtype === 'bool') return Math.abs(a.value) > a.error ? 0 : Infinity;
  return apartAt(meaning('cast', operand, dtype), value, a);
}

/** How far a function of one operand may go within the operand's error, if it is monotone. */
function apartAt(f: (a: number, b: number, c: number) => number, value: number, { value: at, error }: Known): number {
  const apart = Math.max(Math.abs(f(at - error, NaN, NaN) - value), Math.abs(f(at + error, NaN, NaN) - value));
  return Number.isNaN(apart) ? Infinity : apart;
}

function propagate(op: ElementwiseOp, value: number, a: Known, b: Known | undefined, dtype: DType): number {
  const x = Math.abs(a.value);
  const y = Math.abs(b?.value ?? NaN);
  const e = a.error;
  const f = b?.error ?? 0;
  if (e === 0 && f === 0) return 0;
  if (MONOTONE.has(op)) return apartAt(meaning(op, dtype, dtype), value, a);
  // An infinite operand: the result is certain only if the other's sign is.
  const infinite = x === Infinity || y === Infinity;
  switch (op) {
    case 'neg':
    case 'abs':
      return e;
    case 'sin':
    case 'cos':
      return Math.min(e, 2);
    case 'tan': {
      const slope = 1 + value * value;
      // Away from the pole the slope at most quadruples within a quarter of the way to it.
      return e * Math.sqrt(slope) < 0.25 ? 4 * slope * e : Infinity;
    }
    case 'add':
    case 'sub':
      return infinite ? 0 : e + f;
    case 'mul':
      if (infinite) return (x === Infinity ? y > f : x > e) ? 0 : Infinity;
      return x * f + y * e + e * f;
    case 'div':
      if (y === Infinity) return 0;
      if (y <= f) return Infinity;
      if (x === Infinity) return 0;
      return (e + Math.abs(value) * f) / (y - f);
    case 'pow': {
      if (b === undefined || infinite || a.value - e <= 0) return Infinity;
      const corners = [Math.pow(a.value - e, b.value - f), Math.pow(a.value - e, b.value + f), Math.pow(a.value + e, b.value - f), Math.pow(a.value + e, b.value + f), Math.pow(1, 1)];
      // Powers rise or fall with each operand, but may turn between where the base passes 1.
      const passes = a.value - e <= 1 && a.value + e >= 1;
      const apart = Math.max(...corners.slice(0, passes ? 5 : 4).map((corner) => Math.abs(corner - value)));
      return Number.isFinite(apart) ? apart : Infinity;
    }
    case 'mod': {
      if (b === undefined || infinite || y <= f) return Infinity;
      const quotients = [-1, 1].flatMap((s) => [-1, 1].map((t) => Math.floor((a.value + s * e) / (b.value + t * f))));
      const [q = 0] = quotients;
      return quotients.every((other) => other === q) ? e + Math.abs(q) * f : Infinity;
    }
    case 'maximum':
    case 'minimum':
      return Math.max(e, f);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return infinite || Math.abs(a.value - (b?.value ?? NaN)) > e + f ? 0 : Infinity;
    case 'isNan':
    case 'isFinite':
      return 0;
    default:
      return Infinity;
  }
}
