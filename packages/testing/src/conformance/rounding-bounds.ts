/**
 * How far a backend's results may be from the definition's, element by element: a running error analysis over a graph, after
 * Wilkinson. Every expression has the value of the definition and a bound on the error of one that is computed in its dtype; each operation
 * says what it makes of the bounds of its operands and adds a rounding of its own. A bound of Infinity says that anything may come out, as
 * of a comparison of numbers that are nearer to each other than their errors.
 */
import { type DType, type Expr, isFloat } from '@pappus/core';
import { elementwiseError, type Known, type Precision, roundingOf } from './elementwise-error.js';
import { cumulativeError, productError, reductionError } from './sum-errors.js';
import { moved, sourcesOf } from './moved-errors.js';
import { routineErrors } from './routine-errors.js';

export type { Precision } from './elementwise-error.js';

/** A tensor of the definition, and how far each element may be off. */
export interface Bounded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

/** What an analysis is given. */
export interface Analysis {
  /** Expressions, operands before users. */
  readonly order: readonly Expr[];
  /** What the definition answers for each. */
  readonly valueOf: (expr: Expr) => { readonly values: Float64Array; readonly shape: readonly number[] };
  /** How far variables may be off from earlier steps. */
  readonly leaves: ReadonlyMap<Expr, Float64Array>;
  /** Of the open dimensions. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly precision: Precision;
}

/** The bounds of expressions. */
export function roundingBounds({ order, valueOf, leaves, sizes, precision }: Analysis): ReadonlyMap<Expr, Bounded> {
  const known = new Map<Expr, Bounded>();
  for (const expr of order) {
    const { values, shape } = valueOf(expr);
    const args = expr.args.map((a) => {
      const arg = known.get(a);
      if (arg === undefined) throw new Error(`${expr.toString()} comes before its operand`);
      return arg;
    });
    const errors = leaves.get(expr) ?? errorsOf(expr, { dtype: expr.dtype, shape, values }, args, sizes, precision);
    known.set(expr, { dtype: expr.dtype, shape, values, errors });
  }
  return known;
}

function errorsOf(expr: Expr, result: Omit<Bounded, 'errors'>, args: readonly Bounded[], sizes: ReadonlyMap<string, number>, precision: Precision): Float64Array {
  const { node } = expr;
  const [a, b] = args;
  switch (node.kind) {
    case 'constant':
    case 'size':
    case 'data':
    case 'input':
    case 'variable':
      return result.values.map((value) => roundingOf(value, 0, expr.dtype, precision, 'held'));
    case 'iota':
      return new Float64Array(result.values.length);
    case 'routine':
      return routineErrors(node, args, result, precision);
    case 'placeholder':
    case 'scan':
      throw new Error(`no bounds inside of a scan: write ${expr.toString()} out`);
    default:
      break;
  }
  if (a === undefined) throw new Error(`${expr.toString()} has no operand`);
  switch (node.kind) {
    case 'elementwise': {
      const at = (tensor: Bounded, i: number): Known => ({ value: tensor.values[i] ?? NaN, error: tensor.errors[i] ?? NaN });
      const operand = args.at(-1)?.dtype ?? expr.dtype;
      return Float64Array.from(result.values, (value, i) => elementwiseError(node.op, value, args.map((arg) => at(arg, i)), operand, expr.dtype, precision));
    }
    case 'reduce':
      return reductionError(node.op, node.axes, a, result, precision);
    case 'cumsum':
      return cumulativeError(node, a, result, precision);
    case 'matmul':
      return b === undefined ? unsure(result) : productError(node, a, b, result, precision);
    case 'scatter': {
      if (b === undefined) return unsure(result);
      // An index that may be another one: anything may have been added anywhere.
      if (a.errors.some((e) => e > 0)) return unsure(result);
      return scatterError(node.axis, a, b, result, precision);
    }
    case 'gather':
      if (b?.errors.some((e) => e > 0) !== false) return unsure(result);
      return moved(a.errors, sourcesOf(expr, args, result.shape, sizes));
    case 'unroundedCast':
      return a.errors.map((e, i) => (isFloat(a.dtype) && a.dtype !== expr.dtype ? roundingOf(result.values[i] ?? NaN, e, expr.dtype, precision, 'held') : e));
    case 'reshape':
    case 'barrier':
    case 'stopGradient':
    case 'customGradient':
      return a.errors;
    case 'remat':
      return args[node.index]?.errors ?? unsure(result);
    case 'concat': {
      const sources = sourcesOf(expr, args, result.shape, sizes);
      const all = Float64Array.from(args.flatMap((arg) => [...arg.errors]));
      return moved(all, sources);
    }
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'pad':
    case 'window':
      return moved(a.errors, sourcesOf(expr, args, result.shape, sizes));
  }
}

function unsure({ values }: Omit<Bounded, 'errors'>): Float64Array {
  return new Float64Array(values.length).fill(Infinity);
}

/** Sums of those updates that land on one place, in some order. */
function scatterError(axis: number, indices: Bounded, updates: Bounded, result: Omit<Bounded, 'errors'>, precision: Precision): Float64Array {
  const count = result.shape[axis] ?? 1;
  const inner = result.shape.slice(axis + 1).reduce((x, y) => x * y, 1);
  const outer = result.shape.slice(0, axis).reduce((x, y) => x * y, 1);
  const landed: number[][] = Array.from(result.values, () => []);
  let at = 0;
  for (let o = 0; o < outer; o++) {
    for (const index of indices.values) {
      for (let i = 0; i < inner; i++, at++) {
        // An index out of range adds nothing.
        if (index >= 0 && index < count) landed[(o * count + index) * inner + i]?.push(at);
      }
    }
  }
  const all = { ...updates, shape: [updates.values.length] };
  return Float64Array.from(result.values, (value, k) => {
    const places = landed[k] ?? [];
    const part: Bounded = { ...all, shape: [places.length], values: Float64Array.from(places, (p) => all.values[p] ?? NaN), errors: Float64Array.from(places, (p) => all.errors[p] ?? NaN) };
    return reductionError('sum', [0], part, { dtype: result.dtype, shape: [], values: Float64Array.of(value) }, precision)[0] ?? Infinity;
  });
}
