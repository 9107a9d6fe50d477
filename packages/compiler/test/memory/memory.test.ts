// Where temporaries lie: two that are in use at one time share no byte, and where it is known, no more is taken than must be.
import { type DType, variable } from '@pappus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Buffer, ElementwiseKernel, Instruction, Kernel, ScanKernel, Slice } from '../../src/kernels/kernel.js';
import { bodyBuffers } from '../../src/kernels/accesses.js';
import { ALIGNMENT, alignedBytes, planMemory } from '../../src/memory/memory.js';
import { at, buffer } from '../tensors.js';

function kernel(reads: readonly Buffer[], writes: readonly Buffer[]): ElementwiseKernel {
  const instructions: Instruction[] = [{ kind: 'constant', value: 1, dtype: 'float32' }, ...reads.map((b): Instruction => ({ kind: 'load', access: { buffer: b, offset: 0, strides: [1] }, dtype: 'float32' }))];
  const body = { instructions, stores: writes.map((b) => ({ access: { buffer: b, offset: 0, strides: [1] }, value: 0 })) };
  return { kind: 'elementwise', extents: [1], body, update: false, segments: [{ size: 1, buffers: bodyBuffers(body) }] };
}

interface Touch {
  readonly at: number;
  /** The scans around it, and the round of each. */
  readonly scans: readonly ScanKernel[];
  readonly rounds: readonly number[];
}

/**
 * When each buffer is in use, all rounds of scans written out in time: from the first touch to the last, in every round by itself where all
 * that touches it is in one scan.
 */
function times(kernels: readonly Kernel[]): Map<Buffer, (readonly [first: number, last: number])[]> {
  const touches = new Map<Buffer, Touch[]>();
  let now = 0;
  const visit = (list: readonly Kernel[], wholes: ReadonlyMap<Buffer, Buffer>, scans: readonly ScanKernel[], rounds: readonly number[]): void => {
    for (const k of list) {
      if (k.kind === 'scan') {
        const inner = new Map([...wholes, ...k.slices.map(({ buffer: part, of }) => [part, wholes.get(of) ?? of] as const)]);
        for (let round = 0; round < 3; round++) visit(k.kernels, inner, [...scans, k], [...rounds, round]);
        continue;
      }
      if (k.kind !== 'elementwise') throw new Error('these tests have nests alone');
      for (const b of bodyBuffers(k.body)) {
        const whole = wholes.get(b) ?? b;
        touches.set(whole, [...(touches.get(whole) ?? []), { at: now, scans, rounds }]);
      }
      now++;
    }
  };
  visit(kernels, new Map(), [], []);
  return new Map([...touches].map(([b, list]) => {
    const common = at(list, 0).scans.filter((scan, k) => list.every(({ scans }) => scans[k] === scan)).length;
    const lives = new Map<string, [number, number]>();
    for (const { at: time, rounds } of list) {
      const key = rounds.slice(0, common).join();
      lives.set(key, [lives.get(key)?.[0] ?? time, time]);
    }
    return [b, [...lives.values()]];
  }));
}

function check(kernels: readonly Kernel[]): ReturnType<typeof planMemory> {
  const plan = planMemory(kernels);
  const lives = [...times(kernels)].filter(([b]) => b.place.kind === 'temporary');
  for (const [a, own] of lives) {
    const start = plan.offsets.get(a) ?? NaN;
    expect(start % ALIGNMENT).toBe(0);
    expect(start + a.size * 4).toBeLessThanOrEqual(plan.bytes);
    for (const [b, others] of lives) {
      if (a === b || !own.some(([from, to]) => others.some(([first, last]) => first <= to && from <= last))) continue;
      const other = plan.offsets.get(b) ?? NaN;
      expect(start + a.size * 4 <= other || other + b.size * 4 <= start, `${a.name} and ${b.name}`).toBe(true);
    }
  }
  expect(plan.offsets.size).toBe(lives.length);
  return plan;
}

