/**
 * What one rule does to many tensors as one kernel: elementwise kernels of the same code over other buffers become its segments. What is
 * read must not be what another segment writes, so that segments may run in any order. Of updates the code may differ in numbers and scalars
 * of the host: each segment has its own.
 */
import { isFloat } from '@pappus/core';
import { type ElementwiseOp, sizeOf } from '@pappus/core/backend';
import { firstFrom } from '../lists/ascending.js';
import { strideAlong } from '../kernels/affine.js';
import { collapse } from './collapse.js';
import { collapsedProduct } from './collapse-product.js';
import { bodyAccesses, bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import type { Access, Body, Buffer, ElementwiseKernel, Instruction, Kernel, ReducePart, Segment, Uniform } from '../kernels/kernel.js';
import type { HostProgram } from '../lower/host.js';
import { itemAt } from '../required.js';

/** Kernels with as few axes as their code allows: neighbours along which everything runs on are one. */
export function collapseNests(kernels: readonly Kernel[]): Kernel[] {
  return kernels.map(collapsed);
}

/**
 * Elementwise kernels of the same code merged, if that is wanted: each with the first that it can join.
 *
 * @param host to which numbers go that segments have of their own
 */
export function mergeElementwise(kernels: readonly Kernel[], host: HostProgram, wanted = true): readonly Kernel[] {
  if (!wanted) return kernels;
  const alike = mergedBy(kernels, { keyOf: joinKey, takes: sameCode, join: joinSegments });
  return mergedBy(alike, { keyOf: numberlessKey, takes: (a, b) => sameCode(a, b) && haveRoom(a, b), join: (a, b) => joinSegments(...withParameters(a, b, host)) });
}

/** How kernels are merged. */
interface Merging {
  /** What kernels that may be merged have in common; undefined of a kernel that is merged with none. */
  readonly keyOf: (kernel: Kernel) => string | undefined;
  /** Whether one with the same key joins another. */
  readonly takes: (merged: ElementwiseKernel, kernel: ElementwiseKernel) => boolean;
  readonly join: (merged: ElementwiseKernel, kernel: ElementwiseKernel) => Piece;
}

function mergedBy(kernels: readonly Kernel[], { keyOf, takes, join }: Merging): readonly Kernel[] {
  const isSame = (host: Kernel | undefined, kernel: ElementwiseKernel): boolean => host?.kind === 'elementwise' && takes(host, kernel);
  const merged: Kernel[] = [];
  /** Where kernels of the same code are. */
  const alike = new Map<string, number[]>();
  const lastRead = new Map<Buffer, number>();
  const lastWrite = new Map<Buffer, number>();
  for (const kernel of kernels) {
    const { reads, writes } = kernelAccesses(kernel);
    const key = keyOf(kernel);
    let at = merged.length;
    if (kernel.kind === 'elementwise' && key !== undefined) {
      // Behind all kernels that write what it reads, or touch what it writes.
      let from = 0;
      for (const buffer of reads) from = Math.max(from, 1 + (lastWrite.get(buffer) ?? -1));
      for (const buffer of writes) from = Math.max(from, 1 + (lastWrite.get(buffer) ?? -1), 1 + (lastRead.get(buffer) ?? -1));
      const hosts = alike.get(key) ?? [];
      alike.set(key, hosts);
      let place = firstFrom(hosts, from);
      while (place < hosts.length && !isSame(merged[itemAt(hosts, place, 'kernel')], kernel)) place++;
      const found = hosts[place];
      const host = found === undefined ? undefined : merged[found];
      if (found !== undefined && host?.kind === 'elementwise') {
        at = found;
        merged[at] = { ...host, ...join(host, kernel) };
      } else {
        hosts.push(at);
      }
    }
    if (at === merged.length) merged.push(kernel);
    for (const buffer of reads) lastRead.set(buffer, Math.max(at, lastRead.get(buffer) ?? -1));
    for (const buffer of writes) lastWrite.set(buffer, Math.max(at, lastWrite.get(buffer) ?? -1));
  }
  return merged;
}

function collapsed(kernel: Kernel): Kernel {
  switch (kernel.kind) {
    case 'scatter':
    case 'elementwise': {
      const { extents, bodies } = collapse({ extents: kernel.extents, bodies: [kernel.body] });
      return { ...kernel, extents, body: bodies[0] ?? kernel.body };
    }
    case 'reduce': {
      const [only, ...others] = kernel.parts;
      // Code over several tensors keeps its one axis, though it may be of one element.
      if (only === undefined || others.length > 0 || only.segments.length > 1) return { ...kernel, parts: joinParts(kernel.parts) };
      const { extents, marks, bodies } = collapse({ extents: only.extents, bodies: [only.body, kernel.epilogue] }, only.reduced);
      return { ...kernel, parts: [{ ...only, extents, reduced: marks, body: bodies[0] ?? only.body }], epilogue: bodies[1] ?? kernel.epilogue };
    }
    case 'matmul':
      return collapsedProduct(kernel);
    case 'routine':
    case 'scan':
      return kernel;
  }
}

function collapsedPart(part: ReducePart): ReducePart {
  if (part.segments.length > 1) return part;
  const { extents, marks, bodies } = collapse({ extents: part.extents, bodies: [part.body] }, part.reduced);
  return { ...part, extents, reduced: marks, body: bodies[0] ?? part.body };
}

/** Collapsed parts of a reduction, those of the same code as segments of one. */
export function joinParts(parts: readonly ReducePart[]): ReducePart[] {
  const joined: ReducePart[] = [];
  const alike = new Map<string, number[]>();
  for (const part of parts.map(collapsedPart)) {
    const key = part.extents.length > 1 || movesAlong(part) ? undefined : codeKey(part.body);
    const hosts = key === undefined ? [] : (alike.get(`${part.values.join()} ${key}`) ?? []);
    const at = hosts.find((k) => sameCode(joined[k] ?? part, part)) ?? joined.length;
    const host = joined[at];
    if (host !== undefined) {
      joined[at] = { ...joinSegments(host, part), reduced: [true], values: host.values };
      continue;
    }
    joined.push(part);
    if (key !== undefined) alike.set(`${part.values.join()} ${key}`, [...hosts, at]);
  }
  return joined;
}

/** What kernels of the same code have in common. */
function joinKey(kernel: Kernel): string | undefined {
  if (kernel.kind !== 'elementwise' || kernel.extents.length > 1 || movesAlong(kernel) || !writesWhole(kernel)) return undefined;
  const key = codeKey(kernel.body);
  return key === undefined ? undefined : `${kernel.update} ${String(kernel.when)} ${key}`;
}

/** What updates have in common that differ in numbers at most. */
function numberlessKey(kernel: Kernel): string | undefined {
  const key = joinKey(kernel);
  if (key === undefined || kernel.kind !== 'elementwise' || !kernel.update) return undefined;
  const { body } = kernel;
  const told = new Set(body.instructions.flatMap((i) => (i.kind === 'apply' && TOLD.includes(i.op) ? i.args : [])));
  return `${String(kernel.when)} ${String(codeKey(body, (i, at) => isNumber(i) && !told.has(at)))}`;
}

/** Operations whose code is another for each number. */
const TOLD: readonly ElementwiseOp[] = ['pow', 'mod', 'cast'];

type NumberInstruction = Extract<Instruction, { kind: 'constant' | 'uniform' }>;

/** Floats: what is counted or chosen by is part of the code. */
function isNumber(i: Instruction): i is NumberInstruction {
  return (i.kind === 'constant' || i.kind === 'uniform') && isFloat(i.dtype);
}

/** So many scalars are in the table of one kernel at most; a GPU has 64 KB for them. */
const MOST_SCALARS = 8192;

function haveRoom(a: ElementwiseKernel, b: ElementwiseKernel): boolean {
  const numbers = a.body.instructions.filter((i) => isNumber(i) || i.kind === 'parameter').length;
  return numbers * (a.segments.length + b.segments.length) <= MOST_SCALARS;
}

/** Two pieces of code that differ in numbers, which become parameters. The second has none yet. */
function withParameters(a: ElementwiseKernel, b: ElementwiseKernel, host: HostProgram): [Piece, Piece] {
  const added: Uniform[] = [];
  const theirs: Uniform[] = [];
  const { scalars: known = [] } = itemAt(a.segments, 0, 'segment');
  const uniformOf = (i: NumberInstruction): Uniform => ({ index: i.kind === 'uniform' ? i.index : host.constant(i.value), dtype: i.dtype });
  const parameters = new Map<number, Instruction>();
  for (const [at, i] of a.body.instructions.entries()) {
    const other = itemAt(b.body.instructions, at, 'instruction');
    if (!isNumber(other)) continue;
    if (i.kind === 'parameter') {
      theirs[i.index] = uniformOf(other);
      parameters.set(at, i);
    } else if (isNumber(i) && instructionKey(i, new Map()) !== instructionKey(other, new Map())) {
      const index = known.length + added.push(uniformOf(i)) - 1;
      theirs[index] = uniformOf(other);
      parameters.set(at, { kind: 'parameter', index, dtype: i.dtype });
    }
  }
  const changed = ({ extents, body, segments }: Piece, scalarsOf: (segment: Segment) => readonly Uniform[]): Piece => ({
    extents,
    body: { ...body, instructions: body.instructions.map((i, at) => parameters.get(at) ?? i) },
    segments: segments.map((segment) => ({ ...segment, scalars: scalarsOf(segment) })),
  });
  // Of a thousand pieces most differ from the first in what others do, too.
  return [added.length === 0 ? a : changed(a, ({ scalars = [] }) => [...scalars, ...added]), changed(b, () => theirs)];
}

/** Whether code is over parts of tensors, which have no one address, and nothing behind them that may be written over. */
function movesAlong({ body }: Piece): boolean {
  return bodyBuffers(body).some((b) => b.place.kind === 'slice');
}

/** Whether a kernel writes all of what it writes to, so that whole vectors may be written up to the end. */
function writesWhole({ extents, body }: ElementwiseKernel): boolean {
  return body.stores.every(({ access }) => access.buffer.size === sizeOf(extents));
}

/** A one-dimensional piece of code with its segments. */
type Piece = Pick<ElementwiseKernel, 'extents' | 'body' | 'segments'>;

/** The code over the larger tensor stands for both: on a single element any stride is as good as another. */
function joinSegments(host: Piece, other: Piece): Piece {
  const larger = lengthOf(host) >= lengthOf(other) ? host : other;
  return { extents: [lengthOf(larger)], body: onOneAxis(larger.body), segments: inOneList(host.segments, other.segments) };
}

/** Lists that `inOneList` has made: each is that of one piece, which gives way to the next. */
const growing = new WeakMap<readonly Segment[], Segment[]>();

/** Both lists in one. The first grows if it was made here, so that to join a thousand one by one does not copy them a thousand times. */
function inOneList(host: readonly Segment[], other: readonly Segment[]): readonly Segment[] {
  const all = growing.get(host) ?? [...host];
  for (const segment of other) all.push(segment);
  growing.set(all, all);
  return all;
}

function lengthOf({ extents }: Piece): number {
  return sizeOf(extents);
}

function onOneAxis(body: Body): Body {
  const widen = (strides: readonly number[]): readonly number[] => (strides.length === 0 ? [1] : strides);
  return {
    instructions: body.instructions.map((i) =>
      i.kind === 'load' || i.kind === 'gather' ? { ...i, access: { ...i.access, strides: widen(i.access.strides) } }
      : i.kind === 'index' ? { ...i, value: { ...i.value, strides: widen(i.value.strides) } } : i),
    stores: body.stores.map((s) => ({ ...s, access: { ...s.access, strides: widen(s.access.strides) } })),
  };
}

/** What pieces of code that may be one have in common, but for strides; undefined of code that is on its own. */
function codeKey({ instructions, stores }: Body, isFree: (i: Instruction, at: number) => boolean = () => false): string | undefined {
  const buffers = new Map<Buffer, number>();
  const lines: string[] = [];
  for (const [at, i] of instructions.entries()) {
    const line = isFree(i, at) ? `number ${i.dtype}` : instructionKey(i, buffers);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  for (const { access, value } of stores) {
    const place = placeKey(access, buffers);
    if (place === undefined) return undefined;
    lines.push(`store ${value} ${place}`);
  }
  return lines.join(';');
}

function instructionKey(i: Instruction, buffers: Map<Buffer, number>): string | undefined {
  switch (i.kind) {
    case 'load':
      return placeKey(i.access, buffers);
    case 'constant':
      return `constant ${Object.is(i.value, -0) ? '-0' : i.value} ${i.dtype}`;
    case 'uniform':
      return `uniform ${i.index} ${i.dtype}`;
    case 'index':
      return `index ${i.value.offset} ${strideAlong(i.value.strides, 0)}`;
    case 'apply':
      return `${i.op} ${i.args.join()} ${i.operand} ${i.dtype}`;
    case 'gather':
    case 'result':
    case 'parameter':
      return undefined;
  }
}

/** A buffer by its number in the code; undefined of an access that does not simply run through it, or stay at its first element. */
function placeKey({ buffer, offset, strides }: Access, buffers: Map<Buffer, number>): string | undefined {
  if (offset !== 0 || ![0, 1].includes(strideAlong(strides, 0))) return undefined;
  const at = buffers.get(buffer) ?? buffers.size;
  buffers.set(buffer, at);
  return `${at} ${buffer.dtype}`;
}

/** Whether two pieces of code with the same key have the same strides as well; on a single element any stride is as good as another. */
function sameCode(a: Piece, b: Piece): boolean {
  if (lengthOf(a) === 1 || lengthOf(b) === 1) return true;
  const [left, right] = [a, b].map(({ body }) => bodyAccesses(body).map(({ strides }) => strideAlong(strides, 0)).join());
  return left === right;
}
