/**
 * The lists of a scatter: of each position on the indexed axes, in row-major order, the next one with the same index. They lie in
 * scratch memory, of which only what the indices name is touched where that is little.
 */
import { type Affine, codeOf, indexedAxes, mapAffines, type ScatterKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core';
import { i32, i32x4, v128, type Value } from '../wasm/instructions.js';
import type { FunctionBuilder, Local } from '../wasm/module.js';
import type { Environment } from './body-emitter.js';
import { addressOf, flat } from './flat-values.js';

/** Bytes from the start of the scratch memory: the first position of each index, the next of each position, the index of each. */
interface Layout {
  readonly next: number;
  readonly keys: number;
  readonly bytes: number;
}

function layOut(kernel: ScatterKernel): Layout {
  // Whole vectors of indices may be written.
  const room = (elements: number): number => Math.ceil((elements + 4) / 16) * 64;
  const positions = room(sizeOf(indexedExtents(kernel)));
  const next = room(kernel.count);
  return { next, keys: next + positions, bytes: next + 2 * positions };
}

export function listsScratchBytes(kernel: ScatterKernel): number {
  return layOut(kernel).bytes;
}

export function indexedExtents(kernel: ScatterKernel): number[] {
  const indexed = indexedAxes(kernel);
  return kernel.extents.filter((_, axis) => indexed[axis] === true);
}

export interface Lists {
  /** The index of a position. */
  readonly key: (position: Value<'i32'>) => Value<'i32'>;
  /** Whether an index is on the axis. */
  readonly isInside: (key: Value<'i32'>) => Value<'i32'>;
  /** The first position with an index that is on the axis. */
  readonly first: (key: Value<'i32'>) => Value<'i32'>;
  /** The next position with the index of this one; -1 if there is none. */
  readonly next: (position: Value<'i32'>) => Value<'i32'>;
}

/** Makes the lists; there is a position at least. */
export function emitLists(environment: Environment, kernel: ScatterKernel, scratch: Local<'i32'>): Lists {
  const { f } = environment;
  const layout = layOut(kernel);
  const indexed = indexedAxes(kernel);
  const along = ({ offset, strides }: Affine): Affine => ({ offset, strides: strides.filter((_, axis) => indexed[axis] === true) });
  const at = (bytes: number): Local<'i32'> => f.let(i32.add(scratch, i32.const(bytes)));
  const word = (base: Local<'i32'>, k: Value<'i32'>): Value<'i32'> => addressOf(base, k, 4);
  const [heads, following] = [at(0), at(layout.next)];
  const keys = flat(environment, mapAffines(codeOf(kernel.body, kernel.index), along), indexedExtents(kernel), 'int32', at(layout.keys));
  const lists: Lists = {
    key: (position) => i32.load(word(keys, position)),
    isInside: (key) => i32.ltU(key, i32.const(kernel.count | 0)),
    first: (key) => i32.load(word(heads, key)),
    next: (position) => i32.load(word(following, position)),
  };
  const count = sizeOf(indexedExtents(kernel));
  const position = f.local('i32');
  f.set(position, i32.const(0));
  if (kernel.count <= 4 * count) {
    f.whileLess(position, i32.const(kernel.count), 4, () => f.emit(v128.store(word(heads, position), i32x4.const(-1))));
    f.set(position, i32.const(count));
  } else {
    f.whileLess(position, i32.const(count), 1, () => {
      ifInside(f, lists, position, (key) => f.emit(i32.store(word(heads, key), i32.const(-1))));
    });
  }
  f.loop((again) => {
    f.set(position, i32.sub(position, i32.const(1)));
    ifInside(f, lists, position, (key) => {
      f.emit(i32.store(word(following, position), lists.first(key)));
      f.emit(i32.store(word(heads, key), position));
    });
    f.branchIf(again, i32.gtS(position, i32.const(0)));
  });
  return lists;
}

/** Runs `then` with the index of a position, if it is on the axis. */
export function ifInside(f: FunctionBuilder, lists: Lists, position: Local<'i32'>, then: (key: Local<'i32'>) => void): void {
  const key = f.let(lists.key(position));
  f.if(lists.isInside(key), () => then(key));
}
