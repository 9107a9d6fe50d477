/**
 * Expressions: immutable, hash-consed nodes of a graph. Two expressions built alike are the same object, so that
 * common subexpressions are common from the start. The fluent methods are in one line each; what they mean is with the
 * functions of the same name.
 */
import { BRAND, type Brand, brand, isInstance } from './brand.js';
import type { DType, TypedArray } from './dtype.js';
import type { Dimension, DimensionLike } from './dimension.js';
import type { ElementwiseOp } from './elementwise-table.js';
import type { Scan } from './scan.js';
import type { RematBody } from '../gradients/remat.js';
import * as activations from '../operations/activations.js';
import * as cumulative from '../operations/cumulative.js';
import * as elementwise from '../operations/elementwise.js';
import type { IndexOptions } from '../operations/index-range.js';
import * as indexing from '../operations/indexing.js';
import * as movement from '../operations/movement.js';
import * as networks from '../operations/networks.js';
import * as products from '../operations/products.js';
import * as reductions from '../operations/reductions.js';
import * as statistics from '../operations/statistics.js';
import * as windows from '../operations/windows.js';
import { formatShape, frozen, type Shape, type ShapeLike } from './shape.js';
import type { NestedArray } from '../values/values.js';
import { describe } from './describe.js';
import { GraphError } from '../errors.js';

/** Anything that an operation takes as an operand: numbers, alone or in nested arrays, take the dtype of the other operand; a typed array is a vector. */
export type Operand = Expr | NestedArray | TypedArray;
export type Axes = number | readonly number[];

