// Tensors in blocks: each in one, none on another, no block larger than a binding, and groups together where they fit.
import { describe, expect, it } from 'vitest';
import { pack, type Packed } from '../../src/run/pack.js';
import { LIMITS } from './context.js';

const limits = { ...LIMITS, maxStorageBufferBindingSize: 1024, maxBufferSize: 2048 };
const packed = (groups: readonly (readonly number[])[], apart = 0): readonly Packed<number>[] => pack(groups, (bytes) => bytes, limits, apart);
const items = (blocks: readonly Packed<number>[]): number[][] => blocks.map((b) => b.items.map(({ item }) => item));
const offsets = (blocks: readonly Packed<number>[]): number[][] => blocks.map((b) => b.items.map(({ offset }) => offset));

describe('tensors', () => {
  it('of a group lie side by side', () => {
    const blocks = packed([[16, 48, 32]]);
    expect([items(blocks), offsets(blocks), blocks.map(({ bytes }) => bytes)]).toEqual([[[16, 48, 32]], [[0, 16, 64]], [96]]);
  });

  it('of another group begin where a binding may', () => {
    const blocks = packed([[16, 16], [32], [16]]);
    expect([items(blocks), offsets(blocks), blocks[0]?.bytes]).toEqual([[[16, 16, 32, 16]], [[0, 16, 256, 512]], 528]);
  });

  it('of a group that does not fit any more begin a block, with as much as it holds', () => {
    expect(items(packed([[800], [208, 32]]))).toEqual([[800], [208, 32]]);
    expect(items(packed([[512], [256, 304]]))).toEqual([[512], [256, 304]]);
    // Just what a binding holds.
    expect(items(packed([[768], [256]]))).toEqual([[768, 256]]);
    expect(items(packed([[768], [272]]))).toEqual([[768], [272]]);
    expect(items(packed([[512, 512, 16]]))).toEqual([[512, 512], [16]]);
    // What is larger than a binding has a block of its own.
    expect(items(packed([[16, 4096, 16]]))).toEqual([[16], [4096], [16]]);
    expect(packed([[], []])).toEqual([]);
  });

  it('may lie apart', () => {
    const blocks = packed([[16, 48]], 64);
    expect([offsets(blocks), blocks[0]?.bytes]).toEqual([[[64, 144]], 256]);
  });
});
