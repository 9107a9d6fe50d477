// The rows of code that runs over many tensors: each element of each tensor once, in as few rows as can be.
import type { DType } from '@pappus/core';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { describe, expect, it } from 'vitest';
import type { Body, Buffer, Segmented } from '../../src/kernels/kernel.js';
import { bodyBuffers } from '../../src/kernels/accesses.js';
import { alignedBytes } from '../../src/memory/memory.js';
import { type SegmentRow, segmentRows } from '../../src/memory/segments.js';
import { at, buffer } from '../tensors.js';

/** `to = from + 1` over pairs of tensors. */
function part(pairs: readonly (readonly [Buffer, Buffer])[], more: Body['instructions'] = [], stride = 1): Segmented {
  const [[from, to] = [buffer(0, 1), buffer(1, 1)]] = pairs;
  const body: Body = {
    instructions: [{ kind: 'load', access: { buffer: from, offset: 0, strides: [stride] }, dtype: from.dtype }, ...more],
    stores: [{ access: { buffer: to, offset: 0, strides: [1] }, value: 0 }],
  };
  return { kind: 'elementwise', extents: [4], body, update: false, segments: pairs.map(([a, b]) => ({ size: b.size, buffers: bodyBuffers(body).length === 1 ? [a] : [a, b] })) };
}

/** Buffers in pairs, those of a side one behind the other, with so many bytes between. */
function sideBySide(sizes: readonly number[], dtype: DType = 'float32', between = 0, gap = 0): { readonly pairs: [Buffer, Buffer][]; readonly address: (b: Buffer) => number } {
  const pairs = sizes.map((size, k): [Buffer, Buffer] => [buffer(k, size, 'temporary', dtype), buffer(100 + k, size, 'temporary', dtype)]);
  const places = new Map<Buffer, number>();
  for (const side of [0, 1] as const) {
    let next = side === 0 ? 1024 : 65536;
    for (const pair of pairs) {
      places.set(pair[side], next);
      next += alignedBytes(pair[side]) + (side === 1 ? between : gap);
    }
  }
  return { pairs, address: (b) => places.get(b) ?? NaN };
}

const steps = (rows: readonly SegmentRow[]): number[] => rows.map((row) => row.steps);

describe('rows', () => {
  it('are one where all tensors lie side by side in every operand, whole vectors long', () => {
    const { pairs, address } = sideBySide([5, 8, 1]);
    const rows = segmentRows(part(pairs), 4, address);
    expect(steps(rows)).toEqual([2 + 2 + 1]);
    expect(rows[0]?.addresses).toEqual([1024, 65536]);
    // The elements of the last tensor end here.
    expect(rows[0]?.ends).toEqual([1024 + 32 + 32 + 4, 65536 + 32 + 32 + 4]);
  });

  it('are as many as there are tensors where those of one operand lie apart', () => {
    for (const [between, gap] of [[16, 0], [0, 16]] as const) {
      const { pairs, address } = sideBySide([5, 8, 1], 'float32', between, gap);
      const rows = segmentRows(part(pairs), 4, address);
      expect(steps(rows)).toEqual([2, 2, 1]);
      expect(rows.map(({ addresses }) => addresses)).toEqual(pairs.map(([a, b]) => [address(a), address(b)]));
    }
  });

  it('count whole vectors to the end of a tensor that is filled up, and elements where they are single', () => {
    const { pairs, address } = sideBySide([5]);
    expect(steps(segmentRows(part(pairs), 4, address))).toEqual([2]);
    expect(steps(segmentRows(part(pairs), 1, address))).toEqual([5]);
    const wide = sideBySide([5], 'float64');
    expect(steps(segmentRows(part(wide.pairs), 2, wide.address))).toEqual([3]);
    const bytes = sideBySide([5, 17], 'bool');
    expect(steps(segmentRows(part(bytes.pairs), 4, bytes.address))).toEqual([12]);
    const words = segmentRows(part(sideBySide([5], 'bool').pairs), 4, () => 0, { elementBytes: { ...BYTES_PER_ELEMENT, bool: 4 } });
    expect(steps(words)).toEqual([2]);
  });

  it('join elements only where these lie side by side', () => {
    const whole = sideBySide([4, 8]);
    expect(steps(segmentRows(part(whole.pairs), 1, whole.address))).toEqual([12]);
    const odd = sideBySide([5, 8]);
    expect(steps(segmentRows(part(odd.pairs), 1, odd.address))).toEqual([5, 8]);
  });

  it('leave out tensors of no elements', () => {
    const { pairs, address } = sideBySide([0, 4, 0]);
    expect(steps(segmentRows(part(pairs), 4, address))).toEqual([1]);
  });

  it('do not join what counts, or what has elements of two sizes', () => {
    const { pairs, address } = sideBySide([4, 4]);
    expect(steps(segmentRows(part(pairs, [{ kind: 'index', value: { offset: 0, strides: [1] }, dtype: 'int32' }]), 4, address))).toEqual([1, 1]);
    const mixed = pairs.map(([a], k): [Buffer, Buffer] => [a, buffer(200 + k, 4, 'temporary', 'float64')]);
    expect(steps(segmentRows(part(mixed), 2, (b) => 4096 * b.id))).toEqual([2, 2]);
    const odd: [Buffer, Buffer][] = [[buffer(1, 5), buffer(2, 5, 'temporary', 'float64')]];
    expect(steps(segmentRows(part(odd), 2, (b) => 4096 * b.id))).toEqual([3]);
  });

  it('join what reads one number of all, where it is the same one', () => {
    const { pairs, address } = sideBySide([4, 4, 4]);
    const [one, other] = [buffer(300, 1), buffer(301, 1)];
    const scalar = (b: Buffer): number => (b.id >= 300 ? 16 * b.id : address(b));
    const fixed = pairs.map(([, b]): [Buffer, Buffer] => [one, b]);
    expect(steps(segmentRows(part(fixed, [], 0), 4, scalar))).toEqual([3]);
    const two = fixed.map(([a, b], k): [Buffer, Buffer] => [k === 2 ? other : a, b]);
    expect(steps(segmentRows(part(two, [], 0), 4, scalar))).toEqual([2, 1]);
  });

  it('do not join what has a first element in all places beside others of one tensor', () => {
    const { pairs } = sideBySide([4, 4]);
    const same = pairs.map(([a]): [Buffer, Buffer] => [a, a]);
    const address = (b: Buffer): number => 16 * b.id;
    expect(steps(segmentRows(part(same), 4, address))).toEqual([2]);
    expect(steps(segmentRows(part(same, [], 0), 4, address))).toEqual([1, 1]);
  });

  it('do not join a tensor that is longer than the part of it which the code is over', () => {
    const { pairs } = sideBySide([4, 4]);
    const longer = pairs.map(([, b], k): [Buffer, Buffer] => [buffer(400 + k, 8), b]);
    expect(steps(segmentRows(part(longer), 4, (b) => (b.id >= 400 ? 32 * (b.id - 400) : 1024 + 16 * (b.id - 100))))).toEqual([1, 1]);
    expect(at(segmentRows(part(longer), 4, (b) => (b.id >= 400 ? 32 * (b.id - 400) : 1024 + 16 * (b.id - 100))), 1).addresses).toEqual([32, 1040]);
  });
});
