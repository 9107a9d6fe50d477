/**
 * What the compiler hands to a backend: kernels over nests of axes, with every fusion, index and address decided. A backend
 * renders them; it decides nothing about what is computed.
 */
import type { DType, TypedArray, Variable } from '@pappus/core';
import type { ElementwiseOp, ReduceOp } from '@pappus/core/backend';
import type { RoutineCode } from '@pappus/core/routines';
import type { Affine } from './affine.js';
import type { HostProgram } from '../lower/host.js';

/** A range of memory that kernels read and write. */
export interface Buffer {
  /** Tells the buffers of a program apart. */
  readonly id: number;
  /** What it holds, for listings and messages. */
  readonly name: string;
  /** The dtype of its elements. */
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
  /** Where its memory is. */
  readonly place: BufferPlace;
}

/** Where the memory of a buffer is. */
export type BufferPlace =
  /** What a call gives. */
  | {
      readonly kind: 'input';
      /** Which input of the computation. */
      readonly position: number;
    }
  /** The value of a variable. */
  | {
      readonly kind: 'variable';
      /** Which variable. */
      readonly variable: Variable;
    }
  /** Values that stand in the graph. */
  | {
      readonly kind: 'data';
      /** The values, which nobody changes. */
      readonly data: TypedArray;
    }
  /** What a call answers. */
  | {
      readonly kind: 'output';
      /** Which output of the computation. */
      readonly position: number;
    }
  /** A part of the block of temporaries. */
  | { readonly kind: 'temporary' }
  /** A part of another buffer, which a scan kernel says. */
  | { readonly kind: 'slice' };

/** Where a kernel reads or writes: an element position in a buffer, by the indices of the nest. */
export interface Access extends Affine {
  /** The buffer. */
  readonly buffer: Buffer;
}

/** One step of a body: it gives one value, which later ones name by its position. */
export type Instruction =
  | {
      readonly kind: 'load';
      /** Which element of which buffer. */
      readonly access: Access;
      /** The buffer's. */
      readonly dtype: DType;
    }
  /**
   * A load `stride` elements further for each unit of an int32 value, if that is from 0 to `count - 1`; `outside` elsewhere, and nothing
   * is read then but the element of 0, if there is one.
   */
  | {
      readonly kind: 'gather';
      /** The element for index 0. */
      readonly access: Access;
      /** The instruction whose value is the index. */
      readonly index: number;
      /** Elements for one unit of the index. */
      readonly stride: number;
      /** How many indices there are. */
      readonly count: number;
      /** The value for any other index. */
      readonly outside: number;
      /** The buffer's. */
      readonly dtype: DType;
    }
  | {
      readonly kind: 'constant';
      /** The number; of bool 0 or 1. */
      readonly value: number;
      /** The dtype that it is one of. */
      readonly dtype: DType;
    }
  /** A host scalar. */
  | {
      readonly kind: 'uniform';
      /** Its instruction in the host program. */
      readonly index: number;
      /** The dtype to which kernels get it rounded. */
      readonly dtype: DType;
    }
  /** A host scalar that each segment of the kernel has its own of. */
  | {
      readonly kind: 'parameter';
      /** Which of the segment's scalars. */
      readonly index: number;
      /** The dtype to which kernels get it rounded. */
      readonly dtype: DType;
    }
  /** An int32 function of the indices of the nest. */
  | {
      readonly kind: 'index';
      /** The function. */
      readonly value: Affine;
      /** Always int32. */
      readonly dtype: 'int32';
    }
  /** The value that the kernel's reductions or product gave at this element. */
  | {
      readonly kind: 'result';
      /** Which reduction; 0 of a product. */
      readonly index: number;
      /** That of the reduction or product. */
      readonly dtype: DType;
    }
  | {
      readonly kind: 'apply';
      /** The operation, an elementwise one. */
      readonly op: ElementwiseOp;
      /** The instructions whose values it takes. */
      readonly args: readonly number[];
      /** The dtype of the operands (of the branches, for where). */
      readonly operand: DType;
      /** The dtype of the result. */
      readonly dtype: DType;
    };

