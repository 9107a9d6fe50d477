/**
 * Expressions: immutable, hash-consed nodes of a graph. Two expressions built alike are the same object, so that
 * common subexpressions are common from the start. The fluent methods are in one line each and say what they do; how, with
 * formulas, sources and errors, is said by the functions of the same name.
 */
import { BRAND, type Brand, brand, isInstance } from './brand.js';
import type { DType, TypedArray } from './dtype.js';
import type { DimensionLike } from './dimension.js';
import type { Node } from './node.js';
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

/** One axis or several, counted from 0; negative ones count from the end. */
export type Axes = number | readonly number[];

let nextId = 0;

const EXPRESSION = brand('expression');

/**
 * A symbolic tensor: an operation over others, with a shape and a dtype. Immutable, and built by functions such as `input` and `add`,
 * or by the methods, which are those functions with this expression as the first operand. Two that are built alike are the same object.
 */
export class Expr {
  /** Counts up as expressions are made: operands have smaller ids than their users. */
  readonly id: number = nextId++;

  /** The sizes of its axes, numbers or open dimensions. Nobody can change it: expressions share it, and are told apart by it. */
  readonly shape: Shape;

  /** @internal Expressions are made by functions. */
  constructor(
    /** What it computes of its operands. */
    readonly node: Node,
    /** The operands. */
    readonly args: readonly Expr[],
    shape: Shape,
    /** The dtype of its elements. */
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

  /** The number of axes; 0 of a scalar. */
  get rank(): number {
    return this.shape.length;
  }

  /** The operation, dtype and shape, as in `add float32[3]`. */
  toString(): string {
    return `${this.node.kind === 'elementwise' || this.node.kind === 'reduce' ? this.node.op : this.node.kind} ${this.dtype}${formatShape(this.shape)}`;
  }

  /** A template string shows it; JavaScript's operators would make NaN or a text of it. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new GraphError(`JavaScript's operators do not take ${describe(this)}; use the methods .add .sub .mul .div .neg .eq .lt .gt, as in x.mul(2)`);
  }

  /** What messages call it, in place of the graph behind it. */
  toJSON(): string {
    return describe(this);
  }

  /** What Node, Deno and Bun print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return describe(this);
  }

  /** `x + other`, broadcast by NumPy's rule; of one dtype, not bool. Numbers take the dtype of `x`. */
  add(other: Operand): Expr { return elementwise.add(this, other); }
  /** `x - other`, broadcast; of one dtype, not bool. */
  sub(other: Operand): Expr { return elementwise.sub(this, other); }
  /** `x` times `other`, element by element, broadcast; of one dtype, not bool. `matmul` is the product of matrices. */
  mul(other: Operand): Expr { return elementwise.mul(this, other); }
  /** `x / other`, broadcast; floats only. */
  div(other: Operand): Expr { return elementwise.div(this, other); }
  /** `x^other`, broadcast; floats only. The gradient by `other` is 0 where `x` is 0 or negative. */
  pow(other: Operand): Expr { return elementwise.pow(this, other); }
  /** The remainder of `x / other` with the sign of `other`, as in NumPy; not of bool. By 0 it is NaN, of int32 0. */
  mod(other: Operand): Expr { return elementwise.mod(this, other); }
  /** The larger of `x` and `other`, broadcast; NaN if either is. Where they are equal, each gets half of the gradient. */
  maximum(other: Operand): Expr { return elementwise.maximum(this, other); }
  /** The smaller of `x` and `other`, broadcast; NaN if either is. Where they are equal, each gets half of the gradient. */
  minimum(other: Operand): Expr { return elementwise.minimum(this, other); }
  /** `low` where smaller, `high` where larger. At a bound the gradient is shared half and half; torch gives the operand all of it. */
  clip(low: Operand, high: Operand): Expr { return elementwise.clip(this, low, high); }
  /** `-x`; not of bool. */
  neg(): Expr { return elementwise.neg(this); }
  /** The magnitude `|x|`; not of bool. Its gradient at 0 is 0. */
  abs(): Expr { return elementwise.abs(this); }
  /** -1, 0 or 1; a zero keeps its sign, and NaN is NaN. No gradient flows through. */
  sign(): Expr { return elementwise.sign(this); }
  /** The largest integer that is not above; floats only. No gradient flows through. */
  floor(): Expr { return elementwise.floor(this); }
  /** The smallest integer that is not below; floats only. No gradient flows through. */
  ceil(): Expr { return elementwise.ceil(this); }
  /** The nearest integer, ties to the even one; floats only. No gradient flows through. */
  round(): Expr { return elementwise.round(this); }
  /** `1 / x`; floats only. */
  reciprocal(): Expr { return elementwise.reciprocal(this); }
  /** `x²`; not of bool. */
  square(): Expr { return elementwise.square(this); }
  /** `√x`; floats only. NaN below 0; its gradient at 0 is Infinity. */
  sqrt(): Expr { return elementwise.sqrt(this); }
  /** `1 / √x`; floats only. Infinity at 0, NaN below. */
  rsqrt(): Expr { return elementwise.rsqrt(this); }
  /** `e^x`; floats only. */
  exp(): Expr { return elementwise.exp(this); }
  /** `e^x - 1` without the loss near 0; floats only. */
  expm1(): Expr { return elementwise.expm1(this); }
  /** The natural logarithm; floats only. -Infinity of 0, NaN below. */
  log(): Expr { return elementwise.log(this); }
  /** `log(1 + x)` without the loss near 0; floats only. */
  log1p(): Expr { return elementwise.log1p(this); }
  /** The logarithm to the base 2; floats only. -Infinity of 0, NaN below. */
  log2(): Expr { return elementwise.log2(this); }
  /** The logarithm to the base 10; floats only. -Infinity of 0, NaN below. */
  log10(): Expr { return elementwise.log10(this); }
  /** The sine of an angle in radians; floats only. */
  sin(): Expr { return elementwise.sin(this); }
  /** The cosine of an angle in radians; floats only. */
  cos(): Expr { return elementwise.cos(this); }
  /** The tangent of an angle in radians; floats only. */
  tan(): Expr { return elementwise.tan(this); }
  /** The hyperbolic tangent, from -1 to 1; floats only. */
  tanh(): Expr { return elementwise.tanh(this); }
  /** `1 / (1 + exp(-x))`, from 0 to 1; floats only. */
  sigmoid(): Expr { return elementwise.sigmoid(this); }
  /** The error function `2/√π ∫₀ˣ exp(-t²) dt`, from -1 to 1; floats only. */
  erf(): Expr { return elementwise.erf(this); }
  /** `max(x, 0)`; not of bool. Its gradient at 0 is 0. */
  relu(): Expr { return elementwise.relu(this); }
  /**
   * `x` where positive, `slope x` elsewhere; floats only.
   * @param slope a number or an expression that broadcasts; 0.01 by default
   */
  leakyRelu(slope?: Operand): Expr { return activations.leakyRelu(this, slope); }
  /**
   * `x` where positive, `alpha (exp(x) - 1)` elsewhere; floats only.
   * @param alpha a number or an expression that broadcasts; 1 by default
   */
  elu(alpha?: Operand): Expr { return activations.elu(this, alpha); }
  /**
   * `x Φ(x)`, Φ the standard normal distribution; floats only. By the error function, or with `{ approximate: 'tanh' }` by the
   * hyperbolic tangent.
   */
  gelu(options?: activations.GeluOptions): Expr { return activations.gelu(this, options); }
  /** `x sigmoid(x)`, also called swish; floats only. */
  silu(): Expr { return activations.silu(this); }
  /** `log(1 + exp(x))`, which neither overflows nor loses small results; floats only. */
  softplus(): Expr { return activations.softplus(this); }
  /** `log(sigmoid(x))` without the underflow of the sigmoid; floats only. */
  logSigmoid(): Expr { return activations.logSigmoid(this); }
  /** bool: whether `x = other`, broadcast. NaN equals nothing. No gradient flows through comparisons. */
  eq(other: Operand): Expr { return elementwise.eq(this, other); }
  /** bool: whether `x ≠ other`, broadcast. NaN differs from everything, itself included. */
  ne(other: Operand): Expr { return elementwise.ne(this, other); }
  /** bool: whether `x < other`, broadcast; not of bool. False beside NaN. */
  lt(other: Operand): Expr { return elementwise.lt(this, other); }
  /** bool: whether `x ≤ other`, broadcast; not of bool. False beside NaN. */
  le(other: Operand): Expr { return elementwise.le(this, other); }
  /** bool: whether `x > other`, broadcast; not of bool. False beside NaN. */
  gt(other: Operand): Expr { return elementwise.gt(this, other); }
  /** bool: whether `x ≥ other`, broadcast; not of bool. False beside NaN. */
  ge(other: Operand): Expr { return elementwise.ge(this, other); }
  /** Whether both are true, broadcast; bool only. */
  and(other: Operand): Expr { return elementwise.and(this, other); }
  /** Whether either is true, broadcast; bool only. */
  or(other: Operand): Expr { return elementwise.or(this, other); }
  /** Whether exactly one is true, broadcast; bool only. */
  xor(other: Operand): Expr { return elementwise.xor(this, other); }
  /** true where it is false; bool only. */
  not(): Expr { return elementwise.not(this); }
  /** bool: whether it is NaN; floats only. */
  isNan(): Expr { return elementwise.isNan(this); }
  /** bool: whether it is neither NaN nor infinite; floats only. */
  isFinite(): Expr { return elementwise.isFinite(this); }
  /**
   * `a` where this is true and `b` where it is false, broadcast; this is bool. Of two numbers the result is float32, of true and false
   * bool.
   */
  where(a: Operand, b: Operand): Expr { return elementwise.where(this, a, b); }
  /**
   * The values in another dtype: towards zero and saturating to int32, nonzero to bool, to float32 the nearest. To int32 and bool no
   * gradient flows.
   */
  cast(dtype: DType): Expr { return elementwise.cast(this, dtype); }

  /**
   * The sum over the axes, which are dropped unless `keepdims`; 0 of none. Numbers only; int32 wraps around.
   * @param axes all by default
   */
  sum(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.sum(this, axes, options); }
  /**
   * The product over the axes, which are dropped unless `keepdims`; 1 of none. Numbers only; int32 wraps around.
   * @param axes all by default
   */
  prod(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.prod(this, axes, options); }
  /**
   * The arithmetic mean over the axes, which are dropped unless `keepdims`; NaN of none. Floats only.
   * @param axes all by default
   */
  mean(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.mean(this, axes, options); }
  /**
   * The largest element over the axes, which are dropped unless `keepdims`; NaN if any is. Elements that tie share the gradient.
   * @param axes all by default
   * @throws {ShapeError} of none
   */
  max(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.max(this, axes, options); }
  /**
   * The smallest element over the axes, which are dropped unless `keepdims`; NaN if any is. Elements that tie share the gradient.
   * @param axes all by default
   * @throws {ShapeError} of none
   */
  min(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.min(this, axes, options); }
  /**
   * Whether all are true over the axes, which are dropped unless `keepdims`; true of none. bool only.
   * @param axes all by default
   */
  all(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.all(this, axes, options); }
  /**
   * Whether any is true over the axes, which are dropped unless `keepdims`; false of none. bool only.
   * @param axes all by default
   */
  any(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.any(this, axes, options); }
  /**
   * `log(sum(exp(x)))` over the axes, which are dropped unless `keepdims`, shifted so that it does not overflow; floats only.
   * @param axes all by default
   */
  logSumExp(axes?: Axes, options?: reductions.ReduceOptions): Expr { return reductions.logSumExp(this, axes, options); }
  /**
   * int32: the index of the largest element along an axis, the first one of several; of all elements in row-major order without one.
   * @param axis all elements by default
   * @throws {ShapeError} of none
   */
  argMax(axis?: number, options?: reductions.ReduceOptions): Expr { return statistics.argMax(this, axis, options); }
  /**
   * int32: the index of the smallest element along an axis, the first one of several; of all elements in row-major order without one.
   * @param axis all elements by default
   * @throws {ShapeError} of none
   */
  argMin(axis?: number, options?: reductions.ReduceOptions): Expr { return statistics.argMin(this, axis, options); }
  /**
   * `sum((x - mean(x))²) / (n - correction)` over the axes, which are dropped unless `keepdims`; the correction is 0 by default. Floats
   * only.
   * @param axes all by default
   */
  variance(axes?: Axes, options?: statistics.VarianceOptions): Expr { return statistics.variance(this, axes, options); }
  /**
   * Sums of the elements up to each one along an axis; the shape stays. Numbers only; int32 wraps around.
   * @param axis 0 by default
   */
  cumsum(axis?: number, options?: cumulative.CumsumOptions): Expr { return cumulative.cumsum(this, axis, options); }
  /**
   * The norm over the axes, which are dropped unless `keepdims`: Euclidean, or of `order` 1 or Infinity. Its gradient at zeros is 0.
   * Floats only.
   * @param axes all by default
   */
  norm(axes?: Axes, options?: statistics.NormOptions): Expr { return statistics.norm(this, axes, options); }

  /**
   * The same elements in row-major order under another shape, a list or its entries; one size may be -1, and is worked out.
   * @throws {ShapeError} if the elements do not fill it
   */
  reshape(...shape: movement.ListOrEntries<DimensionLike>): Expr { return movement.reshape(this, ...shape); }
  /**
   * Axis k of the result is axis `permutation[k]`, a list or its entries; without one the axes are reversed.
   * @throws {ShapeError} if it is no permutation
   */
  transpose(...permutation: movement.ListOrEntries<number> | readonly [undefined]): Expr { return movement.transpose(this, ...permutation); }
  /**
   * Repeated along new leading axes and axes of size 1, by NumPy's rule.
   * @throws {ShapeError} if it does not broadcast to the shape
   */
  broadcastTo(shape: ShapeLike): Expr { return movement.broadcastTo(this, shape); }
  /** An axis of size 1 put in at `axis` of the result. */
  expandDims(axis: number): Expr { return movement.expandDims(this, axis); }
  /**
   * Axes of size 1 taken out.
   * @param axes all that have size 1 by default
   * @throws {ShapeError} if one has another size
   */
  squeeze(axes?: Axes): Expr { return movement.squeeze(this, axes); }
  /**
   * Parts along an axis by int32 indices, as NumPy's `take`: of `[n, d]` by `[batch, time]`, `[batch, time, d]`. An index out of range
   * reads NaN, or is an error if it is given to the call; see the function `take`.
   * @param axis 0 by default
   */
  take(indices: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.take(this, indices, axis, options); }
  /**
   * Elements along an axis, one for each int32 index, as PyTorch's `gather`. An index out of range is what it is to `take`.
   * @param indices of as many axes as `x`
   * @param axis 0 by default
   */
  gather(indices: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.gather(this, indices, axis, options); }
  /**
   * `x` with updates added at int32 indices along an axis: the adjoint of `take`. An index that comes several times adds several times;
   * one out of range adds nothing, or is an error if it is given to the call.
   * @param updates of the shape that `take(indices, axis)` has
   * @param axis 0 by default
   */
  scatterAdd(indices: Expr, updates: Expr, axis?: number, options?: IndexOptions): Expr { return indexing.scatterAdd(this, indices, updates, axis, options); }
  /**
   * Part of it, one range an axis: `[start, end]` or `[start, end, step]` as in Python, null for all, a number for one element, whose
   * axis is dropped. Axes without a range are taken whole.
   * @example x.slice([null, -1], 0)
   */
  slice(...ranges: readonly movement.Range[]): Expr { return movement.slice(this, ...ranges); }

  /**
   * Windows that slide along an axis: `[..., n, ...]` becomes `[..., count, size, ...]`; a view, of whole windows only.
   * @throws {ShapeError} if the axis is shorter than one window
   */
  window(axis: number, size: number, options?: windows.WindowOptions): Expr { return windows.window(this, axis, size, options); }

  /** The matrix product, as NumPy's `matmul`: `[..., m, k]` times `[..., k, n]` is `[..., m, n]`. Of one dtype, not bool. */
  matmul(other: Operand): Expr { return products.matmul(this, other); }
  /**
   * `exp(x) / sum(exp(x))` over the axes, shifted so that it does not overflow; floats only.
   * @param axes the last by default
   */
  softmax(axes?: Axes): Expr { return networks.softmax(this, axes); }
  /**
   * `log(softmax(x))` over the axes; floats only.
   * @param axes the last by default
   */
  logSoftmax(axes?: Axes): Expr { return networks.logSoftmax(this, axes); }
  /** The value itself, a constant to `grad`. */
  stopGradient(): Expr { return movement.stopGradient(this); }
}
