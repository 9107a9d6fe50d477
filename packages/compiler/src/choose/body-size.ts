/**
 * How large the code of a kernel may grow, and where a computation is cut that is larger. Engines refuse functions of more than 50,000 local
 * variables or 7.6 MB, compile large ones for longer than in proportion, and keep every local on the stack; drivers of GPUs take seconds for a
 * shader of some thousand lines. A cut costs a write and a read for each element, which a body of a hundred operations has hidden already.
 */
import { ELEMENTWISE_COSTS } from '@pappus/core/backend';
import type { Instruction } from '../kernels/kernel.js';
import { isLeaf, isStructural } from './realize.js';
import type { Tensor } from '../lower/tensor.js';
import { itemAt, lost } from '../required.js';

/**
 * The code of one body, in additions, from which on what it is made of is given memory. A kernel has a body several times (whole vectors, the
 * rest, rows side by side): up to twelve times on the CPU, so that functions have some 10,000 locals at most. A backend may ask for less.
 */
export const LARGEST_BODY = 1000;

/** A read: an address of its own, which moves, or an index that is worked out. */
export const LOAD = 8;

/** A view is no code, but has to be gone through. */
const VIEW = 1 / 16;

const GATHER = 8;

/** What a tensor adds to the code of a body that computes it. */
export function codeOf({ op }: Tensor): number {
  switch (op.kind) {
    case 'elementwise':
      return ELEMENTWISE_COSTS[op.op].code;
    case 'gather':
      return GATHER;
    case 'constant':
    case 'host':
    case 'iota':
      return 1;
    case 'reshape':
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'window':
      return VIEW;
    case 'input':
    case 'variable':
    case 'data':
    case 'placeholder':
    case 'reduce':
    case 'pad':
    case 'concat':
    case 'scatter':
    case 'matmul':
    case 'scan':
    case 'barrier':
    case 'routine':
    case 'total':
      return LOAD;
  }
}

/** As `codeOf`, of an instruction. */
export function instructionCode(i: Instruction): number {
  switch (i.kind) {
    case 'apply':
      return ELEMENTWISE_COSTS[i.op].code;
    case 'gather':
      return GATHER;
    case 'load':
      return LOAD;
    case 'constant':
    case 'uniform':
    case 'parameter':
    case 'index':
    case 'result':
      return 1;
  }
}

/**
 * The tensors, operands first, to which memory is given so that no body is larger than it may be, beside those that have it.
 *
 * What several operands are made of counts once; that one element may be needed at several places does not show here.
 */
export class Cuts {
  readonly chosen = new Set<Tensor>();
  private readonly position: ReadonlyMap<Tensor, number>;
  /** By position: operands, own code, and code if it is computed where it is used. Plain arrays, since every tensor may ask for a thousand others. */
  private readonly operands: readonly (readonly number[])[];
  private readonly codes: Float64Array;
  private readonly sizes: Float64Array;
  private readonly isRead: Uint8Array;
  private readonly seen: Int32Array;
  private round = 0;

  constructor(
    private readonly order: readonly Tensor[],
    hasMemory: (tensor: Tensor) => boolean,
    private readonly largestBody: number,
  ) {
    const position = new Map(order.map((tensor, k) => [tensor, k]));
    this.position = position;
    this.operands = order.map(({ args }) => args.map((arg) => position.get(arg) ?? lost(`the position of tensor ${arg.id}`)));
    this.codes = Float64Array.from(order, codeOf);
    this.sizes = new Float64Array(order.length);
    this.isRead = Uint8Array.from(order, (tensor) => (hasMemory(tensor) ? 1 : 0));
    this.seen = new Int32Array(order.length);
    for (const [k, tensor] of order.entries()) this.sizes[k] = isLeaf(tensor) || isStructural(tensor) ? LOAD : this.cut(k);
  }

  /** The code of a tensor where it is used. */
  sizeOf(tensor: Tensor): number {
    return this.sizeAt((this.position.get(tensor) ?? lost(`the position of tensor ${tensor.id}`)));
  }

  private sizeAt(k: number): number {
    return this.isRead[k] === 1 ? LOAD : (this.sizes[k] ?? LOAD);
  }

  private operandsAt(k: number): readonly number[] {
    return itemAt(this.operands, k, 'the operands of tensor');
  }

  /** Gives memory to what a tensor is made of until its code is small enough, and answers that. */
  private cut(k: number): number {
    const sum = this.operandsAt(k).reduce((total, arg) => total + this.sizeAt(arg), itemAt(this.codes, k, 'the code of tensor'));
    if (sum <= this.largestBody) return sum;
    for (;;) {
      const size = this.exactly(k);
      if (size <= this.largestBody) return size;
      const largest = this.largestOperand(k);
      const tensor = largest === undefined ? undefined : this.order[largest];
      if (largest === undefined || tensor === undefined) return size;
      this.chosen.add(tensor);
      this.isRead[largest] = 1;
    }
  }

  /** The code of a tensor with everything in it once; where it is too large, more than that. */
  private exactly(root: number): number {
    this.round++;
    let size = 0;
    const stack = [root];
    for (let next = stack.pop(); next !== undefined && size <= this.largestBody; next = stack.pop()) {
      if (next !== root && this.isRead[next] === 1) {
        size += LOAD;
        continue;
      }
      size += itemAt(this.codes, next, 'the code of tensor');
      for (const arg of this.operandsAt(next)) {
        if (this.seen[arg] === this.round) continue;
        this.seen[arg] = this.round;
        stack.push(arg);
      }
    }
    return size;
  }

  /** What to give memory to: of the operand with the most code, what is under its views. */
  private largestOperand(k: number): number | undefined {
    let largest: number | undefined;
    for (const arg of this.operandsAt(k)) {
      if (this.isRead[arg] === 1 || this.operandsAt(arg).length === 0) continue;
      if (largest === undefined || this.sizeAt(arg) > this.sizeAt(largest)) largest = arg;
    }
    for (let under = largest; under !== undefined && this.isRead[under] !== 1; [under] = this.operandsAt(under)) {
      if (this.order[under]?.op.kind === 'elementwise') return under;
      if (this.codes[under] !== VIEW) break;
    }
    return largest;
  }
}
