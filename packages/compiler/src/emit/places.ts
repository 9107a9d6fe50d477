/** Where tensors are: the buffers that the kernels of a schedule read and write. */
import { sizeOf } from '@pappus/core/backend';
import type { BufferTable } from './buffers.js';
import type { Buffer } from '../kernels/kernel.js';
import { reshaped } from '../choose/realize.js';
import { lost } from '../required.js';
import { isFirst, type Item } from '../schedule/schedule.js';
import type { Tensor } from '../lower/tensor.js';
import { tensorName } from '../lower/tensor-names.js';

export class Places {
  /** Where later drafts read a tensor. */
  readonly primary = new Map<Tensor, Buffer>();
  /** Buffers of variables and carries that take new values. */
  readonly assigned = new Set<Buffer>();

  /**
   * @param external tensors that another draft than their own reads
   * @param output the buffer of the output at a position
   * @param outside where a leaf is that only the surroundings of a scan know
   */
  constructor(
    private readonly external: ReadonlySet<Tensor>,
    private readonly buffers: BufferTable,
    readonly output: (position: number, dtype: Buffer['dtype'], size: number) => Buffer,
    private readonly outside: (tensor: Tensor) => Buffer | undefined,
  ) {}

  /** Where a tensor is that has memory. */
  bufferOf(tensor: Tensor): Buffer | undefined {
    return this.buffers.leaf(tensor) ?? this.primary.get(tensor) ?? this.outside(tensor);
  }

  /** Where the elements of a tensor are, under whatever shape. */
  realizedBuffer(tensor: Tensor): Buffer {
    // A reshape may have memory of its own, where something else needs it, and then what is under it may have none.
    for (let plain: Tensor | undefined = tensor; plain !== undefined; plain = reshaped(plain)) {
      const buffer = this.bufferOf(plain);
      if (buffer !== undefined) return buffer;
    }
    return lost(`the memory of tensor ${tensor.id}, a ${tensor.op.kind}`);
  }

  /** What memory for a tensor is called. */
  nameOf(tensor: Tensor): string {
    return tensorName(tensor, this.buffers.given, (other) => (this.primary.get(other) ?? this.outside(other))?.name);
  }

  /** The buffers that an item writes: outputs, variables, or a temporary if a later draft reads it. */
  destinations(item: Item): Buffer[] {
    const { tensor } = item;
    const size = sizeOf(tensor.shape);
    const targets = [
      ...item.outputs.map((position) => this.output(position, tensor.dtype, size)),
      ...item.targets.map((target) => this.assign(target)),
    ];
    // What is read from a variable is its old value: others read a new one from a temporary.
    if (item.outputs.length === 0 && isFirst(item) && this.external.has(tensor)) {
      targets.unshift(this.buffers.temporary(this.nameOf(tensor), tensor.dtype, size));
    }
    return targets;
  }

  /** The buffers that an item writes beside one. */
  extraDestinations(item: Item, target: Buffer): Buffer[] {
    return item.outputs.length + item.targets.length === 0 ? [] : this.destinations(item).filter((buffer) => buffer !== target);
  }

  private assign(target: Tensor): Buffer {
    const buffer = this.realizedBuffer(target);
    this.assigned.add(buffer);
    return buffer;
  }
}
