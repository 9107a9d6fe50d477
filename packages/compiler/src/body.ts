/** Writing the straight-line code of one element: virtual tensors are inlined, realized ones are read. */
import { type DType } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import { type Affine, axisIndex, constantAffine, delinearize, linear, scaled, sumOf } from './affine.js';
import { scalarUnder } from './graph.js';
import { instructionKey, placeKey } from './instruction-key.js';
import type { Access, Body, Instruction } from './kernel.js';
import type { Tensor, TensorOp } from './tensor.js';

type GatherOp = Extract<TensorOp, { kind: 'gather' }>;

/** A tensor that cannot be inlined where it is used, since its element there is no affine function of the loop. */
export class MustRealize extends Error {
  constructor(
    readonly tensor: Tensor,
    /** The element that was asked for. */
    readonly view?: View,
  ) {
    super(`tensor ${tensor.id} must be realized`);
  }
}

/** Which element of a tensor: its indices, or its row-major position where they are not known. */
type View = { readonly indices: readonly Affine[] } | { readonly position: Affine };

interface Operand {
  readonly tensor: Tensor;
  readonly view: View;
}

/** A tensor that is being computed, and the values of those operands that are there. */
interface Pending extends Operand {
  readonly operands: readonly Operand[];
  readonly values: number[];
}

/**
 * Says how a realized tensor is had at a position, which is worked out when it is asked for: an instruction (a load), the number of one that is there already, or
 * undefined if the tensor is virtual.
 */
export type Source = (tensor: Tensor, position: () => Affine) => Instruction | number | undefined;

export class BodyBuilder {
  readonly instructions: Instruction[] = [];
  private readonly stores: { readonly access: Access; readonly value: number }[] = [];
  private readonly known = new Map<string, number>();
  /** Views by what they say: equal ones are one object. */
  private readonly views = new Map<string, View>();
  /** Values by view and tensor: what is used many times, as the words of a random number are, is gone through once. */
  private readonly written = new Map<View, Map<Tensor, number>>();

  /** @param computes is told of every tensor that is computed here, once for each view */
  constructor(
    private readonly extents: readonly number[],
    private readonly source: Source,
    private readonly computes?: (tensor: Tensor) => void,
  ) {}

  /** The value of a tensor at these indices, read or computed. */
  value(tensor: Tensor, indices: readonly Affine[]): number {
    return this.at(tensor, this.view({ indices }));
  }

  /** The value of a tensor at these indices, computed here even if it is realized. */
  define(tensor: Tensor, indices: readonly Affine[]): number {
    return this.run(this.begin(tensor, this.view({ indices })));
  }

  push(instruction: Instruction): number {
    const key = instructionKey(instruction, ({ id }) => String(id));
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    const at = this.instructions.push(instruction) - 1;
    this.known.set(key, at);
    return at;
  }

  store(access: Access, value: number): void {
    this.stores.push({ access, value });
  }

  finish(): Body {
    return { instructions: this.instructions, stores: this.stores };
  }

  private view(view: View): View {
    const key = 'position' in view ? placeKey(view.position) : view.indices.map(placeKey).join(';');
    const named = `${'position' in view ? 'position' : 'indices'} ${key}`;
    const existing = this.views.get(named);
    if (existing !== undefined) return existing;
    this.views.set(named, view);
    this.written.set(view, new Map());
    return view;
  }

  /**
   * The value of a tensor in a view. What is still to be computed waits on a stack of its own: chains may be as deep as memory allows.
   */
  private at(tensor: Tensor, view: View): number {
    const known = this.read(tensor, view);
    return known ?? this.run(this.begin(tensor, view));
  }

  /** The value that is there already, or that the source has. */
  private read(tensor: Tensor, view: View): number | undefined {
    const written = this.written.get(view);
    const existing = written?.get(tensor);
    if (existing !== undefined) return existing;
    const had = this.source(tensor, () => this.positionOf(tensor, view));
    if (had === undefined) return undefined;
    const value = typeof had === 'number' ? had : this.push(had);
    written?.set(tensor, value);
    return value;
  }

