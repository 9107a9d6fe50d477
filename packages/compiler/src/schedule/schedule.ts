/**
 * Which realized tensors are computed together. A draft is a kernel to be: an elementwise one with several results, a reduction or a
 * product with what follows it element by element, or one part of a tensor that is put together.
 *
 * Updates come last, so that everything else has read the old values; within the updates, a tensor joins the draft that
 * shares its operands.
 */
import { sizeOf } from '@pappus/core/backend';
import { firstFrom, insert } from '../lists/ascending.js';
import { append } from '../lists/multimap.js';
import { LOAD } from '../choose/body-size.js';
import type { Choice } from '../choose/choose.js';
import type { Assignment } from '../choose/demand.js';
import type { Code, Dependency } from '../choose/reads.js';
import { isLeaf, isStructural, reachable } from '../choose/realize.js';
import type { LoweredScan, Tensor } from '../lower/tensor.js';
import { partsOfTotal } from '../choose/totals.js';
import { itemAt } from '../required.js';

/** A tensor that a kernel computes, or copies from where it was computed. */
export interface Item {
  readonly tensor: Tensor;
  /** The scalar of the host without which the item is not wanted; undefined if it always is. */
  readonly when?: number | undefined;
  /** Reads the tensor, which another draft computes, instead of computing it. */
  readonly copy: boolean;
  /** Computes what another draft computes as well, for these targets alone. */
  readonly again?: boolean;
  /** Outputs by position. */
  readonly outputs: readonly number[];
  /** Leaves that take its value: variables, or carries of a scan. */
  readonly targets: readonly Tensor[];
}

/** All of a draft are wanted under one condition. */
export type Draft = { readonly when?: number | undefined } & DraftOfKind;

type DraftOfKind =
  | { readonly kind: 'elementwise'; readonly extents: readonly number[]; readonly update: boolean; readonly items: Item[] }
  | { readonly kind: 'reduce'; readonly operandShape: readonly number[]; readonly axes: readonly number[]; readonly reductions: Item[]; readonly items: Item[] }
  | { readonly kind: 'matmul'; readonly product: Item; readonly items: Item[] }
  | { readonly kind: 'total'; readonly total: Item; readonly parts: readonly Tensor[]; readonly items: Item[] }
  /** Adds to the zeros that the draft before has written. */
  | { readonly kind: 'scatter'; readonly whole: Item; readonly items: Item[] }
  /** Its operands are tensors in memory, as a whole. */
  | { readonly kind: 'routine'; readonly whole: Item }
  /** A tensor that is where its first operand is; what reads it comes later. */
  | { readonly kind: 'alias'; readonly whole: Item }
  | { readonly kind: 'scan'; readonly scan: LoweredScan; readonly results: Item[] }
  /** Parts of one shape of a concat or pad tensor; none are the zeros with which a pad and a scatter begin. */
  | { readonly kind: 'assemble'; readonly whole: Item; readonly parts: readonly number[] };

export interface Schedule {
  readonly drafts: readonly Draft[];
  /** The draft that computes each realized tensor; the last part of one that is put together. */
  readonly positions: ReadonlyMap<Tensor, number>;
  /** Realized tensors that another draft than their own reads. */
  readonly external: ReadonlySet<Tensor>;
  readonly largestBody: number;
  readonly fuse: boolean;
}

export function schedule(choice: Choice): Schedule {
  return new Scheduler(choice).run();
}

/** After so many drafts that could take a tensor, but for their size, no more are looked at. */
const FULL = 8;

class Scheduler {
  private readonly drafts: Draft[] = [];
  private readonly positions = new Map<Tensor, number>();
  private readonly external = new Set<Tensor>();
  /** Tensors that are broadcast somewhere, such as a norm that scales many gradients. */
  private readonly repeated: ReadonlySet<Tensor>;
  /** The elementwise drafts that read a tensor, in their order, apart from what is repeated: those that share a tensor are worth joining. */
  private readonly touching = new Map<Tensor, number[]>();
  /** The code that each draft has for a tensor. */
  private readonly sizes: { readonly of: Map<Tensor, number>; total: number }[] = [];
  private readonly scans = new Map<LoweredScan, number>();

