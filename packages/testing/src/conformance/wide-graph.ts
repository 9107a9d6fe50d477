/**
 * Random graphs of everything that an expression can be made of, over shapes with open dimensions: views of views, products of any
 * groups of axes, indices outside, scans over random bodies, gradients of parts, integers that overflow, chains. Whether a result is right
 * is not known here; see rounding-bounds.ts.
 */
import { type Dimension, type DimensionLike, type DType, type Expr, type IndexOptions, isFloat, PappusError, type SliceRange } from '@pappus/core';
import { bindDimension, sizeOf, topological } from '@pappus/core/backend';
import type { Apply } from '../graphs/operations.js';
import type { ScanResult, Recorder } from '../graphs/recorder.js';
import type { FloatDType } from './setting.js';
import { ARITHMETIC, COMPARE, INTEGER, LOGICAL, SMOOTH } from './wide-operations.js';

/** A number from 0 to `count - 1`. */
export type Choose = (count: number) => number;

export interface WideOptions {
  readonly float: FloatDType;
  /** What the open dimensions are, call by call. */
  readonly sizes: readonly ReadonlyMap<string, number>[];
  /** Whether tensors may be of the other float dtype too. */
  readonly mixed: boolean;
}

/** The longest chains of operations, one upon the other: of most, and of a few. */
const LONG_CHAIN = 60;
const LONGEST_CHAIN = 2000;
const LARGEST = 3000;

/** A generator of its own, so that one part of a graph takes no draws from the rest. */
function choosingFrom(seed: number): Choose {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % count;
  };
}

export class WideGraph {
  readonly pool: Expr[];
  /** Named operations that ended in an error that is none of ours. */
  readonly raw: string[] = [];
  private readonly f: Apply;
  private depth = 0;
  /** In the body of a scan: gradients are not taken there. */
  private inScan = false;

  constructor(
    leaves: readonly Expr[],
    private readonly choose: Choose,
    private readonly options: WideOptions,
    private readonly recorder: Recorder,
  ) {
    this.f = recorder.apply;
    this.pool = [...leaves];
  }

  /** Adds a view of a view of one of the pool, if it can be taken. */
  growViews(): void {
    this.add(this.choose(3) === 0 ? this.views : this.divided);
  }

  /** Adds what one operation answers, if it can be taken. */
  grow(): void {
    const kinds = [
      this.smooth, this.smooth, this.arithmetic, this.arithmetic, this.arithmetic, this.reduce, this.reduce, this.move, this.move, this.move, this.move, this.views, this.views, this.select, this.select, this.compare, this.convert,
      this.product, this.product, this.join, this.integer, this.integer, this.logical, this.gradient, this.take, this.gather, this.scatter, this.cumulate, this.along, this.rearrange, this.scan, this.recomputed, this.chain,
    ] as const;
    this.add(kinds[this.choose(kinds.length)] ?? this.smooth);
  }

  private add(kind: () => Expr | undefined): void {
    let made: Expr | undefined;
    try {
      made = kind.call(this);
    } catch (error) {
      // An operation may refuse what it is given, and then says so.
      if (!(error instanceof PappusError)) this.raw.push(`${kind.name}: ${String(error)}`);
    }
    if (made !== undefined && this.mostElements(made) <= LARGEST) this.pool.push(made);
  }

  /** One of the pool, rather one of the latest. */
  pick(accepts: (e: Expr) => boolean = () => true): Expr | undefined {
    const found = this.pool.filter(accepts);
    const [first, second] = [this.choose(found.length || 1), this.choose(found.length || 1)];
    return found[Math.max(first, second)];
  }

  private mostElements(e: Expr): number {
    return Math.max(...this.options.sizes.map((sizes) => sizeOf(e.shape.map((d) => Math.max(0, size(d, sizes))))));
  }

  private least(d: Dimension): number {
    return Math.min(...this.options.sizes.map((sizes) => size(d, sizes)));
  }

