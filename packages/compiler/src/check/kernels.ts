/** The rules for kernels in their order: what each reads and writes, where, and when. */
import type { DType } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import { type Affine, sameOver } from '../kernels/affine.js';
import type { HostProgram } from '../lower/host.js';
import { bodyBuffers, kernelAccesses, staysPut } from '../kernels/accesses.js';
import { Conditions } from '../kernels/condition.js';
import type { Body, Buffer, ElementwiseKernel, Kernel, MatmulKernel, ReduceKernel, ReducePart, RoutineKernel, ScanKernel, ScatterKernel, Segment, Segmented } from '../kernels/kernel.js';
import { kernelNames } from '../kernels/kernel-names.js';
import { neverMeet } from '../kernels/wanted-reads.js';
import { checkBody, type Complain, isInjective, reach, type Surroundings } from './body.js';
import { brokenSteps } from './routine.js';
import type { Violation } from './rules.js';

/** Checks kernels as they are after a pass; `host` is the program that their uniforms are of. */
export function checkKernels(kernels: readonly Kernel[], host?: HostProgram): Violation[] {
  return new KernelChecker(kernels, host).run();
}

class KernelChecker {
  private readonly violations: Violation[] = [];
  private readonly names: ReadonlyMap<Kernel, string>;
  /** Elements of each buffer that were written so far. */
  private readonly written = new Map<Buffer, number>();
  /** The kernel that has overwritten each variable. */
  private readonly overwritten = new Map<Buffer, Kernel>();
  private readonly conditions: Conditions | undefined;

  constructor(
    private readonly kernels: readonly Kernel[],
    private readonly host: HostProgram | undefined,
  ) {
    this.names = kernelNames(kernels);
    this.conditions = host === undefined ? undefined : new Conditions(host);
  }

  run(): Violation[] {
    for (const kernel of this.kernels) this.check(kernel, new Map());
    return this.violations;
  }

  private check(kernel: Kernel, parts: ReadonlyMap<Buffer, Buffer>): void {
    const name = this.names.get(kernel);
    const complain: Complain = (rule, what) => this.violations.push({ rule, what, ...(name === undefined ? {} : { kernel: name }) });
    if (kernel.kind === 'scan') {
      this.scan(kernel, parts, complain);
      return;
    }
    this.order(kernel, parts, complain);
    switch (kernel.kind) {
      case 'elementwise':
        this.elementwise(kernel, complain);
        break;
      case 'reduce':
        this.reduce(kernel, complain);
        break;
      case 'matmul':
        this.matmul(kernel, complain);
        break;
      case 'scatter':
        this.scatter(kernel, complain);
        break;
      case 'routine':
        this.routine(kernel, complain);
        break;
    }
    this.note(kernel, parts);
  }

  /** What is read was written, and old values of variables are read before they are gone. */
  private order(kernel: Exclude<Kernel, ScanKernel>, parts: ReadonlyMap<Buffer, Buffer>, complain: Complain): void {
    const { reads, writes } = kernelAccesses(kernel);
    const own = new Set(kernel.kind === 'matmul' ? [kernel.product] : []);
    for (const buffer of new Set(reads)) {
      const whole = parts.get(buffer) ?? buffer;
      const there = buffer !== whole && this.isWritten(buffer) ? whole.size : (this.written.get(whole) ?? 0);
      const made = whole.place.kind === 'temporary' || whole.place.kind === 'output';
      if (made && there < whole.size && !own.has(buffer)) complain('written', `${whole.name} is read, of whose ${whole.size} elements ${there} were written`);
      if (whole.place.kind === 'slice') complain('slices', `${whole.name} is no part of a tensor here`);
      const by = this.overwritten.get(whole);
      if (by !== undefined && !this.isOtherStep(kernel, by, whole)) complain('oldValues', `${whole.name} is read, which ${this.nameOf(by)} has overwritten`);
    }
    for (const buffer of new Set(writes)) {
      const whole = parts.get(buffer) ?? buffer;
      const { kind } = whole.place;
      const by = this.overwritten.get(whole);
      if (kind === 'variable' && by !== undefined) complain('oldValues', `${whole.name} is written, which ${this.nameOf(by)} has written`);
      if (kind === 'input' || kind === 'data') complain('written', `${whole.name} is written, which is an ${kind}`);
      if (kind === 'slice') complain('slices', `${whole.name} is no part of a tensor here`);
    }
  }

