/** From drafts to kernels: the code of every nest, and where every tensor is written. */
import { sizeOf } from '@pappus/core/backend';
import { type Affine, constantAffine, linear, sameOver, scaled } from '../kernels/affine.js';
import { BodyBuilder, type Source } from './body.js';
import { BufferTable } from './buffers.js';
import { choose } from '../choose/choose.js';
import { bodyBuffers, readAccesses } from '../kernels/accesses.js';
import type { Buffer, Kernel, ElementwiseKernel, ReducePart, ScatterKernel, Slice } from '../kernels/kernel.js';
import { copyKernel, elementwiseKernel, updatedSafely } from './in-place.js';
import { collapseNests, joinParts, mergeElementwise } from '../rewrite/merge.js';
import { partsForKernels } from './parts-for-kernels.js';
import { Places } from './places.js';
import { isLeaf } from '../choose/realize.js';
import { type Draft, isFirst, type Item, schedule, type Schedule } from '../schedule/schedule.js';
import type { HostProgram } from '../lower/host.js';
import type { Tensor } from '../lower/tensor.js';
import type { GivenNames } from '../lower/tensor-names.js';
import { identityIndices } from '../choose/views.js';
import { itemAt } from '../required.js';

export interface Emitted {
  readonly kernels: readonly Kernel[];
  readonly buffers: BufferTable;
  /** Where a tensor is that has memory of its own. */
  readonly placeOf: (tensor: Tensor) => Buffer | undefined;
}

/** @param host to which numbers go that tensors of one rule have of their own */
export function emit(plan: Schedule, names: GivenNames, host: HostProgram): Emitted {
  const buffers = new BufferTable(names);
  const places = new Places(plan.external, buffers, (position, dtype, size) => buffers.output(position, dtype, size), () => undefined);
  const kernels = new Emitter(plan, buffers, places, host).run();
  return { kernels, buffers, placeOf: (tensor) => places.primary.get(tensor) };
}

/** Results of the draft being written, by tensor: the position of their element and how to have it. */
type Own = Map<Tensor, number>;

class Emitter {
  private readonly kernels: Kernel[] = [];
  private readonly starts = new Map<readonly Tensor[], readonly number[]>();

  constructor(
    private readonly plan: Schedule,
    private readonly buffers: BufferTable,
    private readonly places: Places,
    private readonly host: HostProgram,
  ) {}

  run(): readonly Kernel[] {
    for (const draft of this.plan.drafts) {
      const { when } = draft;
      const first = this.kernels.length;
      switch (draft.kind) {
        case 'elementwise':
          this.kernels.push(this.elementwise(draft));
          break;
        case 'reduce':
          this.kernels.push(this.reduce(draft));
          break;
        case 'total':
          this.kernels.push(...this.total(draft));
          break;
        case 'matmul':
          this.kernels.push(this.matmul(draft));
          break;
        case 'scatter':
          this.kernels.push(this.scatter(draft));
          break;
        case 'assemble':
          this.kernels.push(this.assemble(draft));
          break;
        case 'routine':
          this.kernels.push(...this.routine(draft.whole));
          break;
        case 'alias':
          this.kernels.push(...this.alias(draft.whole));
          break;
        case 'scan':
          this.kernels.push(...this.scan(draft));
          break;
      }
      if (when !== undefined) this.kernels.push(...this.kernels.splice(first).map((kernel) => ({ ...kernel, when })));
    }
    return updatedSafely(this.kernels, this.places.assigned, this.buffers, this.host);
  }

  private elementwise(draft: Extract<Draft, { kind: 'elementwise' }>): ElementwiseKernel {
    const { extents } = draft;
    const own: Own = new Map();
    const builder = new BodyBuilder(extents, this.source(own, linear(identityIndices(extents, extents), extents, extents.length), extents));
    for (const item of draft.items) this.defineItem(builder, item, own, extents);
    return elementwiseKernel(extents, builder, draft.update);
  }

