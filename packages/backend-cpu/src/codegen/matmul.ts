/**
 * Matrix products: the operands are packed, with what is fused before the product computed on the way; blocks of rows are
 * multiplied; and what is fused after it runs over each block while it is still in the cache.
 */
import { type Body, type MatmulKernel, readAccesses } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, sizeOf, stridesOf } from '@pappus/core';
import { LOWEST_OPERAND, tile, type Tile } from '../matmul/index.js';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local, WasmFunction } from '../wasm/module.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { emitRow, forAll, forEach } from './loop.js';
import { storeLanes } from './vectors.js';

/** Rows of a block: the packed block stays in the second cache. */
const BLOCK_BYTES = 192 * 1024;

export interface MatmulSizes {
  readonly tile: Tile;
  readonly blockRows: number;
  /** Scratch bytes: the packed block of rows, then the packed right operand. */
  readonly leftBytes: number;
  readonly bytes: number;
}

export function matmulSizes(kernel: MatmulKernel, relaxed: boolean): MatmulSizes {
  const { rows, columns } = tile(matmulType(kernel), relaxed);
  const size = BYTES_PER_ELEMENT[kernel.dtype];
  const panelBytes = Math.max(1, rows * kernel.k * size);
  const panels = Math.max(1, Math.min(24, Math.floor(BLOCK_BYTES / panelBytes), Math.ceil(kernel.m / rows)));
  const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  const leftBytes = align(LOWEST_OPERAND + panels * panelBytes);
  const rightBytes = align(LOWEST_OPERAND + Math.ceil(kernel.n / columns) * columns * kernel.k * size);
  return { tile: { rows, columns }, blockRows: panels * rows, leftBytes, bytes: leftBytes + rightBytes };
}

export function matmulType(kernel: MatmulKernel): 'float32' | 'float64' | 'int32' {
  if (kernel.dtype === 'bool') throw new TypeError('a matrix product of bool');
  return kernel.dtype;
}

/** Environments of the parts: each part has as many lanes as its own values need. */
export interface MatmulParts {
  readonly left: Environment;
  readonly right: Environment;
  readonly epilogue: Environment;
  readonly scratch: Local<'i32'>;
  readonly multiply: WasmFunction<undefined>;
  readonly sizes: MatmulSizes;
}

export function emitMatmulKernel(parts: MatmulParts, kernel: MatmulKernel): void {
  const { f } = parts.left;
  const { m, n, k, batch, product } = kernel;
  if (sizeOf(batch) * m * n === 0) return;
  const { sizes, scratch } = parts;
  const size = BYTES_PER_ELEMENT[kernel.dtype];
  const leftAt = f.let(i32.add(scratch, i32.const(LOWEST_OPERAND)));
  const rightAt = f.let(i32.add(scratch, i32.const(sizes.leftBytes + LOWEST_OPERAND)));
  const batchStrides = stridesOf([...batch, m, n]);
  const packLeft = new LeftPacker(parts, kernel);
  const row = f.local('i32');
  forAll(f, batch, (outer) => {
    packRight(parts, kernel, outer, rightAt);
    const origin = f.let(
      outer.reduce<Value<'i32'>>((at, index, axis) => (index === undefined ? at : i32.add(at, i32.mul(index, i32.const((batchStrides[axis] ?? 0) * size)))), parts.left.base(product)),
    );
    const multiplyRows = (rows: number): void => {
      packLeft.emit(outer, row, rows, leftAt);
      const to = i32.add(origin, i32.mul(row, i32.const(n * size)));
      f.run(parts.multiply, leftAt, rightAt, to, i32.const(rows), i32.const(n), i32.const(k), i32.const(n * size));
      emitEpilogue(parts.epilogue, kernel, outer, row, rows);
    };
    f.set(row, i32.const(0));
    const whole = Math.floor(m / sizes.blockRows) * sizes.blockRows;
    if (whole > 0) f.whileLess(row, i32.const(whole), sizes.blockRows, () => multiplyRows(sizes.blockRows));
    if (m > whole) multiplyRows(m - whole);
  });
}

/** What follows the product, over a block of rows that was just computed. */
function emitEpilogue(environment: Environment, kernel: MatmulKernel, batch: readonly (Local<'i32'> | undefined)[], row: Local<'i32'>, rows: number): void {
  const { f } = environment;
  const { epilogue, n } = kernel;
  if (epilogue.stores.length === 0) return;
  const strides = stridesOf([...kernel.batch, kernel.m, n]);
  const body: Body = {
    stores: epilogue.stores,
    instructions: epilogue.instructions.map((i) =>
      i.kind === 'result' ? { kind: 'load', access: { buffer: kernel.product, offset: 0, strides }, dtype: i.dtype } : i,
    ),
  };
  const axis = batch.length + 1;
  const emitter = new BodyEmitter(environment, body, axis, [axis]);
  forEach(f, rows, (index) => {
    emitter.enter([...batch, f.let(i32.add(row, index)), undefined]);
    emitRow(environment, emitter, axis, n, body.instructions.length);
  });
}