const temporaries = (...sizes: readonly number[]): Buffer[] => sizes.map((size, id) => buffer(id, size));

describe('temporaries', () => {
  const [x, out] = [buffer(100, 16, 'input'), buffer(101, 16, 'output')];

  it('of a chain are two', () => {
    const t = temporaries(16, 16, 16, 16, 16, 16);
    const chain = t.map((b, k) => kernel([k === 0 ? x : at(t, k - 1)], [b]));
    expect(check([...chain, kernel([at(t, 5)], [out])]).bytes).toBe(2 * 64);
  });

  it('that are all in use lie side by side', () => {
    const t = temporaries(16, 32, 16);
    expect(check([kernel([x], t), kernel(t, [out])]).bytes).toBe(4 * 64);
  });

  it('go into a gap that is as large as they are, and not into a smaller one', () => {
    const [a, gap, b, fits] = temporaries(16, 32, 16, 32);
    if (a === undefined || gap === undefined || b === undefined || fits === undefined) throw new Error('four');
    expect(check([kernel([x], [a, gap, b]), kernel([gap], [out]), kernel([x], [fits]), kernel([a, b, fits], [out])]).bytes).toBe(4 * 64);
    const large = buffer(9, 48);
    expect(check([kernel([x], [a, gap, b]), kernel([gap], [out]), kernel([x], [large]), kernel([a, b, large], [out])]).bytes).toBeLessThanOrEqual(6 * 64);
  });

  it('begin on lines of their own, of whatever length', () => {
    const t = temporaries(1, 1, 1);
    const all = [kernel([x], t), kernel(t, [out])];
    expect(check(all).bytes).toBe(2 * 64 + 16);
    expect(planMemory(all, { line: 256 }).bytes).toBe(2 * 256 + 16);
    expect([...planMemory(all, { line: 256 }).offsets.values()].sort((p, q) => p - q)).toEqual([0, 256, 512]);
  });

  it('of a scan live in all of its rounds where they are in use before or after it, and within one where not', () => {
    const [before, carry, inside, other, after] = temporaries(16, 16, 16, 16, 16);
    if (before === undefined || carry === undefined || inside === undefined || other === undefined || after === undefined) throw new Error('five');
    // The carry is read before it is written in a round, and written at its end: nothing of a round may lie there.
    const scan: ScanKernel = { kind: 'scan', count: 3, slices: [], kernels: [kernel([carry], [inside]), kernel([inside], [other]), kernel([other], [carry])] };
    expect(check([kernel([x], [carry]), scan, kernel([carry], [out])]).bytes).toBe(3 * 64);
    // What was there before, and is read in the first kernel of a round only, is read in the next round as well.
    const reading: ScanKernel = { ...scan, kernels: [kernel([before], [inside]), kernel([inside], [other]), kernel([other], [out])] };
    expect(check([kernel([x], [before]), reading]).bytes).toBe(3 * 64);
    // What is written in the last kernel of a round and read afterwards.
    const writing: ScanKernel = { ...scan, kernels: [kernel([x], [inside]), kernel([inside], [other]), kernel([other], [after])] };
    check([writing, kernel([after], [out])]);
  });

  it('of which a scan takes parts are in use as the whole', () => {
    const [whole, t, u] = temporaries(48, 16, 16);
    if (whole === undefined || t === undefined || u === undefined) throw new Error('three');
    const part: Buffer = { ...buffer(50, 16), place: { kind: 'slice' } };
    const slices: Slice[] = [{ buffer: part, of: whole, start: 0, stride: 16 }];
    const inner: ScanKernel = { kind: 'scan', count: 3, slices, kernels: [kernel([x], [t]), kernel([t], [part])] };
    expect(check([kernel([x], [u]), inner, kernel([whole, u], [out])]).bytes).toBe(5 * 64);
    // In a scan of scans the parts are of parts.
    const small: Buffer = { ...buffer(51, 4), place: { kind: 'slice' } };
    const outer: ScanKernel = { kind: 'scan', count: 3, slices, kernels: [{ kind: 'scan', count: 4, slices: [{ buffer: small, of: part, start: 0, stride: 4 }], kernels: [kernel([x], [t]), kernel([t], [small])] }] };
    check([kernel([x], [u]), outer, kernel([whole, u], [out])]);
  });

  it('of any kernels share no byte while both are in use', () => {
    const step = fc.tuple(fc.array(fc.nat(9), { maxLength: 3 }), fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }));
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 14 }), sizes, fc.nat(13), fc.nat(13), (steps, bytes, a, b) => {
        const t = temporaries(...bytes);
        const kernels = steps.map(([reads, writes]) => kernel([...new Set(reads)].map((k) => at(t, k)), [...new Set(writes)].map((k) => at(t, k))));
        check(kernels);
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        check([...kernels.slice(0, from), { kind: 'scan', count: 3, kernels: kernels.slice(from, to), slices: [] }, ...kernels.slice(to)]);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('tensors of one kernel over many', () => {
  const segmented = (operands: readonly (readonly Buffer[])[], sizes: readonly number[]): ElementwiseKernel => {
    const first = kernel(operands.slice(1).map((list) => at(list, 0)), [at(at(operands, 0), 0)]);
    const order = bodyBuffers(first.body);
    return { ...first, segments: sizes.map((size, k) => ({ size, buffers: order.map((b) => at(operands.find((list) => list[0] === b) ?? [], k)) })) };
  };

  it('lie side by side in the order of the segments, whatever their sizes', () => {
    const grads = temporaries(5, 40, 3, 17);
    const targets = grads.map((b) => buffer(b.id + 10, b.size, 'output'));
    const kernels: Kernel[] = [...[...grads].reverse().map((b) => kernel([buffer(100, 1, 'input')], [b])), segmented([targets, grads], grads.map((b) => b.size))];
    const { offsets } = check(kernels);
    const starts = grads.map((b) => offsets.get(b) ?? NaN);
    for (const [k, b] of grads.entries()) if (k + 1 < grads.length) expect(at(starts, k + 1)).toBe(at(starts, k) + alignedBytes(b));
  });

  it('that are variables are arenas, and a tensor is in one row only', () => {
    const held = (name: string): Buffer => ({ id: name.charCodeAt(0), name, dtype: 'float32', size: 4, place: { kind: 'variable', variable: variable([1, 2, 3, 4], { name }) } });
    const [p, q, m, n] = ['p', 'q', 'm', 'n'].map(held);
    if (p === undefined || q === undefined || m === undefined || n === undefined) throw new Error('four');
    const names = (kernels: readonly Kernel[]): string[] => planMemory(kernels).arenas.map((list) => list.map(({ name }) => name).join(''));
    expect(names([segmented([[p, q], [m, n]], [4, 4])]).sort()).toEqual(['mn', 'pq']);
    // The second kernel would have p after n.
    expect(names([segmented([[p, q]], [4, 4]), segmented([[n, p]], [4, 4])])).toEqual(['pq']);
    // One tensor twice is no row, and neither are a variable and a temporary.
    expect(names([segmented([[p, q], [m, m]], [4, 4])])).toEqual(['pq']);
    expect(names([segmented([[p, buffer(1, 4)]], [4, 4])])).toEqual([]);
    expect([...planMemory([segmented([[p, buffer(1, 4)]], [4, 4])]).offsets.keys()].map(({ place }) => place.kind)).toEqual(['temporary']);
  });
});

it('a tensor takes whole vectors, and one at least', () => {
  const bytes = (dtype: DType, size: number): number => alignedBytes({ dtype, size });
  expect([bytes('float32', 0), bytes('float32', 1), bytes('float32', 4), bytes('float32', 5), bytes('float64', 3), bytes('bool', 17)]).toEqual([16, 16, 16, 32, 32, 32]);
  expect(alignedBytes({ dtype: 'bool', size: 5 }, { elementBytes: { float32: 4, float64: 8, int32: 4, bool: 4 } })).toBe(32);
});
