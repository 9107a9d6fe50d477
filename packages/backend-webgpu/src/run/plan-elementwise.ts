/** The dispatches of an elementwise kernel, cut where a device's limits ask for it. */
import { bodyAccesses, type Body, bodyBuffers, type Buffer, type ElementwiseKernel, extentAlong, type Instruction, isFixed, itemAt, lost, readAccesses, type SegmentRow, segmentRows, type Uniform } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { emitElementwise, elementwiseLanes } from '../codegen/elementwise.js';
import { ELEMENT_BYTES, WORKGROUP } from '../codegen/shader.js';
import type { Block } from '../device/memory.js';
import { bind, type Dispatch, type PlanContext, reach, whole } from './dispatch.js';
import { bindWindows, type Window } from './windows.js';

/** Parts into which a kernel is cut at most: a part that must be smaller reaches its tensors in pages. */
const MOST_PARTS = 64;

function scalarKey({ index, dtype }: Uniform): string {
  return `${index} ${dtype}`;
}

/** The code of one segment, or of several that have the same scalars. */
function withScalars(body: Body, scalars: readonly Uniform[]): Body {
  return { ...body, instructions: body.instructions.map((i): Instruction => (i.kind === 'parameter' ? { kind: 'uniform', ...itemAt(scalars, i.index, 'scalar') } : i)) };
}

/** A kernel: over the rows of its segments, or over its own nest. */
export class ElementwisePlan {
  private readonly order: readonly Buffer[];
  private readonly lanes: 1 | 4;
  private readonly written: ReadonlySet<Buffer>;

  constructor(
    private readonly kernel: ElementwiseKernel,
    private readonly context: PlanContext,
  ) {
    this.order = bodyBuffers(kernel.body);
    this.lanes = elementwiseLanes(kernel);
    this.written = new Set(kernel.body.stores.map((s) => s.access.buffer));
  }

  dispatches(): Dispatch[] {
    const { kernel } = this;
    if (kernel.segments.length <= 1) {
      const [extent = 1] = kernel.extents;
      return sizeOf(kernel.extents) === 0 ? [] : this.nest(0, extent);
    }
    return this.byMemory().flatMap((part) => {
      const address = (buffer: Buffer): number => this.context.place(buffer).offset;
      return this.rows(part, segmentRows(part, this.lanes, address, { elementBytes: ELEMENT_BYTES }));
    });
  }

  /** Segments whose tensors lie in the same blocks. */
  private byMemory(): ElementwiseKernel[] {
    const groups: { readonly memories: readonly Block[]; readonly segments: ElementwiseKernel['segments'][number][] }[] = [];
    for (const segment of this.kernel.segments) {
      const memories = segment.buffers.map((b) => this.context.place(b).memory);
      const known = groups.find((g) => g.memories.every((m, k) => m === memories[k]));
      if (known === undefined) groups.push({ memories, segments: [segment] });
      else known.segments.push(segment);
    }
    return groups.map(({ segments }) => ({ ...this.kernel, segments }));
  }

  private rows(part: ElementwiseKernel, rows: readonly SegmentRow[]): Dispatch[] {
    if (rows.length === 0) return [];
    const fixed = this.order.map((buffer) => isFixed(part.body, buffer));
    const windows = this.order.map((buffer, k): Window => {
      const memory = this.context.place(part.segments[0]?.buffers[k] ?? buffer).memory;
      const starts = rows.map((row) => itemAt(row.addresses, k, 'the address of operand'));
      const ends = rows.map((row) => itemAt(row.addresses, k, 'the address of operand') + (fixed[k] === true ? 16 : row.steps * this.lanes * 4));
      const start = Math.min(...starts);
      const extent = (itemAt(itemAt(rows, 0, 'row').ends, k, 'the end of operand') - start) / 4;
      return { buffer, memory, origin: start, start, end: Math.max(...ends), writes: this.written.has(buffer), extent };
    });
    if (bindWindows(windows, this.context.limits) === undefined) {
      const parts = this.halves(rows, fixed);
      if (parts.length > 1) return parts.flatMap((half) => this.rows(part, half));
    }
    const byTable = rows.length > 1;
    return [
      bind(windows, this.order, byTable ? 1 : 0, this.context, (bindings, { origins }) => {
        const [first] = rows;
        const code = byTable || first === undefined ? part : { ...part, body: withScalars(part.body, first.scalars) };
        const text = emitElementwise(code, bindings, this.order, byTable ? { parameters: first?.scalars.length ?? 0, scalars: rows.flatMap((row) => row.scalars) } : undefined);
        const places = new Map(text.words.map((word, at) => [word.kind === 'uniform' ? scalarKey(word) : '', at]));
        const placeOf = (scalar: Uniform): number => places.get(scalarKey(scalar)) ?? lost(`the place of scalar ${scalar.index}`);
        let groups = 0;
        const table: number[] = [];
        for (const { steps, addresses, ends, scalars } of rows) {
          const inBinding = (bytes: readonly number[]): number[] =>
            this.order.map((buffer, k) => (origins.get(buffer) ?? lost(`the binding of ${buffer.name}`)) + (itemAt(bytes, k, 'the bytes of operand') - itemAt(windows, k, 'the window of operand').start) / 4);
          table.push(groups, steps, ...inBinding(addresses), ...(this.context.guards === undefined ? [] : inBinding(ends)), ...(byTable ? scalars.map(placeOf) : []));
          groups += Math.ceil(steps / WORKGROUP);
        }
        return {
          text,
          groups,
          numbers: byTable ? { rows: rows.length } : { count: itemAt(rows, 0, 'row').steps, start: 0 },
          table: byTable ? table : [],
        };
      }),
    ];
  }