/** What a body writes at each element. */
export interface Store {
  /** Which element of which buffer. */
  readonly access: Access;
  /** The instruction whose value is written. */
  readonly value: number;
}

/** Straight-line code for one element of a nest: instructions name earlier ones by position. */
export interface Body {
  /** In the order in which they run. */
  readonly instructions: readonly Instruction[];
  /** What is written when all instructions have run. */
  readonly stores: readonly Store[];
}

/** What all kernels have in common. */
export interface Conditional {
  /** The instruction of the host program without which, a bool, the kernel does not run in a step; undefined if it always does. */
  readonly when?: number | undefined;
}

/** The same body over the buffers of one tensor or another: one pass over all segments. */
export interface ElementwiseKernel extends Conditional {
  readonly kind: 'elementwise';
  /** The sizes of the axes of the nest. */
  readonly extents: readonly number[];
  /** Runs once for each element of the nest. */
  readonly body: Body;
  /**
   * Other tensors that the same code covers, in one dimension and contiguous: for each its elements, and the buffer in
   * the place of each of the body's.
   */
  readonly segments: readonly Segment[];
  /** Whether it writes variables. */
  readonly update: boolean;
}

/** One of the tensors that a kernel covers in one pass. */
export interface Segment {
  /** Its elements. */
  readonly size: number;
  /** Buffers in the order of `bodyBuffers` of the code. */
  readonly buffers: readonly Buffer[];
  /** Its own host scalars, which the code has as parameters. Default: none. */
  readonly scalars?: readonly Uniform[];
}

/** A nest whose values are reduced. */
export interface ReducePart {
  /** All axes, kept and reduced, in memory order of the operand. */
  readonly extents: readonly number[];
  /** Which of the axes are reduced. */
  readonly reduced: readonly boolean[];
  /** Computes the values to reduce; its stores are none. */
  readonly body: Body;
  /** The value of each reduction. */
  readonly values: readonly number[];
  /** As of an elementwise kernel: other tensors that the same code covers, where everything is reduced. */
  readonly segments: readonly Segment[];
}

/** A reduction, as ops and dtypes say. */
export interface Reduction {
  /** By what elements are reduced. */
  readonly op: ReduceOp;
  /** The dtype of the elements and the result. */
  readonly dtype: DType;
}

/** Reductions over nests, and an epilogue over what is kept. */
export interface ReduceKernel extends Conditional {
  readonly kind: 'reduce';
  /** One part; or several of which nothing is kept, all reduced into the same results. */
  readonly parts: readonly ReducePart[];
  /** One for each value of a part: all run in one pass. */
  readonly reductions: readonly Reduction[];
  /** Over the kept axes of the first part: strides along reduced axes are 0. Result k is reduction k. */
  readonly epilogue: Body;
}

/** A product of two operands that are computed as they are read, and an epilogue over it. */
export interface MatmulKernel extends Conditional {
  readonly kind: 'matmul';
  /** The dtype of the operands and the product. */
  readonly dtype: DType;
  /** Extents of the axes that both operands and the product have. */
  readonly batch: readonly number[];
  /** Extents of the axes of the left operand and the product, at least one. */
  readonly rows: readonly number[];
  /** Extents of the axes of the right operand and the product, at least one. */
  readonly columns: readonly number[];
  /** Extents of the axes that are summed over, at least one. */
  readonly depth: readonly number[];
  /** Axes `[...batch, ...rows, ...depth]`; its last instruction is the value. */
  readonly left: Body;
  /** Axes `[...batch, ...depth, ...columns]`; its last instruction is the value. */
  readonly right: Body;
  /** Where the plain product goes, `[...batch, ...rows, ...columns]` row-major; the epilogue may overwrite it element by element. */
  readonly product: Buffer;
  /** Axes `[...batch, ...rows, ...columns]`; result 0 is the product. */
  readonly epilogue: Body;
}

/**
 * Adds values to elements of a tensor at computed positions: what falls on one element is summed as a reduction sums, in an order that
 * the positions alone decide.
 */
