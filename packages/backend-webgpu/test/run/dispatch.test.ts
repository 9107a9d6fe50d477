// Dispatches and their bindings; tensors that are in too many blocks are brought together, and brought back where they are written.
import { describe, expect, it } from 'vitest';
import { bind, type Dispatch, type PlanContext, reach, whole } from '../../src/run/dispatch.js';
import type { Buffer } from '@pappus/compiler';
import { buffer, contextOf, rangeOf } from './context.js';

const text: Dispatch['text'] = { source: '', words: [], usesTable: false, reports: false, types: [] };
const bound = (buffers: readonly Buffer[], context: PlanContext, written: readonly Buffer[] = [], tables = 0): Dispatch =>
  bind(buffers.map((b) => whole(b, context, written.includes(b))), buffers, tables, context, () => ({ text, groups: 1, numbers: {}, table: [] }));

describe('tensors', () => {
  const buffers = Array.from({ length: 9 }, (_, k) => buffer(k, 10 + k));
  const blocks = buffers.map((b) => [b]);

  it('are bound where they lie, as many blocks as there may be', () => {
    const context = contextOf(blocks);
    const dispatch = bound(buffers.slice(0, 8), context);
    expect([dispatch.ranges.length, dispatch.before, dispatch.after]).toEqual([8, [], []]);
    for (const b of buffers.slice(0, 8)) expect(rangeOf(dispatch, b, context.place(b), 0, b.size - 1)).toBeDefined();
    expect(dispatch.extents).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
  });

  it('of too many blocks are brought together, and back where they are written', () => {
    const context = contextOf(blocks);
    const [, written] = buffers;
    if (written === undefined) throw new Error('nine');
    const { before, after, ranges, offsets } = bound(buffers, context, [written]);
    expect(ranges).toHaveLength(1);
    expect(before.map(({ from }) => from)).toEqual(buffers.map((b) => context.place(b)));
    // Each where its binding says it is, and none on another.
    for (const [k, { to, bytes }] of before.entries()) {
      expect([to.memory, 4 * (offsets[k] ?? NaN)]).toEqual([context.gathered, to.offset]);
      expect(before[k + 1]?.to.offset ?? Infinity).toBeGreaterThanOrEqual(to.offset + bytes);
    }
    expect(after).toEqual([{ from: before[1]?.to, to: before[1]?.from, bytes: before[1]?.bytes }]);
    const [last] = before.slice(-1);
    expect(context.gathered.bytes).toBeGreaterThanOrEqual((last?.to.offset ?? NaN) + (last?.bytes ?? NaN));
  });

  it('leave room for a table', () => {
    expect(bound(buffers.slice(0, 8), contextOf(blocks), [], 1).before).toHaveLength(8);
    expect(bound(buffers.slice(0, 7), contextOf(blocks), [], 1).before).toEqual([]);
  });

  it('that are too large for that are an error that names the largest', () => {
    const large = Array.from({ length: 9 }, (_, k) => buffer(k, 1000 + 4 * k));
    expect(() => bound(large, contextOf(large.map((b) => [b]), { maxBufferSize: 9000 }))).toThrow('b8 with 4128 the largest');
    expect(() => bound(large, contextOf(large.map((b) => [b]), { maxStorageBufferBindingSize: 4128 }))).toThrow('this device binds at most 8 times 4128');
  });
});

it('a tensor is reached from one byte to another, in all steps of a scan', () => {
  const [a, b] = [buffer(0, 20), buffer(1, 20)];
  const context = contextOf([[a, b]]);
  expect(reach(b, context, true, 16, 48)).toMatchObject({ origin: 80, start: 96, end: 128, writes: true });
  expect(reach(b, context, false, 16, 1000)).toMatchObject({ end: 160 });
  const moving: PlanContext = { ...context, offsetRange: (x) => (x === b ? [-32, 64] : [0, 0]) };
  expect(whole(b, moving, false)).toMatchObject({ origin: 80, start: 48, end: 80 + 80 + 64 });
  expect(whole(a, moving, false)).toMatchObject({ origin: 0, start: 0, end: 80 });
});
