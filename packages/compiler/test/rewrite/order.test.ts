// The order of kernels: nothing before what it needs, and soonest what makes memory free.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Buffer, ElementwiseKernel, Instruction, Kernel } from '../../src/kernels/kernel.js';
import { bodyBuffers, kernelAccesses } from '../../src/kernels/accesses.js';
import { planMemory } from '../../src/memory/memory.js';
import { eagerly } from '../../src/rewrite/order.js';
import { at, buffer } from '../tensors.js';

/** A kernel that reads some buffers and writes others. */
function kernel(reads: readonly Buffer[], writes: readonly Buffer[]): ElementwiseKernel {
  const instructions = reads.map((b): Instruction => ({ kind: 'load', access: { buffer: b, offset: 0, strides: [1] }, dtype: 'float32' }));
  const body = { instructions: instructions.length === 0 ? [{ kind: 'constant', value: 1, dtype: 'float32' } as const] : instructions, stores: writes.map((b) => ({ access: { buffer: b, offset: 0, strides: [1] }, value: 0 })) };
  return { kind: 'elementwise', extents: [1], body, update: false, segments: [{ size: 1, buffers: bodyBuffers(body) }] };
}

const positions = (before: readonly Kernel[], after: readonly Kernel[]): number[] => after.map((k) => before.indexOf(k));

/** Whether two kernels may not change places. */
function depend(a: Kernel, b: Kernel): boolean {
  const [first, second] = [kernelAccesses(a), kernelAccesses(b)];
  const touches = (list: readonly Buffer[], others: readonly Buffer[]): boolean => list.some((x) => others.includes(x));
  return touches(first.writes, second.reads) || touches(first.reads, second.writes) || touches(first.writes, second.writes);
}

describe('kernels run', () => {
  it('soonest where that frees memory', () => {
    const [t, u, v] = [1, 2, 3].map((id) => buffer(id, 100));
    const [x, y, out, other] = [4, 5, 6, 7].map((id) => buffer(id, 100, id < 6 ? 'input' : 'output'));
    if (t === undefined || u === undefined || v === undefined || x === undefined || y === undefined || out === undefined || other === undefined) throw new Error('seven');
    // t; u; v of u; what reads t last.
    const kernels = [kernel([x], [t]), kernel([y], [u]), kernel([u], [v]), kernel([v], [other]), kernel([t], [out])];
    const after = eagerly(kernels);
    expect(positions(kernels, after)).toEqual([0, 4, 1, 2, 3]);
    expect(planMemory(after).bytes).toBeLessThan(planMemory(kernels).bytes);
  });

  it('in the order that they have where nothing is freed by another, or as much is taken', () => {
    const [small, large, t] = [buffer(1, 4), buffer(2, 4000), buffer(3, 4000)];
    const [x, out, other] = [buffer(4, 4, 'input'), buffer(5, 4, 'output'), buffer(6, 4, 'output')];
    const kernels = [kernel([x], [small]), kernel([x], [t]), kernel([t], [out]), kernel([small], [large]), kernel([large], [other])];
    expect(positions(kernels, eagerly(kernels))).toEqual([0, 1, 2, 3, 4]);
    // Of two that free memory the first is first.
    const both = [kernel([x], [small, t]), kernel([small], [out]), kernel([t], [other])];
    expect(positions(both, eagerly(both))).toEqual([0, 1, 2]);
    // What frees as much as it takes may as well come at once.
    const equal = [kernel([x], [large]), kernel([x], [small]), kernel([large], [t]), kernel([small, t], [out])];
    expect(positions(equal, eagerly(equal))).toEqual([0, 2, 1, 3]);
  });

  it('each once, after all that they depend on, and need no more memory for it', () => {
    const draw = fc.array(fc.tuple(fc.array(fc.nat(9), { maxLength: 2 }), fc.nat(9)), { minLength: 2, maxLength: 14 });
    let moved = 0;
    fc.assert(
      fc.property(draw, (draws) => {
        const buffers = Array.from({ length: 10 }, (_, id) => buffer(id, 4 * (1 + ((id * 7) % 5)), id < 2 ? 'input' : id < 4 ? 'output' : 'temporary'));
        const kernels = draws.map(([reads, write]) => kernel([...new Set(reads)].map((id) => at(buffers, id)), [at(buffers, Math.max(2, write))]));
        const after = eagerly(kernels);
        const order = positions(kernels, after);
        expect([...order].sort((a, b) => a - b)).toEqual(kernels.map((_, k) => k));
        for (const [k, later] of kernels.entries()) {
          for (const [j, earlier] of kernels.slice(0, k).entries()) if (depend(earlier, later)) expect(order.indexOf(j)).toBeLessThan(order.indexOf(k));
        }
        if (order.some((p, k) => p !== k)) moved++;
      }),
      { seed: 1, numRuns: 400 },
    );
    expect(moved).toBeGreaterThan(20);
  });
});