  constructor(private readonly choice: Choice) {
    this.repeated = new Set(choice.order.flatMap((t) => (t.op.kind === 'broadcast' && sizeOf(t.shape) > 1 ? t.args : [])));
  }

  run(): Schedule {
    const needed = this.neededBeforeUpdates();
    const read = new Set([...this.choice.codes.values()].flatMap(({ needs }) => needs.map(({ tensor }) => tensor)));
    const late: Item[] = [];
    for (const tensor of this.choice.order) {
      if (!this.choice.realized.has(tensor)) continue;
      const outputs = this.choice.outputs.get(tensor) ?? [];
      const targets = targetsByCondition(this.choice.updated.get(tensor) ?? []);
      const early = needed.has(tensor) || isStructural(tensor);
      const when = this.choice.whenOf(tensor);
      if (isLeaf(tensor) || targets.size === 0 || early) {
        if (!isLeaf(tensor)) this.place({ tensor, when, copy: false, outputs, targets: [] });
        else if (outputs.length > 0) this.placeElementwise({ tensor, when: undefined, copy: true, outputs, targets: [] }, false);
        for (const [condition, own] of targets) late.push({ tensor, when: condition, copy: true, outputs: [], targets: own });
      } else {
        // What it is written to more seldom than it is computed has kernels of its own, which have it from what is there anyway.
        const own = targets.get(when) ?? [];
        if (own.length > 0 || outputs.length > 0 || read.has(tensor)) late.push({ tensor, when, copy: false, outputs, targets: own });
        for (const [condition, others] of targets) if (condition !== when) late.push({ tensor, when: condition, copy: false, again: true, outputs: [], targets: others });
      }
    }
    for (const item of late) this.placeElementwise(item, true);
    const { largestBody, fuse } = this.choice;
    return { drafts: this.drafts, positions: this.positions, external: this.external, largestBody, fuse };
  }

  /** Tensors that something else than a late update needs. */
  private neededBeforeUpdates(): ReadonlySet<Tensor> {
    const early = this.choice.order.filter((t) => this.choice.realized.has(t) && !(this.choice.updated.has(t) && !isStructural(t)));
    const needed = new Set(reachable(early.flatMap((t) => t.args)));
    // A structural tensor is computed early, and so is all that it needs.
    return needed;
  }

  private place(item: Item): void {
    switch (item.tensor.op.kind) {
      case 'reduce':
        this.placeReduce(item);
        break;
      case 'matmul':
        this.add(item, { kind: 'matmul', when: item.when, product: item, items: [] }, this.readElsewhere(item).sizes);
        break;
      case 'total':
        this.readElsewhere(item);
        this.add(item, { kind: 'total', when: item.when, total: item, parts: partsOfTotal(item.tensor, this.choice.absorbed), items: [] });
        break;
      case 'scatter':
        this.readElsewhere(item);
        this.add(item, { kind: 'assemble', when: item.when, whole: item, parts: [] });
        this.add(item, { kind: 'scatter', when: item.when, whole: item, items: [] });
        break;
      case 'scan':
        this.placeScan(item, item.tensor.op.scan);
        break;
      case 'routine':
        this.readElsewhere(item);
        this.add(item, { kind: 'routine', when: item.when, whole: item });
        break;
      case 'barrier':
        this.readElsewhere(item);
        this.add(item, { kind: 'alias', when: item.when, whole: item });
        break;
      case 'pad':
      case 'concat':
        this.readElsewhere(item);
        if (item.tensor.op.kind === 'pad') this.add(item, { kind: 'assemble', when: item.when, whole: item, parts: [] });
        for (const parts of partsOfOneShape(item.tensor, this.choice.sizeOf, this.choice.largestBody)) this.add(item, { kind: 'assemble', when: item.when, whole: item, parts });
        break;
      default:
        this.placeElementwise(item, false);
    }
  }

