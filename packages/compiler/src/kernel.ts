/**
 * What the compiler hands to a backend: kernels over loop nests, with every fusion, index and address decided. A backend
 * renders them; it decides nothing about what is computed.
 */
import type { DType, TypedArray, Variable } from '@pappus/core';
import type { ElementwiseOp, ReduceOp } from '@pappus/core/backend';
import type { Affine } from './affine.js';
import type { HostProgram } from './host.js';
import { itemAt, required } from './required.js';

/** A range of memory that kernels read and write. */
export interface Buffer {
  readonly id: number;
  readonly name: string;
  readonly dtype: DType;
  /** Elements. */
  readonly size: number;
  readonly place:
    | { readonly kind: 'input'; readonly position: number }
    | { readonly kind: 'variable'; readonly variable: Variable }
    | { readonly kind: 'data'; readonly data: TypedArray }
    | { readonly kind: 'output'; readonly position: number }
    | { readonly kind: 'temporary' }
    /** A part of another buffer, which a repeat kernel says. */
    | { readonly kind: 'slice' };
}

/** Where a kernel reads or writes: an element position in a buffer, by the indices of the loop nest. */
export interface Access extends Affine {
  readonly buffer: Buffer;
}

export type Instruction =
  | { readonly kind: 'load'; readonly access: Access; readonly dtype: DType }
  /**
   * A load `stride` elements further for each unit of an int32 value, if that is from 0 to `count - 1`; `outside` elsewhere, and nothing
   * is read then but the element of 0, if there is one.
   */
  | {
      readonly kind: 'gather';
      readonly access: Access;
      readonly index: number;
      readonly stride: number;
      readonly count: number;
      readonly outside: number;
      readonly dtype: DType;
    }
  | { readonly kind: 'constant'; readonly value: number; readonly dtype: DType }
  /** A host scalar: an index into the host program. */
  | { readonly kind: 'uniform'; readonly index: number; readonly dtype: DType }
  /** An int32 function of the loop indices. */
  | { readonly kind: 'index'; readonly value: Affine; readonly dtype: 'int32' }
  /** The value that the kernel's reductions or product gave at this element. */
  | { readonly kind: 'result'; readonly index: number; readonly dtype: DType }
  | {
      readonly kind: 'apply';
      readonly op: ElementwiseOp;
      readonly args: readonly number[];
      /** The dtype of the operands (of the branches, for where). */
      readonly operand: DType;
      readonly dtype: DType;
    };

/** Straight-line code for one element of a loop nest: instructions name earlier ones by position. */
export interface Body {
  readonly instructions: readonly Instruction[];
  readonly stores: readonly { readonly access: Access; readonly value: number }[];
}

/** The same body over the buffers of one tensor or another: one pass over all segments. */
export interface ElementwiseKernel {
  readonly kind: 'elementwise';
  readonly extents: readonly number[];
  readonly body: Body;
  /**
   * Other tensors that the same code covers, in one dimension and contiguous: for each its elements, and the buffer in
   * the place of each of the body's.
   */
  readonly segments: readonly Segment[];
  /** Whether it writes variables. */
  readonly update: boolean;
}

export interface Segment {
  readonly size: number;
  /** Buffers in the order of `bodyBuffers` of the code. */
  readonly buffers: readonly Buffer[];
}

/** A nest whose values are reduced. */
export interface ReducePart {
  /** All axes, kept and reduced, in memory order of the operand. */
  readonly extents: readonly number[];
  readonly reduced: readonly boolean[];
  /** Computes the values to reduce; its stores are none. */
  readonly body: Body;
  /** The value of each reduction. */
  readonly values: readonly number[];
  /** As of a loop: other tensors that the same code covers, where everything is reduced. */
  readonly segments: readonly Segment[];
}

export interface ReduceKernel {
  readonly kind: 'reduce';
  /** One part; or several of which nothing is kept, all reduced into the same results. */
  readonly parts: readonly ReducePart[];
  readonly reductions: readonly { readonly op: ReduceOp; readonly dtype: DType }[];
  /** Over the kept axes of the first part: strides along reduced axes are 0. Result k is reduction k. */
  readonly epilogue: Body;
}