  private nameOf(kernel: Kernel): string {
    return this.names.get(kernel) ?? kernel.kind;
  }

  /** A buffer for each array, with all items; what is only read is not written; numbers are of the types that operations take. */
  private routine({ items, code, buffers }: RoutineKernel, complain: Complain): void {
    for (const [k, array] of code.arrays.entries()) {
      const buffer = buffers[k];
      if (buffer?.dtype !== array.dtype || buffer.size !== items * array.size) complain('routines', `the array ${array.name} is ${items} times ${array.size} of ${array.dtype}, and not ${buffer === undefined ? 'there' : `${buffer.size} of ${buffer.dtype}`}`);
    }
    if (buffers.length !== code.arrays.length) complain('routines', `${buffers.length} buffers for ${code.arrays.length} arrays`);
    for (const what of brokenSteps(code)) complain('routines', what);
  }

  /** Whether it matters what is read in steps alone in which it is not overwritten. Without the host's program nobody knows. */
  private isOtherStep(reader: Kernel, writer: Kernel, buffer: Buffer): boolean {
    return this.conditions === undefined ? writer.when !== undefined : neverMeet(reader, writer, buffer, this.conditions);
  }

  private isWritten(buffer: Buffer): boolean {
    return (this.written.get(buffer) ?? 0) >= buffer.size;
  }

  private note(kernel: Exclude<Kernel, ScanKernel>, parts: ReadonlyMap<Buffer, Buffer>): void {
    const stored = storesOf(kernel);
    for (const { buffer, elements } of stored) {
      const whole = parts.get(buffer);
      this.written.set(buffer, (this.written.get(buffer) ?? 0) + elements);
      // Every step writes another part.
      if (whole !== undefined && this.isWritten(buffer)) this.written.set(whole, whole.size);
    }
    for (const buffer of kernelAccesses(kernel).writes) {
      const whole = parts.get(buffer) ?? buffer;
      if (whole.place.kind === 'variable') this.overwritten.set(whole, kernel);
    }
  }

  private body(body: Body, around: Omit<Surroundings, 'host'>, complain: Complain): void {
    checkBody(body, { ...around, host: this.host }, complain);
  }

  private elementwise(kernel: ElementwiseKernel, complain: Complain): void {
    const { body, extents } = kernel;
    this.body(body, { extents, results: [], parameters: dtypesOf(kernel.segments[0]) }, complain);
    if (extents.every((n) => n > 0)) {
      for (const [k, { access }] of body.stores.entries()) {
        if (!isInjective(access, extents)) complain('apart', `store ${k} writes elements of ${access.buffer.name} more than once`);
        for (const { access: other } of body.stores.slice(0, k)) if (other.buffer === access.buffer && meet(access, other, extents)) complain('apart', `two stores write the same elements of ${access.buffer.name}`);
      }
      for (const { access } of body.stores) {
        for (const i of body.instructions) {
          if ((i.kind !== 'load' && i.kind !== 'gather') || i.access.buffer !== access.buffer) continue;
          const apart = i.kind === 'load' && !meet(i.access, access, extents);
          if (!apart && (i.kind === 'gather' || !sameOver(i.access, access, extents))) complain('inPlace', `${access.buffer.name} is read at other elements than it is written`);
        }
      }
    }
    this.segments(kernel, new Set(body.stores.map((s) => s.access.buffer)), complain);
  }