  private reduce(draft: Extract<Draft, { kind: 'reduce' }>): Kernel {
    const extents = draft.operandShape;
    const reduced = extents.map((_, k) => draft.axes.includes(k));
    const prologue = new BodyBuilder(extents, this.source(new Map(), constantAffine(0, extents.length), extents));
    const indices = identityIndices(extents, extents);
    const reductions = draft.reductions.flatMap(({ tensor }) => {
      const [operand] = tensor.args;
      if (operand === undefined || tensor.op.kind !== 'reduce') return [];
      return [{ op: tensor.op.op, value: prologue.value(operand, indices), dtype: tensor.dtype }];
    });
    const body = prologue.finish();
    const kept = reduced.map((r) => !r);
    const keptExtents = extents.map((n, k) => (reduced[k] === true ? 1 : n));
    const own: Own = new Map();
    const keptShape = extents.filter((_, k) => kept[k]);
    const here = linear(identityIndices(keptShape, keptExtents, kept), keptShape, extents.length);
    const epilogue = new BodyBuilder(keptExtents, this.source(own, here, keptExtents));
    for (const [index, item] of draft.reductions.entries()) {
      const value = epilogue.push({ kind: 'result', index, dtype: item.tensor.dtype });
      own.set(item.tensor, value);
      this.writeResult(epilogue, item, value, here);
    }
    for (const item of draft.items) this.defineItem(epilogue, item, own, keptExtents);
    const values = reductions.map((r) => r.value);
    const part = { extents, reduced, body, values, segments: [{ size: sizeOf(extents), buffers: bodyBuffers(body) }] };
    return { kind: 'reduce', parts: [part], reductions, epilogue: epilogue.finish() };
  }

  /** Parts of few different codes are one kernel; the code of others would grow without bound: they are summed by several, and then what those gave. */
  private total(draft: Extract<Draft, { kind: 'total' }>): Kernel[] {
    const { tensor } = draft.total;
    const { op, dtype } = tensor;
    if (op.kind !== 'total') throw new TypeError('a total of something else');
    const reductions = [{ op: op.op, dtype }];
    const parts = joinParts(draft.parts.map((operand) => this.partOf(operand.shape, (builder) => builder.value(operand, identityIndices(operand.shape, operand.shape)))));
    const before: Kernel[] = [];
    const groups = partsForKernels(parts, this.plan.largestBody);
    const last = groups.length === 1 ? parts : joinParts(groups.map((group, k) => {
      const buffer = this.buffers.temporary(`part ${k} of ${this.places.nameOf(tensor)}`, dtype, 1);
      // One part over one tensor is a nest like any other: what follows has its axes.
      const [only, ...others] = group;
      const kept = only === undefined || others.length > 0 || only.segments.length > 1 ? [] : only.extents.map(() => 1);
      const partial = new BodyBuilder(kept, () => undefined);
      partial.store({ buffer, ...constantAffine(0, kept.length) }, partial.push({ kind: 'result', index: 0, dtype }));
      before.push({ kind: 'reduce', parts: group, reductions, epilogue: partial.finish() });
      return this.partOf([], (builder) => builder.push({ kind: 'load', access: { buffer, offset: 0, strides: [] }, dtype }));
    }));
    const own: Own = new Map();
    const here = constantAffine(0, 0);
    const epilogue = new BodyBuilder([], this.source(own, here, []));
    const value = epilogue.push({ kind: 'result', index: 0, dtype });
    own.set(tensor, value);
    this.writeResult(epilogue, draft.total, value, here);
    for (const item of draft.items) this.defineItem(epilogue, item, own, []);
    return [...before, { kind: 'reduce', parts: last, reductions, epilogue: epilogue.finish() }];
  }

  /** A value over a nest, all of which is reduced. */
  private partOf(extents: readonly number[], write: (builder: BodyBuilder) => number): ReducePart {
    const builder = new BodyBuilder(extents, this.source(new Map(), constantAffine(0, extents.length), extents));
    const values = [write(builder)];
    const body = builder.finish();
    return { extents, reduced: extents.map(() => true), body, values, segments: [{ size: sizeOf(extents), buffers: bodyBuffers(body) }] };
  }

