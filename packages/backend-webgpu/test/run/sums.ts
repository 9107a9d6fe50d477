// Sums of many tensors to one number.
import type { Body, ReduceKernel, ReducePart } from '@pappus/compiler';
import { buffer } from './context.js';

export const out = buffer(90, 1);
export const epilogue: Body = { instructions: [{ kind: 'result', index: 0, dtype: 'float32' }], stores: [{ access: { buffer: out, offset: 0, strides: [0] }, value: 0 }] };

/** Sums of many tensors. */
export function sums(sizes: readonly number[]): { readonly kernel: ReduceKernel; readonly tensors: readonly ReturnType<typeof buffer>[] } {
  const tensors = sizes.map((size, k) => buffer(k, size));
  const [first = out] = tensors;
  const body: Body = { instructions: [{ kind: 'load', access: { buffer: first, offset: 0, strides: [1] }, dtype: 'float32' }], stores: [] };
  const part: ReducePart = { extents: [Math.max(...sizes)], reduced: [true], body, values: [0], segments: tensors.map((b) => ({ size: b.size, buffers: [b] })) };
  return { tensors, kernel: { kind: 'reduce', parts: [part], reductions: [{ op: 'sum', dtype: 'float32' }], epilogue } };
}