  private segments(part: Segmented, stored: ReadonlySet<Buffer>, complain: Complain): void {
    const { body, extents, segments } = part;
    const own = bodyBuffers(body);
    if (segments.length === 0) complain('segments', 'there is no segment');
    if (segments.length > 1 && extents.length > 1) complain('segments', `${segments.length} segments are over ${extents.length} axes`);
    const [first] = segments;
    // The nest of several is that of the largest; backends take the size of each from its segment.
    const largest = Math.max(...segments.map(({ size }) => size));
    if (first !== undefined && largest !== sizeOf(extents)) complain('segments', `the largest segment has ${largest} elements, and the nest ${sizeOf(extents)}`);
    const touched = new Map<Buffer, number>();
    const writtenBy = new Map<Buffer, number>();
    for (const [s, { size, buffers }] of segments.entries()) {
      if (buffers.length !== own.length) complain('segments', `segment ${s} has ${buffers.length} buffers, and the code ${own.length}`);
      const theirs = new Map(own.map((buffer, k) => [buffer, buffers[k]]));
      for (const [k, buffer] of own.entries()) {
        const other = buffers[k];
        if (other !== undefined && other.dtype !== buffer.dtype) complain('segments', `segment ${s} has ${other.name}, which is ${other.dtype}, in the place of ${buffer.name}, which is ${buffer.dtype}`);
      }
      if (dtypesOf(segments[s]).join() !== dtypesOf(first).join()) complain('segments', `segment ${s} has scalars of [${dtypesOf(segments[s]).join(', ')}], and the first of [${dtypesOf(first).join(', ')}]`);
      if (segments.length > 1 && size > 0) {
        const standsFor = (buffer: Buffer): Buffer => theirs.get(buffer) ?? buffer;
        const complainOf: Complain = (rule, what) => {
          if (rule === 'bounds') complain('segments', `segment ${s}: ${what}`);
        };
        this.body(body, { extents: [size], results: [], standsFor }, complainOf);
      }
      for (const [k, buffer] of buffers.entries()) {
        const original = own[k];
        if (original !== undefined && stored.has(original)) writtenBy.set(buffer, s);
        else if (!touched.has(buffer)) touched.set(buffer, s);
      }
    }
    for (const [s, { buffers }] of segments.entries()) {
      for (const [k, buffer] of buffers.entries()) {
        const by = writtenBy.get(buffer);
        const original = own[k];
        if (by !== undefined && by !== s) complain('segments', `segment ${s} touches ${buffer.name}, which segment ${by} writes`);
        // Of one segment too, what is written has one place in the code.
        if (by === s && original !== undefined && !stored.has(original)) complain('segments', `segment ${s} reads ${buffer.name} in another place of its code than that which writes it`);
      }
    }
  }

  private reduce(kernel: ReduceKernel, complain: Complain): void {
    const { parts, reductions, epilogue } = kernel;
    const [first] = parts;
    if (first === undefined) complain('reductions', 'there is no part');
    const epilogueBuffers = new Set(epilogue.stores.map((s) => s.access.buffer));
    for (const part of parts) {
      const { extents, reduced, body, values } = part;
      this.body(body, { extents, results: [] }, complain);
      if (body.stores.length > 0) complain('reductions', 'a part has stores');
      if (reduced.length !== extents.length) complain('axes', `${reduced.length} marks for ${extents.length} axes`);
      if (values.length !== reductions.length) complain('reductions', `${values.length} values for ${reductions.length} results`);
      for (const [k, value] of values.entries()) {
        if (body.instructions[value]?.dtype !== reductions[k]?.dtype) complain('reductions', `value ${k} is instruction ${value}, of ${body.instructions[value]?.dtype ?? 'nothing'}, and the result ${reductions[k]?.dtype ?? 'none'}`);
      }
      if ((parts.length > 1 || part.segments.length > 1) && reduced.includes(false)) complain('reductions', 'one of several parts keeps an axis');
      this.segments(part, new Set(), complain);
      for (const { buffers } of part.segments) for (const buffer of buffers) if (epilogueBuffers.has(buffer)) complain('inPlace', `${buffer.name} is reduced and written`);
    }
    const kept = keptExtents(first);
    const results = reductions.map(({ dtype }) => dtype);
    // Where nothing is kept there is one element, whatever axes the epilogue counts.
    const anyAxes = kept.every((n) => n === 1);
    this.body(epilogue, { extents: kept, results, anyAxes }, complain);
    this.epilogue(epilogue, kept, complain);
  }

