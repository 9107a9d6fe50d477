/**
 * Which realized tensors are computed together. A draft is a kernel to be: a loop with several results, a reduction or a
 * product with what follows it element by element, or one part of a tensor that is put together.
 *
 * Updates come last, so that everything else has read the old values; within the updates, a tensor joins the loop that
 * shares its operands.
 */
import { sizeOf } from '@pappus/core';
import { type Affine, linear, sameOver } from './affine.js';
import { BodyBuilder, identityIndices, MustRealize } from './body.js';
import { chooseRealized, isLeaf, isStructural, reachable, withoutReshapes } from './realize.js';
import type { LoweredLoop, Tensor } from './tensor.js';

/** A tensor that a loop computes, or copies from where it was computed. */
export interface Item {
  readonly tensor: Tensor;
  /** Reads the tensor, which another draft computes, instead of computing it. */
  readonly copy: boolean;
  /** Outputs by position. */
  readonly outputs: readonly number[];
  /** Leaves that take its value: variables, or carries of a loop. */
  readonly targets: readonly Tensor[];
}

export type Draft =
  | { readonly kind: 'map'; readonly extents: readonly number[]; readonly update: boolean; readonly items: Item[] }
  | { readonly kind: 'reduce'; readonly operandShape: readonly number[]; readonly axes: readonly number[]; readonly reductions: Item[]; readonly items: Item[] }
  | { readonly kind: 'matmul'; readonly product: Item; readonly items: Item[] }
  | { readonly kind: 'total'; readonly total: Item; readonly items: Item[] }
  /** Adds to the zeros that the draft before has written. */
  | { readonly kind: 'scatter'; readonly whole: Item; readonly items: Item[] }
  /** A tensor that is where its first operand is; what reads it comes later. */
  | { readonly kind: 'alias'; readonly whole: Item }
  | { readonly kind: 'repeat'; readonly loop: LoweredLoop; readonly results: Item[] }
  /** Parts of one shape of a concat or pad tensor; none are the zeros with which a pad and a scatter begin. */
  | { readonly kind: 'assemble'; readonly whole: Item; readonly parts: readonly number[] };

export interface Schedule {
  readonly drafts: readonly Draft[];
  /** The draft that computes each realized tensor; the last part of one that is put together. */
  readonly positions: ReadonlyMap<Tensor, number>;
  /** Realized tensors that another draft than their own reads. */
  readonly external: ReadonlySet<Tensor>;
}

interface Dependency {
  readonly tensor: Tensor;
  /** Whether the element read is the one that is computed. */
  readonly identity: boolean;
}

/** What is to be computed: a program, or one step of a loop. */
export interface Work {
  readonly outputs: readonly Tensor[];
  readonly updates: readonly { readonly target: Tensor; readonly value: Tensor }[];
  /** Whether outputs and updates that the host knows are left to it. */
  readonly hosts: boolean;
}

/** Schedules, giving memory to what turns out not to be computable in place, until all is. */
export function schedule(work: Work): Schedule {
  const forced = new Set<Tensor>();
  for (;;) {
    try {
      return new Scheduler(work, forced).run();
    } catch (error) {
      if (!(error instanceof MustRealize) || forced.has(error.tensor)) throw error;
      forced.add(error.tensor);
    }
  }
}

export function isHosted(tensor: Tensor): boolean {
  return tensor.shape.length === 0 && (tensor.op.kind === 'host' || tensor.op.kind === 'constant');
}

class Scheduler {
  private readonly drafts: Draft[] = [];
  private readonly positions = new Map<Tensor, number>();
  private readonly external = new Set<Tensor>();
  private readonly outputs = new Map<Tensor, number[]>();
  private readonly updated = new Map<Tensor, Tensor[]>();
  private readonly realized: ReadonlySet<Tensor>;
  private readonly order: readonly Tensor[];
  /** Tensors that are broadcast somewhere, such as a norm that scales many gradients. */
  private readonly repeated: ReadonlySet<Tensor>;
  /** What each loop draft reads, apart from what is repeated: loops that share a tensor are worth joining. */
  private readonly touched = new Map<Draft, Set<Tensor>>();