  private matmul(draft: Extract<Draft, { kind: 'matmul' }>): Kernel {
    const { tensor } = draft.product;
    const [left, right] = tensor.args;
    if (tensor.op.kind !== 'matmul' || left === undefined) throw new TypeError('a product without operands');
    const extents = tensor.shape;
    const at = extents.length - tensor.op.rows - tensor.op.columns;
    const batch = extents.slice(0, at);
    const rows = extents.slice(at, at + tensor.op.rows);
    const columns = extents.slice(at + tensor.op.rows);
    const depth = left.shape.slice(left.shape.length - tensor.op.depth);
    const operand = (source: Tensor | undefined, shape: readonly number[]): BodyBuilder => {
      const builder = new BodyBuilder(shape, this.source(new Map(), constantAffine(0, shape.length), shape));
      if (source !== undefined) builder.store(NOWHERE, builder.value(source, identityIndices(shape, shape)));
      return builder;
    };
    const own: Own = new Map();
    const here = linear(identityIndices(extents, extents), extents, extents.length);
    const epilogue = new BodyBuilder(extents, this.source(own, here, extents));
    const value = epilogue.push({ kind: 'result', index: 0, dtype: tensor.dtype });
    own.set(tensor, value);
    const [own0, ...others] = this.places.destinations(draft.product);
    if (own0 !== undefined) this.places.primary.set(tensor, own0);
    for (const buffer of others) epilogue.store({ buffer, ...here }, value);
    for (const item of draft.items) this.defineItem(epilogue, item, own, extents);
    const body = epilogue.finish();
    const product = own0 ?? this.placeForProduct(tensor, body, here, extents);
    return {
      kind: 'matmul',
      dtype: tensor.dtype,
      batch,
      rows,
      columns,
      depth,
      left: withoutStores(operand(left, [...batch, ...rows, ...depth])),
      right: withoutStores(operand(right, [...batch, ...depth, ...columns])),
      product,
      epilogue: body,
    };
  }

  /** Where the plain product goes when only its epilogue is wanted: over one of the epilogue's results, if one fits. */
  private placeForProduct(tensor: Tensor, epilogue: ReturnType<BodyBuilder['finish']>, here: Affine, extents: readonly number[]): Buffer {
    const read = new Set(readAccesses(epilogue).map(({ buffer }) => buffer));
    const fits = epilogue.stores.find(
      ({ access }) => access.buffer.dtype === tensor.dtype && !read.has(access.buffer) && sameOver(access, here, extents),
    );
    return fits?.access.buffer ?? this.buffers.temporary(this.places.nameOf(tensor), tensor.dtype, sizeOf(tensor.shape));
  }

  private assemble(draft: Extract<Draft, { kind: 'assemble' }>): ElementwiseKernel {
    const { tensor } = draft.whole;
    let target = this.places.primary.get(tensor);
    if (target === undefined) {
      const [first] = this.places.destinations(draft.whole);
      target = first ?? this.buffers.temporary(this.places.nameOf(tensor), tensor.dtype, sizeOf(tensor.shape));
      this.places.primary.set(tensor, target);
    }
    const [first] = draft.parts;
    const extents = (first === undefined ? undefined : tensor.args[first]?.shape) ?? tensor.shape;
    const builder = new BodyBuilder(extents, this.source(new Map(), constantAffine(0, extents.length), extents));
    const here = identityIndices(extents, extents);
    const write = (value: number, indices: readonly Affine[]): void => {
      for (const buffer of [target, ...this.places.extraDestinations(draft.whole, target)]) builder.store({ buffer, ...linear(indices, tensor.shape, extents.length) }, value);
    };
    if (draft.parts.length === 0) write(builder.push({ kind: 'constant', value: 0, dtype: tensor.dtype }), here);
    const starts = this.startsOf(tensor);
    for (const part of draft.parts) {
      const operand = tensor.args[part];
      if (operand !== undefined) write(builder.value(operand, here), here.map((index, k) => placeInWhole(tensor, itemAt(starts, part, 'the start of part'), index, k)));
    }
    return elementwiseKernel(extents, builder, false);
  }

  /** Where the parts of a concat begin; it is written by many drafts. */
  private startsOf({ op, args }: Tensor): readonly number[] {
    if (op.kind !== 'concat') return args.map(() => 0);
    const known = this.starts.get(args);
    if (known !== undefined) return known;
    let at = 0;
    const starts = args.map(({ shape }) => {
      const start = at;
      at += itemAt(shape, op.axis, 'the size of axis');
      return start;
    });
    this.starts.set(args, starts);
    return starts;
  }

