/**
 * Random graphs whose results are well conditioned, with a bound on how far rounding may take each result from the
 * interpreter's. Every expression carries the largest magnitude of its elements and a bound on its absolute error, in
 * units of the dtype's rounding; each operation says what it makes of both (first-order forward error analysis). An
 * operation that would lose too much is not taken. Comparisons, rounding and casts to integers are made of exact
 * expressions only, since at a tie the smallest error flips them.
 */
import { type Axes, type DType, type Expr, type IndexOptions, isFloat, type SliceRange } from '@pappus/core';
import type { Apply } from '../graphs/operations.js';
import type { Recorder } from '../graphs/recorder.js';
import { randomMatrices } from './random-matrices.js';
import { ARITHMETIC, BITWISE, COMPARE, ELEMENTARY, EXACT_UNARY, INTEGER, LOGICAL, SMOOTH } from './random-operations.js';
import { randomOrder } from './random-order.js';

/** A number from 0 to `count - 1`. */
export type Choose = (count: number) => number;

export interface Tracked {
  readonly expr: Expr;
  readonly shape: readonly number[];
  readonly magnitude: number;
  /** In roundings: 0 if exact. */
  readonly error: number;
}

const LARGEST = 1e3;
const WORST = 3e4;
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Grows a pool of expressions from leaves, one random operation at a time. */
export class RandomGraph {
  readonly pool: Tracked[];
  private readonly f: Apply;

  constructor(
    leaves: readonly Tracked[],
    private readonly choose: Choose,
    private readonly float: DType,
    recorder: Recorder,
  ) {
    this.f = recorder.apply;
    this.pool = [...leaves];
  }

  /** Adds one expression, if the operation drawn can be taken. */
  grow(): void {
    const kinds = [this.smooth, this.smooth, this.arithmetic, this.arithmetic, this.arithmetic, this.reduce, this.reduce, this.move, this.move, this.move, this.views, this.views, this.select, this.compare, this.convert, this.product, this.join, this.integer, this.bitwise, this.logical, this.gradient, this.index, this.take, this.gather, this.scatter, this.cumulate, this.ordered, this.matrices, this.rearrange, this.stop];
    const made = kinds[this.choose(kinds.length)]?.call(this);
    if (made !== undefined && sizeOf(made.shape) <= 4096 && made.magnitude <= LARGEST && made.error <= WORST) this.pool.push(made);
  }

  /** An expression from the pool: the latest of so many drawn. */
  pick(accepts: (t: Tracked) => boolean = () => true, tries = 2): Tracked | undefined {
    const found = this.pool.filter(accepts);
    const drawn = Array.from({ length: tries }, () => this.choose(found.length || 1));
    return found[Math.max(...drawn)];
  }

  private isFloat = (t: Tracked): boolean => t.expr.dtype === this.float;

  private smooth(): Tracked | undefined {
    const a = this.pick(this.isFloat);
    const rule = SMOOTH[this.choose(SMOOTH.length)];
    if (a === undefined || rule === undefined || a.magnitude > (rule.limit ?? Infinity)) return undefined;
    return { expr: rule.apply(this.f, a.expr), shape: a.shape, magnitude: rule.magnitude(a.magnitude), error: rule.error(a.magnitude, a.error) };
  }

  /** Two operands that broadcast. */
  private pair(accepts: (t: Tracked) => boolean): { a: Tracked; b: Tracked; shape: readonly number[] } | undefined {
    const a = this.pick(accepts);
    if (a === undefined) return undefined;
    const b = this.pick((t) => accepts(t) && broadcast(a.shape, t.shape) !== undefined);
    const shape = b === undefined ? undefined : broadcast(a.shape, b.shape);
    return b === undefined || shape === undefined ? undefined : { a, b, shape };
  }

  private arithmetic(): Tracked | undefined {
    const operands = this.pair(this.isFloat);
    const rule = ARITHMETIC[this.choose(ARITHMETIC.length)];
    if (operands === undefined || rule === undefined) return undefined;
    const { a, b, shape } = operands;
    return { expr: rule.apply(this.f, a.expr, b.expr), shape, magnitude: rule.magnitude(a.magnitude, b.magnitude), error: rule.error(a.magnitude, a.error, b.magnitude, b.error) };
  }

