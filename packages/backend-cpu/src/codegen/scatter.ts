/**
 * Scatter kernels: additions at computed positions, in row-major order, so that the bits are the same in every run. Floats are added in
 * place, up to `RUN` on one element; then what they come to goes to a total beside it (scatter-totals.ts) and the element begins anew, so
 * that the error does not grow with how many fall on it. Short rows are added to totals at once.
 */
import { type Body, codeOf, extentAlong, itemAt, mapAffines, type ScatterKernel } from '@pappus/compiler';
import { f64x2, i32, i32x4, v128, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import { RUN } from './accumulator.js';
import { BodyEmitter, type Displacement, type Environment } from './body-emitter.js';
import { addressIn, addressOf, flat, type Room } from './flat-values.js';
import { forAll } from './elementwise.js';
import { render } from './rendering.js';
import { layOutScatter, type ScatterLayout } from './scatter-layout.js';
import { addToTotal, type HalfOf, totalOf } from './scatter-totals.js';
import { constantVector, type VectorLocal } from './vectors.js';

/** Vectors of a row that are added at once, where the body is short. */
const WIDTH = 4;
const LONG_BODY = 24;
/** The bits of an index's word that count the additions of its run; above them is the number of its total, from 1, or 0 for none. */
const RUN_BITS = 4;

type Indices = readonly (Local<'i32'> | undefined)[];
/** What is done with one of several vectors of a row. */
type Each = (valid: number, displacement: Displacement, vector: number) => void;
type Exchange = (key: Local<'i32'>, slot: Local<'i32'>, next: (old: VectorLocal, at: HalfOf) => VectorLocal) => void;

/** Emits a scatter that adds something somewhere. */
export function emitScatter(environment: Environment, kernel: ScatterKernel, scratch: Room): void {
  if (!kernel.extents.includes(0) && kernel.count !== 0) new ScatterEmitter(environment, kernel, scratch).emit();
}

class ScatterEmitter {
  private readonly layout: ScatterLayout;
  /** The index of a position, its address. */
  private readonly keyAt: (position: Value<'i32'>) => Value<'i32'>;
  /** The nest of what is added, and what computes it. */
  private readonly extents: readonly number[];
  private readonly indexed: readonly boolean[];
  private readonly body: Body;
  private readonly reach: Environment;

  constructor(
    private readonly environment: Environment,
    private readonly kernel: ScatterKernel,
    private readonly scratch: Room,
  ) {
    const { body, index } = kernel;
    const { f } = environment;
    const layout = layOutScatter(kernel);
    this.layout = layout;
    const room = (bytes: number): Room => ({ ...scratch, start: f.let(i32.add(scratch.start, i32.const(bytes))) });
    const along = (strides: readonly number[]): number[] => strides.filter((_, k) => layout.indexed[k] === true);
    const code = mapAffines(codeOf(body, index), ({ offset, strides }) => ({ offset, strides: along(strides) }));
    this.keyAt = addressIn(flat(environment, code, along(kernel.extents), 'int32', room(layout.keys)));
    const added = codeOf(body, itemAt(body.stores, 0, 'store').value);
    const storing = (instructions: Body['instructions']): Body =>
      ({ instructions, stores: body.stores.map(({ access }) => ({ access, value: instructions.length - 1 })) });
    if (layout.axis >= 0) {
      [this.extents, this.indexed, this.body, this.reach] = [kernel.extents, layout.indexed, storing(added.instructions), environment];
    } else {
      // Single elements are added one by one, but computed in vectors before.
      const values = flat(environment, added, kernel.extents, layout.dtype, room(layout.values));
      const access = { buffer: values.buffer, offset: values.offset, strides: [1] };
      [this.extents, this.indexed, this.body, this.reach] =
        [[layout.positions], [true], storing([{ kind: 'load', access, dtype: layout.dtype }]), values.environment];
    }
  }

  emit(): void {
    const { extents, layout: { axis, inRow, narrow }, environment: { f, lanes } } = this;
    forAll(f, extents.map((n, k) => (this.indexed[k] === true || inRow[k] === true ? undefined : n)), (kept) => {
      if (!narrow) return this.addAll(kept, undefined, lanes);
      const extent = extentAlong(extents, axis);
      const start = f.local('i32');
      f.set(start, i32.const(0));
      f.whileLess(start, i32.const(extent - (extent % lanes)), lanes, () => this.addAll(kept, start, lanes));
      if (extent % lanes > 0) this.addAll(kept, start, extent % lanes);
    });
  }

  /** Adds all to the rows at `kept`; where they are narrow, to `valid` lanes from `start` on. */
  private addAll(kept: Indices, start: Local<'i32'> | undefined, valid: number): void {
    const { environment, layout } = this;
    const { f } = environment;
    const add = this.emitter(this.body);
    const last = this.body.instructions.length - 1;
    const forRow = (emitter: BodyEmitter, indices: Indices, each: Each, after?: (vectors: number) => void): void =>
      this.forRow(emitter, indices, start, valid, each, after);
    const addRow = (key: Local<'i32'>, indices: Indices): void => {
      const by = this.elements(key);
      forRow(add, indices, (count, displacement) => {
        const value = add.compute(count, displacement)(last);
        add.replace(by, count, displacement, (old) => f.let(render('add', { ...environment, operand: layout.dtype, known: [] }, [old, value], layout.dtype)));
      });
    };
    const bare = this.emitter({ ...this.body, instructions: [] });
    /** The elements of an index beside their totals: what they become. */
    const exchange = (key: Local<'i32'>, slot: Local<'i32'>, next: (old: VectorLocal, at: HalfOf) => VectorLocal): void => {
      const by = this.elements(key);
      const { total, move } = this.totalsOf(slot);
      forRow(bare, kept, (count, displacement, vector) => {
        let made: VectorLocal | undefined;
        // All tensors that are added to hold the same.
        bare.replace(by, count, displacement, (old) => (made ??= next(old, total(vector))));
      }, move);
    };
    const finish = (key: Local<'i32'>, slot: Local<'i32'>): void => exchange(key, slot, (old, at) => {
      this.addTo(at, old);
      return f.let(totalOf(f, layout.dtype, layout.lanes, at));
    });
    if (layout.most === 0) {
      this.forPositions(kept, addRow);
    } else if (layout.direct) {
      this.clear(layout.totals, layout.most * layout.rowBytes);
      this.forPositions(kept, (key, indices) => {
        const { total, move } = this.totalsOf(key);
        forRow(add, indices, (count, displacement, vector) => this.addTo(total(vector), add.compute(count, displacement)(last)), move);
      });
      this.forEach(i32.const(layout.most), (key) => finish(key, key));
    } else {
      this.addRuns(kept, addRow, exchange, finish);
    }
  }

  /** Adds in place, run by run; a full run goes to the total of its index. */
  private addRuns(kept: Indices, addRow: (key: Local<'i32'>, indices: Indices) => void, exchange: Exchange, finish: (key: Local<'i32'>, slot: Local<'i32'>) => void): void {
    const { environment: { f }, layout } = this;
    const totals = f.local('i32');
    f.set(totals, i32.const(0));
    this.clearRuns();
    this.forPositions(kept, (key, indices) => {
      const word = f.let(i32.load(this.run(key, 'read')));
      f.if(i32.geU(i32.and(word, i32.const((1 << RUN_BITS) - 1)), i32.const(RUN)), () => {
        const slot = f.let(i32.sub(i32.shrU(word, i32.const(RUN_BITS)), i32.const(1)));
        f.if(i32.ltS(slot, i32.const(0)), () => {
          f.set(slot, totals);
          f.set(totals, i32.add(totals, i32.const(1)));
          f.emit(i32.store(this.owner(slot, 'write'), key));
          this.clear(layout.totals, layout.rowBytes, slot);
        });
        f.set(word, i32.shl(i32.add(slot, i32.const(1)), i32.const(RUN_BITS)));
        exchange(key, slot, (old, at) => {
          this.addTo(at, old);
          return f.let(constantVector(0, layout.dtype));
        });
      });
      addRow(key, indices);
      // Last, since processors take the word for the element, which may be a multiple of 4,096 bytes away, and would wait for it.
      f.emit(i32.store(this.run(key, 'write'), i32.add(word, i32.const(1))));
    });
    this.forEach(totals, (slot) => finish(f.let(i32.load(this.owner(slot, 'read'))), slot));
  }

  private forEach(count: Value<'i32'>, each: (k: Local<'i32'>) => void): void {
    const { f } = this.environment;
    const k = f.local('i32');
    f.set(k, i32.const(0));
    f.whileLess(k, count, 1, () => each(k));
  }

  private addTo(at: HalfOf, value: VectorLocal): void {
    const { dtype, lanes } = this.layout;
    addToTotal(this.environment.f, dtype, lanes, at, value);
  }

  /** The totals of the vectors of a row, the first of them being behind those that were moved over. */
  private totalsOf(slot: Local<'i32'>): { readonly total: (vector: number) => HalfOf; readonly move: (vectors: number) => void } {
    const { environment: { f }, layout: { totals, rowBytes, totalBytes } } = this;
    const from = f.let(addressOf(this.scratch.start, slot, rowBytes));
    return {
      total: (vector) => (half, kind) => this.checked(i32.add(from, i32.const(totals + vector * totalBytes + half * 16)), 16, kind),
      move: (vectors) => f.set(from, i32.add(from, i32.const(vectors * totalBytes))),
    };
  }

  private emitter(body: Body): BodyEmitter {
    const { axis } = this.layout;
    return new BodyEmitter(this.reach, body, axis, axis < 0 ? [] : [axis]);
  }

  /** Runs `each` for every position whose index is on the axis, with its indices. */
  private forPositions(kept: Indices, each: (key: Local<'i32'>, indices: Indices) => void): void {
    const { f } = this.environment;
    const position = f.local('i32');
    f.set(position, i32.const(0));
    forAll(f, this.extents.map((n, k) => (this.indexed[k] === true ? n : undefined)), (indices) => {
      const key = f.let(i32.load(this.keyAt(position)));
      f.if(i32.ltU(key, i32.const(this.kernel.count | 0)), () => each(key, indices.map((index, k) => index ?? kept[k])));
      f.set(position, i32.add(position, i32.const(1)));
    });
  }

  /** Runs `each` for every vector of a row, several at a time where there are many, and `after` behind those. */
  private forRow(emitter: BodyEmitter, indices: Indices, start: Local<'i32'> | undefined, valid: number, each: Each, after: (vectors: number) => void = () => undefined): void {
    const { extents, layout: { axis, inRow, narrow }, environment: { f, lanes } } = this;
    if (axis < 0 || narrow) {
      emitter.enter(extents.map((_, k) => (k === axis ? start : indices[k])));
      each(axis < 0 ? 1 : valid, { axis, count: 0 }, 0);
      return;
    }
    const extent = extentAlong(extents, axis);
    const vectors = Math.floor(extent / lanes);
    const width = this.body.instructions.length > LONG_BODY ? 1 : WIDTH;
    const group = (count: number): void => {
      for (let vector = 0; vector < count; vector++) each(lanes, { axis, count: vector * lanes }, vector);
      emitter.advance(axis, count * lanes);
      after(count);
    };
    forAll(f, extents.map((n, k) => (inRow[k] === true && k !== axis ? n : undefined)), (inner) => {
      emitter.enter(extents.map((_, k) => (k === axis ? undefined : (inner[k] ?? indices[k]))));
      const groups = Math.floor(vectors / width);
      const run = (count: number, size: number): void => {
        const done = f.local('i32');
        f.set(done, i32.const(0));
        if (count === 1) group(size);
        else f.whileLess(done, i32.const(count), 1, () => group(size));
      };
      if (groups > 0) run(groups, width);
      if (vectors % width > 0) group(vectors % width);
      if (extent % lanes > 0) {
        each(extent % lanes, { axis, count: 0 }, 0);
        after(1);
      }
    });
  }

  private elements(key: Local<'i32'>): Local<'i32'> {
    return this.environment.f.let(i32.mul(key, i32.const(this.kernel.stride)));
  }

  /** No index has had any addition. Of the scratch memory only what indices name is touched where that is little. */
  private clearRuns(): void {
    const { kernel: { count }, environment: { f }, layout: { positions } } = this;
    const key = f.local('i32');
    f.set(key, i32.const(0));
    if (count <= 4 * positions) f.whileLess(key, i32.const(count), 4, () => f.emit(v128.store(this.run(key, 'write', 16), i32x4.const(0))));
    else this.forPositions([], (named) => f.emit(i32.store(this.run(named, 'write'), i32.const(0))));
  }

  /** Sets memory to 0: `bytes` from an offset on, times a slot of so many bytes. */
  private clear(offset: number, bytes: number, slot?: Local<'i32'>): void {
    const { f } = this.environment;
    const at = f.let(slot === undefined ? this.scratch.start : addressOf(this.scratch.start, slot, bytes));
    const end = f.let(i32.add(at, i32.const(bytes)));
    f.whileLess(at, end, 16, () => f.emit(v128.store(this.checked(i32.add(at, i32.const(offset)), 16, 'write'), f64x2.const(0))));
  }

  /** The word of an index: its run and its total. */
  private run(key: Local<'i32'>, kind: 'read' | 'write', bytes = 4): Value<'i32'> {
    return this.checked(addressOf(this.scratch.start, key, 4), bytes, kind);
  }

  /** The index that a total belongs to. */
  private owner(slot: Local<'i32'>, kind: 'read' | 'write'): Value<'i32'> {
    return this.checked(i32.add(addressOf(this.scratch.start, slot, 4), i32.const(this.layout.owners)), 4, kind);
  }

  /** An address in the scratch memory. */
  private checked(address: Value<'i32'>, bytes: number, kind: 'read' | 'write'): Value<'i32'> {
    return this.scratch.bounds?.checked(address, bytes, kind) ?? address;
  }
}