  private scatter({ whole }: Extract<Draft, { kind: 'scatter' }>): ScatterKernel {
    const { tensor } = whole;
    const [indices, updates] = tensor.args;
    const target = this.places.primary.get(tensor);
    if (indices === undefined || updates === undefined || target === undefined || tensor.op.kind !== 'scatter') {
      throw new TypeError('a scatter without operands');
    }
    const extents = updates.shape;
    const rank = extents.length;
    const { axis } = tensor.op;
    const here = identityIndices(extents, extents);
    const builder = new BodyBuilder(extents, this.source(new Map(), constantAffine(0, rank), extents));
    const index = builder.value(indices, here.slice(axis, axis + indices.shape.length));
    const value = builder.value(updates, here);
    const at = [...here.slice(0, axis), constantAffine(0, rank), ...here.slice(axis + indices.shape.length)];
    for (const buffer of [target, ...this.places.extraDestinations(whole, target)]) builder.store({ buffer, ...linear(at, tensor.shape, rank) }, value);
    const stride = sizeOf(tensor.shape.slice(axis + 1));
    return { kind: 'scatter', extents, body: builder.finish(), index, stride, count: itemAt(tensor.shape, axis, 'the size of axis') };
  }

  /** The routine, over operands that lie in memory as they are, and copies of what it gives. */
  private routine(item: Item): Kernel[] {
    const { op, args, shape, dtype } = item.tensor;
    if (op.kind !== 'routine') throw new TypeError('a routine of something else');
    const { routine } = op;
    const [shapes, dtypes] = [args.map((arg) => arg.shape), args.map((arg) => arg.dtype)];
    const code = routine.code(shapes, dtypes);
    const [first, ...others] = this.places.destinations(item);
    const result = first ?? this.buffers.temporary(this.places.nameOf(item.tensor), dtype, sizeOf(shape));
    this.places.primary.set(item.tensor, result);
    const items = sizeOf(shape.slice(0, -1));
    const buffers = code.arrays.map(({ name, role, dtype, size }, k) => {
      switch (role) {
        case 'operand':
          return this.places.realizedBuffer(itemAt(args, k, 'operand'));
        case 'result':
          return result;
        case 'work':
          return this.buffers.temporary(`${name} of ${routine.name}`, dtype, items * size);
      }
    });
    return [{ kind: 'routine', name: routine.name, key: `${routine.key} ${shapes.join(' ')} ${dtypes.join()}`, items, code, buffers }, ...others.map((other) => copyKernel(result, other))];
  }

  private alias({ tensor, outputs }: Item): Kernel[] {
    const [source] = tensor.args;
    if (source === undefined) throw new TypeError('an alias of nothing');
    const buffer = this.places.realizedBuffer(source);
    this.places.primary.set(tensor, buffer);
    return outputs.map((position) => copyKernel(buffer, this.places.output(position, tensor.dtype, buffer.size)));
  }

  /** What carries start from, and the scan: carries stay in one buffer each, and what is wanted of every step goes to its part. */
  private scan({ scan: body, results }: Extract<Draft, { kind: 'scan' }>): Kernel[] {
    const { count, reverse, carries, captured, inputs } = body;
    const before: Kernel[] = [];
    const after: Kernel[] = [];
    const slices: Slice[] = [];
    const inside = new Map<Tensor, Buffer>();
    const sliceOf = (of: Buffer): Buffer => {
      const size = of.size / count;
      const buffer = this.buffers.slice(`part of ${of.name}`, of.dtype, size);
      slices.push(reverse ? { buffer, of, start: (count - 1) * size, stride: -size } : { buffer, of, start: 0, stride: size });
      return buffer;
    };
    for (const { leaf, initial } of carries) {
      const item = results.find(({ tensor: { op } }) => op.kind === 'scan' && op.result === 'final' && op.of === leaf);
      const [place, ...others] = item === undefined ? [] : this.places.destinations(item);
      const carry = place ?? this.buffers.temporary(this.places.nameOf(leaf), leaf.dtype, sizeOf(leaf.shape));
      if (item !== undefined) this.places.primary.set(item.tensor, carry);
      inside.set(leaf, carry);
      before.push(this.fill(carry, initial));
      after.push(...others.map((other) => copyKernel(carry, other)));
    }
    for (const { leaf, source } of captured) inside.set(leaf, this.places.realizedBuffer(source));
    for (const { leaf, source } of inputs) inside.set(leaf, sliceOf(this.places.realizedBuffer(source)));
    const parts: { readonly of: Tensor; readonly buffer: Buffer }[] = [];
    for (const item of results) {
      const { op, dtype, shape } = item.tensor;
      if (op.kind !== 'scan' || op.result !== 'stack') continue;
      const places = this.places.destinations(item);
      const [first = this.buffers.temporary(this.places.nameOf(item.tensor), dtype, sizeOf(shape)), ...others] = places;
      this.places.primary.set(item.tensor, first);
      for (const whole of [first, ...others]) parts.push({ of: op.of, buffer: sliceOf(whole) });
    }
    const { largestBody, fuse } = this.plan;
    const plan = schedule(choose({ outputs: parts.map((p) => p.of), updates: carries.map(({ leaf, next }) => ({ target: leaf, value: next })), hosts: false, largestBody, fuse }));
    const part = (position: number): Buffer => {
      const found = parts[position];
      if (found === undefined) throw new TypeError(`a scan has no result ${position}`);
      return found.buffer;
    };
    const kernels = mergeElementwise(collapseNests(new Emitter(plan, this.buffers, new Places(plan.external, this.buffers, part, (tensor) => inside.get(tensor) ?? this.places.bufferOf(tensor)), this.host).run()), this.host, fuse);
    return [...before, ...(kernels.length === 0 ? [] : [{ kind: 'scan' as const, count, kernels, slices }]), ...after];
  }

