// The one memory of a backend: blocks that do not overlap, are 0 at first, and whose neighbours join when they come back.
import { DisposedError } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { CpuMemory, LINE, NoRoomError } from '../src/memory.js';
import { Region } from '../src/region.js';

describe('blocks', () => {
  it('are whole lines, apart from each other, 0 at first', () => {
    const memory = new CpuMemory();
    const sizes = [1, 64, 65, 1000, 0, 10_000];
    const blocks = sizes.map((bytes) => ({ start: memory.allocate(bytes), bytes }));
    const taken = (bytes: number): number => Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
    for (const { start, bytes } of blocks) {
      expect(start % LINE).toBe(0);
      expect([...memory.view('bool', start, bytes)].every((x) => x === 0)).toBe(true);
      memory.view('bool', start, taken(bytes)).fill(7);
    }
    const ranges = blocks.map(({ start, bytes }) => [start, start + taken(bytes)] as const).sort(([a], [b]) => a - b);
    for (const [k, [, end]] of ranges.entries()) expect(ranges[k + 1]?.[0] ?? Infinity).toBeGreaterThanOrEqual(end);
    expect(memory.usedBytes).toBe(sizes.reduce((sum, bytes) => sum + taken(bytes), 0));
  });

  it('that come back are given out again, 0 again, and those that were neighbours as one', () => {
    const memory = new CpuMemory();
    for (const order of [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]]) {
      const blocks = [0, 1, 2].map(() => memory.allocate(6400));
      const [first = NaN] = blocks;
      memory.view('bool', first, 6400).fill(1);
      for (const k of order) memory.release(blocks[k] ?? NaN, 6400);
      expect(memory.usedBytes).toBe(0);
      // As large as the three of them: it lies where they lay if they are one.
      const small = memory.allocate(8192);
      expect(small).toBe(first);
      expect(memory.view('bool', small, 6400).every((x) => x === 0)).toBe(true);
      memory.release(small, 8192);
    }
  });

  it('grow the memory where there is no room, and go on where it ended', () => {
    const memory = new CpuMemory();
    const before = memory.totalBytes;
    const blocks = Array.from({ length: 5 }, () => memory.allocate(2 ** 20));
    expect(memory.totalBytes).toBeGreaterThan(before);
    expect(memory.totalBytes).toBeLessThan(5 * 2 ** 20 + 2 * before);
    const sorted = [...blocks].sort((a, b) => a - b);
    for (const [k, start] of sorted.entries()) expect((sorted[k + 1] ?? memory.totalBytes) - start).toBeGreaterThanOrEqual(2 ** 20);
    // Vectors may be read behind the last one.
    expect(memory.totalBytes - (sorted.at(-1) ?? NaN) - 2 ** 20).toBeGreaterThanOrEqual(1024);
  });

  it('leave the end of the memory alone, where all of it was given out as well', () => {
    const memory = new CpuMemory();
    // From where large blocks begin to the end.
    const rest = memory.totalBytes - 2 ** 18 - 1024;
    const blocks = [rest, 2 ** 16, ...Array.from({ length: 400 }, () => 1024), 2 ** 20, 2 ** 17].map((bytes) => ({ start: memory.allocate(bytes), bytes, total: memory.totalBytes }));
    for (const { start, bytes, total } of blocks) expect(start + bytes).toBeLessThanOrEqual(total - 1024);
    const sorted = [...blocks].sort((a, b) => a.start - b.start);
    for (const [k, { start, bytes }] of sorted.entries()) expect(sorted[k + 1]?.start ?? Infinity).toBeGreaterThanOrEqual(start + bytes);
  });

  it('that are small begin where no large one does', () => {
    const memory = new CpuMemory();
    expect(memory.allocate(8192)).toBeLessThan(2 ** 18);
    expect(memory.allocate(8193)).toBeGreaterThanOrEqual(2 ** 18);
    expect(memory.allocate(100)).toBeLessThan(2 ** 18);
  });

  it('that are too large are an error, which changes nothing', () => {
    const memory = new CpuMemory();
    memory.allocate(100);
    const [used, total] = [memory.usedBytes, memory.totalBytes];
    expect(() => memory.allocate(2 ** 32)).toThrow(NoRoomError);
    expect([memory.usedBytes, memory.totalBytes]).toEqual([used, total]);
  });

  it('are gone with the memory', () => {
    const memory = new CpuMemory();
    const at = memory.allocate(100);
    memory.dispose();
    expect(() => memory.allocate(1)).toThrow(DisposedError);
    expect(() => memory.check()).toThrow(DisposedError);
    memory.release(at, 100);
    expect([memory.usedBytes, memory.totalBytes]).toEqual([0, 0]);
  });

  it('are copied, and copied within', () => {
    const memory = new CpuMemory();
    const [a, b] = [memory.allocate(32), memory.allocate(32)];
    memory.view('float64', a, 3).set([1, 2, 3]);
    memory.copyWithin(a, b, 'float64', 3);
    const copy = memory.copy('float64', b, 3);
    memory.view('float64', b, 3).fill(0);
    expect([...copy]).toEqual([1, 2, 3]);
  });
});

it('a region goes back once', () => {
  const memory = new CpuMemory();
  const region = new Region(memory, 100);
  expect([region.isReleased, memory.usedBytes]).toEqual([false, 128]);
  region.release();
  region.release();
  expect([region.isReleased, memory.usedBytes]).toEqual([true, 0]);
});