  private run(root: Pending): number {
    const stack = [root];
    for (;;) {
      const top = stack.at(-1);
      if (top === undefined) throw new TypeError('a body without a value');
      const next = top.operands[top.values.length];
      if (next !== undefined) {
        const value = this.read(next.tensor, next.view);
        if (value !== undefined) top.values.push(value);
        else stack.push(this.beginUnder(stack, next.tensor, next.view));
        continue;
      }
      const value = this.finishOne(top);
      stack.pop();
      const user = stack.at(-1);
      if (user === undefined) return value;
      this.written.get(top.view)?.set(top.tensor, value);
      user.values.push(value);
    }
  }

  /** A value at hand where an index is on an axis of `count` elements, and `outside` elsewhere. */
  private inside(index: number, count: number, value: number, outside: number, dtype: DType): number {
    const compare = (op: 'ge' | 'lt', limit: number): number =>
      this.push({ kind: 'apply', op, args: [index, this.push({ kind: 'constant', value: limit, dtype: 'int32' })], operand: 'int32', dtype: 'bool' });
    const condition = this.push({ kind: 'apply', op: 'and', args: [compare('ge', 0), compare('lt', count)], operand: 'bool', dtype: 'bool' });
    const known = this.instructions[value];
    if (dtype === 'bool' && outside === 0 && known?.kind === 'constant' && known.value !== 0) return condition;
    return this.push({ kind: 'apply', op: 'where', args: [condition, value, this.push({ kind: 'constant', value: outside, dtype })], operand: dtype, dtype });
  }

  /**
   * What needs its indices and has only a position now: the tensor that was reshaped is given memory, and not what it is
   * computed of, so that the computation stays one.
   */
  private beginUnder(stack: readonly Pending[], tensor: Tensor, view: View): Pending {
    try {
      return this.begin(tensor, view);
    } catch (error) {
      if (!(error instanceof MustRealize) || error.view === undefined) throw error;
      for (let k = stack.length - 1; k >= 0; k--) {
        const [operand] = stack[k]?.operands ?? [];
        if (stack[k]?.tensor.op.kind === 'reshape' && operand?.view === error.view && operand.tensor.op.kind === 'elementwise') throw new MustRealize(operand.tensor);
      }
      throw error;
    }
  }

  /** What a tensor is computed of in a view. */
  private begin(tensor: Tensor, view: View): Pending {
    this.computes?.(tensor);
    return { tensor, view, operands: this.operandsOf(tensor, view), values: [] };
  }

  private operandsOf(tensor: Tensor, view: View): readonly Operand[] {
    const { op, args } = tensor;
    const rank = this.extents.length;
    const [a] = args;
    switch (op.kind) {
      case 'constant':
      case 'host':
        return [];
      case 'iota':
        this.indicesOf(tensor, view);
        return [];
      case 'elementwise':
        return args.map((arg) => ({ tensor: arg, view }));
      default:
        break;
    }
    if (a === undefined) throw new MustRealize(tensor);
    const of = (source: Tensor, indices: readonly Affine[]): readonly Operand[] => [{ tensor: source, view: this.view({ indices }) }];
    switch (op.kind) {
      case 'broadcast': {
        if (a.shape.length === 0) return of(a, []);
        const indices = this.indicesOf(tensor, view);
        const added = tensor.shape.length - a.shape.length;
        return of(a, a.shape.map((size, k) => (size === 1 ? constantAffine(0, rank) : (indices[k + added] ?? constantAffine(0, rank)))));
      }
      case 'transpose': {
        const indices = this.indicesOf(tensor, view);
        const source = a.shape.map(() => constantAffine(0, rank));
        for (const [k, axis] of op.permutation.entries()) source[axis] = indices[k] ?? constantAffine(0, rank);
        return of(a, source);
      }
      case 'slice':
        return of(a, this.indicesOf(tensor, view).map((index, k) => scaled(index, op.steps[k] ?? 1, op.starts[k] ?? 0)));
      case 'window': {
        const indices = this.indicesOf(tensor, view);
        const [at = constantAffine(0, rank), within = constantAffine(0, rank)] = indices.slice(op.axis, op.axis + 2);
        const along = sumOf(scaled(at, op.stride, 0), scaled(within, op.dilation, 0));
        return of(a, [...indices.slice(0, op.axis), along, ...indices.slice(op.axis + 2)]);
      }
      case 'reshape':
        return [{ tensor: a, view: this.view(this.reshaped(tensor, a, view)) }];
      case 'gather': {
        const by = args[1];
        if (by === undefined) throw new MustRealize(tensor);
        return of(by, this.indicesOf(tensor, view).slice(op.axis, op.axis + by.shape.length));
      }
      default:
        throw new MustRealize(tensor);
    }
  }

