/**
 * The compiler's graph: tensors of known sizes, hash-consed and simplified as they are made. Scalars that depend on no
 * tensor are hoisted to the host as they are made, too: an elementwise operation of host scalars is a host scalar, and
 * one of broadcast scalars is the broadcast of one.
 *
 * A rewrite keeps IEEE results: x + 0 stays (it turns -0 into 0), x - 0 and x * 1 go.
 */
import { type DType } from '@pappus/core';
import { type ElementwiseOp, type ReduceOp, sizeOf } from '@pappus/core/backend';
import { HostProgram } from './host.js';
import type { Tensor, TensorOp } from './tensor.js';
import { itemAt } from '../required.js';

export class Graph {
  readonly host: HostProgram;
  /** What tensors are called that are no leaves of the computation. */
  readonly names = new Map<Tensor, string>();
  private readonly known = new Map<string, Tensor>();
  /** What a full reduction was first combined with. */
  private readonly combined = new Map<Tensor, Tensor>();
  private count = 0;
  private ids = 0;

  /** @param inputs the names of the computation's inputs */
  constructor(inputs: readonly string[] = []) {
    this.host = new HostProgram(inputs);
  }

  /** Calls a tensor something, unless it has a name. */
  name(tensor: Tensor, name: string): void {
    if (!this.names.has(tensor)) this.names.set(tensor, name);
  }

  make(op: TensorOp, args: readonly Tensor[], shape: readonly number[], dtype: DType): Tensor {
    const key = `${JSON.stringify(op, leafKey)}(${args.map((a) => a.id).join()})${dtype}[${shape.join()}]`;
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    const tensor: Tensor = { id: this.count++, op, args, shape, dtype };
    this.known.set(key, tensor);
    return tensor;
  }

  /** A number that no other placeholder and no other scan of this graph has. */
  uniqueId(): number {
    return this.ids++;
  }

  /** A leaf of the body of a scan. */
  placeholder(shape: readonly number[], dtype: DType): Tensor {
    return this.make({ kind: 'placeholder', id: this.uniqueId() }, [], shape, dtype);
  }

  /** `a`, to be read by what is computed after other tensors. */
  barrier(a: Tensor, after: readonly Tensor[]): Tensor {
    return scalarUnder(a) === undefined ? this.make({ kind: 'barrier' }, [a, ...after], a.shape, a.dtype) : a;
  }

  constant(value: number, dtype: DType): Tensor {
    return this.make({ kind: 'constant', value }, [], [], dtype);
  }

  hostScalar(index: number, dtype: DType): Tensor {
    const value = this.host.constantAt(index);
    return value === undefined ? this.make({ kind: 'host', index }, [], [], dtype) : this.constant(value, dtype);
  }

  elementwise(op: ElementwiseOp, args: readonly Tensor[], dtype: DType): Tensor {
    const hosted = args.map((a) => this.hostIndex(a));
    const operand = args.at(-1)?.dtype ?? dtype;
    if (hosted.every((index) => index !== undefined)) {
      return this.hostScalar(this.host.apply(op, hosted, operand, dtype), dtype);
    }
    const shape = args[0]?.shape ?? [];
    const scalars = args.map((a) => scalarUnder(a));
    if (shape.length > 0 && scalars.every((s) => s !== undefined)) {
      return this.broadcast(this.elementwise(op, scalars, dtype), shape);
    }
    return this.rewrite(op, args, dtype) ?? this.make({ kind: 'elementwise', op }, args, shape, dtype);
  }

  /** A number of another float dtype: as it is where the host has it, else cast. */
  unroundedCast(a: Tensor, dtype: DType): Tensor {
    const index = this.hostIndex(a);
    return index === undefined ? this.elementwise('cast', [a], dtype) : this.hostScalar(index, dtype);
  }

  reduce(op: ReduceOp, axes: readonly number[], a: Tensor): Tensor {
    const shape = a.shape.filter((_, k) => !axes.includes(k));
    const count = sizeOf(axes.map((axis) => itemAt(a.shape, axis, 'the size of axis')));
    if (count === 1) return this.reshape(a, shape);
    const scalar = scalarUnder(a);
    if (scalar !== undefined && count > 0 && op !== 'prod') {
      const value = op === 'sum' ? this.elementwise('mul', [scalar, this.constant(count, a.dtype)], a.dtype) : scalar;
      return this.broadcast(value, shape);
    }
    return this.make({ kind: 'reduce', op, axes }, [a], shape, a.dtype);
  }

