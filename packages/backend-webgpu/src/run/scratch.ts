/** Partial results between two kernels, in memory that the next kernel uses again. */
import type { Buffer } from '@pappus/compiler';
import type { DType } from '@pappus/core';
import type { PlanContext } from './dispatch.js';
import { tensorBytes, type Window } from './windows.js';

export interface Scratch {
  readonly buffers: readonly Buffer[];
  readonly written: readonly Window[];
  readonly read: readonly Window[];
}

function buffersOf(dtypes: readonly DType[], size: number): Buffer[] {
  return dtypes.map((dtype, k) => ({ id: -1 - k, name: `partial results ${k}`, dtype, size, place: { kind: 'temporary' } }));
}

export function bytesOfScratch(dtypes: readonly DType[], size: number): number {
  return buffersOf(dtypes, size).reduce((sum, buffer) => sum + tensorBytes(buffer), 0);
}

/** Lists of partial results, one behind the other. */
export function scratchOf(dtypes: readonly DType[], size: number, { scratch }: PlanContext): Scratch {
  if (scratch === undefined) throw new TypeError('a kernel in parts has no room for partial results');
  let at = 0;
  const buffers = buffersOf(dtypes, size);
  const written = buffers.map((buffer): Window => {
    const start = at;
    at += tensorBytes(buffer);
    return { buffer, memory: scratch, origin: start, start, end: at, writes: true };
  });
  return { buffers, written, read: written.map((w) => ({ ...w, writes: false })) };
}