  /** The value of a tensor, given those of what it is computed of. */
  private finishOne({ tensor, view, values }: Pending): number {
    const { op, args, dtype } = tensor;
    const rank = this.extents.length;
    switch (op.kind) {
      case 'constant':
        return this.push({ kind: 'constant', value: op.value, dtype });
      case 'host':
        return this.push({ kind: 'uniform', index: op.index, dtype });
      case 'iota':
        return this.push({ kind: 'index', value: this.indicesOf(tensor, view)[op.axis] ?? constantAffine(0, rank), dtype: 'int32' });
      case 'elementwise':
        return this.push({ kind: 'apply', op: op.op, args: values, operand: args.at(-1)?.dtype ?? dtype, dtype });
      default:
        break;
    }
    const [value] = values;
    if (value === undefined) throw new MustRealize(tensor);
    return op.kind === 'gather' ? this.gathered(tensor, op, this.indicesOf(tensor, view), value) : value;
  }

  /** The element of the first operand that an index names. */
  private gathered({ args: [a, by], dtype }: Tensor, { axis, outside }: GatherOp, indices: readonly Affine[], index: number): number {
    if (a === undefined || by === undefined) throw new TypeError('a gather without operands');
    const rank = this.extents.length;
    const at = [...indices.slice(0, axis), constantAffine(0, rank), ...indices.slice(axis + by.shape.length)];
    const count = a.shape[axis] ?? 1;
    // Of one number repeated nothing is read: the index only says whether there is one.
    const repeated = scalarUnder(a);
    if (repeated !== undefined) return this.inside(index, count, this.at(repeated, this.view({ indices: [] })), outside, dtype);
    // A reshaped tensor is read where it was, at the same positions.
    const whole = reshapedFrom(a);
    const place = (): Affine => linear(at, a.shape, rank);
    const first = this.source(a, place) ?? this.source(whole, place);
    if (first === undefined) throw new MustRealize(whole);
    if (typeof first === 'number') return this.inside(index, count, first, outside, dtype);
    if (first.kind !== 'load') return this.push(first);
    const stride = sizeOf(a.shape.slice(axis + 1));
    return this.push({ kind: 'gather', access: first.access, index, stride, count, outside, dtype });
  }

  /** Where only axes of size 1 come or go, indices stay indices; otherwise the position stays. */
  private reshaped(tensor: Tensor, a: Tensor, view: View): View {
    if ('indices' in view) {
      const long = (shape: readonly number[]): number[] => shape.flatMap((d, k) => (d === 1 ? [] : [k]));
      const from = long(tensor.shape);
      const to = long(a.shape);
      if (from.length === to.length && from.every((axis, k) => tensor.shape[axis] === a.shape[to[k] ?? -1])) {
        const indices = a.shape.map(() => constantAffine(0, this.extents.length));
        for (const [k, axis] of to.entries()) indices[axis] = view.indices[from[k] ?? -1] ?? constantAffine(0, this.extents.length);
        return { indices };
      }
    }
    return { position: this.positionOf(tensor, view) };
  }

  private positionOf(tensor: Tensor, view: View): Affine {
    return 'position' in view ? view.position : linear(view.indices, tensor.shape, this.extents.length);
  }

  private indicesOf(tensor: Tensor, view: View): readonly Affine[] {
    if ('indices' in view) return view.indices;
    const indices = delinearize(view.position, tensor.shape, this.extents);
    if (indices === undefined) throw new MustRealize(tensor, view);
    return indices;
  }
}

/** What a tensor was before it was reshaped. */
function reshapedFrom(tensor: Tensor): Tensor {
  let whole = tensor;
  for (let [source] = whole.args; whole.op.kind === 'reshape' && source !== undefined; [source] = whole.args) whole = source;
  return whole;
}

/**
 * Indices into `shape` that run along the axes of an iteration, sizes of 1 left aside on both sides: the identity where
 * the iteration is over `shape` itself.
 */
export function identityIndices(shape: readonly number[], extents: readonly number[], along?: readonly boolean[]): Affine[] {
  const rank = extents.length;
  const axes = extents.flatMap((n, k) => (n !== 1 && along?.[k] !== false ? [k] : []));
  let next = 0;
  return shape.map((size) => (size === 1 ? constantAffine(0, rank) : axisIndex(axes[next++] ?? -1, rank)));
}
