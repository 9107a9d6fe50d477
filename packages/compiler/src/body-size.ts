/**
 * How large the code of a kernel may grow, and where a computation is cut that is larger. Engines refuse functions of more than 50,000 local
 * variables or 7.6 MB, compile large ones for longer than in proportion, and keep every local on the stack; drivers of GPUs take seconds for a
 * shader of some thousand lines. A cut costs a write and a read for each element, which a body of a hundred operations has hidden already.
 */
import { ELEMENTWISE_COSTS } from '@pappus/core';
import type { Instruction } from './kernel.js';
import { isLeaf, isStructural } from './realize.js';
import type { Tensor } from './tensor.js';

/**
 * The code of one body, in additions, from which on what it is made of is given memory. A kernel has a body several times (whole vectors, the
 * rest, rows side by side): up to twelve times on the CPU, so that functions have some 10,000 locals at most.
 */
export const LARGEST_BODY = 1000;

/** A read: an address of its own, which moves. */
export const LOAD = 4;

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
    case 'index':
    case 'result':
      return 1;
  }
}

/**
 * The tensors, operands first, to which memory is given so that no body is larger than `LARGEST_BODY`, beside those that have it.
 *
 * What several operands are made of counts once; that one element may be needed at several places does not show here.
 */
export class Cuts {
  readonly chosen = new Set<Tensor>();
  private readonly position: ReadonlyMap<Tensor, number>;
  /** The code of each tensor if it is computed where it is used. */
  private readonly sizes: Float64Array;
  private readonly seen: Int32Array;
  private round = 0;

  constructor(
    order: readonly Tensor[],
    private readonly hasMemory: (tensor: Tensor) => boolean,
  ) {
    this.position = new Map(order.map((tensor, k) => [tensor, k]));
    this.sizes = new Float64Array(order.length);
    this.seen = new Int32Array(order.length);
    for (const [k, tensor] of order.entries()) this.sizes[k] = this.cut(tensor);
  }

  /** The code of a tensor where it is used. */
  sizeOf(tensor: Tensor): number {
    return this.isRead(tensor) ? LOAD : (this.sizes[this.position.get(tensor) ?? -1] ?? LOAD);
  }

  private isRead(tensor: Tensor): boolean {
    return this.chosen.has(tensor) || this.hasMemory(tensor);
  }

  /** Gives memory to what a tensor is made of until its code is small enough, and answers that. */
  private cut(tensor: Tensor): number {
    // The operands of a kernel of its own kind are bodies of their own.
    if (isLeaf(tensor) || isStructural(tensor)) return LOAD;
    const own = codeOf(tensor);
    const sum = tensor.args.reduce((total, arg) => total + this.sizeOf(arg), own);
    if (sum <= LARGEST_BODY) return sum;
    for (;;) {
      const size = this.exactly(tensor);
      if (size <= LARGEST_BODY) return size;
      const largest = this.largestOperand(tensor);
      if (largest === undefined) return size;
      this.chosen.add(largest);
    }
  }

  /** The code of a tensor with everything in it once; where it is too large, more than that. */
  private exactly(tensor: Tensor): number {
    this.round++;
    let size = 0;
    const stack = [tensor];
    for (let next = stack.pop(); next !== undefined && size <= LARGEST_BODY; next = stack.pop()) {
      if (next !== tensor && this.isRead(next)) {
        size += LOAD;
        continue;
      }
      size += codeOf(next);
      for (const arg of next.args) {
        const k = this.position.get(arg) ?? -1;
        if (this.seen[k] === this.round) continue;
        this.seen[k] = this.round;
        stack.push(arg);
      }
    }
    return size;
  }

  /** What to give memory to: of the operand with the most code, what is under its views. */
  private largestOperand(tensor: Tensor): Tensor | undefined {
    let largest: Tensor | undefined;
    for (const arg of tensor.args) {
      if (!this.isRead(arg) && arg.args.length > 0 && (largest === undefined || this.sizeOf(arg) > this.sizeOf(largest))) largest = arg;
    }
    for (let under = largest; under !== undefined && !this.isRead(under); under = under.args[0]) {
      if (under.op.kind === 'elementwise') return under;
      if (codeOf(under) !== VIEW) break;
    }
    return largest;
  }
}
