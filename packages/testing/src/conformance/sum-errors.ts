/** What reductions and products make of errors, whatever the order of their additions. */
import { type Expr, isFloat } from '@pappus/core';
import { type Node, type ReduceOp } from '@pappus/core/backend';
import { type Precision, roundingOf } from './elementwise-error.js';
import { each, flat } from './moved-errors.js';
import type { Bounded } from './rounding-bounds.js';

type Result = Omit<Bounded, 'errors'>;

/** Terms of a sum: their values, how far each may be off, and whether each is one product of two numbers. */
interface Terms {
  readonly values: readonly number[];
  readonly errors: readonly number[];
}

/** The largest power of two of which a number is a multiple. */
function gridOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return Infinity;
  let grid = 2 ** Math.floor(Math.log2(Math.abs(x)));
  for (let k = 0; k < 60 && x % grid !== 0; k++) grid /= 2;
  return grid;
}

/** How far a sum of terms may be off in any order of its additions. */
function sumError(value: number, { values, errors }: Terms, { dtype }: Pick<Result, 'dtype'>, precision: Precision, extra = 0): number {
  if (errors.some((e) => e === Infinity)) return Infinity;
  if (!isFloat(dtype)) return errors.every((e) => e === 0) ? 0 : Infinity;
  const finite = values.filter((x) => Number.isFinite(x));
  const magnitude = finite.reduce((sum, x) => sum + Math.abs(x), 0) + errors.reduce((sum, e) => sum + e, 0);
  // Parts of the sum may be infinite before the whole is.
  if (dtype === 'float32' && magnitude > 3e38) return Infinity;
  if (finite.length < values.length) return 0;
  const propagated = errors.reduce((sum, e) => sum + e, 0) + extra;
  const count = values.length;
  if (propagated === 0) {
    const grid = finite.reduce((least, x) => Math.min(least, gridOf(x)), Infinity);
    if (grid === Infinity || magnitude <= grid * 2 ** 24) return dtype === 'float32' && grid < precision.flushed ? roundingOf(value, 0, dtype, precision, 'arithmetic') : 0;
  }
  const rounding = roundingOf(magnitude, propagated, dtype, precision, 'arithmetic') - propagated;
  // The definition's own sum is rounded once.
  return propagated + Math.max(1, count) * Math.max(rounding, precision.arithmetic[dtype] * magnitude);
}

/** The positions of a tensor's elements by the element of the result that they are reduced into. */
function groups(shape: readonly number[], axes: readonly number[]): number[][] {
  const kept = shape.filter((_, k) => !axes.includes(k));
  const found: number[][] = Array.from({ length: kept.reduce((x, y) => x * y, 1) }, () => []);
  let at = 0;
  each(shape, (index) => {
    found[flat(kept, index.filter((_, k) => !axes.includes(k)))]?.push(at++);
    return 0;
  });
  return found;
}

export function reductionError(op: ReduceOp, axes: readonly number[], a: Bounded, result: Result, precision: Precision): Float64Array {
  const members = groups(a.shape, axes);
  return Float64Array.from(result.values, (value, k) => {
    const places = members[k] ?? [];
    const terms = { values: places.map((p) => a.values[p] ?? NaN), errors: places.map((p) => a.errors[p] ?? NaN) };
    switch (op) {
      case 'sum':
        return sumError(value, terms, result, precision);
      case 'max':
      case 'min':
        return Math.max(0, ...terms.errors);
      case 'all':
      case 'any': {
        const decides = op === 'all' ? 0 : 1;
        return terms.values.some((x, i) => x === decides && terms.errors[i] === 0) || terms.errors.every((e) => e === 0) ? 0 : Infinity;
      }
      case 'prod':
        return prodError(value, terms, result, precision);
    }
  });
}