  private reduce(): Tracked | undefined {
    const a = this.pick((t) => t.shape.length > 0);
    if (a === undefined) return undefined;
    const axes: Axes = a.shape.flatMap((_, k) => (this.choose(2) === 0 ? [k] : []));
    const count = axes.reduce((n, axis) => n * (a.shape[axis] ?? 1), 1);
    const keepdims = this.choose(2) === 0;
    const shape = a.shape.flatMap((d, k) => (axes.includes(k) ? (keepdims ? [1] : []) : [d]));
    const options = { keepdims };
    const { expr, magnitude, error } = a;
    if (expr.dtype === 'bool') return { expr: this.choose(2) === 0 ? this.f('any', expr, axes, options) : this.f('all', expr, axes, options), shape, magnitude: 1, error: 0 };
    const bounded = { shape, magnitude, error };
    const which = this.choose(4);
    if (count > 0 && which === 0) return { expr: this.f('max', expr, axes, options), ...bounded };
    if (count > 0 && which === 1) return { expr: this.f('min', expr, axes, options), ...bounded };
    // A sum of n terms may err by a rounding of the whole at each of them.
    const summed = { shape, magnitude: magnitude * count, error: isFloat(expr.dtype) ? count * error + Math.min(count, 256) * magnitude * count : 0 };
    if (!isFloat(expr.dtype)) return { expr: this.f('sum', expr, axes, options), ...summed };
    if (count > 0 && which === 2) return { expr: this.f('mean', expr, axes, options), shape, magnitude, error: summed.error / count + 2 * magnitude };
    return { expr: this.f('sum', expr, axes, options), ...summed };
  }

  /** Views of views, as deep as five. */
  private views(): Tracked | undefined {
    let a = this.pick((t) => t.shape.length > 0);
    for (let k = 1 + this.choose(5); k > 0 && a !== undefined && sizeOf(a.shape) <= 4096; k--) a = this.move(a);
    return a;
  }

  private move(a = this.pick()): Tracked | undefined {
    if (a === undefined) return undefined;
    const { expr, magnitude, error, shape } = a;
    const as = (moved: Expr, to: readonly number[]): Tracked => ({ expr: moved, shape: to, magnitude, error });
    switch (this.choose(5)) {
      case 0: {
        const order = shape.map((_, k) => k);
        for (let k = order.length - 1; k > 0; k--) {
          const j = this.choose(k + 1);
          [order[k], order[j]] = [order[j] ?? 0, order[k] ?? 0];
        }
        return as(this.f('transpose', expr, order), order.map((axis) => shape[axis] ?? 1));
      }
      case 1: {
        const to = this.refactor(sizeOf(shape));
        return as(this.f('reshape', expr, to), to);
      }
      case 2: {
        const ranges = shape.map((d) => this.range(d));
        const sliced = this.f('slice', expr, ...ranges);
        return as(sliced, sliced.shape.map(Number));
      }
      case 3: {
        const to = [...(this.choose(2) === 0 ? [1 + this.choose(3)] : []), ...shape.map((d) => (d === 1 && this.choose(2) === 0 ? 1 + this.choose(5) : d))];
        return as(this.f('broadcastTo', expr, to), to);
      }
      default: {
        const at = this.choose(shape.length + 1);
        return as(this.f('expandDims', expr, at), [...shape.slice(0, at), 1, ...shape.slice(at)]);
      }
    }
  }

  /** A shape of so many elements. */
  private refactor(size: number): number[] {
    if (size === 0) return [0, 1 + this.choose(3)];
    const shape: number[] = [];
    let rest = size;
    while (rest > 1 && shape.length < 3) {
      const divisors = Array.from({ length: Math.min(rest, 12) }, (_, k) => k + 1).filter((d) => rest % d === 0);
      const d = divisors[this.choose(divisors.length)] ?? 1;
      shape.push(d);
      rest /= d;
    }
    return rest === 1 ? shape : [...shape, rest];
  }