  /** Stores after a reduction or a product: one for each element that is kept. */
  private epilogue(body: Body, extents: readonly number[], complain: Complain): void {
    for (const { access } of body.stores) {
      if (extents.every((n) => n > 0) && !isInjective(access, extents)) complain('apart', `elements of ${access.buffer.name} are written more than once`);
      for (const i of body.instructions) {
        if (i.kind === 'gather' && i.access.buffer === access.buffer) complain('inPlace', `${access.buffer.name} is read at other elements than it is written`);
        if (i.kind === 'load' && i.access.buffer === access.buffer && !sameOver(i.access, access, extents)) complain('inPlace', `${access.buffer.name} is read at other elements than it is written`);
      }
    }
  }

  private matmul(kernel: MatmulKernel, complain: Complain): void {
    const { batch, rows, columns, depth, left, right, epilogue, product, dtype } = kernel;
    const extents = [...batch, ...rows, ...columns];
    for (const [name, axes] of Object.entries({ rows, columns, depth })) if (axes.length === 0) complain('products', `there are no ${name}`);
    for (const [name, body, axes] of [['left', left, [...batch, ...rows, ...depth]], ['right', right, [...batch, ...depth, ...columns]]] as const) {
      this.body(body, { extents: axes, results: [] }, complain);
      if (body.instructions.at(-1)?.dtype !== dtype) complain('products', `the ${name} operand is ${body.instructions.at(-1)?.dtype ?? 'nothing'}, and the product ${dtype}`);
      if (body.stores.length > 0) complain('products', `the ${name} operand has stores`);
    }
    if (product.size !== sizeOf(extents)) complain('products', `the product has ${sizeOf(extents)} elements, and ${product.name} ${product.size}`);
    if (product.dtype !== dtype) complain('products', `the product is ${dtype}, and ${product.name} ${product.dtype}`);
    const operands = new Set([...bodyBuffers(left), ...bodyBuffers(right)]);
    for (const buffer of [product, ...epilogue.stores.map((s) => s.access.buffer)]) if (operands.has(buffer)) complain('inPlace', `${buffer.name} is an operand and written`);
    this.body(epilogue, { extents, results: [dtype] }, complain);
    this.epilogue(epilogue, extents, complain);
  }

  private scatter(kernel: ScatterKernel, complain: Complain): void {
    const { extents, body, index, stride, count } = kernel;
    this.body({ ...body, stores: [] }, { extents, results: [] }, complain);
    if (body.instructions[index]?.dtype !== 'int32') complain('scatters', `the index is instruction ${index}, of ${body.instructions[index]?.dtype ?? 'nothing'}`);
    const loaded = new Set(body.instructions.flatMap((i) => (i.kind === 'load' || i.kind === 'gather' ? [i.access.buffer] : [])));
    for (const [k, { access, value }] of body.stores.entries()) {
      if (loaded.has(access.buffer)) complain('scatters', `${access.buffer.name} is loaded and added to`);
      if (body.instructions[value]?.dtype !== access.buffer.dtype) complain('dtypes', `store ${k} adds ${body.instructions[value]?.dtype ?? 'nothing'} to ${access.buffer.name}, which is ${access.buffer.dtype}`);
      if (access.strides.length !== extents.length) complain('axes', `store ${k} has ${access.strides.length} strides in a nest of ${extents.length} axes`);
      if (extents.some((n) => n === 0) || count === 0) continue;
      const { least, most } = reach(access, extents);
      if (least < 0 || most + stride * (count - 1) >= access.buffer.size) complain('bounds', `store ${k} reaches elements ${least} to ${most + stride * (count - 1)} of ${access.buffer.name}, which has ${access.buffer.size}`);
    }
  }

