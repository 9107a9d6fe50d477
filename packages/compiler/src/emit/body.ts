/**
 * Writing the straight-line code of one element: tensors without memory are computed in it, those with memory are read. Whether that can be
 * was asked before (reads.ts).
 */
import { BackendError, type DType } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import type { Affine } from '../kernels/affine.js';
import { scalarUnder } from '../lower/graph.js';
import { instructionKey } from '../kernels/instruction-key.js';
import type { Access, Body, Instruction } from '../kernels/kernel.js';
import { lost, required } from '../required.js';
import type { Tensor, TensorOp } from '../lower/tensor.js';
import { gatheredFrom, operandOf, reshapedFrom, type View, type Viewed, Views } from '../choose/views.js';

type GatherOp = Extract<TensorOp, { kind: 'gather' }>;

/** A tensor that is being computed, and the values of those operands that are there. */
interface Pending extends Viewed {
  readonly operands: readonly Viewed[];
  readonly values: number[];
}

/**
 * Says how a tensor with memory is had at a position, which is worked out when it is asked for: an instruction (a load), the number of one that is there already, or
 * undefined if the tensor has none.
 */
export type Source = (tensor: Tensor, position: () => Affine) => Instruction | number | undefined;

export class BodyBuilder {
  readonly instructions: Instruction[] = [];
  private readonly stores: { readonly access: Access; readonly value: number }[] = [];
  private readonly known = new Map<string, number>();
  private readonly views: Views;
  /** Values by view and tensor: what is used many times, as the words of a random number are, is gone through once. */
  private readonly written = new Map<View, Map<Tensor, number>>();

  constructor(
    extents: readonly number[],
    private readonly source: Source,
  ) {
    this.views = new Views(extents);
  }

  /** The value of a tensor at these indices, read or computed. */
  value(tensor: Tensor, indices: readonly Affine[]): number {
    return this.at(tensor, this.views.of({ indices }));
  }

  /** The value of a tensor at these indices, computed here even if it has memory. */
  define(tensor: Tensor, indices: readonly Affine[]): number {
    return this.run(this.begin({ tensor, view: this.views.of({ indices }) }));
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

  /**
   * The value of a tensor in a view. What is still to be computed waits on a stack of its own: chains may be as deep as memory allows.
   */
  private at(tensor: Tensor, view: View): number {
    return this.read(tensor, view) ?? this.run(this.begin({ tensor, view }));
  }

  private writtenIn(view: View): Map<Tensor, number> {
    const existing = this.written.get(view);
    if (existing !== undefined) return existing;
    const values = new Map<Tensor, number>();
    this.written.set(view, values);
    return values;
  }

  /** The value that is there already, or that the source has. */
  private read(tensor: Tensor, view: View): number | undefined {
    const written = this.writtenIn(view);
    const existing = written.get(tensor);
    if (existing !== undefined) return existing;
    const had = this.source(tensor, () => this.views.position(tensor, view));
    if (had === undefined) return undefined;
    const value = typeof had === 'number' ? had : this.push(had);
    written.set(tensor, value);
    return value;
  }

  private run(root: Pending): number {
    const stack = [root];
    for (;;) {
      const top = required(stack.at(-1), 'what a body computes');
      const next = top.operands[top.values.length];
      if (next !== undefined) {
        const value = this.read(next.tensor, next.view);
        if (value !== undefined) top.values.push(value);
        else stack.push(this.begin(next));
        continue;
      }
      const value = this.finishOne(top);
      stack.pop();
      const user = stack.at(-1);
      if (user === undefined) return value;
      this.writtenIn(top.view).set(top.tensor, value);
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

  /** What a tensor is computed of in a view. */
  private begin({ tensor, view }: Viewed): Pending {
    const operands = this.views.operands(tensor, view);
    if (operands === undefined) throw indicesLost(tensor);
    return { tensor, view, operands, values: [] };
  }

  private indices(tensor: Tensor, view: View): readonly Affine[] {
    const indices = this.views.indices(tensor, view);
    if (indices === undefined) throw indicesLost(tensor);
    return indices;
  }

  /** The value of a tensor, given those of what it is computed of. */
  private finishOne({ tensor, view, values }: Pending): number {
    const { op, args, dtype } = tensor;
    switch (op.kind) {
      case 'constant':
        return this.push({ kind: 'constant', value: op.value, dtype });
      case 'host':
        return this.push({ kind: 'uniform', index: op.index, dtype });
      case 'iota':
        return this.push({ kind: 'index', value: (this.indices(tensor, view)[op.axis] ?? lost(`axis ${op.axis} of tensor ${tensor.id}`)), dtype: 'int32' });
      case 'elementwise':
        return this.push({ kind: 'apply', op: op.op, args: values, operand: args.at(-1)?.dtype ?? dtype, dtype });
      default:
        break;
    }
    const value = values[0] ?? lost(`the value of tensor ${tensor.id}`);
    return op.kind === 'gather' ? this.gathered(tensor, op, this.indices(tensor, view), value) : value;
  }

  /** The element of the first operand that an index names. */
  private gathered(tensor: Tensor, { axis, outside }: GatherOp, indices: readonly Affine[], index: number): number {
    const { dtype } = tensor;
    const a = operandOf(tensor, 0);
    const count = a.shape[axis] ?? lost(`axis ${axis} of what tensor ${tensor.id} reads`);
    // Of one number repeated nothing is read: the index only says whether there is one.
    const repeated = scalarUnder(a);
    if (repeated !== undefined) return this.inside(index, count, this.at(repeated, this.views.of({ indices: [] })), outside, dtype);
    // A reshaped tensor is read where it was, at the same positions.
    const whole = reshapedFrom(a);
    const place = (): Affine => gatheredFrom(tensor, axis, indices, this.views.extents.length);
    const first = this.source(a, place) ?? this.source(whole, place) ?? lost(`the memory of tensor ${whole.id}`);
    if (typeof first === 'number') return this.inside(index, count, first, outside, dtype);
    if (first.kind !== 'load') return this.push(first);
    const stride = sizeOf(a.shape.slice(axis + 1));
    return this.push({ kind: 'gather', access: first.access, index, stride, count, outside, dtype });
  }
}

function indicesLost({ id, op }: Tensor): BackendError {
  return new BackendError(`the compiler has given tensor ${id}, a ${op.kind}, no memory, though its element is no function of the indices of a nest; please report the computation`);
}