  private range(size: number): SliceRange {
    if (size === 0) return null;
    const step = [1, 1, 2, -1, -2, 3][this.choose(6)] ?? 1;
    const low = this.choose(size);
    const high = low + 1 + this.choose(size - low);
    if (this.choose(4) === 0) return null;
    return step > 0 ? [low, high, step] : [high - 1, low === 0 ? null : low - 1, step];
  }

  private select(): Tracked | undefined {
    const condition = this.pick((t) => t.expr.dtype === 'bool');
    const branches = this.pair((t) => t.expr.dtype !== 'bool' && (this.isFloat(t) || t.expr.dtype === 'int32'));
    if (condition === undefined || branches === undefined || branches.a.expr.dtype !== branches.b.expr.dtype) return undefined;
    const shape = broadcast(condition.shape, branches.shape);
    if (shape === undefined) return undefined;
    const { a, b } = branches;
    return { expr: this.f('where', condition.expr, a.expr, b.expr), shape, magnitude: Math.max(a.magnitude, b.magnitude), error: Math.max(a.error, b.error) };
  }

  private compare(): Tracked | undefined {
    const a = this.pick((t) => t.error === 0 && t.expr.dtype !== 'bool');
    const b = a === undefined ? undefined : this.pick((t) => t.error === 0 && t.expr.dtype === a.expr.dtype && broadcast(a.shape, t.shape) !== undefined);
    const shape = a === undefined || b === undefined ? undefined : broadcast(a.shape, b.shape);
    const f = COMPARE[this.choose(COMPARE.length)];
    if (a === undefined || b === undefined || shape === undefined || f === undefined) return undefined;
    return { expr: this.f(f, a.expr, b.expr), shape, magnitude: 1, error: 0 };
  }

  private convert(): Tracked | undefined {
    const exact = this.pick((t) => t.error === 0);
    if (exact === undefined) return undefined;
    const { expr, shape, magnitude } = exact;
    if (isFloat(expr.dtype)) {
      const f = EXACT_UNARY[this.choose(EXACT_UNARY.length)] ?? 'floor';
      const whole = this.f(f, expr);
      return { expr: this.choose(2) === 0 ? this.f('cast', whole, 'int32') : whole, shape, magnitude: magnitude + 1, error: 0 };
    }
    return { expr: this.f('cast', expr, this.choose(4) === 0 ? 'int32' : this.float), shape, magnitude, error: 0 };
  }

  private product(): Tracked | undefined {
    const accepts = (t: Tracked): boolean => t.expr.dtype !== 'bool' && t.shape.length > 0;
    const a = this.pick(accepts);
    if (a === undefined) return undefined;
    const inner = a.shape.at(-1) ?? 1;
    const b = this.pick((t) => accepts(t) && t.expr.dtype === a.expr.dtype && (t.shape.length === 1 ? t.shape[0] : t.shape.at(-2)) === inner && broadcast(a.shape.slice(0, -2), t.shape.slice(0, -2)) !== undefined);
    if (b === undefined) return undefined;
    const expr = this.f('matmul', a.expr, b.expr);
    const float = isFloat(expr.dtype);
    const term = a.magnitude * b.magnitude;
    return {
      expr,
      shape: expr.shape.map(Number),
      magnitude: inner * term,
      error: float ? inner * (a.magnitude * b.error + b.magnitude * a.error + (inner + 1) * term) : 0,
    };
  }

  private join(): Tracked | undefined {
    const a = this.pick((t) => t.shape.length > 0);
    if (a === undefined) return undefined;
    const axis = this.choose(a.shape.length);
    const b = this.pick((t) => t.expr.dtype === a.expr.dtype && t.shape.length === a.shape.length && t.shape.every((d, k) => k === axis || d === a.shape[k]));
    if (b === undefined) return undefined;
    const expr = this.f('concat', [a.expr, b.expr], axis);
    return { expr, shape: expr.shape.map(Number), magnitude: Math.max(a.magnitude, b.magnitude), error: Math.max(a.error, b.error) };
  }

  /** Integers stay small: their magnitude is bounded like any other, so that casts to floats are exact. */
  private integer(): Tracked | undefined {
    const operands = this.pair((t) => t.expr.dtype === 'int32');
    const f = INTEGER[this.choose(INTEGER.length)];
    if (operands === undefined || f === undefined) return undefined;
    const { a, b, shape } = operands;
    return { expr: this.f(f, a.expr, b.expr), shape, magnitude: f === 'mul' ? a.magnitude * b.magnitude : a.magnitude + b.magnitude, error: 0 };
  }