  private float = (e: Expr): boolean => isFloat(e.dtype);
  private integers = (e: Expr): boolean => e.dtype === 'int32';
  /** Where an axis may be empty, a call that makes it so is refused: that is tried, but not often. */
  private indexable = (e: Expr, axis: number): boolean => this.least(e.shape[axis] ?? 1) > 0 || this.choose(6) === 0;

  private pair(accepts: (e: Expr) => boolean): readonly [Expr, Expr] | undefined {
    const a = this.pick(accepts);
    const b = a === undefined ? undefined : this.pick((e) => e.dtype === a.dtype && broadcasts(a.shape, e.shape));
    return a === undefined || b === undefined ? undefined : this.choose(2) === 0 ? [a, b] : [b, a];
  }

  private smooth(): Expr | undefined {
    const a = this.pick(this.float);
    return a === undefined ? undefined : SMOOTH[this.choose(SMOOTH.length)]?.(this.f, a);
  }

  private arithmetic(): Expr | undefined {
    const operands = this.pair(this.float);
    return operands === undefined ? undefined : ARITHMETIC[this.choose(ARITHMETIC.length)]?.(this.f, ...operands);
  }

  private integer(): Expr | undefined {
    const operands = this.pair(this.integers);
    return operands === undefined ? undefined : INTEGER[this.choose(INTEGER.length)]?.(this.f, ...operands);
  }

  private logical(): Expr | undefined {
    const operands = this.pair((e) => e.dtype === 'bool');
    return operands === undefined ? undefined : LOGICAL[this.choose(LOGICAL.length)]?.(this.f, ...operands);
  }

  private compare(): Expr | undefined {
    const operands = this.pair((e) => e.dtype !== 'bool');
    if (operands === undefined) return undefined;
    if (this.choose(5) === 0 && this.float(operands[0])) return this.choose(2) === 0 ? this.f('isNan', operands[0]) : this.f('isFinite', operands[0]);
    return COMPARE[this.choose(COMPARE.length)]?.(this.f, ...operands);
  }

  private convert(): Expr | undefined {
    const a = this.pick();
    const dtypes: DType[] = ['int32', 'bool', this.options.float, ...(this.options.mixed ? (['float32', 'float64'] as const) : [])];
    const dtype = dtypes[this.choose(dtypes.length)] ?? 'int32';
    return a === undefined ? undefined : this.f('cast', a, dtype);
  }

  private select(): Expr | undefined {
    const operands = this.pair(() => true);
    const condition = operands === undefined ? undefined : this.pick((e) => e.dtype === 'bool' && broadcasts(e.shape, operands[0].shape) && broadcasts(e.shape, operands[1].shape));
    if (operands === undefined || condition === undefined) return undefined;
    const [a, b] = operands;
    if (!this.float(a)) return this.f('where', condition, a, b);
    return [() => this.f('where', condition, a, b), () => this.f('where', condition, a, NaN), () => this.f('where', condition, 0.1, b), () => this.f('where', this.f('isFinite', a), a, 0)][this.choose(4)]?.();
  }

  private axes(a: Expr): number[] {
    return a.shape.flatMap((_, k) => (this.choose(2) === 0 ? [this.choose(2) === 0 ? k : k - a.rank] : []));
  }

  private reduce(): Expr | undefined {
    const a = this.pick();
    if (a === undefined) return undefined;
    const axes = this.axes(a);
    const options = { keepdims: this.choose(2) === 0 };
    if (a.dtype === 'bool') return this.choose(2) === 0 ? this.f('any', a, axes, options) : this.f('all', a, axes, options);
    const empty = axes.some((axis) => this.least(a.shape[axis < 0 ? axis + a.rank : axis] ?? 1) <= 0);
    const kinds = ['sum', 'sum', 'prod', ...(empty && this.choose(8) > 0 ? [] : (['max', 'min'] as const)), ...(this.float(a) ? (['mean'] as const) : [])] as const;
    return this.f(kinds[this.choose(kinds.length)] ?? 'sum', a, axes, options);
  }