/** How many axes of a product are rows of the left operand, columns of the right one, and summed over. */
export interface ProductAxes {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** The operation that slides windows along axes, and the elements from the first to the last of a window along each. */
export interface WindowSpans {
  readonly operation: string;
  readonly spans: readonly (readonly [axis: number, span: number])[];
}

/** The cotangents of the operands, given that of the value; null where no gradient flows. */
export type CustomVjp = (cotangent: Expr, operands: readonly Expr[]) => readonly (Expr | null)[];

/** What an index outside of its axis reads: no number, or 0. */
export type Outside = 'missing' | 'zero';

export type ReduceOp = 'sum' | 'prod' | 'max' | 'min' | 'all' | 'any';

/** What an expression computes; its shape and dtype stand beside it. Operands have one shape: broadcasting is a node. */
export type Node =
  /** A rank-0 number. */
  | { readonly kind: 'constant'; readonly value: number }
  /** The size of an open dimension, as a rank-0 number. */
  | { readonly kind: 'size'; readonly dimension: Dimension }
  /** A tensor of given values. */
  | { readonly kind: 'data'; readonly id: number; readonly data: TypedArray }
  | { readonly kind: 'input'; readonly id: number; readonly name: string | undefined }
  | { readonly kind: 'variable'; readonly id: number; readonly name: string }
  /** int32 indices counted along an axis. */
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'elementwise'; readonly op: ElementwiseOp }
  /** A number as one of another float dtype, to which it is not rounded: what the host hands to a rule. */
  | { readonly kind: 'unroundedCast' }
  /**
   * Over the axes, which are dropped. `ofNone`: whether the largest or smallest element may be asked of none, and is infinite then.
   * `operation`: the function that was called, where it is not that of the op, for messages.
   */
  | { readonly kind: 'reduce'; readonly op: ReduceOp; readonly axes: readonly number[]; readonly ofNone?: true; readonly operation?: string }
  /** Sums of the elements up to each one along an axis, of those from it on where `reverse`, without itself where `exclusive`. */
  | { readonly kind: 'cumsum'; readonly axis: number; readonly reverse: boolean; readonly exclusive: boolean }
  | { readonly kind: 'reshape' }
  /** To the node's shape, by NumPy's rule. */
  | { readonly kind: 'broadcast' }
  /** Axis k of the result is axis `permutation[k]` of the operand. */
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  /** Element i of the result is element `starts + i * steps` of the operand. */
  | { readonly kind: 'slice'; readonly starts: readonly Dimension[]; readonly steps: readonly number[] }
  /** The adjoint of slice: element i of the operand goes to `starts + i * steps`; the rest is 0. */
  | { readonly kind: 'pad'; readonly starts: readonly Dimension[]; readonly steps: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  /**
   * Parts of the first operand along an axis by the second, int32 indices, whose shape takes the axis' place. What an index reads
   * that is not from 0 to the axis' size - 1 is `outside`: missing (NaN, the least int32, false) or 0. `operation` is what the user
   * called, for messages.
   */
  | { readonly kind: 'gather'; readonly axis: number; readonly outside: Outside; readonly operation: string }
  /**
   * The adjoint of gather: zeros to which the second operand is added, at the first one's indices along an axis; an index outside
   * adds nothing.
   */
  | { readonly kind: 'scatter'; readonly axis: number; readonly operation: string }
  /** `[...batch, ...rows, ...depth]` times `[...batch, ...depth, ...columns]`, each group of as many axes as is said. */
  | ({ readonly kind: 'matmul' } & ProductAxes)
  /** Windows along an axis, which becomes two: element j of window i is element `i * stride + j * dilation`. */
  | { readonly kind: 'window'; readonly axis: number; readonly stride: number; readonly dilation: number }
  /**
   * The first operand, whose cotangent goes to the others by way of a function; `key` tells functions apart. `windows`: what axes of
   * the second operand must hold.
   */
  | { readonly kind: 'customGradient'; readonly key: string; readonly vjp: CustomVjp; readonly windows?: WindowSpans }
  /** What the body of a loop is given: a carry, a slice of an input, or a constant. */
  | { readonly kind: 'placeholder'; readonly id: number; readonly name: string }
  /**
   * A loop run over initial carries, inputs `[length, ...]` and constants: `of`, an expression of its body, at every step in
   * `[length, ...]`; or the carry `of` after the last.
   */
  | { readonly kind: 'scan'; readonly scan: Scan; readonly result: 'stack' | 'final'; readonly of: Expr }
  /** Operand `index`, one of the results of a body that the gradient computes again; behind the results stand the body's operands. */
  | { readonly kind: 'remat'; readonly body: RematBody; readonly index: number }
  /** The first operand, for what is to be computed after the others: never the same expression as the operand itself. */
  | { readonly kind: 'barrier' }
  /** The operand; no gradient flows through. */
  | { readonly kind: 'stopGradient' };

let nextId = 0;

const EXPRESSION = brand('expression');

export class Expr {
  /** Counts up as expressions are made: operands have smaller ids than their users. */
  readonly id: number = nextId++;

  /** Nobody can change it: expressions share it, and are told apart by it. */
  readonly shape: Shape;

  constructor(
    readonly node: Node,
    readonly args: readonly Expr[],
    shape: Shape,
    readonly dtype: DType,
  ) {
    this.shape = frozen(shape);
  }

  /** What `instanceof` asks: a proxy that throws, or was revoked, is none. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value);
  }

  /** @internal */
  get [BRAND](): Brand {
    return EXPRESSION;
  }

  get rank(): number {
    return this.shape.length;
  }

  toString(): string {
    return `${this.node.kind === 'elementwise' || this.node.kind === 'reduce' ? this.node.op : this.node.kind} ${this.dtype}${formatShape(this.shape)}`;
  }

  /** A template string shows it; JavaScript's operators would make NaN or a text of it. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new GraphError(`JavaScript's operators do not take ${describe(this)}; use the methods .add .sub .mul .div .neg .eq .lt .gt, as in x.mul(2)`);
  }

  toJSON(): string {
    return describe(this);
  }

  /** What Node, Deno and Bun print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return describe(this);
  }

  add(other: Operand): Expr { return elementwise.add(this, other); }
  sub(other: Operand): Expr { return elementwise.sub(this, other); }
  mul(other: Operand): Expr { return elementwise.mul(this, other); }
  div(other: Operand): Expr { return elementwise.div(this, other); }
  pow(other: Operand): Expr { return elementwise.pow(this, other); }
  mod(other: Operand): Expr { return elementwise.mod(this, other); }
  maximum(other: Operand): Expr { return elementwise.maximum(this, other); }
  minimum(other: Operand): Expr { return elementwise.minimum(this, other); }
  clip(low: Operand, high: Operand): Expr { return elementwise.clip(this, low, high); }
  neg(): Expr { return elementwise.neg(this); }
  abs(): Expr { return elementwise.abs(this); }
  sign(): Expr { return elementwise.sign(this); }
  floor(): Expr { return elementwise.floor(this); }
  ceil(): Expr { return elementwise.ceil(this); }
  round(): Expr { return elementwise.round(this); }
  reciprocal(): Expr { return elementwise.reciprocal(this); }
  square(): Expr { return elementwise.square(this); }
  sqrt(): Expr { return elementwise.sqrt(this); }
  rsqrt(): Expr { return elementwise.rsqrt(this); }
  exp(): Expr { return elementwise.exp(this); }
  expm1(): Expr { return elementwise.expm1(this); }
  log(): Expr { return elementwise.log(this); }
  log1p(): Expr { return elementwise.log1p(this); }
  sin(): Expr { return elementwise.sin(this); }
  cos(): Expr { return elementwise.cos(this); }
  tan(): Expr { return elementwise.tan(this); }
  tanh(): Expr { return elementwise.tanh(this); }
  sigmoid(): Expr { return elementwise.sigmoid(this); }
  erf(): Expr { return elementwise.erf(this); }
  relu(): Expr { return elementwise.relu(this); }
  leakyRelu(slope?: Operand): Expr { return activations.leakyRelu(this, slope); }
  elu(alpha?: Operand): Expr { return activations.elu(this, alpha); }
  gelu(options?: activations.GeluOptions): Expr { return activations.gelu(this, options); }
  silu(): Expr { return activations.silu(this); }
  softplus(): Expr { return activations.softplus(this); }
  logSigmoid(): Expr { return activations.logSigmoid(this); }
  eq(other: Operand): Expr { return elementwise.eq(this, other); }
  ne(other: Operand): Expr { return elementwise.ne(this, other); }
  lt(other: Operand): Expr { return elementwise.lt(this, other); }
  le(other: Operand): Expr { return elementwise.le(this, other); }
  gt(other: Operand): Expr { return elementwise.gt(this, other); }
  ge(other: Operand): Expr { return elementwise.ge(this, other); }
  and(other: Operand): Expr { return elementwise.and(this, other); }
  or(other: Operand): Expr { return elementwise.or(this, other); }
  xor(other: Operand): Expr { return elementwise.xor(this, other); }
  not(): Expr { return elementwise.not(this); }
  isNan(): Expr { return elementwise.isNan(this); }
  isFinite(): Expr { return elementwise.isFinite(this); }
  where(a: Operand, b: Operand): Expr { return elementwise.where(this, a, b); }
  cast(dtype: DType): Expr { return elementwise.cast(this, dtype); }

  sum(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.sum(this, axes, options); }
  prod(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.prod(this, axes, options); }
  mean(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.mean(this, axes, options); }
  max(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.max(this, axes, options); }
  min(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.min(this, axes, options); }
  all(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.all(this, axes, options); }
  any(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.any(this, axes, options); }
  logSumExp(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.logSumExp(this, axes, options); }
  argMax(axis?: number, options?: reductions.ReduceOptions): Expr { return statistics.argMax(this, axis, options); }
  argMin(axis?: number, options?: reductions.ReduceOptions): Expr { return statistics.argMin(this, axis, options); }
  variance(axes?: Axes, options?: statistics.VarianceOptions): Expr { return statistics.variance(this, axes, options); }
  cumsum(axis?: number, options?: cumulative.CumsumOptions): Expr { return cumulative.cumsum(this, axis, options); }
  norm(axes?: Axes, options?: statistics.NormOptions): Expr { return statistics.norm(this, axes, options); }

  reshape(...shape: movement.ListOrEntries<DimensionLike>): Expr { return movement.reshape(this, ...shape); }
  transpose(...permutation: movement.ListOrEntries<number> | readonly [undefined]): Expr { return movement.transpose(this, ...permutation); }
  broadcastTo(shape: ShapeLike): Expr { return movement.broadcastTo(this, shape); }
  expandDims(axis: number): Expr { return movement.expandDims(this, axis); }
  squeeze(axes?: Axes): Expr { return movement.squeeze(this, axes); }
  take(indices: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.take(this, indices, axis, options); }
  gather(indices: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.gather(this, indices, axis, options); }
  scatterAdd(indices: Expr, updates: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.scatterAdd(this, indices, updates, axis, options); }
  slice(...ranges: readonly movement.Range[]): Expr { return movement.slice(this, ...ranges); }

  window(axis: number, size: number, options?: windows.WindowOptions): Expr { return windows.window(this, axis, size, options); }

  matmul(other: Operand): Expr { return products.matmul(this, other); }
  softmax(axis?: number): Expr { return networks.softmax(this, axis); }
  logSoftmax(axis?: number): Expr { return networks.logSoftmax(this, axis); }
  stopGradient(): Expr { return movement.stopGradient(this); }
}
