// One function of WebAssembly by itself, over one page of memory.
import { i32 } from '../../src/wasm/instructions.js';
import { type FunctionBuilder, type Local, ModuleBuilder } from '../../src/wasm/module.js';
import type { DType, TypedArray } from '@pappus/core';

/** Bytes of the memory: what is reached behind them ends the program. */
export const PAGE = 65536;

/**
 * Runs code that is given an address, and answers the memory.
 *
 * @param fill puts bytes into memory first
 */
export function run(write: (f: FunctionBuilder, at: Local<'i32'>, value: Local<'i32'>) => void, at: number, fill: (memory: ArrayBuffer) => void = () => undefined, value = 0): ArrayBuffer {
  const builder = new ModuleBuilder({ initialPages: 1 });
  builder.export('run', builder.function({ name: 'run', parameters: ['i32', 'i32'] }, (f, address, more) => {
    // Addresses are worked out at run time, as in kernels.
    write(f, f.let(i32.add(address, i32.const(0))), more);
  }));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  fill(memory.buffer);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.encode()), { env: { memory } });
  const call: unknown = exports['run'];
  if (!isCall(call)) throw new TypeError('the module exports no function');
  call(at, value);
  return memory.buffer;
}

function isCall(value: unknown): value is (at: number, value: number) => void {
  return typeof value === 'function';
}

export function viewOf(dtype: DType, memory: ArrayBuffer, at: number, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(memory, at, length);
    case 'float64':
      return new Float64Array(memory, at, length);
    case 'int32':
      return new Int32Array(memory, at, length);
    case 'bool':
      return new Uint8Array(memory, at, length);
  }
}

/** What a vector holds in its lanes: numbers, or 1 and 0 of masks that are all ones or zeros. */
export function lanesIn(dtype: DType, lanes: 2 | 4, memory: ArrayBuffer, at: number): number[] {
  if (dtype !== 'bool') return Array.from(viewOf(dtype, memory, at, dtype === 'float64' ? 2 : lanes));
  const words = new Int32Array(memory, at, 4);
  return Array.from({ length: lanes }, (_, k) => {
    const parts = lanes === 4 ? [words[k]] : [words[2 * k], words[2 * k + 1]];
    return parts.every((p) => p === -1) ? 1 : parts.every((p) => p === 0) ? 0 : NaN;
  });
}