  /** Views of views, as deep as five. */
  private views(): Expr | undefined {
    let a = this.pick((e) => e.rank > 0);
    for (let k = 1 + this.choose(5); k > 0 && a !== undefined && this.mostElements(a) <= LARGEST; k--) a = this.move(a);
    return a;
  }

  /** Part of another shape of a view: where its elements come from takes divisions, unless the part lies well. */
  private divided(): Expr | undefined {
    const view = this.move(this.pick((e) => e.rank > 0), [0, 0, 4, 8, 9][this.choose(5)]);
    if (view === undefined || this.mostElements(view) > LARGEST) return undefined;
    const reshaped = this.choose(2) === 0 ? this.f('reshape', view, [-1]) : this.f('reshape', view, this.otherShape(view));
    return this.move(reshaped, [2, 2, 2, 9][this.choose(4)]);
  }

  /** Views, and what is put together of parts. */
  private move(a = this.pick(), kind = this.choose(11)): Expr | undefined {
    if (a === undefined) return undefined;
    const rank = a.rank;
    const axis = this.choose(rank || 1);
    switch (kind) {
      case 0:
        return this.f('transpose', a, this.permutation(rank));
      case 1:
        return this.f('reshape', a, this.otherShape(a));
      case 2:
      case 3:
        return this.f('slice', a, ...a.shape.map((d) => this.range(d)));
      case 4:
        return this.f('broadcastTo', a, [...(this.choose(2) === 0 ? [this.choose(4)] : []), ...a.shape.map((d) => (d === 1 && this.choose(2) === 0 ? this.choose(5) : d))]);
      case 5:
        return this.f('expandDims', a, this.choose(rank + 1));
      case 6:
        return rank === 0 ? undefined : this.f('flip', a, axis);
      case 7:
        return a.dtype === 'bool' ? undefined : this.f('pad', a, a.shape.map(() => [this.choose(3), this.choose(2)] as const), { value: this.choose(2) === 0 ? 0 : -3 });
      case 8:
        return this.f('tile', a, a.shape.map(() => 1 + this.choose(2)));
      case 9: {
        const windows = rank === 0 ? undefined : this.f('window', a, axis, 1 + this.choose(3), { stride: 1 + this.choose(2), dilation: 1 + this.choose(2) });
        return windows === undefined || a.dtype === 'bool' || this.choose(2) === 0 ? windows : this.f('sum', windows, axis + 1);
      }
      default:
        return this.choose(2) === 0 ? this.f('stopGradient', a) : this.f('squeeze', a);
    }
  }

  private permutation(rank: number): number[] {
    const order = Array.from({ length: rank }, (_, k) => k);
    for (let k = rank - 1; k > 0; k--) {
      const j = this.choose(k + 1);
      [order[k], order[j]] = [order[j] ?? 0, order[k] ?? 0];
    }
    return order;
  }

  /** The same number of elements: axes brought together, one divided, all in one. */
  private otherShape(a: Expr): DimensionLike[] {
    const shape = [...a.shape];
    const at = this.choose(shape.length || 1);
    const d = shape[at];
    if (d === undefined || this.choose(4) === 0) return [-1];
    if (typeof d === 'number' && d > 1 && this.choose(2) === 0) {
      const divisors = Array.from({ length: d }, (_, k) => k + 1).filter((k) => d % k === 0);
      const divisor = divisors[this.choose(divisors.length)] ?? 1;
      return [...shape.slice(0, at), divisor, d / divisor, ...shape.slice(at + 1)];
    }
    return shape.length < 2 ? [1, ...shape, 1] : [...shape.slice(0, Math.max(0, at - 1)), -1, ...shape.slice(Math.max(0, at - 1) + 2)];
  }

  private range(d: Dimension): SliceRange {
    if (typeof d !== 'number') return this.choose(6) === 0 ? ([[null, -1], [1, null], [0, 1], -1] as const)[this.choose(4)] ?? null : this.choose(3) === 0 ? [null, null, -1] : null;
    if (d === 0 || this.choose(4) === 0) return null;
    if (this.choose(6) === 0) return this.choose(2 * d) - d;
    const ends = (): number | null => (this.choose(4) === 0 ? null : this.choose(2 * d + 4) - d - 2);
    return [ends(), ends(), [1, 1, 2, -1, -2, 3][this.choose(6)] ?? 1];
  }

