/** What the compiler's graph is made of: tensors of known sizes. A graph makes them, simplified, each once. */
import type { DType, TypedArray, Variable } from '@pappus/core';
import type { ElementwiseOp, ProductAxes, ReduceOp } from '@pappus/core/backend';
import type { Routine } from '@pappus/core/routines';

export type TensorOp =
  | { readonly kind: 'constant'; readonly value: number }
  /** A rank-0 value that the host evaluates: an index into the host program. */
  | { readonly kind: 'host'; readonly index: number }
  | { readonly kind: 'input'; readonly position: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'data'; readonly id: number; readonly data: TypedArray }
  | { readonly kind: 'iota'; readonly axis: number }
  | { readonly kind: 'elementwise'; readonly op: ElementwiseOp }
  | { readonly kind: 'reduce'; readonly op: ReduceOp; readonly axes: readonly number[] }
  | { readonly kind: 'reshape' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'slice' | 'pad'; readonly starts: readonly number[]; readonly steps: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  /** `outside` is what an index reads that is not on the axis. */
  | { readonly kind: 'gather'; readonly axis: number; readonly outside: number }
  | { readonly kind: 'scatter'; readonly axis: number }
  | ({ readonly kind: 'matmul' } & ProductAxes)
  | { readonly kind: 'window'; readonly axis: number; readonly stride: number; readonly dilation: number }
  /** What a routine gives for every item, its results one behind the other. */
  | { readonly kind: 'routine'; readonly routine: Routine }
  /** What the body of a scan is given. */
  | { readonly kind: 'placeholder'; readonly id: number }
  /**
   * A tensor of the body of a scan at every step, or a carry after the last; the operands are the initial carries, the inputs and what
   * is captured.
   */
  | { readonly kind: 'scan'; readonly scan: LoweredScan; readonly result: 'stack' | 'final'; readonly of: Tensor }
  /** The first operand, for kernels that run after those of the others. */
  | { readonly kind: 'barrier' }
  /** Tensors of any shapes reduced to one number: what the sum of several full reductions is. */
  | { readonly kind: 'total'; readonly op: ReduceOp };

export interface Tensor {
  readonly id: number;
  readonly op: TensorOp;
  readonly args: readonly Tensor[];
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A scan, whose body is tensors of the same graph over leaves of its own. */
export interface LoweredScan {
  readonly id: number;
  readonly count: number;
  readonly reverse: boolean;
  readonly carries: readonly { readonly leaf: Tensor; readonly initial: Tensor; readonly next: Tensor }[];
  /** Leaves whose value at step t is part t of a tensor outside. */
  readonly inputs: readonly BoundLeaf[];
  /** Leaves whose value is a tensor outside. */
  readonly captured: readonly BoundLeaf[];
}

export interface BoundLeaf {
  readonly leaf: Tensor;
  readonly source: Tensor;
}