  constructor({ outputs, updates, hosts }: Work, forced: ReadonlySet<Tensor>) {
    for (const [position, value] of outputs.entries()) {
      const tensor = withoutReshapes(value);
      if (!hosts || !isHosted(tensor)) this.outputs.set(tensor, [...(this.outputs.get(tensor) ?? []), position]);
    }
    for (const { target, value } of updates) {
      const tensor = withoutReshapes(value);
      if ((hosts && isHosted(tensor)) || tensor === target) continue;
      this.updated.set(tensor, [...(this.updated.get(tensor) ?? []), target]);
    }
    const roots = new Set([...this.outputs.keys(), ...this.updated.keys()]);
    this.order = reachable(roots);
    this.repeated = new Set(this.order.flatMap((t) => (t.op.kind === 'broadcast' && sizeOf(t.shape) > 1 ? t.args : [])));
    this.realized = chooseRealized(this.order, roots, forced);
  }

  run(): Schedule {
    const needed = this.neededBeforeUpdates();
    const late: Item[] = [];
    for (const tensor of this.order) {
      if (!this.realized.has(tensor)) continue;
      const outputs = this.outputs.get(tensor) ?? [];
      const targets = this.updated.get(tensor) ?? [];
      const early = needed.has(tensor) || isStructural(tensor);
      if (isLeaf(tensor)) {
        if (outputs.length > 0) this.placeMap({ tensor, copy: true, outputs, targets: [] }, false);
        if (targets.length > 0) late.push({ tensor, copy: true, outputs: [], targets });
      } else if (targets.length > 0 && !early) {
        late.push({ tensor, copy: false, outputs, targets });
      } else {
        this.place({ tensor, copy: false, outputs, targets: [] });
        if (targets.length > 0) late.push({ tensor, copy: true, outputs: [], targets });
      }
    }
    for (const item of late) this.placeMap(item, true);
    return { drafts: this.drafts, positions: this.positions, external: this.external };
  }