  private join(): Expr | undefined {
    const a = this.pick((e) => e.rank > 0);
    if (a === undefined) return undefined;
    const axis = this.choose(a.rank);
    const fits = (e: Expr): boolean => e.dtype === a.dtype && e.rank === a.rank && e.shape.every((d, k) => k === axis || d === a.shape[k]);
    const parts = [a, ...Array.from({ length: 1 + this.choose(3) }, () => this.pick(fits) ?? a)];
    if (this.choose(3) === 0) return this.f('stack', parts.filter((e) => e.shape.every((d, k) => d === a.shape[k])), axis);
    const joined = this.f('concat', parts, axis);
    const length = joined.shape[axis];
    return this.choose(3) === 0 && typeof length === 'number' && length > 1 ? this.f('slice', joined, ...joined.shape.map((_, k): SliceRange => (k === axis ? [1, null] : null))) : joined;
  }

  /** A product over some axes of one operand and as many of the other. */
  private product(): Expr | undefined {
    const a = this.pick((e) => e.dtype !== 'bool');
    if (a === undefined) return undefined;
    if (this.choose(2) === 0) {
      const b = this.pick((e) => e.dtype === a.dtype && e.rank > 0 && (e.rank === 1 ? e.shape[0] : e.shape.at(-2)) === a.shape.at(-1));
      return b === undefined ? undefined : this.f('matmul', a, b);
    }
    const b = this.pick((e) => e.dtype === a.dtype);
    if (b === undefined) return undefined;
    const pairs: (readonly [number, number])[] = [];
    for (const [k, d] of a.shape.entries()) {
      const j = b.shape.findIndex((other, at) => other === d && !pairs.some(([, taken]) => taken === at));
      if (j >= 0 && this.choose(3) > 0) pairs.push([k, j]);
    }
    return this.f('tensordot', a, b, [pairs.map(([k]) => k), pairs.map(([, j]) => j)]);
  }

  private indices(): Expr | undefined {
    const a = this.pick((e) => e.dtype === 'int32' && e.rank <= 2);
    return a === undefined ? undefined : [a, this.f('add', a, 0), this.f('add', this.f('mul', a, 1), 0), this.f('sub', this.f('mod', a, 5), 1), this.f('mod', a, 2)][this.choose(5)];
  }

  private indexOptions(): IndexOptions {
    const fromEnd = this.choose(3) === 0;
    return { mode: (['fill', 'fill', 'clamp', 'wrap'] as const)[this.choose(4)] ?? 'fill', fromEnd };
  }

  private take(): Expr | undefined {
    const a = this.pick((e) => e.rank > 0);
    const axis = this.choose(a?.rank ?? 1);
    const indices = this.indices();
    return a === undefined || indices === undefined || !this.indexable(a, axis) ? undefined : this.f('take', a, indices, axis, this.indexOptions());
  }

  private gather(): Expr | undefined {
    const a = this.pick((e) => e.rank > 0 && e.shape.every((_, k) => this.indexable(e, k)));
    const indices = a === undefined ? undefined : this.pick((e) => e.dtype === 'int32' && e.rank === a.rank);
    return a === undefined || indices === undefined ? undefined : this.f('gather', a, this.f('add', indices, 0), this.choose(a.rank), this.indexOptions());
  }

  private scatter(): Expr | undefined {
    const a = this.pick((e) => e.rank > 0 && e.dtype !== 'bool');
    const axis = this.choose(a?.rank ?? 1);
    const indices = this.indices();
    if (a === undefined || indices === undefined || !this.indexable(a, axis)) return undefined;
    const like = this.f('take', a, indices, axis);
    const given = this.pick((e) => e.dtype === a.dtype && e.rank === like.rank && e.shape.every((d, k) => d === like.shape[k]));
    return this.f('scatterAdd', a, indices, given ?? this.f('add', like, 1), axis, this.indexOptions());
  }