  /** The value of a tensor, in a buffer. */
  private fill(buffer: Buffer, tensor: Tensor): ElementwiseKernel {
    const extents = tensor.shape;
    const builder = new BodyBuilder(extents, this.source(new Map(), constantAffine(0, extents.length), extents));
    const indices = identityIndices(extents, extents);
    builder.store({ buffer, ...linear(indices, extents, extents.length) }, builder.value(tensor, indices));
    return elementwiseKernel(extents, builder, false);
  }

  private defineItem(builder: BodyBuilder, item: Item, own: Own, extents: readonly number[]): void {
    const { tensor } = item;
    const indices = identityIndices(tensor.shape, extents);
    const value = item.copy || isLeaf(tensor) ? builder.value(tensor, indices) : builder.define(tensor, indices);
    if (!item.copy) own.set(tensor, value);
    this.writeResult(builder, item, value, linear(indices, tensor.shape, extents.length));
  }

  private writeResult(builder: BodyBuilder, item: Item, value: number, here: Affine): void {
    const targets = this.places.destinations(item);
    const [first] = targets;
    if (first !== undefined && isFirst(item)) this.places.primary.set(item.tensor, first);
    for (const buffer of targets) builder.store({ buffer, ...here }, value);
  }

  /** Reads of leaves and of tensors of other drafts; this draft's own results at the same element are at hand. */
  private source(own: Own, here: Affine, extents: readonly number[]): Source {
    return (tensor, position) => {
      const value = own.get(tensor);
      if (value !== undefined && sameOver(position(), here, extents)) return value;
      const buffer = this.places.bufferOf(tensor);
      return buffer === undefined ? undefined : { kind: 'load', access: { buffer, ...position() }, dtype: tensor.dtype };
    };
  }
}

/** Marks the value of an operand while it is written; taken out again. */
const NOWHERE = { offset: 0, strides: [], buffer: { id: -1, name: 'nowhere', dtype: 'float32', size: 0, place: { kind: 'temporary' } } } as const;

/** The operand's value is its last instruction. */
function withoutStores(builder: BodyBuilder): ReturnType<BodyBuilder['finish']> {
  const { instructions, stores } = builder.finish();
  const { value } = itemAt(stores, 0, 'store');
  if (value === instructions.length - 1) return { instructions, stores: [] };
  return { instructions: instructions.slice(0, value + 1), stores: [] };
}

/** The index on axis k of the whole at which an element of a part lies; `start` is where the part of a concat begins. */
function placeInWhole({ op }: Tensor, start: number, index: Affine, k: number): Affine {
  if (op.kind === 'pad') return scaled(index, itemAt(op.steps, k, 'the step of axis'), itemAt(op.starts, k, 'the start of axis'));
  return op.kind === 'concat' && op.axis === k ? scaled(index, 1, start) : index;
}