  reshape(a: Tensor, shape: readonly number[]): Tensor {
    if (sameSizes(a.shape, shape)) return a;
    // A single number is broadcast, so that it is seen to be one.
    if (a.shape.length === 0) return this.broadcast(a, shape);
    const [source] = a.args;
    if (a.op.kind === 'reshape' && source !== undefined) return this.reshape(source, shape);
    if (a.op.kind === 'broadcast' && source?.shape.length === 0) return this.broadcast(source, shape);
    return this.make({ kind: 'reshape' }, [a], shape, a.dtype);
  }

  broadcast(a: Tensor, shape: readonly number[]): Tensor {
    if (sameSizes(a.shape, shape)) return a;
    const [source] = a.args;
    if (a.op.kind === 'broadcast' && source !== undefined) return this.broadcast(source, shape);
    if (sizeOf(a.shape) === 1 && a.shape.length > 0) return this.broadcast(this.reshape(a, []), shape);
    return this.make({ kind: 'broadcast' }, [a], shape, a.dtype);
  }

  transpose(a: Tensor, permutation: readonly number[]): Tensor {
    const shape = permutation.map((axis) => itemAt(a.shape, axis, 'the size of axis'));
    const moved = permutation.filter((axis) => a.shape[axis] !== 1);
    if (moved.every((axis, k) => k === 0 || axis > itemAt(moved, k - 1, 'axis'))) return this.reshape(a, shape);
    const [source] = a.args;
    if (a.op.kind === 'transpose' && source !== undefined) {
      const inner = a.op.permutation;
      return this.transpose(source, permutation.map((axis) => itemAt(inner, axis, 'axis')));
    }
    if (a.op.kind === 'broadcast' && source?.shape.length === 0) return this.broadcast(source, shape);
    return this.make({ kind: 'transpose', permutation }, [a], shape, a.dtype);
  }

  /** Element i is element `starts + i * steps` of `a`. */
  slice(a: Tensor, starts: readonly number[], steps: readonly number[], shape: readonly number[]): Tensor {
    const [source] = a.args;
    if (a.op.kind !== 'slice' || source === undefined) return this.make({ kind: 'slice', starts, steps }, [a], shape, a.dtype);
    return this.slice(source, ...within(a.op, { starts, steps }), shape);
  }

  /** The adjoint: element i of `a` goes to `starts + i * steps`, and the rest is 0. */
  pad(a: Tensor, starts: readonly number[], steps: readonly number[], shape: readonly number[]): Tensor {
    const [source] = a.args;
    if (a.op.kind !== 'pad' || source === undefined) return this.make({ kind: 'pad', starts, steps }, [a], shape, a.dtype);
    return this.pad(source, ...within({ starts, steps }, a.op), shape);
  }

  /**
   * Whether two numbers are combined of which one at least is a full reduction by `op`, and none comes from the host. A reduction that is combined
   * with many others, as in every step of a simulation, is made once, and not in each of them.
   */
  private makesTotal(op: ReduceOp, a: Tensor, b: Tensor): boolean {
    if (a.shape.length > 0 || scalarUnder(a) !== undefined || scalarUnder(b) !== undefined) return false;
    if (totalled(a, op) && totalled(b, op)) return true;
    const [reduction, other] = totalled(a, op) ? [a, b] : [b, a];
    if (!totalled(reduction, op)) return false;
    const before = this.combined.get(reduction) ?? other;
    this.combined.set(reduction, before);
    return before === other;
  }

  /** One reduction over the operands of several: a norm over many tensors is one pass. */
  private total(op: ReduceOp, a: Tensor, b: Tensor): Tensor {
    const operands = [a, b].flatMap((x) => (x.op.kind === 'reduce' && totalled(x, op) ? x.args : [x]));
    return this.make({ kind: 'total', op }, operands, [], a.dtype);
  }

  /** The host scalar that a rank-0 tensor is, if it is one. */
  private hostIndex(a: Tensor): number | undefined {
    if (a.op.kind === 'host') return a.op.index;
    if (a.op.kind === 'constant') return this.host.constant(a.op.value);
    return undefined;
  }

