/** Where products go, and what follows them. */
import { type Body, extentAlong, type MatmulKernel, strideAlong } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, sizeOf, stridesOf } from '@pappus/core/backend';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import { BodyEmitter, type Environment } from './body-emitter.js';
import { emitRow, forAll, forEach } from './elementwise.js';
import { type Indices, unravel } from './packing.js';

/** The address of the first element of the product of a batch. */
export function originOf({ f, base }: Environment, { product, dtype, batch: extents, rows, columns }: MatmulKernel, batch: Indices): Local<'i32'> {
  const strides = stridesOf([...extents, sizeOf(rows), sizeOf(columns)]);
  const bytes = (axis: number): number => strideAlong(strides, axis) * BYTES_PER_ELEMENT[dtype];
  return f.let(batch.reduce<Value<'i32'>>((at, index, axis) => (index === undefined ? at : i32.add(at, i32.mul(index, i32.const(bytes(axis))))), base(product)));
}

/** What follows a product, over `count` of its rows from `row` on. */
export function emitEpilogue(environment: Environment, kernel: MatmulKernel, batch: Indices, row: Local<'i32'>, count: number): void {
  const { f } = environment;
  const { epilogue, product, rows, columns } = kernel;
  if (epilogue.stores.length === 0) return;
  const strides = stridesOf([...kernel.batch, ...rows, ...columns]);
  const body: Body = {
    stores: epilogue.stores,
    instructions: epilogue.instructions.map((i) =>
      i.kind === 'result' ? { kind: 'load', access: { buffer: product, offset: 0, strides }, dtype: i.dtype } : i,
    ),
  };
  const axis = strides.length - 1;
  const emitter = new BodyEmitter(environment, body, axis, [axis]);
  forEach(f, count, (index) => {
    const at = unravel(f, i32.add(row, index), rows);
    forAll(f, columns.slice(0, -1), (outer) => {
      emitter.enter([...batch, ...at, ...outer, undefined]);
      emitRow(environment, emitter, axis, extentAlong(columns, columns.length - 1), body.instructions.length);
    });
  });
}