/** Panels of columns: k steps of `tile.columns` elements. Columns beyond n are left as they are; nothing uses them. */
function packRight(parts: MatmulParts, kernel: MatmulKernel, batch: readonly (Local<'i32'> | undefined)[], to: Local<'i32'>): void {
  const environment = parts.right;
  const { f, lanes } = environment;
  const { columns } = parts.sizes.tile;
  const { k, n, dtype } = kernel;
  const size = BYTES_PER_ELEMENT[dtype];
  const [stepAxis, columnAxis] = [batch.length, batch.length + 1];
  const value = kernel.right.instructions.length - 1;
  const at = f.let(to);
  const panel = (first: Value<'i32'>, width: number): void => {
    const emitter = new BodyEmitter(environment, kernel.right, columnAxis, [stepAxis, columnAxis]);
    emitter.enter([...batch, undefined, first]);
    forEach(f, k, () => {
      for (let c = 0; c < width; c += lanes) {
        const valid = Math.min(lanes, width - c);
        const vector = emitter.compute(valid, { axis: columnAxis, count: c })(value);
        storeLanes(f, dtype, lanes, { base: at, bytes: c * size }, 1, lanes, vector);
      }
      emitter.advance(stepAxis, 1);
      f.set(at, i32.add(at, i32.const(columns * size)));
    });
  };
  const column = f.local('i32');
  f.set(column, i32.const(0));
  const whole = Math.floor(n / columns) * columns;
  if (whole > 0) f.whileLess(column, i32.const(whole), columns, () => panel(column, columns));
  if (n > whole) panel(i32.const(whole), n - whole);
}

/** Panels of rows: k steps of `tile.rows` elements. Lanes run along the rows if those lie side by side, else along k. */
class LeftPacker {
  private readonly alongRows: boolean;

  constructor(
    private readonly parts: MatmulParts,
    private readonly kernel: MatmulKernel,
  ) {
    const axis = kernel.batch.length;
    const loads = readAccesses(kernel.left);
    const contiguous = (along: number): number => loads.filter((a) => a.strides[along] === 1).length;
    this.alongRows = contiguous(axis) > contiguous(axis + 1);
  }

  emit(batch: readonly (Local<'i32'> | undefined)[], row: Local<'i32'>, rows: number, to: Local<'i32'>): void {
    const { f } = this.parts.left;
    const { tile: { rows: height } } = this.parts.sizes;
    const at = f.let(to);
    const first = f.let(row);
    const whole = Math.floor(rows / height);
    if (whole > 0) {
      forEach(f, whole, () => {
        this.panel(batch, first, height, at);
        f.set(first, i32.add(first, i32.const(height)));
      });
    }
    if (rows % height > 0) this.panel(batch, first, rows % height, at);
  }

  /** One panel of `count` rows from `first`; moves `at` to the next. */
  private panel(batch: readonly (Local<'i32'> | undefined)[], first: Local<'i32'>, count: number, at: Local<'i32'>): void {
    const environment = this.parts.left;
    const { f, lanes } = environment;
    const { k, left, dtype } = this.kernel;
    const height = this.parts.sizes.tile.rows;
    const size = BYTES_PER_ELEMENT[dtype];
    const [rowAxis, stepAxis] = [batch.length, batch.length + 1];
    const value = left.instructions.length - 1;
    const emitter = new BodyEmitter(environment, left, this.alongRows ? rowAxis : stepAxis, [rowAxis, stepAxis]);
    emitter.enter([...batch, first, undefined]);
    if (this.alongRows) {
      forEach(f, k, () => {
        for (let r = 0; r < count; r += lanes) {
          const valid = Math.min(lanes, count - r);
          const vector = emitter.compute(valid, { axis: rowAxis, count: r })(value);
          storeLanes(f, dtype, lanes, { base: at, bytes: r * size }, 1, valid, vector);
        }
        emitter.advance(stepAxis, 1);
        f.set(at, i32.add(at, i32.const(height * size)));
      });
      return;
    }
    const vectorsAt = (valid: number): void => {
      for (let r = 0; r < count; r++) {
        const vector = emitter.compute(valid, { axis: rowAxis, count: r })(value);
        storeLanes(f, dtype, lanes, { base: at, bytes: r * size }, height, valid, vector);
      }
      f.set(at, i32.add(at, i32.const(valid * height * size)));
    };
    if (k >= lanes) {
      forEach(f, Math.floor(k / lanes), () => {
        vectorsAt(lanes);
        emitter.advance(stepAxis, lanes);
      });
    }
    if (k % lanes > 0) vectorsAt(k % lanes);
  }
}