export interface MatmulKernel {
  readonly kind: 'matmul';
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
export interface ScatterKernel {
  readonly kind: 'scatter';
  readonly extents: readonly number[];
  /** Computes the index and the value; its stores say where the value is added for index 0, and move along no axis that the index does. */
  readonly body: Body;
  readonly index: number;
  /** Elements for one unit of the index; nothing is added where that is not from 0 to `count - 1`. */
  readonly stride: number;
  readonly count: number;
}

/** Axes of a scatter along which nothing but the index says where to add. */
export function indexedAxes({ extents, body }: ScatterKernel): readonly boolean[] {
  return extents.map((_, axis) => body.stores.every(({ access }) => itemAt(access.strides, axis, 'the stride of axis') === 0));
}

/** The code of one value of a body: its last instruction. */
export function codeOf(body: Body, value: number): Body {
  const needed = new Set([value]);
  for (let k = value; k >= 0; k--) {
    const instruction = body.instructions[k];
    if (instruction !== undefined && needed.has(k)) for (const operand of operandsOf(instruction)) needed.add(operand);
  }
  const order = [...needed].sort((a, b) => a - b);
  const at = new Map(order.map((k, position) => [k, position]));
  const moved = (k: number): number => required(at.get(k), `instruction ${k}`);
  const instructions = order.flatMap((k): Instruction[] => {
    const i = body.instructions[k];
    if (i === undefined) return [];
    return [i.kind === 'gather' ? { ...i, index: moved(i.index) } : i.kind === 'apply' ? { ...i, args: i.args.map(moved) } : i];
  });
  return { instructions, stores: [] };
}

function operandsOf(i: Instruction): readonly number[] {
  return i.kind === 'gather' ? [i.index] : i.kind === 'apply' ? i.args : [];
}

/** A buffer that is another part of a tensor in each round: at first from `start` on, then `stride` further each time, in elements. */
export interface Slice {
  readonly buffer: Buffer;
  readonly of: Buffer;
  readonly start: number;
  readonly stride: number;
}

/** Kernels that run one after the other, `count` times. */
export interface ScanKernel {
  readonly kind: 'scan';
  readonly count: number;
  readonly kernels: readonly Kernel[];
  readonly slices: readonly Slice[];
}

export type Kernel = ScatterKernel | ElementwiseKernel | ReduceKernel | MatmulKernel | ScanKernel;

/** A compiled computation, for any backend. */
export interface Program {
  readonly kernels: readonly Kernel[];
  readonly buffers: readonly Buffer[];
  readonly variables: readonly Variable[];
  readonly host: HostProgram;
  /** Host scalars that kernels read. */
  readonly uniforms: readonly { readonly index: number; readonly dtype: DType }[];
  /** Outputs in order: a buffer, or a host scalar. */
  readonly outputs: readonly ProgramOutput[];
  /** Scalar variables that the host updates after the kernels. */
  readonly hostUpdates: readonly { readonly variable: Variable; readonly index: number }[];
  /** Byte offsets of the temporaries in one block, and its size. */
  readonly temporaries: { readonly offsets: ReadonlyMap<Buffer, number>; readonly bytes: number };
  /** Variables in the order in which they should lie side by side in memory. */
  readonly arenas: readonly (readonly Variable[])[];
}

export type ProgramOutput =
  | { readonly kind: 'buffer'; readonly buffer: Buffer; readonly shape: readonly number[]; readonly dtype: DType }
  | { readonly kind: 'host'; readonly name: string; readonly index: number; readonly shape: readonly number[]; readonly dtype: DType };

/** Code that runs over several tensors by way of a table. */
export type Segmented = ElementwiseKernel | ReducePart;

/** The parts of a kernel that cover more than one tensor. */
export function segmentedParts(kernel: Kernel): readonly Segmented[] {
  switch (kernel.kind) {
    case 'elementwise':
      return kernel.segments.length > 1 ? [kernel] : [];
    case 'reduce':
      return kernel.parts.filter((part) => part.segments.length > 1);
    case 'matmul':
    case 'scatter':
      return [];
    case 'scan':
      return kernel.kernels.flatMap(segmentedParts);
  }
}

/** All code of a kernel. */
export function kernelBodies(kernel: Kernel): readonly Body[] {
  switch (kernel.kind) {
    case 'elementwise':
    case 'scatter':
      return [kernel.body];
    case 'reduce':
      return [...kernel.parts.map((part) => part.body), kernel.epilogue];
    case 'matmul':
      return [kernel.left, kernel.right, kernel.epilogue];
    case 'scan':
      return kernel.kernels.flatMap(kernelBodies);
  }
}

/** Where a body reads. */
export function readAccesses(body: Body): Access[] {
  return body.instructions.flatMap((i) => (i.kind === 'load' || i.kind === 'gather' ? [i.access] : []));
}

/** All that a body reads and writes. */
export function bodyAccesses(body: Body): Access[] {
  return [...readAccesses(body), ...body.stores.map((s) => s.access)];
}

/** Whether every element of a loop is given the same one of a buffer. */
export function isFixed(body: Body, buffer: Buffer): boolean {
  return bodyAccesses(body).every((a) => a.buffer !== buffer || staysPut(a));
}

/** Whether an access is to the same element everywhere. */
export function staysPut({ strides }: Access): boolean {
  return strides.every((s) => s === 0);
}

/** The buffers that a body touches, each once, in the order of its instructions and stores. */
export function bodyBuffers(body: Body): Buffer[] {
  const buffers = new Set<Buffer>();
  for (const { buffer } of readAccesses(body)) buffers.add(buffer);
  for (const { access } of body.stores) buffers.add(access.buffer);
  return [...buffers];
}

/** What a kernel reads and writes, segments included. */
export interface KernelAccesses {
  readonly reads: readonly Buffer[];
  readonly writes: readonly Buffer[];
}

/** Kernels do not change, and every pass asks. */
const accessesOf = new WeakMap<Kernel, KernelAccesses>();

export function kernelAccesses(kernel: Kernel): KernelAccesses {
  const known = accessesOf.get(kernel) ?? collectAccesses(kernel);
  accessesOf.set(kernel, known);
  return known;
}

function collectAccesses(kernel: Kernel): KernelAccesses {
  switch (kernel.kind) {
    case 'elementwise': {
      const own = bodyBuffers(kernel.body);
      const read = new Set(loads(kernel.body));
      const written = new Set(kernel.body.stores.map((s) => s.access.buffer));
      const pick = (chosen: ReadonlySet<Buffer>): Buffer[] =>
        kernel.segments.flatMap((segment) => segment.buffers.filter((_, k) => own[k] !== undefined && chosen.has(own[k])));
      return { reads: pick(read), writes: pick(written) };
    }
    case 'reduce':
      return {
        reads: [...kernel.parts.flatMap((part) => part.segments.flatMap((s) => s.buffers)), ...loads(kernel.epilogue)],
        writes: kernel.epilogue.stores.map((s) => s.access.buffer),
      };
    case 'scatter': {
      const writes = kernel.body.stores.map((s) => s.access.buffer);
      return { reads: [...loads(kernel.body), ...writes], writes };
    }
    case 'matmul':
      return {
        reads: [...loads(kernel.left), ...loads(kernel.right), ...loads(kernel.epilogue)],
        writes: [kernel.product, ...kernel.epilogue.stores.map((s) => s.access.buffer)],
      };
    case 'scan': {
      const wholes = new Map(kernel.slices.map(({ buffer, of }) => [buffer, of]));
      const whole = (buffer: Buffer): Buffer => wholes.get(buffer) ?? buffer;
      const inside = kernel.kernels.map(kernelAccesses);
      return { reads: inside.flatMap((k) => k.reads.map(whole)), writes: inside.flatMap((k) => k.writes.map(whole)) };
    }
  }
}

function loads(body: Body): Buffer[] {
  return readAccesses(body).map(({ buffer }) => buffer);
}
