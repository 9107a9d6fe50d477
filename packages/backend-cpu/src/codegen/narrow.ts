/**
 * Narrow products: the few rows or columns of one operand are packed, and the other is read where it is, once, with what is fused before
 * the product computed on the way. Each element is a sum over the depth in an order that depends on the depth alone.
 */
import type { MatmulKernel } from '@pappus/compiler';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { type Element, elementOf } from '../matmul/element.js';
import { i32, i8x16, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import { BodyEmitter, type Displacement, type Environment } from './body-emitter.js';
import type { Bounds } from './bounds.js';
import { forAll, forEach } from './elementwise.js';
import type { ProductParts } from './matmul.js';
import { matmulType } from './matmul-type.js';
import type { NarrowPlan } from './narrow-plan.js';
import { type Indices, type Operand, Packer } from './packing.js';
import { emitEpilogue, originOf } from './product-result.js';
import { type Address, firstLanes, type LaneCount, loadContiguous, loadSplat, loadStrided, storeLanes, type VectorLocal } from './vectors.js';

/** Vectors of items that are summed side by side. */
const VECTORS = 2;

export function emitNarrowKernel(parts: ProductParts, kernel: MatmulKernel, plan: NarrowPlan): void {
  new NarrowEmitter(parts, kernel, plan).emit();
}

class NarrowEmitter {
  private readonly f: FunctionBuilder;
  private readonly large: Environment;
  private readonly element: Element;
  private readonly lanes: LaneCount;
  private readonly packer: Packer;
  private readonly emitter: BodyEmitter;
  private readonly itemAxis: number;
  private readonly depthAxis: number;
  private readonly packed: Local<'i32'>;
  private readonly sums: Local<'i32'>;
  private readonly origin: Local<'i32'>;
  /** The first step of the depth that is packed, and how many are. */
  private readonly start: Local<'i32'>;
  private readonly count: Local<'i32'>;
  private readonly item: Local<'i32'>;
  private readonly zero: Local<'i32'>;
  private readonly bounds: { readonly packed: Bounds | undefined; readonly sums: Bounds | undefined; readonly product: Bounds | undefined };

  constructor(
    private readonly parts: ProductParts,
    private readonly kernel: MatmulKernel,
    private readonly plan: NarrowPlan,
  ) {
    const { scratch, checks, relaxed } = parts;
    const { large, few, packedBytes, sumsBytes, lanesAlong } = plan;
    const { batch, rows, columns, dtype } = kernel;
    const { f } = parts.left;
    this.f = f;
    this.large = parts[large];
    this.element = elementOf(matmulType(kernel), relaxed);
    this.lanes = this.large.lanes;
    const [first, second] = [batch.length, batch.length + 1];
    const left: Operand = { body: kernel.left, itemAxes: [first], items: rows, depthAxes: [second] };
    const right: Operand = { body: kernel.right, itemAxes: [second], items: columns, depthAxes: [first] };
    [this.itemAxis, this.depthAxis] = large === 'left' ? [first, second] : [second, first];
    this.packed = f.let(scratch);
    this.sums = f.let(i32.add(scratch, i32.const(packedBytes)));
    this.bounds = {
      packed: checks?.bounds('the packed operand', this.packed, i32.const(packedBytes)),
      sums: checks?.bounds('the sums', this.sums, i32.const(sumsBytes)),
      product: parts.left.bounds?.(kernel.product),
    };
    const small = large === 'left' ? parts.right : parts.left;
    this.packer = new Packer(small, large === 'left' ? right : left, lanesAlong === 'items' ? few : 1, dtype, lanesAlong === 'items', this.bounds.packed);
    this.emitter = new BodyEmitter(this.large, kernel[large], lanesAlong === 'items' ? this.itemAxis : this.depthAxis, [this.itemAxis, this.depthAxis]);
    this.origin = f.local('i32');
    this.start = f.local('i32');
    this.count = f.local('i32');
    this.item = f.local('i32');
    this.zero = f.local('i32');
  }

  emit(): void {
    const { f, kernel, plan } = this;
    const { depth, steps } = plan;
    forAll(f, kernel.batch, (batch) => {
      f.set(this.origin, originOf(this.parts.left, kernel, batch));
      f.set(this.start, i32.const(0));
      const rest = depth % steps;
      f.whileLess(this.start, i32.const(depth), steps, () => {
        f.set(this.count, i32.const(steps));
        const whole = (): void => this.pack(batch, steps);
        if (rest === 0) whole();
        else {
          f.if(i32.gtS(this.start, i32.const(depth - steps)), () => {
            f.set(this.count, i32.const(rest));
            this.pack(batch, rest);
          }, whole);
        }
        if (plan.lanesAlong === 'items') this.alongItems(batch);
        else this.alongDepth(batch);
      });
      emitEpilogue(this.parts.epilogue, kernel, batch, this.zero, plan.large === 'left' ? plan.items : plan.few);
    });
  }

  /** Packs `steps` steps: side by side what is multiplied with one step of the large operand; or, with lanes along the depth, row after row. */
  private pack(batch: Indices, steps: number): void {
    const { f, plan, packer } = this;
    const range = { starts: [this.start], extents: [steps] };
    const at = f.local('i32');
    if (plan.lanesAlong === 'items') {
      f.set(at, this.packed);
      packer.emit(batch, this.zero, plan.few, range, at);
      return;
    }
    forEach(f, plan.few, (row) => {
      f.set(at, i32.add(this.packed, i32.mul(row, i32.const(plan.steps * this.bytes))));
      packer.emit(batch, row, 1, range, at);
    });
  }

  private get bytes(): number {
    return BYTES_PER_ELEMENT[this.kernel.dtype];
  }

  // Lanes along the items: steps of the depth are added to sums that stay in the first cache.

  private alongItems(batch: Indices): void {
    const { f, plan, lanes } = this;
    const { few, items, chunk, unroll } = plan;
    const [end, vectors, step] = [f.local('i32'), f.local('i32'), f.local('i32')];
    f.set(this.item, i32.const(0));
    f.whileLess(this.item, i32.const(items), chunk, () => {
      f.set(end, i32.add(this.item, i32.const(chunk)));
      if (items % chunk > 0) f.if(i32.gtS(end, i32.const(items)), () => f.set(end, i32.const(items)));
      f.set(vectors, i32.divU(i32.sub(end, this.item), i32.const(lanes)));
      this.clear(few * chunk);
      f.set(step, i32.const(0));
      const whole = f.let(i32.and(this.count, i32.const(-unroll)));
      if (plan.steps >= unroll) f.whileLess(step, whole, unroll, () => this.addSteps(batch, step, unroll, vectors));
      f.whileLess(step, this.count, 1, () => this.addSteps(batch, step, 1, vectors));
      this.flush(vectors);
    });
  }

  private clear(elements: number): void {
    const { f } = this;
    const [at, done, none] = [f.let(this.sums), f.local('i32'), f.local('v128')];
    const bytes = elements * this.bytes;
    f.set(done, i32.const(0));
    f.whileLess(done, i32.const(bytes), 16, () => {
      storeLanes(f, this.kernel.dtype, this.lanes, { base: at, bytes: 0, bounds: this.bounds.sums }, 1, this.lanes, none);
      f.set(at, i32.add(at, i32.const(16)));
    });
  }

  /** Adds `steps` steps of the depth, from `step` of the packed ones on, to all sums. */
  private addSteps(batch: Indices, step: Local<'i32'>, steps: number, vectors: Local<'i32'>): void {
    const { f } = this;
    const { few, chunk, group } = this.plan;
    const packedAt = f.let(i32.add(this.packed, i32.mul(step, i32.const(few * this.bytes))));
    const sumsAt = f.let(this.sums);
    const depth = f.let(i32.add(this.start, step));
    const take = (count: number): void => {
      this.addGroup(this.indices(batch, this.item, depth), { packedAt, sumsAt, rows: count, steps, vectors });
      f.set(packedAt, i32.add(packedAt, i32.const(count * this.bytes)));
      f.set(sumsAt, i32.add(sumsAt, i32.const(count * chunk * this.bytes)));
    };
    forEach(f, Math.floor(few / group), () => take(group));
    if (few % group > 0) take(few % group);
  }

  private addGroup(indices: Indices, { packedAt, sumsAt, rows, steps, vectors }: Group): void {
    const { f, lanes, emitter, element } = this;
    const { few, items, chunk } = this.plan;
    const factor = (t: number, r: number): VectorLocal => f.let(loadSplat(this.kernel.dtype, { base: packedAt, bytes: (t * few + r) * this.bytes, bounds: this.bounds.packed }));
    const factors = Array.from({ length: steps }, (_, t) => Array.from({ length: rows }, (__, r) => factor(t, r)));
    const at = f.let(sumsAt);
    /** A few vectors, all of whose lanes count but those of the last. */
    const turn = (count: number, valid: number): void => {
      const place = (r: number, v: number): Address => ({ base: at, bytes: r * chunk * this.bytes + v * 16, bounds: this.bounds.sums });
      const sums = Array.from({ length: rows }, (_, r) => Array.from({ length: count }, (__, v) => f.let(loadContiguous(this.kernel.dtype, lanes, place(r, v), lanes))));
      for (const [t, factorsHere] of factors.entries()) {
        const vectorsHere = Array.from({ length: count }, (_, v) => this.valueAt(valid, { axis: this.itemAxis, count: v * lanes, further: { axis: this.depthAxis, count: t } }));
        for (const [r, row] of sums.entries()) {
          const left = factorsHere[r];
          for (const [v, sum] of row.entries()) {
            const right = vectorsHere[v];
            if (left !== undefined && right !== undefined) f.set(sum, element.multiplyAdd(sum, left, right));
          }
        }
      }
      for (const [r, row] of sums.entries()) {
        for (const [v, sum] of row.entries()) storeLanes(f, this.kernel.dtype, lanes, place(r, v), 1, lanes, sum);
      }
      emitter.advance(this.itemAxis, count * lanes);
      f.set(at, i32.add(at, i32.const(count * 16)));
    };
    emitter.enter(indices);
    const done = f.local('i32');
    f.set(done, i32.const(0));
    const even = f.let(i32.and(vectors, i32.const(-VECTORS)));
    if (chunk >= VECTORS * lanes) f.whileLess(done, even, VECTORS, () => turn(VECTORS, lanes));
    f.whileLess(done, vectors, 1, () => turn(1, lanes));
    const rest = items % lanes;
    if (rest > 0) f.if(this.endsHere(), () => turn(1, rest));
  }

  /** Whether the items at hand are the last. */
  private endsHere(): Value<'i32'> {
    const { items, chunk } = this.plan;
    return i32.geS(this.item, i32.const(items - chunk));
  }

  /** Writes the sums to the product, or adds them to what is there. */
  private flush(vectors: Local<'i32'>): void {
    const { f, lanes } = this;
    const { few, items, chunk, large } = this.plan;
    const [along, across] = large === 'right' ? [1, items] : [few, 1];
    const rest = items % lanes;
    forEach(f, few, (row) => {
      const from = f.let(i32.add(this.sums, i32.mul(row, i32.const(chunk * this.bytes))));
      const to = f.let(i32.add(this.origin, i32.add(i32.mul(row, i32.const(across * this.bytes)), i32.mul(this.item, i32.const(along * this.bytes)))));
      const done = f.local('i32');
      const move = (valid: number): void => {
        const sum = f.let(loadContiguous(this.kernel.dtype, lanes, { base: from, bytes: 0, bounds: this.bounds.sums }, lanes));
        this.write({ base: to, bytes: 0, bounds: this.bounds.product }, along, valid, sum);
        f.set(from, i32.add(from, i32.const(16)));
        f.set(to, i32.add(to, i32.const(lanes * along * this.bytes)));
      };
      f.set(done, i32.const(0));
      f.whileLess(done, vectors, 1, () => move(lanes));
      if (rest > 0) f.if(this.endsHere(), () => move(rest));
    });
  }

  /** The sums of the first steps are written, those of later ones added. */
  private write(to: Address, stride: number, valid: number, sum: VectorLocal): void {
    const { f, lanes, element, plan } = this;
    const { dtype } = this.kernel;
    if (plan.depth > plan.steps) {
      f.if(this.start, () => {
        const old = stride === 1 ? f.let(loadContiguous(dtype, lanes, to, valid)) : loadStrided(f, dtype, lanes, to, stride, valid);
        f.set(sum, element.add(old, sum));
      });
    }
    storeLanes(f, dtype, lanes, to, stride, valid, sum);
  }

  // Lanes along the depth: a sum for each of a few items and rows at once, whose lanes are added in the end.

  private alongDepth(batch: Indices): void {
    const { f } = this;
    const { few, items, group } = this.plan;
    const beside = few <= 2 ? 4 : 2;
    const take = (count: number): void => {
      const [row, packedAt] = [f.local('i32'), f.let(this.packed)];
      f.set(row, i32.const(0));
      const rows = (r: number): void => {
        this.sumGroup(this.indices(batch, this.item, this.start), { packedAt, row, rows: r, items: count });
        f.set(packedAt, i32.add(packedAt, i32.const(r * this.plan.steps * this.bytes)));
      };
      f.whileLess(row, i32.const(Math.floor(few / group) * group), group, () => rows(group));
      if (few % group > 0) rows(few % group);
    };
    f.set(this.item, i32.const(0));
    if (items >= beside) f.whileLess(this.item, i32.const(Math.floor(items / beside) * beside), beside, () => take(beside));
    if (items % beside > 0) f.whileLess(this.item, i32.const(items), 1, () => take(1));
  }

  private sumGroup(indices: Indices, { packedAt, row, rows, items }: Corner): void {
    const { f, lanes, emitter, element, plan } = this;
    const { dtype } = this.kernel;
    const sums = Array.from({ length: items }, () => Array.from({ length: rows }, () => f.local('v128')));
    const none = f.local('v128');
    for (const sum of sums.flat()) f.set(sum, none);
    const at = f.let(packedAt);
    const turn = (valid: number): void => {
      const mask = valid === lanes ? undefined : f.let(firstLanes(valid, dtype, lanes));
      const counted = (value: VectorLocal): VectorLocal => (mask === undefined ? value : f.let(v128.and(value, mask)));
      const large = sums.map((_, i) => counted(this.valueAt(valid, { axis: this.itemAxis, count: i })));
      for (let r = 0; r < rows; r++) {
        const small = counted(f.let(loadContiguous(dtype, lanes, { base: at, bytes: r * plan.steps * this.bytes, bounds: this.bounds.packed }, lanes)));
        for (const [i, row] of sums.entries()) {
          const [sum, value] = [row[r], large[i]];
          if (sum !== undefined && value !== undefined) f.set(sum, element.multiplyAdd(sum, small, value));
        }
      }
      emitter.advance(this.depthAxis, lanes);
      f.set(at, i32.add(at, i32.const(16)));
    };
    emitter.enter(indices);
    const step = f.local('i32');
    f.set(step, i32.const(0));
    f.whileLess(step, f.let(i32.and(this.count, i32.const(-lanes))), lanes, () => turn(lanes));
    const rest = plan.depth % lanes;
    if (rest > 0) f.if(i32.and(this.count, i32.const(lanes - 1)), () => turn(rest));
    this.writeSums(sums, row);
  }

  /** Adds the lanes of each sum, and writes what they come to. */
  private writeSums(sums: readonly (readonly VectorLocal[])[], row: Local<'i32'>): void {
    const { f, lanes, element } = this;
    const { few, items, large } = this.plan;
    const [along, across] = large === 'right' ? [1, items] : [few, 1];
    const to = f.let(i32.add(this.origin, i32.add(i32.mul(row, i32.const(across * this.bytes)), i32.mul(this.item, i32.const(along * this.bytes)))));
    for (const [i, rows] of sums.entries()) {
      for (const [r, sum] of rows.entries()) {
        for (let half = lanes / 2; half >= 1; half /= 2) f.set(sum, element.add(sum, i8x16.shuffle(sum, sum, turned(half * this.bytes))));
        this.write({ base: to, bytes: (i * along + r * across) * this.bytes, bounds: this.bounds.product }, 1, 1, sum);
      }
    }
  }

  private valueAt(valid: number, displacement: Displacement): VectorLocal {
    return this.emitter.compute(valid, displacement)(this.kernel[this.plan.large].instructions.length - 1);
  }

  private indices(batch: Indices, item: Local<'i32'>, depth: Local<'i32'>): Indices {
    const indices: (Local<'i32'> | undefined)[] = [...batch];
    indices[this.itemAxis] = item;
    indices[this.depthAxis] = depth;
    return indices;
  }
}

/** Rows or columns of the packed operand with vectors of the large one. */
interface Group {
  /** The first of their numbers at the first step. */
  readonly packedAt: Local<'i32'>;
  /** The first of their sums. */
  readonly sumsAt: Local<'i32'>;
  readonly rows: number;
  readonly steps: number;
  /** Whole vectors of items. */
  readonly vectors: Local<'i32'>;
}

/** Rows or columns of the packed operand with items of the large one. */
interface Corner {
  readonly packedAt: Local<'i32'>;
  /** The first of the rows. */
  readonly row: Local<'i32'>;
  readonly rows: number;
  readonly items: number;
}

/** The bytes of a vector from `by` on, and then those before. */
function turned(by: number): number[] {
  return Array.from({ length: 16 }, (_, k) => (k + by) % 16);
}