  private cumulate(): Expr | undefined {
    const a = this.pick((e) => e.dtype !== 'bool' && e.rank > 0);
    return a === undefined ? undefined : this.f('cumsum', a, this.choose(a.rank), { reverse: this.choose(2) === 0, exclusive: this.choose(2) === 0 });
  }

  /** Compositions that go along an axis. */
  private along(): Expr | undefined {
    const a = this.pick((e) => this.float(e) && e.rank > 0);
    if (a === undefined) return undefined;
    const axis = this.choose(a.rank);
    if (this.least(a.shape[axis] ?? 1) <= 0) return undefined;
    return [() => this.f('softmax', a, axis), () => this.f('logSoftmax', a, axis), () => this.f('logSumExp', a, axis), () => this.f('argMax', a, axis), () => this.f('argMin', a, axis), () => this.f('variance', a, axis), () => this.f('norm', a, axis)][this.choose(7)]?.();
  }

  /** Rolls, repeats, diagonals, padding with own elements, differences, distances. */
  private rearrange(): Expr | undefined {
    const a = this.pick((e) => e.rank > 0 && this.indexable(e, 0) && this.indexable(e, e.rank - 1));
    if (a === undefined) return undefined;
    const axis = this.choose(2) === 0 ? 0 : a.rank - 1;
    const offset = this.choose(5) - 2;
    const mode = (['edge', 'reflect', 'symmetric', 'wrap'] as const)[this.choose(4)] ?? 'edge';
    const forms = [
      () => this.f('roll', a, this.choose(9) - 4, axis), () => this.f('roll', a, 2), () => this.f('repeat', a, this.choose(4), axis), () => this.f('diag', a, { offset }), () => this.f('diff', a, { axis, n: 1 + this.choose(2) }),
      () => this.f('pad', a, a.shape.map((_, k) => (k === axis ? ([this.choose(4), this.choose(3)] as const) : 0)), { mode }), () => this.f('diagonal', a, { offset }), () => this.f('trace', a, { offset, axis1: -1, axis2: 0 }),
      () => this.f('linspace', this.f('sum', a), 2, this.choose(5), { endpoint: this.choose(2) === 0 }),
    ] as const;
    return forms[this.choose(forms.length)]?.();
  }

  /** Part of the pool, grown further by itself: an expression of what is given. */
  private grown(leaves: readonly Expr[], steps: number, choose: Choose, inScan = false): WideGraph {
    const inner = new WideGraph(leaves, choose, this.options, this.recorder);
    inner.depth = this.depth + 1;
    inner.inScan = this.inScan || inScan;
    for (let k = 0; k < steps; k++) inner.grow();
    this.raw.push(...inner.raw);
    return inner;
  }

  /** The gradient, first or second, of a sum over some operations. */
  private gradient(): Expr | undefined {
    const a = this.pick((e) => this.float(e) && isGiven(e));
    if (a === undefined || this.depth > 1 || this.inScan) return undefined;
    const others = this.pool.filter((e) => this.float(e) || e.dtype === 'bool').slice(-4);
    const inner = this.grown([...others, a, a, a], 1 + this.choose(6), choosingFrom(this.choose(1e6)));
    const result = inner.pick((e) => isFloat(e.dtype) && e !== a);
    if (result === undefined) return undefined;
    const total = result.rank > 0 && this.choose(4) === 0 ? this.f('prod', result, result.rank - 1) : result;
    const first = this.gradientOf(this.f('sum', this.f('cast', total, a.dtype)), a);
    return this.choose(3) === 0 ? this.gradientOf(this.f('sum', this.f('square', first)), a) : first;
  }

  /** A gradient and 1, since a loss may depend on an expression through nothing that has one, which a scan does not see. */
  private gradientOf(loss: Expr, by: Expr): Expr {
    return this.f('grad', this.f('add', loss, this.f('sum', by)), by);
  }