  /** Of two's complement: the next power of two bounds the bits. */
  private bitwise(): Tracked | undefined {
    const operands = this.pair((t) => t.expr.dtype === 'int32');
    const f = BITWISE[this.choose(BITWISE.length)];
    if (operands === undefined || f === undefined) return undefined;
    const { a, b } = operands;
    const expr = f(this.f, a.expr, b.expr);
    return { expr, shape: expr.shape.map(Number), magnitude: 4 * Math.max(a.magnitude, b.magnitude) + 4, error: 0 };
  }

  private logical(): Tracked | undefined {
    const operands = this.pair((t) => t.expr.dtype === 'bool');
    const f = LOGICAL[this.choose(LOGICAL.length)];
    if (operands === undefined || f === undefined) return undefined;
    const expr = this.f(f, operands.a.expr, operands.b.expr);
    return { expr: this.choose(3) === 0 ? this.f('not', expr) : expr, shape: operands.shape, magnitude: 1, error: 0 };
  }

  private index(): Tracked | undefined {
    const like = this.pick((t) => t.shape.length > 0);
    if (like === undefined) return undefined;
    return { expr: this.f('iota', like.shape, this.choose(like.shape.length)), shape: like.shape, magnitude: Math.max(1, ...like.shape), error: 0 };
  }

  private stop(): Tracked | undefined {
    const a = this.pick();
    return a === undefined ? undefined : { ...a, expr: this.f('stopGradient', a.expr) };
  }

  /** A tensor, an axis of it that is not empty, and integers to index it with, inside or not. */
  private indexed(accepts: (t: Tracked) => boolean): { a: Tracked; indices: Tracked; axis: number } | undefined {
    const a = this.pick((t) => accepts(t) && t.shape.length > 0 && sizeOf(t.shape) > 0);
    const indices = this.pick((t) => t.expr.dtype === 'int32' && t.shape.length <= 2);
    return a === undefined || indices === undefined ? undefined : { a, indices, axis: this.choose(a.shape.length) };
  }

  private take(): Tracked | undefined {
    const given = this.indexed(() => true);
    if (given === undefined) return undefined;
    const { a, indices, axis } = given;
    return { ...a, expr: this.f('take', a.expr, indices.expr, axis, this.indexOptions()), shape: [...a.shape.slice(0, axis), ...indices.shape, ...a.shape.slice(axis + 1)] };
  }

  /** Indices of a's rank: some of a's own size, made of the indices of their axis. */
  private gather(): Tracked | undefined {
    const a = this.pick((t) => t.shape.length > 0 && sizeOf(t.shape) > 0);
    if (a === undefined) return undefined;
    const axis = this.choose(a.shape.length);
    const at = a.shape.map((d, k) => (k === axis ? 1 + this.choose(4) : d));
    const indices = this.f('mod', this.f('mul', this.f('iota', at, this.choose(at.length)), 3), 1 + (a.shape[axis] ?? 1));
    return { ...a, expr: this.f('gather', a.expr, indices, axis, this.indexOptions()), shape: at };
  }

  /** Under which every index names an element. */
  private indexOptions(): IndexOptions {
    return { mode: this.choose(2) === 0 ? 'clamp' : 'wrap', fromEnd: this.choose(2) === 0 };
  }

  private cumulate(): Tracked | undefined {
    const a = this.pick((t) => t.expr.dtype !== 'bool' && t.shape.length > 0);
    if (a === undefined) return undefined;
    const axis = this.choose(a.shape.length);
    const terms = a.shape[axis] ?? 1;
    const expr = this.f('cumsum', a.expr, axis, { reverse: this.choose(2) === 0, exclusive: this.choose(2) === 0 });
    const magnitude = terms * a.magnitude;
    return { expr, shape: a.shape, magnitude, error: isFloat(expr.dtype) ? terms * a.error + Math.min(terms, 256) * magnitude : 0 };
  }