function prodError(value: number, { values, errors }: Terms, { dtype }: Result, precision: Precision): number {
  if (errors.some((e) => e === Infinity)) return Infinity;
  if (!isFloat(dtype)) return errors.every((e) => e === 0) ? 0 : Infinity;
  const largest = values.reduce((product, x) => product * Math.max(1, Math.abs(x)), 1);
  const least = values.reduce((product, x) => product * (x === 0 ? 1 : Math.min(1, Math.abs(x))), 1);
  if (values.some((x) => Number.isNaN(x))) return 0;
  const finite = values.every((x) => Number.isFinite(x));
  // Parts of the product may leave the range although the whole does not.
  if ((finite && dtype === 'float32' && (largest > 3e38 || least < 1e-30)) || (!finite && errors.some((e) => e > 0))) return Infinity;
  if (!finite) return least < 1e-30 ? Infinity : 0;
  const magnitude = values.reduce((product, x) => product * Math.abs(x), 1);
  const most = values.reduce((product, x, i) => product * (Math.abs(x) + (errors[i] ?? 0)), 1);
  const certain = errors.every((e) => e === 0);
  const whole = values.every((x) => Number.isInteger(x * 2 ** 8)) && largest < 2 ** 16 && values.length < 3;
  if (certain && (whole || value === 0 || values.every((x) => Math.abs(x) === 2 ** Math.round(Math.log2(Math.abs(x)))))) return roundingOf(value, 0, dtype, precision, 'arithmetic');
  return most - magnitude + values.length * precision.arithmetic[dtype] * most * 1.01 + 2 ** -149 + precision.flushed;
}

export function cumulativeError({ axis, reverse, exclusive }: Extract<Node, { kind: 'cumsum' }>, a: Bounded, result: Result, precision: Precision): Float64Array {
  const { shape } = a;
  const errors = new Float64Array(a.values.length);
  each(shape, (index) => {
    const here = index[axis] ?? 0;
    const values: number[] = [];
    const of: number[] = [];
    for (let k = 0; k < (shape[axis] ?? 1); k++) {
      if ((reverse ? k < here : k > here) || (exclusive && k === here)) continue;
      const at = flat(shape, index.map((i, dimension) => (dimension === axis ? k : i)));
      values.push(a.values[at] ?? NaN);
      of.push(a.errors[at] ?? NaN);
    }
    const at = flat(shape, index);
    errors[at] = sumError(result.values[at] ?? NaN, { values, errors: of }, result, precision);
    return 0;
  });
  return errors;
}

export function productError(node: Extract<Expr['node'], { kind: 'matmul' }>, a: Bounded, b: Bounded, result: Result, precision: Precision): Float64Array {
  const size = (shape: readonly number[]): number => shape.reduce((x, y) => x * y, 1);
  const batch = result.shape.length - node.rows - node.columns;
  const m = size(result.shape.slice(batch, batch + node.rows));
  const n = size(result.shape.slice(batch + node.rows));
  const depth = size(a.shape.slice(a.shape.length - node.depth));
  return Float64Array.from(result.values, (value, at) => {
    const [group, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    const values: number[] = [];
    const errors: number[] = [];
    for (let k = 0; k < depth; k++) {
      const i = (group * m + row) * depth + k;
      const j = (group * depth + k) * n + column;
      const [x, e, y, f] = [a.values[i] ?? NaN, a.errors[i] ?? NaN, b.values[j] ?? NaN, b.errors[j] ?? NaN];
      values.push(x * y);
      errors.push(termError(x, e, y, f));
    }
    // Each product is rounded before it is added, or not.
    const rounded = isFloat(result.dtype) ? values.reduce((sum, x) => sum + (Number.isFinite(x) && Math.fround(x) !== x ? precision.arithmetic.float32 * Math.abs(x) : 0), 0) : 0;
    return sumError(value, { values, errors }, result, precision, result.dtype === 'float64' ? rounded * 2 ** -29 : rounded);
  });
}

function termError(x: number, e: number, y: number, f: number): number {
  if (e === Infinity || f === Infinity) return Infinity;
  if (e === 0 && f === 0) return 0;
  if (Number.isNaN(x) || Number.isNaN(y)) return 0;
  if (Math.abs(x) === Infinity) return Math.abs(y) > f ? 0 : Infinity;
  if (Math.abs(y) === Infinity) return Math.abs(x) > e ? 0 : Infinity;
  return Math.abs(x) * f + Math.abs(y) * e + e * f;
}