export interface ScatterKernel extends Conditional {
  readonly kind: 'scatter';
  /** The sizes of the axes of the nest. */
  readonly extents: readonly number[];
  /** Computes the index and the value; its stores say where the value is added for index 0, and move along no axis that the index does. */
  readonly body: Body;
  /** The instruction whose value is the index. */
  readonly index: number;
  /** Elements for one unit of the index; nothing is added where that is not from 0 to `count - 1`. */
  readonly stride: number;
  /** How many indices there are. */
  readonly count: number;
}

/** A buffer that is another part of a tensor at each step of a scan: at first from `start` on, then `stride` further each time, in elements. */
export interface Slice {
  /** What the kernels of the scan name. */
  readonly buffer: Buffer;
  /** What it is a part of. */
  readonly of: Buffer;
  /** Where it begins at the first step, in elements. */
  readonly start: number;
  /** How much further it begins at each next step, in elements; negative where time runs backwards. */
  readonly stride: number;
}

/** Kernels that run one after the other, `count` times. */
export interface ScanKernel extends Conditional {
  readonly kind: 'scan';
  /** The number of steps. */
  readonly count: number;
  /** What runs at each step, in this order. */
  readonly kernels: readonly Kernel[];
  /** What lies elsewhere at each step. */
  readonly slices: readonly Slice[];
}

/** A routine over items that lie one behind the other in each buffer. */
export interface RoutineKernel extends Conditional {
  readonly kind: 'routine';
  /** The function that was called. */
  readonly name: string;
  /** Equal keys are equal code. */
  readonly key: string;
  /** How many items. */
  readonly items: number;
  /** What is done with an item; its arrays are parts of the buffers. */
  readonly code: RoutineCode;
  /** A buffer for each array of the code: of operands and the result with all items, of what an item works in for as many as run at once. */
  readonly buffers: readonly Buffer[];
}

/** What runs as one: code over a nest of axes, or a routine. */
export type Kernel = RoutineKernel | ScatterKernel | ElementwiseKernel | ReduceKernel | MatmulKernel | ScanKernel;

/** A compiled computation, for any backend. */
export interface Program {
  /** In the order in which they run. */
  readonly kernels: readonly Kernel[];
  /** All memory that kernels name. */
  readonly buffers: readonly Buffer[];
  /** The variables that are read or updated, by kernels or by the host. */
  readonly variables: readonly Variable[];
  /** Scalars that the host computes before the kernels run. */
  readonly host: HostProgram;
  /** Host scalars that kernels read. */
  readonly uniforms: readonly Uniform[];
  /** Outputs in order: a buffer, or a host scalar. */
  readonly outputs: readonly ProgramOutput[];
  /** Scalar variables that the host updates after the kernels. */
  readonly hostUpdates: readonly HostUpdate[];
  /** Byte offsets of the temporaries in one block, and its size. */
  readonly temporaries: TemporaryBlock;
  /** Variables in the order in which they should lie side by side in memory. */
  readonly arenas: readonly (readonly Variable[])[];
}

/** A host scalar as kernels read it. */
export interface Uniform {
  /** Its instruction in the host program. */
  readonly index: number;
  /** The dtype to which it is rounded. */
  readonly dtype: DType;
}

/** A scalar variable that the host updates. */
export interface HostUpdate {
  /** The variable. */
  readonly variable: Variable;
  /** The instruction of the host program whose value it gets. */
  readonly index: number;
}

/** Where temporaries lie. */
export interface TemporaryBlock {
  /** The byte of the block where each begins; those whose lives do not overlap share bytes. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** The block's size. */
  readonly bytes: number;
}

/** Where an output is. */
export type ProgramOutput = {
  /** The sizes of its axes. */
  readonly shape: readonly number[];
  /** The dtype of its elements. */
  readonly dtype: DType;
} & (
  | {
      readonly kind: 'buffer';
      /** The buffer that holds it. */
      readonly buffer: Buffer;
    }
  | {
      readonly kind: 'host';
      /** The output's name. */
      readonly name: string;
      /** The instruction of the host program whose value it is. */
      readonly index: number;
    }
);

/** Code that runs over several tensors by way of a table. */
export type Segmented = ElementwiseKernel | ReducePart;
