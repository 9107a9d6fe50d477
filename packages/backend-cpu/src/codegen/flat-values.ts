/** Values of a nest one behind the other: where they are already, or computed into memory. */
import { type Body, type Buffer, type ElementwiseKernel } from '@pappus/compiler';
import { type DType } from '@pappus/core';
import { BYTES_PER_ELEMENT, sizeOf, stridesOf } from '@pappus/core/backend';
import { i32, type Value } from '../wasm/instructions.js';
import type { Local } from '../wasm/module.js';
import type { Environment } from './body-emitter.js';
import type { Bounds } from './bounds.js';
import { emitElementwise } from './elementwise.js';

/** `base + bytes k` */
export function addressOf(base: Value<'i32'>, k: Value<'i32'>, bytes: number): Value<'i32'> {
  return i32.add(base, i32.mul(k, i32.const(bytes)));
}

/** Values in the elements of a buffer from `offset` on, which this environment reaches. */
export interface Flat {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly environment: Environment;
}

/** Memory that no tensor has, and in debug builds its bounds. */
export interface Room {
  readonly start: Local<'i32'>;
  readonly bounds: Bounds | undefined;
}

/**
 * The values of a body's last instruction over a nest, row-major.
 *
 * @param room where they go if they do not lie so already; a whole vector more may be written
 */
export function flat(environment: Environment, body: Body, extents: readonly number[], dtype: DType, room: Room): Flat {
  const rowMajor = stridesOf(extents);
  const [only, ...others] = body.instructions;
  if (only?.kind === 'load' && others.length === 0 && extents.every((n, k) => n === 1 || only.access.strides[k] === rowMajor[k])) {
    return { ...only.access, environment };
  }
  const size = sizeOf(extents);
  const buffer: Buffer = { id: -1, name: 'values', dtype, size, place: { kind: 'temporary' } };
  const stores = [{ access: { buffer, offset: 0, strides: rowMajor }, value: body.instructions.length - 1 }];
  const copying: ElementwiseKernel = { kind: 'elementwise', extents, body: { ...body, stores }, segments: [{ size, buffers: [buffer] }], update: false };
  const inRoom: Environment = {
    ...environment,
    base: (other) => (other === buffer ? room.start : environment.base(other)),
    bounds: environment.bounds === undefined ? undefined : (other) => (other === buffer ? room.bounds : environment.bounds?.(other)),
  };
  emitElementwise(inRoom, copying);
  return { buffer, offset: 0, environment: inRoom };
}

/** The address of a value that is read. */
export function addressIn({ buffer, offset, environment }: Flat): (k: Value<'i32'>) => Value<'i32'> {
  const bytes = BYTES_PER_ELEMENT[buffer.dtype];
  const start = environment.f.let(i32.add(environment.base(buffer), i32.const(offset * bytes)));
  const bounds = environment.bounds?.(buffer);
  return (k) => {
    const address = addressOf(start, k, bytes);
    return bounds === undefined ? address : bounds.checked(address, bytes, 'read');
  };
}