  private recomputed(): Expr | undefined {
    const a = this.pick(this.float);
    const b = this.pick(this.float);
    if (a === undefined || b === undefined || this.depth > 1) return undefined;
    const seed = this.choose(1e6);
    const result = this.recorder.remat((x = a, y = b) => this.grown([x, y], 4, choosingFrom(seed)).pool.at(-1) ?? x, [a, b]);
    return this.choose(2) === 0 && isFloat(result.dtype) && isGiven(a) && !this.inScan ? this.gradientOf(this.f('sum', this.f('cast', result, a.dtype)), a) : result;
  }

  /** A scan over the first axis of a tensor, or the gradient through it. */
  private scan(): Expr | undefined {
    const inputs = this.pick((e) => e.rank > 0 && typeof e.shape[0] === 'number' && e.shape[0] > 0 && e.shape[0] < 6);
    const carry = this.pick((e) => e.dtype !== 'bool' && e.shape.every((d) => typeof d === 'number'));
    if (inputs === undefined || carry === undefined || this.depth > 0) return undefined;
    const outside = this.pool.slice(-3);
    const seed = this.choose(1e6);
    const reverse = this.choose(2) === 0;
    const body = (c: Expr, x: Expr): ScanResult => {
      const inner = this.grown([...outside, x, c], 5, choosingFrom(seed), true);
      const next = [...inner.pool].reverse().find((e) => e.dtype === c.dtype && e !== c && e.shape.length === c.shape.length && e.shape.every((d, k) => d === c.shape[k])) ?? c;
      return { carries: [next], outputs: [inner.pool.at(-1) ?? x] };
    };
    const result = this.recorder.scan(([c = carry], [x = inputs]) => body(c, x), { carries: [carry], inputs: [inputs], reverse });
    const wanted = [...result.carries, ...result.outputs][this.choose(2)];
    if (wanted === undefined || !isFloat(wanted.dtype) || this.choose(2) === 0) return wanted;
    const by = [inputs, carry, ...outside].filter((e) => e.dtype === wanted.dtype && isGiven(e))[this.choose(2)];
    return by === undefined ? wanted : this.gradientOf(this.f('sum', wanted), by);
  }

  private chain(): Expr | undefined {
    const a = this.pick(this.float);
    const b = a === undefined ? undefined : this.pick((e) => e.dtype === a.dtype && broadcasts(e.shape, a.shape) && e.rank <= a.rank);
    if (a === undefined || b === undefined || this.choose(3) > 0) return undefined;
    const length = 1 + this.choose(this.choose(12) === 0 ? LONGEST_CHAIN : LONG_CHAIN);
    const links = Array.from({ length: 1 + this.choose(3) }, () => this.choose(5));
    let e = a;
    for (let k = 0; k < length; k++) {
      switch (links[k % links.length]) {
        case 0:
          e = this.f('add', this.f('mul', e, 0.5), b);
          break;
        case 1:
          e = this.f('tanh', e);
          break;
        case 2:
          e = this.f('mul', this.f('sub', e, b), 0.25);
          break;
        case 3:
          e = this.f('neg', this.f('maximum', e, b));
          break;
        default:
          e = this.f('minimum', this.f('abs', e), 4);
          break;
      }
    }
    return e;
  }
}

/** Whether an expression is more than a constant: one is the same wherever it stands, and a gradient by it means all of its places. */
function isGiven(e: Expr): boolean {
  return topological([e]).some(({ node }) => node.kind === 'input' || node.kind === 'variable');
}

function size(d: Dimension, sizes: ReadonlyMap<string, number>): number {
  try {
    return bindDimension(d, sizes);
  } catch {
    // Fewer than none: the call will be refused.
    return -1;
  }
}

export function broadcasts(a: readonly Dimension[], b: readonly Dimension[]): boolean {
  const rank = Math.max(a.length, b.length);
  for (let k = 1; k <= rank; k++) {
    const [x, y] = [a.at(-k) ?? 1, b.at(-k) ?? 1];
    if (k <= a.length && k <= b.length && x !== y && x !== 1 && y !== 1) return false;
  }
  return true;
}
