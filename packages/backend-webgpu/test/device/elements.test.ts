// Numbers as words of a device, and back.
import { describe, expect, it } from 'vitest';
import { fromWords, rounded, scalarArray, toWords } from '../../src/device/elements.js';

describe('numbers as words', () => {
  it('are the same bytes, and a word for each bool', () => {
    expect([...toWords(Uint8Array.of(1, 0, 1))]).toEqual([1, 0, 1]);
    expect(toWords(Uint8Array.of(1, 0, 1))).toBeInstanceOf(Int32Array);
    const floats = Float32Array.of(1, 2.5, -3);
    expect(toWords(floats)).toBe(floats);
    const shared = new Float32Array(new SharedArrayBuffer(8)).fill(4);
    expect(toWords(shared)).not.toBe(shared);
    expect([...toWords(shared)]).toEqual([4, 4]);
  });

  it('are read as they were written', () => {
    expect(fromWords('float32', Float32Array.of(1.5, -2).buffer)).toEqual(Float32Array.of(1.5, -2));
    expect(fromWords('int32', Int32Array.of(7, -2).buffer)).toEqual(Int32Array.of(7, -2));
    expect(fromWords('bool', Int32Array.of(1, 0, 1).buffer)).toEqual(Uint8Array.of(1, 0, 1));
  });

  it('are rounded as their dtype is', () => {
    expect([rounded('float32', 0.1), rounded('int32', 2.9), rounded('bool', 1)]).toEqual([Math.fround(0.1), 2, 1]);
    expect(scalarArray('int32', 5)).toEqual(Int32Array.of(5));
  });
});
