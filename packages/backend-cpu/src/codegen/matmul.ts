/**
 * Matrix products: the operands are packed, with what is fused before the product computed on the way; blocks of rows are
 * multiplied; and what is fused after it runs over each block while it is still in the cache. A long depth is summed in parts.
 */
import type { MatmulKernel } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, sizeOf } from '@pappus/core/backend';
import { LOWEST_OPERAND } from '../matmul/index.js';
import type { Checks } from '../debug/checks.js';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local, WasmFunction } from '../wasm/module.js';
import type { Bounds } from './bounds.js';
import type { Environment } from './body-emitter.js';
import { reachableBytes } from './bounds.js';
import { forAll, forEach } from './elementwise.js';
import type { MatmulPlan } from './matmul-plan.js';
import { type DepthRange, type Indices, Packer } from './packing.js';
import { emitEpilogue, originOf } from './product-result.js';
import { extentAlong } from '@pappus/compiler';

/** Environments of the parts of a product: each part has as many lanes as its own values need. */
export interface ProductParts {
  readonly left: Environment;
  readonly right: Environment;
  readonly epilogue: Environment;
  readonly scratch: Local<'i32'>;
  /** Whether multiply-adds of relaxed SIMD are there. */
  readonly relaxed: boolean;
  /** In debug builds. */
  readonly checks: Checks | undefined;
}

/** Of one whose operands are both packed. */
export interface MatmulParts extends ProductParts {
  /** Where the right operand lies packed already, if it does. */
  readonly packedRight: Local<'i32'> | undefined;
  readonly multiply: WasmFunction<undefined>;
  readonly plan: MatmulPlan;
}

export function emitMatmulKernel(parts: MatmulParts, kernel: MatmulKernel): void {
  if (sizeOf(kernel.batch) * parts.plan.m * parts.plan.n > 0) new MatmulEmitter(parts, kernel).emit();
}

/** Packs the right operand to where the product will find it. */
export function emitRightPacking(parts: MatmulParts, kernel: MatmulKernel): void {
  if (parts.plan.m * parts.plan.n > 0) new MatmulEmitter(parts, kernel).packRight();
}

const PACKED_LEFT = 'the packed left operand';
const PACKED_RIGHT = 'the packed right operand';

class MatmulEmitter {
  private readonly left: Packer;
  private readonly right: Packer;
  private readonly leftAt: Local<'i32'>;
  private readonly rightAt: Local<'i32'>;
  private readonly row: Local<'i32'>;
  private readonly zero: Local<'i32'>;
  private readonly at: Local<'i32'>;
  private readonly packedBytes: { readonly left: number; readonly right: number };

  constructor(
    private readonly parts: MatmulParts,
    private readonly kernel: MatmulKernel,
  ) {
    const { f } = parts.left;
    const { batch, rows, columns, depth, dtype } = kernel;
    const { tile, leftBytes, bytes: allBytes } = parts.plan;
    const axes = (from: number, list: readonly number[]): number[] => list.map((_, k) => from + k);
    const [afterBatch, afterDepth] = [batch.length, batch.length + depth.length];
    this.leftAt = f.let(i32.add(parts.scratch, i32.const(LOWEST_OPERAND)));
    this.rightAt = f.let(i32.add(parts.packedRight ?? parts.scratch, i32.const((parts.packedRight === undefined ? leftBytes : 0) + LOWEST_OPERAND)));
    this.packedBytes = { left: leftBytes - LOWEST_OPERAND, right: allBytes - leftBytes - LOWEST_OPERAND };
    const bounds = (name: string, start: Local<'i32'>, bytes: number): Bounds | undefined => parts.checks?.bounds(name, start, i32.const(bytes));
    this.left = new Packer(parts.left, { body: kernel.left, itemAxes: axes(afterBatch, rows), items: rows, depthAxes: axes(afterBatch + rows.length, depth) }, tile.rows, dtype, false, bounds(PACKED_LEFT, this.leftAt, this.packedBytes.left));
    this.right = new Packer(parts.right, { body: kernel.right, itemAxes: axes(afterDepth, columns), items: columns, depthAxes: axes(afterBatch, depth) }, tile.columns, dtype, true, bounds(PACKED_RIGHT, this.rightAt, this.packedBytes.right));
    this.row = f.local('i32');
    this.zero = f.local('i32');
    this.at = f.local('i32');
  }