  private scan({ count, kernels, slices }: ScanKernel, around: ReadonlyMap<Buffer, Buffer>, complain: Complain): void {
    const parts = new Map(around);
    for (const { buffer, of, start, stride } of slices) {
      const whole = around.get(of) ?? of;
      parts.set(buffer, whole);
      const last = start + stride * (count - 1);
      if (buffer.place.kind !== 'slice') complain('slices', `${buffer.name} is no part, but of the kind ${buffer.place.kind}`);
      if (Math.min(start, last) < 0 || Math.max(start, last) + buffer.size > of.size) complain('slices', `${buffer.name} reaches elements ${Math.min(start, last)} to ${Math.max(start, last) + buffer.size - 1} of ${of.name}, which has ${of.size}`);
      if (buffer.dtype !== of.dtype) complain('slices', `${buffer.name} is ${buffer.dtype}, and ${of.name} ${of.dtype}`);
    }
    if (count < 1) complain('slices', `the scan has ${count} steps`);
    for (const kernel of kernels) this.check(kernel, parts);
  }
}

function dtypesOf(segment: Segment | undefined): DType[] {
  return (segment?.scalars ?? []).map(({ dtype }) => dtype);
}

/** The extents of what a reduction keeps. */
function keptExtents(part: ReducePart | undefined): readonly number[] {
  return part === undefined ? [] : part.extents.map((n, k) => (part.reduced[k] === true ? 1 : n));
}

/** How many elements of each buffer a kernel writes. */
function storesOf(kernel: Exclude<Kernel, ScanKernel>): { readonly buffer: Buffer; readonly elements: number }[] {
  switch (kernel.kind) {
    case 'elementwise': {
      const own = bodyBuffers(kernel.body);
      return kernel.segments.flatMap(({ size, buffers }) =>
        kernel.body.stores.flatMap(({ access }) => {
          const buffer = buffers[own.indexOf(access.buffer)];
          return buffer === undefined ? [] : [{ buffer, elements: staysPut(access) ? Math.min(1, size) : size }];
        }),
      );
    }
    case 'reduce':
      return kernel.epilogue.stores.map(({ access }) => ({ buffer: access.buffer, elements: sizeOf(keptExtents(kernel.parts[0])) }));
    case 'matmul': {
      const elements = sizeOf([...kernel.batch, ...kernel.rows, ...kernel.columns]);
      return [{ buffer: kernel.product, elements }, ...kernel.epilogue.stores.map(({ access }) => ({ buffer: access.buffer, elements }))];
    }
    case 'scatter':
      return [];
    case 'routine':
      return kernelAccesses(kernel).writes.map((buffer) => ({ buffer, elements: buffer.size }));
  }
}

/** Whether two accesses to one buffer may reach one element: not where their ranges lie apart, or interleave. */
function meet(a: Affine, b: Affine, extents: readonly number[]): boolean {
  const [x, y] = [reach(a, extents), reach(b, extents)];
  if (x.most < y.least || y.most < x.least) return false;
  const steps = [...a.strides, ...b.strides].filter((s) => s !== 0).map(Math.abs);
  const common = steps.reduce(greatestCommonDivisor, 0);
  if (common === 0) return a.offset === b.offset;
  return (a.offset - b.offset) % common === 0 && !apartInBoxes(a, b, extents);
}

/** Parts of one tensor side by side along an axis: the same strides, and a distance that no index reaches. */
function apartInBoxes(a: Affine, b: Affine, extents: readonly number[]): boolean {
  if (a.strides.some((s, k) => s !== b.strides[k]) || a.strides.some((s) => s < 0)) return false;
  let rest = Math.abs(a.offset - b.offset);
  if (rest === 0) return false;
  const axes = a.strides.flatMap((stride, k) => (stride > 0 && (extents[k] ?? 1) > 1 ? [{ stride, extent: extents[k] ?? 1 }] : [])).sort((p, q) => q.stride - p.stride);
  for (const { stride, extent } of axes) {
    const steps = Math.floor(rest / stride);
    if (steps >= extent) return true;
    rest -= steps * stride;
  }
  return rest !== 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
