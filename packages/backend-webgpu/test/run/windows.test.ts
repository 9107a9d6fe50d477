// The bindings of a kernel: each tensor in one that reaches it, aligned, within the limits, and none on another where one is written.
import { describe, expect, it } from 'vitest';
import { LateMemory } from '../../src/device/memory.js';
import { type Bound, bindPages, bindWindows, overlapping, reachedBytes, tensorBytes, type Window } from '../../src/run/windows.js';
import type { Buffer } from '@pappus/compiler';
import { buffer, LIMITS } from './context.js';

const [one, other] = [new LateMemory(), new LateMemory()];
let next = 0;
function window(memory: LateMemory, start: number, end: number, writes = false, dtype: Buffer['dtype'] = 'float32', origin = start): Window {
  return { buffer: buffer(next++, 1, dtype), memory, origin, start, end, writes };
}

/** Each window lies in its binding, where its origin says. */
function check(windows: readonly Window[], bound: Bound | undefined, most: number): Bound {
  if (bound === undefined) throw new Error('there are bindings');
  const { bindings, ranges, origins } = bound;
  // A binding of several pages has a range for each.
  const first: number[] = [];
  let at = 0;
  for (const { pages } of bindings.types) {
    first.push(at);
    at += pages?.count ?? 1;
  }
  expect(at).toBe(ranges.length);
  for (const w of windows) {
    const { binding } = bindings.slots.get(w.buffer) ?? { binding: NaN };
    const from = ranges[first[binding] ?? NaN];
    const to = ranges[(first[binding] ?? NaN) + (bindings.types[binding]?.pages?.count ?? 1) - 1];
    if (from === undefined || to === undefined) throw new Error('a binding of no range');
    expect([from.memory, from.start % 256]).toEqual([w.memory, 0]);
    expect(from.start).toBeLessThanOrEqual(w.start);
    expect(to.start + to.bytes).toBeGreaterThanOrEqual(w.end);
    expect(from.start + 4 * (origins.get(w.buffer) ?? NaN)).toBe(w.origin);
    expect(bindings.types[binding]?.writable).toBe(windows.some((v) => v.memory === w.memory && v.writes));
  }
  for (const { bytes } of ranges) {
    expect(bytes).toBeLessThanOrEqual(most);
    expect(bytes % 16).toBe(0);
  }
  return bound;
}

describe('windows', () => {
  const limits = { ...LIMITS, maxStorageBufferBindingSize: 1024 };
  const bound = (...windows: readonly Window[]): Bound => check(windows, bindWindows(windows, limits), 1024);

  it('of one block share a binding, of two have two', () => {
    expect(bound(window(one, 0, 64), window(one, 512, 640)).ranges).toHaveLength(1);
    expect(bound(window(one, 0, 64), window(other, 0, 64)).ranges).toHaveLength(2);
    expect(bound(window(one, 300, 316), window(one, 600, 640)).ranges).toEqual([{ memory: one, start: 256, bytes: 384 }]);
  });

  it('that are too far apart have bindings of their own, which do not overlap', () => {
    expect(bound(window(one, 0, 64), window(one, 960, 1024)).ranges).toHaveLength(1);
    expect(bound(window(one, 0, 64), window(one, 1024, 1040)).ranges).toHaveLength(2);
    expect(bound(window(one, 0, 64), window(one, 2000, 2016), window(one, 2048, 2064)).ranges).toHaveLength(2);
  });

  it('have none where one is larger than a binding, or two would overlap', () => {
    expect(bindWindows([window(one, 0, 1040)], limits)).toBeUndefined();
    // From where a binding may begin it is too large.
    expect(bindWindows([window(one, 128, 1152)], limits)).toBeUndefined();
    expect(bindWindows([window(one, 0, 1024)], limits)).toBeDefined();
    expect(bindWindows([window(one, 0, 800), window(one, 780, 1500)], limits)).toBeUndefined();
    // The second would begin in the first, where a binding may begin.
    expect(bindWindows([window(one, 0, 800), window(one, 816, 1500)], limits)).toBeUndefined();
  });

  it('are written together where one of the block is', () => {
    const { bindings } = bound(window(one, 0, 64), window(one, 2048, 2064, true), window(other, 0, 16));
    expect(bindings.types.map(({ writable }) => writable)).toEqual([true, true, false]);
  });

  it('of one type have it, of several are words', () => {
    expect(bound(window(one, 0, 16), window(one, 16, 32)).bindings.types.map(({ type }) => type)).toEqual(['f32']);
    expect(bound(window(one, 0, 16), window(one, 16, 32, false, 'int32')).bindings.types.map(({ type }) => type)).toEqual(['u32']);
  });

  it('may begin behind where their tensor does, or before', () => {
    bound(window(one, 512, 640, false, 'float32', 0));
    bound(window(one, 512, 640, false, 'float32', 576));
  });

  it('are bound in the order of the tensors', () => {
    const [late, early] = [window(one, 4096, 4112), window(one, 0, 16)];
    expect(bound(late, early).bindings.slots.get(late.buffer)?.binding).toBe(0);
  });
});

describe('pages', () => {
  const limits = { ...LIMITS, maxStorageBufferBindingSize: 1500 };
  const paged = (...windows: readonly Window[]): Bound => check(windows, bindPages(windows, limits), 1024);

  it('of a power of two bytes reach what is larger than a binding', () => {
    const { ranges, bindings } = paged(window(one, 0, 2500));
    expect(ranges.map(({ start, bytes }) => [start, bytes])).toEqual([[0, 1024], [1024, 1024], [2048, 464]]);
    expect(bindings.types).toEqual([{ type: 'f32', writable: false, pages: { count: 3, elements: 256 } }]);
    expect(paged(window(one, 0, 1024)).bindings.types[0]?.pages).toBeUndefined();
  });

  it('are shared where that takes no more of them, and where windows overlap', () => {
    expect(paged(window(one, 0, 600), window(one, 768, 1600)).ranges).toHaveLength(2);
    expect(paged(window(one, 0, 16), window(one, 9000, 9016)).ranges).toHaveLength(2);
    expect(paged(window(one, 0, 2000), window(one, 1900, 3000)).bindings.types).toHaveLength(1);
  });
});

it('stretches that windows cover are one where they overlap', () => {
  const found = overlapping([window(one, 100, 200), window(one, 0, 64), window(one, 150, 300), window(one, 300, 310), window(other, 120, 130)]);
  expect(found.map(({ memory, start, end }) => [memory === one ? 1 : 2, start, end])).toEqual([[1, 0, 64], [1, 100, 300], [2, 120, 130], [1, 300, 310]]);
});

it('a kernel reaches a tensor to where it is filled up, and of a part no more than it has', () => {
  expect([tensorBytes(buffer(0, 5)), tensorBytes(buffer(0, 5, 'bool')), reachedBytes(buffer(0, 5))]).toEqual([32, 32, 32]);
  expect([reachedBytes(buffer(0, 5, 'float32', 'slice')), reachedBytes(buffer(0, 0, 'float32', 'slice'))]).toEqual([20, 4]);
});