  /** Rolls, repeats, diagonals, padding with own elements, differences. */
  private rearrange(): Tracked | undefined {
    const a = this.pick((t) => t.shape.length > 0 && sizeOf(t.shape) > 0);
    if (a === undefined) return undefined;
    const { expr, shape, magnitude, error } = a;
    const axis = this.choose(shape.length);
    const of = (made: Expr): Tracked => ({ ...a, expr: made, shape: made.shape.map(Number) });
    const offset = this.choose(5) - 2;
    const mode = (['edge', 'reflect', 'symmetric', 'wrap'] as const)[this.choose(4)];
    const forms: readonly (() => Tracked)[] = [
      () => of(this.f('roll', expr, this.choose(9) - 4, axis)),
      () => of(this.f('repeat', expr, 1 + this.choose(3), axis)),
      () => of(this.f('diag', expr, { offset })),
      () => of(this.f('pad', expr, shape.map((_, k) => (k === axis ? ([this.choose(4), this.choose(3)] as const) : 0)), { mode: mode ?? 'edge' })),
      ...(shape.length < 2 ? [] : [() => of(this.f('diagonal', expr, { offset }))]),
      ...(expr.dtype === 'bool' ? [] : [(): Tracked => ({ ...of(this.f('diff', expr, { axis })), magnitude: 2 * magnitude, error: isFloat(expr.dtype) ? 2 * error + 2 * magnitude : 0 })]),
    ];
    return forms[this.choose(forms.length)]?.();
  }

  private ordered(): Tracked | undefined {
    const a = this.pick((t) => t.shape.length > 0);
    return a === undefined ? undefined : randomOrder(this.f, this.choose, a);
  }

  private matrices(): Tracked | undefined {
    const a = this.pick((t) => this.isFloat(t) && t.shape.length >= 2);
    return a === undefined ? undefined : randomMatrices(this.f, this.choose, a);
  }

  private scatter(): Tracked | undefined {
    const given = this.indexed((t) => t.expr.dtype !== 'bool');
    if (given === undefined) return undefined;
    const { a, indices, axis } = given;
    const options = this.indexOptions();
    const added = this.f('take', a.expr, indices.expr, axis, options);
    const reduce = (['set', 'max', 'min'] as const)[this.choose(6)];
    // What is chosen is one of the elements or updates.
    if (reduce !== undefined) return { ...a, expr: this.f('scatter', a.expr, indices.expr, added, axis, { ...options, reduce }) };
    // All indices may be the same.
    const terms = 1 + sizeOf(indices.shape);
    const { magnitude, error, shape } = a;
    return {
      expr: this.f('scatterAdd', a.expr, indices.expr, added, axis, options),
      shape,
      magnitude: terms * magnitude,
      error: isFloat(a.expr.dtype) ? terms * error + terms * terms * magnitude : 0,
    };
  }

  /** The gradient of a smooth function of one expression, which is bounded by that function's derivative. */
  private gradient(): Tracked | undefined {
    const a = this.pick((t) => this.isFloat(t) && t.shape.length > 0);
    if (a === undefined) return undefined;
    const { f } = this;
    const sumOfSquares = (x: Expr): Expr => f('sum', f('square', x));
    const forms: readonly ((x: Expr) => Expr)[] = [
      (x) => f('sum', f('tanh', x)),
      (x) => f('sum', f('mul', x, f('sigmoid', x))),
      (x) => sumOfSquares(f('transpose', x)),
      (x) => sumOfSquares(f('slice', x, ...a.shape.map((d) => this.range(d)))),
      (x) => f('mul', sumOfSquares(f('concat', [x, f('mul', x, 2)], 0)), 0.1),
      // The same for each element, wherever it goes.
      (x) => sumOfSquares(f('sort', x)),
    ];
    const form = forms[this.choose(forms.length)];
    if (form === undefined) return undefined;
    const steepest = 2 * a.magnitude + 4;
    return { expr: f('grad', form(a.expr), a.expr), shape: a.shape, magnitude: steepest, error: 4 * a.error + (4 * ELEMENTARY) * steepest };
  }
}

export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let k = 0; k < rank; k++) {
    const [x, y] = [a[k - rank + a.length] ?? 1, b[k - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}