  /** Tensors that something else than a late update needs. */
  private neededBeforeUpdates(): ReadonlySet<Tensor> {
    const early = this.order.filter((t) => this.realized.has(t) && !(this.updated.has(t) && !isStructural(t)));
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
        for (const arg of item.tensor.args) this.dependencies(arg, arg.shape, false);
        this.add(item, { kind: 'matmul', product: item, items: [] });
        break;
      case 'total':
        for (const arg of item.tensor.args) this.dependencies(arg, arg.shape, false);
        this.add(item, { kind: 'total', total: item, items: [] });
        break;
      case 'scatter':
        for (const arg of item.tensor.args) this.dependencies(arg, arg.shape, false);
        this.add(item, { kind: 'assemble', whole: item, parts: [] });
        this.add(item, { kind: 'scatter', whole: item, items: [] });
        break;
      case 'scan':
        this.placeLoop(item, item.tensor.op.loop);
        break;
      case 'barrier':
        for (const arg of item.tensor.args.slice(0, 1)) this.dependencies(arg, arg.shape, false);
        this.add(item, { kind: 'alias', whole: item });
        break;
      case 'pad':
      case 'concat':
        for (const arg of item.tensor.args) this.dependencies(arg, arg.shape, false);
        if (item.tensor.op.kind === 'pad') this.add(item, { kind: 'assemble', whole: item, parts: [] });
        for (const parts of partsOfOneShape(item.tensor)) this.add(item, { kind: 'assemble', whole: item, parts });
        break;
      default:
        this.placeMap(item, false);
    }
  }

  private add(item: Item, draft: Draft): void {
    this.drafts.push(draft);
    if (!item.copy) this.positions.set(item.tensor, this.drafts.length - 1);
  }

  /** All that is wanted of one run of a loop is computed by that run. */
  private placeLoop(item: Item, loop: LoweredLoop): void {
    const at = this.drafts.findIndex((draft) => draft.kind === 'repeat' && draft.loop === loop);
    const draft = this.drafts[at];
    if (draft?.kind === 'repeat') {
      draft.results.push(item);
      this.positions.set(item.tensor, at);
      return;
    }
    for (const arg of item.tensor.args) this.dependencies(arg, arg.shape, false);
    this.add(item, { kind: 'repeat', loop, results: [item] });
  }

  private placeReduce(item: Item): void {
    const [a] = item.tensor.args;
    const { op } = item.tensor;
    if (a === undefined || op.kind !== 'reduce') return;
    const needs = this.dependencies(a, a.shape, false);
    const after = this.lastPosition(needs);
    for (let at = after + 1; at < this.drafts.length; at++) {
      const draft = this.drafts[at];
      if (draft?.kind !== 'reduce' || draft.operandShape.join() !== a.shape.join() || draft.axes.join() !== op.axes.join()) continue;
      if (!this.shares(draft, needs)) continue;
      draft.reductions.push(item);
      this.positions.set(item.tensor, at);
      this.markExternal(needs, at);
      this.touch(draft, needs);
      return;
    }
    const draft: Draft = { kind: 'reduce', operandShape: a.shape, axes: op.axes, reductions: [item], items: [] };
    this.add(item, draft);
    this.markExternal(needs, this.drafts.length - 1);
    this.touch(draft, needs);
  }

  private placeMap(item: Item, update: boolean): void {
    const needs = item.copy ? [{ tensor: item.tensor, identity: true }] : this.dependencies(item.tensor, item.tensor.shape, true);
    const after = this.lastPosition(needs);
    const extents = item.tensor.shape.filter((d) => d !== 1);
    for (let at = Math.max(after, 0); at < this.drafts.length; at++) {
      const draft = this.drafts[at];
      if (draft === undefined || !this.accepts(draft, at, after, extents, update, needs)) continue;
      if (draft.kind === 'assemble' || draft.kind === 'repeat' || draft.kind === 'alias') continue;
      draft.items.push(item);
      if (!item.copy) this.positions.set(item.tensor, at);
      this.markExternal(needs, at);
      this.touch(draft, needs);
      return;
    }
    const draft: Draft = { kind: 'map', extents, update, items: [item] };
    this.add(item, draft);
    this.markExternal(needs, this.drafts.length - 1);
    this.touch(draft, needs);
  }

  private accepts(
    draft: Draft,
    at: number,
    after: number,
    extents: readonly number[],
    update: boolean,
    needs: readonly Dependency[],
  ): boolean {
    const direct = needs.filter(({ tensor }) => this.positions.get(tensor) === at);
    if (at === after && direct.some((d) => !d.identity)) return false;
    switch (draft.kind) {
      case 'map':
        return draft.update === update && draft.extents.join() === extents.join() && (direct.length > 0 || this.shares(draft, needs));
      case 'reduce': {
        const [first] = draft.reductions;
        return !update && at === after && first !== undefined && long(first.tensor.shape) === extents.join();
      }
      case 'matmul':
        return !update && at === after && long(draft.product.tensor.shape) === extents.join();
      case 'total':
        return !update && at === after && extents.length === 0;
      case 'scatter':
      case 'repeat':
      case 'alias':
      case 'assemble':
        return false;
    }
  }

  private lastPosition(needs: readonly Dependency[]): number {
    return Math.max(-1, ...needs.map(({ tensor }) => this.positions.get(tensor) ?? -1));
  }

  private shares(draft: Draft, needs: readonly Dependency[]): boolean {
    const touched = this.touched.get(draft);
    return touched !== undefined && needs.some(({ tensor }) => touched.has(tensor));
  }

  private touch(draft: Draft, needs: readonly Dependency[]): void {
    const touched = this.touched.get(draft) ?? new Set<Tensor>();
    for (const { tensor } of needs) if (!this.repeated.has(tensor)) touched.add(tensor);
    this.touched.set(draft, touched);
  }

  private markExternal(needs: readonly Dependency[], at: number): void {
    for (const { tensor } of needs) if (this.positions.get(tensor) !== at) this.external.add(tensor);
  }

  /** The realized tensors and leaves that the computation of a tensor reads, by a trial of writing its code. */
  private dependencies(tensor: Tensor, shape: readonly number[], define: boolean): Dependency[] {
    const found = new Map<Tensor, boolean>();
    const own = linear(identityIndices(shape, shape), shape, shape.length);
    const builder = new BodyBuilder(shape, (used: Tensor, position: Affine) => {
      if (!isLeaf(used) && !this.realized.has(used)) return undefined;
      found.set(used, (found.get(used) ?? true) && sameOver(position, own, shape));
      return { kind: 'result', index: used.id, dtype: used.dtype };
    });
    const indices = identityIndices(shape, shape);
    if (define) builder.define(tensor, indices);
    else builder.value(tensor, indices);
    const needs = [...found].map(([used, identity]) => ({ tensor: used, identity }));
    if (!define) for (const { tensor: used } of needs) this.external.add(used);
    return needs;
  }
}

/** Parts written by one kernel: more would need too many registers. */
const PARTS = 8;

/** The operands of a tensor that is put together, those of one shape next to each other. */
function partsOfOneShape({ args }: Tensor): number[][] {
  const groups: number[][] = [];
  const open = new Map<string, number[]>();
  for (const [part, { shape }] of args.entries()) {
    const key = shape.join();
    const group = open.get(key);
    if (group !== undefined && group.length < PARTS) {
      group.push(part);
    } else {
      const started = [part];
      groups.push(started);
      open.set(key, started);
    }
  }
  return groups;
}

function long(shape: readonly number[]): string {
  return shape.filter((d) => d !== 1).join();
}