  private codeOf({ tensor, copy }: Item): Code {
    const code = copy ? undefined : this.choice.codes.get(tensor);
    return code ?? { needs: [{ tensor, identity: true }], sizes: new Map([[tensor, LOAD]]) };
  }

  /** What a kernel of its own reads, none of which is computed in it. */
  private readElsewhere(item: Item): Code {
    const code = this.codeOf(item);
    for (const { tensor } of code.needs) this.external.add(tensor);
    return code;
  }

  private add(item: Item, draft: Draft, sizes: ReadonlyMap<Tensor, number> = new Map()): void {
    this.drafts.push(draft);
    let total = 0;
    for (const code of sizes.values()) total += code;
    this.sizes.push({ of: new Map(sizes), total });
    if (isFirst(item)) this.positions.set(item.tensor, this.drafts.length - 1);
  }

  /** All that is wanted of one run of a scan is computed by that run. */
  private placeScan(item: Item, scan: LoweredScan): void {
    const at = this.scans.get(scan);
    const draft = this.drafts[at ?? -1];
    if (at !== undefined && draft?.kind === 'scan') {
      draft.results.push(item);
      this.positions.set(item.tensor, at);
      return;
    }
    this.readElsewhere(item);
    this.add(item, { kind: 'scan', when: item.when, scan, results: [item] });
    this.scans.set(scan, this.drafts.length - 1);
  }

  private placeReduce(item: Item): void {
    const [a] = item.tensor.args;
    const { op } = item.tensor;
    if (a === undefined || op.kind !== 'reduce') return;
    const { needs, sizes } = this.readElsewhere(item);
    const after = this.lastPosition(needs);
    let full = 0;
    for (const at of this.choice.fuse ? this.sharing(needs, after + 1) : []) {
      const draft = this.drafts[at];
      if (draft?.kind !== 'reduce' || draft.when !== item.when || draft.operandShape.join() !== a.shape.join() || draft.axes.join() !== op.axes.join()) continue;
      if (!this.fits(at, sizes)) {
        if (++full === FULL) break;
        continue;
      }
      draft.reductions.push(item);
      this.join(item, at, { needs, sizes });
      return;
    }
    this.add(item, { kind: 'reduce', when: item.when, operandShape: a.shape, axes: op.axes, reductions: [item], items: [] });
    this.join(item, this.drafts.length - 1, { needs, sizes });
  }

  private placeElementwise(item: Item, update: boolean): void {
    const { needs, sizes } = this.codeOf(item);
    const after = this.lastPosition(needs);
    const extents = item.tensor.shape.filter((d) => d !== 1);
    const at = this.openFor(item, extents, update, { needs, sizes }, after);
    if (at === undefined) this.add(item, { kind: 'elementwise', when: item.when, extents, update, items: [item] });
    this.join(item, at ?? this.drafts.length - 1, { needs, sizes });
    const draft = at === undefined ? undefined : this.drafts[at];
    if (draft !== undefined && 'items' in draft) draft.items.push(item);
  }

  /** The first draft that takes a nest over these extents, if there is one. */
  private openFor({ when }: Item, extents: readonly number[], update: boolean, { needs, sizes }: Code, after: number): number | undefined {
    if (!this.choice.fuse) return undefined;
    const takes = (at: number): boolean => {
      const draft = this.drafts[at];
      return draft?.when === when && draft !== undefined && this.accepts(draft, at, after, extents, update, needs);
    };
    if (takes(after) && this.fits(after, sizes)) return after;
    let full = 0;
    for (const at of this.sharing(needs, after + 1)) {
      if (!takes(at)) continue;
      if (this.fits(at, sizes)) return at;
      if (++full === FULL) return undefined;
    }
    return undefined;
  }