  private halves(rows: readonly SegmentRow[], fixed: readonly boolean[]): (readonly SegmentRow[])[] {
    const middle = Math.floor(rows.length / 2);
    if (middle > 0) return [rows.slice(0, middle), rows.slice(middle)];
    const [row] = rows;
    if (row === undefined || row.steps < 2) return [rows];
    const steps = Math.floor(row.steps / 2);
    const addresses = row.addresses.map((a, k) => (fixed[k] === true ? a : a + steps * this.lanes * 4));
    return [[{ ...row, steps }], [{ ...row, steps: row.steps - steps, addresses }]];
  }

  /** The nest from `from` to `to` of its first axis. */
  private nest(from: number, to: number): Dispatch[] {
    const { kernel, order, lanes, context } = this;
    const { extents } = kernel;
    const windows = this.windows(from, to);
    if (bindWindows(windows, context.limits) === undefined) {
      const parts = this.byStore();
      if (parts.length > 1) return parts.flatMap((part) => part.nest(from, to));
      const middle = this.middle(from, to);
      if (middle !== undefined) return [...this.nest(from, middle), ...this.nest(middle, to)];
    }
    const count = Math.ceil(((extents.length === 0 ? 1 : to - from) * sizeOf(extents.slice(1))) / lanes);
    return [
      bind(windows, order, 0, context, (bindings) => ({
        text: emitElementwise(kernel, bindings, order),
        groups: Math.ceil(count / WORKGROUP),
        numbers: { count, start: from },
        table: [],
      })),
    ];
  }

  private windows(from: number, to: number): Window[] {
    const { extents } = this.kernel;
    const all = extents.length === 0 || (from === 0 && to === extents[0]);
    return this.order.map((buffer) => (all ? whole(buffer, this.context, this.written.has(buffer)) : this.windowOf(buffer, from, to)));
  }

  /** Where to cut a nest that reaches too far; undefined if its parts would, too, as where it runs across a tensor. */
  private middle(from: number, to: number): number | undefined {
    const { kernel, lanes, context } = this;
    const [extent = 1] = kernel.extents;
    const unit = kernel.extents.length === 1 ? lanes : 1;
    const units = (count: number): number => Math.floor(count / unit) * unit;
    const middle = from + units((to - from) / 2);
    const least = from + Math.max(unit, units(extent / MOST_PARTS));
    return middle === from || kernel.extents.length === 0 || bindWindows(this.windows(from, least), context.limits) === undefined
      ? undefined
      : middle;
  }

  /** A kernel for each store, where several go to places of one tensor that lie apart, and nothing reads what is written. */
  private byStore(): ElementwisePlan[] {
    const { body } = this.kernel;
    const apart = new Set(body.stores.map((s) => s.access.buffer)).size < body.stores.length;
    if (!apart || readAccesses(body).some(({ buffer }) => this.written.has(buffer))) return [this];
    return body.stores.map((store) => new ElementwisePlan({ ...this.kernel, body: { ...body, stores: [store] } }, this.context));
  }

  /** What a part of the nest reaches of a tensor; all of one that is read at computed positions. */
  private windowOf(buffer: Buffer, from: number, to: number): Window {
    const { kernel } = this;
    const writes = this.written.has(buffer);
    if (kernel.body.instructions.some((i) => i.kind === 'gather' && i.access.buffer === buffer)) return whole(buffer, this.context, writes);
    let low = Infinity;
    let high = -Infinity;
    for (const access of bodyAccesses(kernel.body)) {
      if (access.buffer !== buffer) continue;
      let [first, last] = [access.offset, access.offset];
      for (const [axis, stride] of access.strides.entries()) {
        const [a, b] = axis === 0 ? [from, to - 1] : [0, extentAlong(kernel.extents, axis) - 1];
        first += Math.min(a * stride, b * stride);
        last += Math.max(a * stride, b * stride);
      }
      low = Math.min(low, first);
      high = Math.max(high, last + 1);
    }
    return reach(buffer, this.context, writes, Math.floor(low / 4) * 16, Math.ceil(high / 4) * 16);
  }
}