  /** Algebra that keeps every IEEE result. */
  private rewrite(op: ElementwiseOp, args: readonly Tensor[], dtype: DType): Tensor | undefined {
    const [a, b, c] = args;
    if (a === undefined) return undefined;
    if (b === undefined) {
      if ((op === 'neg' || op === 'not') && isApplied(a, op)) return a.args[0];
      return undefined;
    }
    if (op === 'where') {
      if (b === c) return b;
      const condition = constantUnder(a);
      return condition === undefined ? undefined : condition !== 0 ? b : c;
    }
    const left = constantUnder(a);
    const right = constantUnder(b);
    const neg = (x: Tensor): Tensor => this.elementwise('neg', [x], dtype);
    switch (op) {
      case 'add':
        if (this.makesTotal('sum', a, b)) return this.total('sum', a, b);
        if (Object.is(right, -0)) return a;
        if (Object.is(left, -0)) return b;
        if (isApplied(b, 'neg')) return this.elementwise('sub', [a, argument(b)], dtype);
        if (isApplied(a, 'neg')) return this.elementwise('sub', [b, argument(a)], dtype);
        return undefined;
      case 'sub':
        if (Object.is(right, 0)) return a;
        if (isApplied(b, 'neg')) return this.elementwise('add', [a, argument(b)], dtype);
        return undefined;
      case 'mul':
        if (right === 1) return a;
        if (left === 1) return b;
        if (right === -1) return neg(a);
        if (left === -1) return neg(b);
        if (isApplied(a, 'neg') && isApplied(b, 'neg')) return this.elementwise('mul', [argument(a), argument(b)], dtype);
        return undefined;
      case 'div':
        if (right === 1) return a;
        if (right !== undefined && isPowerOfTwo(right)) {
          return this.elementwise('mul', [a, this.broadcast(this.constant(1 / right, dtype), a.shape)], dtype);
        }
        return undefined;
      case 'pow':
        if (right === 0) return this.broadcast(this.constant(1, dtype), a.shape);
        if (right === 1) return a;
        if (right === 2) return this.elementwise('mul', [a, a], dtype);
        if (right === -1) return this.elementwise('div', [this.broadcast(this.constant(1, dtype), a.shape), a], dtype);
        return undefined;
      case 'maximum':
      case 'minimum': {
        if (a === b) return a;
        const whole = op === 'maximum' ? 'max' : 'min';
        return this.makesTotal(whole, a, b) ? this.total(whole, a, b) : undefined;
      }
      case 'and':
      case 'or':
        return a === b ? a : undefined;
      default:
        return undefined;
    }
  }
}

interface Places {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

/** The places of `inner` where its whole lies at the places of `outer`. */
function within(outer: Places, inner: Places): [starts: number[], steps: number[]] {
  const at = (k: number): number => itemAt(outer.steps, k, 'the step of axis');
  return [inner.starts.map((start, k) => itemAt(outer.starts, k, 'the start of axis') + at(k) * start), inner.steps.map((step, k) => at(k) * step)];
}

/** Keys of leaves go by identity. */
function leafKey(name: string, value: unknown): unknown {
  if ((name === 'variable' || name === 'scan' || name === 'of') && hasId(value)) return value.id;
  if (name === 'data') return undefined;
  if (name === 'value' && typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return value;
}

function hasId(value: unknown): value is { readonly id: number } {
  return typeof value === 'object' && value !== null && 'id' in value;
}

/** Whether a rank-0 tensor is a reduction by `op` of everything that it reads. */
function totalled(a: Tensor, op: ReduceOp): boolean {
  return (a.op.kind === 'reduce' || a.op.kind === 'total') && a.op.op === op;
}

function isApplied(a: Tensor, op: ElementwiseOp): boolean {
  return a.op.kind === 'elementwise' && a.op.op === op;
}

function argument(a: Tensor): Tensor {
  return a.args[0] ?? a;
}

/** The rank-0 constant or host scalar that a tensor repeats. */
export function scalarUnder(a: Tensor): Tensor | undefined {
  const source = a.op.kind === 'broadcast' ? a.args[0] : a;
  return source?.op.kind === 'constant' || source?.op.kind === 'host' ? source : undefined;
}

function constantUnder(a: Tensor): number | undefined {
  const scalar = scalarUnder(a);
  return scalar?.op.kind === 'constant' ? scalar.op.value : undefined;
}

/** Whether 1 / x is exact in both float dtypes. */
function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) <= 100 && 2 ** exponent === Math.abs(x);
}

export function sameSizes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((d, k) => d === b[k]);
}