  private accepts(draft: Draft, at: number, after: number, extents: readonly number[], update: boolean, needs: readonly Dependency[]): boolean {
    if (at === after && needs.some(({ tensor, identity }) => !identity && this.positions.get(tensor) === at)) return false;
    switch (draft.kind) {
      case 'elementwise':
        return draft.update === update && draft.extents.join() === extents.join();
      case 'reduce': {
        const [first] = draft.reductions;
        return !update && at === after && first !== undefined && long(first.tensor.shape) === extents.join();
      }
      case 'matmul':
        return !update && at === after && long(draft.product.tensor.shape) === extents.join();
      case 'total':
        return !update && at === after && extents.length === 0;
      case 'scatter':
      case 'routine':
      case 'scan':
      case 'alias':
      case 'assemble':
        return false;
    }
  }

  /** Whether a draft's code stays small enough with that of one more tensor; what both compute is computed once. */
  private fits(at: number, more: ReadonlyMap<Tensor, number>): boolean {
    const own = this.sizes[at];
    let size = own?.total ?? 0;
    for (const [tensor, code] of more) {
      if (own?.of.has(tensor) !== true) size += code;
      if (size > this.choice.largestBody) return false;
    }
    return true;
  }

  /** Notes what a draft computes and reads with one more item. */
  private join(item: Item, at: number, { needs, sizes }: Code): void {
    if (isFirst(item)) this.positions.set(item.tensor, at);
    const own = this.sizes[at];
    for (const [tensor, code] of sizes) {
      if (own === undefined || own.of.has(tensor)) continue;
      own.of.set(tensor, code);
      own.total += code;
    }
    for (const { tensor } of needs) {
      if (this.positions.get(tensor) !== at) this.external.add(tensor);
      if (this.repeated.has(tensor)) continue;
      const list = this.touching.get(tensor);
      if (list === undefined) this.touching.set(tensor, [at]);
      else insert(list, at);
    }
  }

  private lastPosition(needs: readonly Dependency[]): number {
    let last = -1;
    for (const { tensor } of needs) last = Math.max(last, this.positions.get(tensor) ?? -1);
    return last;
  }

  /** The drafts from a position on that read one of the tensors, in their order. */
  private *sharing(needs: readonly Dependency[], from: number): Generator<number> {
    const lists = needs.flatMap(({ tensor }) => {
      const list = this.touching.get(tensor);
      return list === undefined ? [] : [{ list, next: firstFrom(list, from) }];
    });
    for (;;) {
      let least = Infinity;
      for (const { list, next } of lists) least = Math.min(least, next < list.length ? itemAt(list, next, 'position') : Infinity);
      if (least === Infinity) return;
      yield least;
      for (const cursor of lists) if (cursor.list[cursor.next] === least) cursor.next++;
    }
  }
}

/** Whether an item is the one that makes its tensor. */
export function isFirst({ copy, again }: Item): boolean {
  return !copy && again !== true;
}

/** Leaves that take a value under one condition. */
function targetsByCondition(assignments: readonly Assignment[]): ReadonlyMap<number | undefined, readonly Tensor[]> {
  const targets = new Map<number | undefined, Tensor[]>();
  for (const { target, when } of assignments) append(targets, when, target);
  return targets;
}

/** Parts written by one kernel: more would need too many registers. */
const PARTS = 8;

/** The operands of a tensor that is put together, those of one shape next to each other. */
function partsOfOneShape({ args }: Tensor, codeSize: (tensor: Tensor) => number, largestBody: number): number[][] {
  const groups: number[][] = [];
  const open = new Map<string, { readonly group: number[]; size: number }>();
  for (const [part, operand] of args.entries()) {
    const key = operand.shape.join();
    const last = open.get(key);
    const size = codeSize(operand);
    if (last !== undefined && last.group.length < PARTS && last.size + size <= largestBody) {
      last.group.push(part);
      last.size += size;
    } else {
      const started = [part];
      groups.push(started);
      open.set(key, { group: started, size });
    }
  }
  return groups;
}

function long(shape: readonly number[]): string {
  return shape.filter((d) => d !== 1).join();
}