  emit(): void {
    const { plan } = this.parts;
    const whole: DepthRange = { starts: [], extents: this.kernel.depth };
    this.forBatch(0, [], (batch) => {
      if (plan.whole) this.multiplyPart(batch, whole, i32.const(0), true);
      else this.sumParts(batch);
    });
  }

  packRight(): void {
    this.parts.left.f.set(this.at, this.rightAt);
    this.right.emit([], this.zero, this.parts.plan.n, { starts: [], extents: this.kernel.depth }, this.at);
  }

  /** Loops over the batch in the plan's order; a shared left operand is packed once for the loops that it does not depend on. */
  private forBatch(level: number, outer: Indices, body: (batch: Indices) => void): void {
    const { batchOrder, sharedLevel, m } = this.parts.plan;
    const { f } = this.parts.left;
    if (level === sharedLevel) {
      f.set(this.at, this.leftAt);
      this.left.emit(outer, this.zero, m, { starts: [], extents: this.kernel.depth }, this.at);
    }
    const axis = batchOrder[level];
    if (axis === undefined) {
      body(outer);
      return;
    }
    forEach(f, extentAlong(this.kernel.batch, axis), (index) => {
      const indices = this.kernel.batch.map((_, k) => (k === axis ? index : outer[k]));
      this.forBatch(level + 1, indices, body);
    });
  }

  /** The parts of the depth one after the other, each added to what is there, then the epilogue over all. */
  private sumParts(batch: Indices): void {
    const { f } = this.parts.left;
    const { depth } = this.kernel;
    const { axis, count } = this.parts.plan.part;
    const more = f.local('i32');
    f.set(more, i32.const(0));
    const start = f.local('i32');
    forAll(f, depth.slice(0, axis), (outer) => {
      const take = (steps: number): void => {
        const extents = depth.map((extent, k) => (k < axis ? 1 : k === axis ? steps : extent));
        this.multiplyPart(batch, { starts: [...outer, start], extents }, more, false);
        f.set(more, i32.const(1));
      };
      f.set(start, i32.const(0));
      const extent = extentAlong(depth, axis);
      const whole = Math.floor(extent / count) * count;
      f.whileLess(start, i32.const(whole), count, () => take(count));
      if (extent > whole) take(extent - whole);
    });
    f.set(this.row, i32.const(0));
    emitEpilogue(this.parts.epilogue, this.kernel, batch, this.row, this.parts.plan.m);
  }

  /** All rows for one part of the depth. */
  private multiplyPart(batch: Indices, range: DepthRange, accumulate: Value<'i32'>, finishes: boolean): void {
    const { f } = this.parts.left;
    const { plan, multiply } = this.parts;
    const { m, n, blockRows } = plan;
    const size = BYTES_PER_ELEMENT[this.kernel.dtype];
    if (this.parts.packedRight === undefined) {
      f.set(this.at, this.rightAt);
      this.right.emit(batch, this.zero, n, range, this.at);
    }
    const origin = originOf(this.parts.left, this.kernel, batch);
    const rows = (count: number): void => {
      if (plan.sharedLevel === undefined) {
        f.set(this.at, this.leftAt);
        this.left.emit(batch, this.row, count, range, this.at);
      }
      const to = i32.add(origin, i32.mul(this.row, i32.const(n * size)));
      this.parts.checks?.prepareProduct(f, [
        { name: PACKED_LEFT, start: this.leftAt, bytes: this.packedBytes.left },
        { name: PACKED_RIGHT, start: this.rightAt, bytes: this.packedBytes.right },
        { name: this.kernel.product.name, start: this.parts.left.base(this.kernel.product), bytes: reachableBytes(this.kernel.product) },
      ]);
      f.run(multiply, this.leftAt, this.rightAt, to, i32.const(count), i32.const(n), i32.const(sizeOf(range.extents)), i32.const(n * size), accumulate);
      if (finishes) emitEpilogue(this.parts.epilogue, this.kernel, batch, this.row, count);
    };
    f.set(this.row, i32.const(0));
    const whole = Math.floor(m / blockRows) * blockRows;
    if (whole > 0) f.whileLess(this.row, i32.const(whole), blockRows, () => rows(blockRows));
    if (m > whole) rows(m - whole);
  }
}
