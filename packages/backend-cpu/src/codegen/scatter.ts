/**
 * Scatter kernels: additions at computed positions. Where rows are added, what falls on one element is summed by going through the list of its positions, and
 * written once. Lists are in row-major order, so that the bits are the same in every run.
 */
import { type Body, codeOf, indexedAxes, type ScatterKernel } from '@pappus/compiler';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { forAll } from './loop.js';
import { render } from './rendering.js';
import { dtypeOf, elementsScratchBytes, emitElements } from './scatter-elements.js';
import { emitLists, ifInside, indexedExtents, type Lists, listsScratchBytes } from './scatter-lists.js';
import { ScatterSum } from './scatter-sum.js';

/** Vectors side by side whose lists are gone through together. */
const WIDTH = 4;
const LONG_BODY = 24;

type Indices = readonly (Local<'i32'> | undefined)[];

function hasRows(kernel: ScatterKernel): boolean {
  return indexedAxes(kernel).includes(false);
}

export function scatterScratchBytes(kernel: ScatterKernel): number {
  return hasRows(kernel) ? listsScratchBytes(kernel) : elementsScratchBytes(kernel);
}

export function emitScatter(environment: Environment, kernel: ScatterKernel, scratch: Local<'i32'>): void {
  if (kernel.extents.includes(0) || kernel.count === 0) return;
  if (!hasRows(kernel)) emitElements(environment, kernel, scratch);
  else new RowsEmitter(environment, kernel, emitLists(environment, kernel, scratch)).emit();
}

/** Elements of a row that are summed together: where they begin, and how many vectors, the last of so many lanes. */
interface Columns {
  readonly start: Local<'i32'>;
  readonly width: number;
  readonly valid: number;
}

class RowsEmitter {
  private readonly indexed: readonly boolean[];
  /** Of the indexed axes. */
  private readonly extents: readonly number[];
  /** The axis along which lanes lie: the last that is not indexed. */
  private readonly axis: number;
  /** Computes what is added. */
  private readonly body: Body;

  constructor(
    private readonly environment: Environment,
    private readonly kernel: ScatterKernel,
    private readonly lists: Lists,
  ) {
    this.indexed = indexedAxes(kernel);
    this.extents = indexedExtents(kernel);
    this.axis = this.indexed.lastIndexOf(false);
    const { instructions } = codeOf(kernel.body, kernel.body.stores[0]?.value ?? 0);
    this.body = { instructions, stores: kernel.body.stores.map(({ access }) => ({ access, value: instructions.length - 1 })) };
  }

  emit(): void {
    const { kernel, indexed, axis, environment: { f } } = this;
    const outer = kernel.extents.map((n, k) => (indexed[k] === true || k === axis ? undefined : n));
    forAll(f, outer, (kept) => {
      // Rows that lie in one piece are gone through list by list; columns beside each other, one after the other.
      if (axis > indexed.lastIndexOf(true)) this.forEachList((first, start) => this.forEachColumns((columns) => this.sum(kept, columns, first, start)));
      else this.forEachColumns((columns) => this.forEachList((first, start) => this.sum(kept, columns, first, start)));
    });
  }

  /** Runs `each` for every position that begins a list, with its indices on the indexed axes. */
  private forEachList(each: (first: Local<'i32'>, start: Indices) => void): void {
    const { lists, environment: { f } } = this;
    const position = f.local('i32');
    f.set(position, i32.const(0));
    forAll(f, this.extents, (indices) => {
      ifInside(f, lists, position, (key) => f.if(i32.eq(lists.first(key), position), () => each(position, indices)));
      f.set(position, i32.add(position, i32.const(1)));
    });
  }

  /** Runs `each` for vectors of a row, several at a time where there are many. */
  private forEachColumns(each: (columns: Columns) => void): void {
    const { axis, body, environment: { f, lanes } } = this;
    const extent = this.kernel.extents[axis] ?? 1;
    const vectors = Math.floor(extent / lanes);
    const width = body.instructions.length > LONG_BODY || axis < this.indexed.lastIndexOf(true) ? 1 : WIDTH;
    const start = f.local('i32');
    f.set(start, i32.const(0));
    const run = (end: number, count: number): void => {
      f.whileLess(start, i32.const(end * lanes), count * lanes, () => each({ start, width: count, valid: lanes }));
    };
    const groups = Math.floor(vectors / width);
    if (groups > 0) run(groups * width, width);
    if (vectors > groups * width) run(vectors, 1);
    if (extent % lanes > 0) each({ start, width: 1, valid: extent % lanes });
  }

  /** Sums a list, and adds it where its index says. */
  private sum(kept: Indices, { start, width, valid }: Columns, first: Local<'i32'>, indices: Indices): void {
    const { lists, axis, body, kernel, environment } = this;
    const { f, lanes } = environment;
    const dtype = dtypeOf(body);
    const emitter = new BodyEmitter(environment, body, axis, [axis]);
    const sums = Array.from({ length: width }, () => new ScatterSum(f, dtype, lanes));
    for (const sum of sums) sum.start();
    const position = f.let(first);
    const at = indices.map((index) => f.let(index ?? i32.const(0)));
    const displacement = (vector: number): { axis: number; count: number } => ({ axis, count: vector * lanes });
    f.loop((again) => {
      let next = 0;
      emitter.enter(kernel.extents.map((_, k): Value<'i32'> | undefined => (this.indexed[k] === true ? at[next++] : k === axis ? start : kept[k])));
      for (const [vector, sum] of sums.entries()) sum.add(emitter.compute(valid, displacement(vector))(body.instructions.length - 1));
      f.set(position, lists.next(position));
      this.unravel(position, at);
      f.branchIf(again, i32.geS(position, i32.const(0)));
    });
    const by = f.let(i32.mul(lists.key(first), i32.const(kernel.stride)));
    for (const [vector, sum] of sums.entries()) {
      const total = f.let(sum.total());
      emitter.replace(by, valid, displacement(vector), (old) => f.let(render('add', { ...environment, operand: dtype }, [old, total], dtype)));
    }
  }

  /** The indices of a position. */
  private unravel(position: Local<'i32'>, at: readonly Local<'i32'>[]): void {
    const { f } = this.environment;
    const rest = at.length > 1 ? f.let(position) : position;
    for (let k = at.length - 1; k >= 0; k--) {
      const index = at[k];
      const extent = i32.const(this.extents[k] ?? 1);
      if (index === undefined) continue;
      f.set(index, k === 0 ? rest : i32.remU(rest, extent));
      if (k > 0) f.set(rest, i32.divU(rest, extent));
    }
  }
}
