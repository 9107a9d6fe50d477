/** Values of a loop nest one behind the other: where they are already, or computed into memory. */
import { type Body, type Buffer, type LoopKernel } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, type DType, sizeOf, stridesOf } from '@pappus/core';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import type { Environment } from './body-emitter.js';
import { emitLoop } from './loop.js';

/** `base + bytes k` */
export function addressOf(base: Value<'i32'>, k: Value<'i32'>, bytes: number): Value<'i32'> {
  return i32.add(base, i32.mul(k, i32.const(bytes)));
}

/**
 * The address of the values of a body's last instruction over a nest, row-major.
 *
 * @param room where they go if they do not lie so already; a whole vector more may be written
 */
export function flat(environment: Environment, body: Body, extents: readonly number[], dtype: DType, room: Local<'i32'>): Local<'i32'> {
  const rowMajor = stridesOf(extents);
  const [only, ...others] = body.instructions;
  if (only?.kind === 'load' && others.length === 0 && extents.every((n, k) => n === 1 || only.access.strides[k] === rowMajor[k])) {
    const { buffer, offset } = only.access;
    return environment.f.let(i32.add(environment.base(buffer), i32.const(offset * BYTES_PER_ELEMENT[dtype])));
  }
  const size = sizeOf(extents);
  const buffer: Buffer = { id: -1, name: 'values', dtype, size, place: { kind: 'temporary' } };
  const stores = [{ access: { buffer, offset: 0, strides: rowMajor }, value: body.instructions.length - 1 }];
  const loop: LoopKernel = { kind: 'loop', extents, body: { ...body, stores }, segments: [{ size, buffers: [buffer] }], update: false };
  const { base, bounds } = environment;
  emitLoop({ ...environment, base: (other) => (other === buffer ? room : base(other)), bounds: (other) => (other === buffer ? undefined : bounds?.(other)) }, loop);
  return room;
}
