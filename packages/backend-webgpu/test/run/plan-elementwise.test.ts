// Nests cut into dispatches: every element once, in bindings that reach it.
import { bodyBuffers, type Affine, type ElementwiseKernel } from '@pappus/compiler';
import { describe, expect, it } from 'vitest';
import type { Dispatch } from '../../src/run/dispatch.js';
import { ElementwisePlan } from '../../src/run/plan-elementwise.js';
import { elementwiseLanes } from '../../src/codegen/elementwise.js';
import { buffer, contextOf, nest, rangeOf } from './context.js';

const WORKGROUP = 256;

/** The elements of a nest that a dispatch computes, as indices of the first axis; and that each operand is reached at all of them. */
function indicesOf(dispatch: Dispatch, kernel: ElementwiseKernel, context: ReturnType<typeof contextOf>): number[] {
  const lanes = elementwiseLanes(kernel);
  const behind = kernel.extents.slice(1).reduce((a, b) => a * b, 1);
  const { start = NaN, count = NaN } = dispatch.numbers;
  expect(dispatch.groups).toBe(Math.ceil(count / WORKGROUP));
  const first = Array.from({ length: Math.ceil((count * lanes) / behind) }, (_, k) => start + k);
  for (const { access } of [...kernel.body.stores, ...kernel.body.instructions.flatMap((i) => (i.kind === 'load' ? [i] : []))]) {
    const places = first.flatMap((i) => Array.from({ length: behind }, (_, j) => access.offset + i * (access.strides[0] ?? 0) + j * (access.strides[1] ?? 0))).filter((p) => p < access.buffer.size);
    expect(rangeOf(dispatch, access.buffer, context.place(access.buffer), Math.min(...places), Math.max(...places)), access.buffer.name).toBeDefined();
  }
  return first;
}

describe('a nest', () => {
  const row: Affine = { offset: 0, strides: [1] };

  it.each([1, 3, 4, 1000, 1023, 1025])('over %i elements is one dispatch where it fits', (size) => {
    const [from, to] = [buffer(0, size), buffer(1, size)];
    const [kernel, context] = [nest([size], from, to, row), contextOf([[from], [to]])];
    const [only, ...others] = new ElementwisePlan(kernel, context).dispatches();
    expect(others).toEqual([]);
    if (only !== undefined) expect(indicesOf(only, kernel, context).slice(0, size)).toEqual(Array.from({ length: size }, (_, k) => k));
    expect(only?.numbers).toEqual({ count: Math.ceil(size / 4), start: 0 });
  });

  it.each([1000, 1023, 1025, 3000])('over %i elements that no binding holds is cut into parts that follow each other', (size) => {
    const [from, to] = [buffer(0, size), buffer(1, size)];
    const [kernel, context] = [nest([size], from, to, row), contextOf([[from], [to]], { maxStorageBufferBindingSize: 1280 })];
    const dispatches = new ElementwisePlan(kernel, context).dispatches();
    expect(dispatches.length).toBeGreaterThan(1);
    expect(dispatches.flatMap((d) => indicesOf(d, kernel, context)).slice(0, size)).toEqual(Array.from({ length: size }, (_, k) => k));
    for (const { ranges } of dispatches) for (const { bytes } of ranges) expect(bytes).toBeLessThanOrEqual(1280);
  });

  it('that runs backwards, or over rows, is cut as well', () => {
    const [from, to] = [buffer(0, 1200), buffer(1, 1200)];
    const context = contextOf([[from], [to]], { maxStorageBufferBindingSize: 1280 });
    for (const kernel of [nest([1200], from, to, { offset: 1199, strides: [-1] }, row), nest([30, 40], from, to, { offset: 0, strides: [40, 1] }), nest([30, 40], from, to, { offset: 39, strides: [40, -1] }, { offset: 0, strides: [40, 1] })]) {
      const dispatches = new ElementwisePlan(kernel, context).dispatches();
      expect(dispatches.length).toBeGreaterThan(1);
      expect(dispatches.flatMap((d) => indicesOf(d, kernel, context)).slice(0, kernel.extents[0])).toEqual(Array.from({ length: kernel.extents[0] ?? 0 }, (_, k) => k));
    }
  });

  it('across its tensors reaches them in pages, in one dispatch', () => {
    const [from, to] = [buffer(0, 4000), buffer(1, 4000)];
    const kernel = nest([2, 2000], from, to, { offset: 0, strides: [1, 2] }, { offset: 0, strides: [2000, 1] });
    const dispatches = new ElementwisePlan(kernel, contextOf([[from], [to]], { maxStorageBufferBindingSize: 4096 })).dispatches();
    expect(dispatches.some(({ ranges }) => ranges.length > 2)).toBe(true);
  });

  it('of no elements is none', () => {
    const [from, to] = [buffer(0, 0), buffer(1, 0)];
    expect(new ElementwisePlan(nest([0, 3], from, to, { offset: 0, strides: [3, 1] }), contextOf([[from], [to]])).dispatches()).toEqual([]);
  });
});

describe('a nest over many tensors', () => {
  const sizes = [1200, 7, 64, 1];
  const pairs = sizes.map((size, k) => [buffer(k, size), buffer(10 + k, size)] as const);
  const [[from, to] = [buffer(0, 1), buffer(1, 1)]] = pairs;
  const whole = nest([1200], from, to, { offset: 0, strides: [1] });
  const kernel: ElementwiseKernel = { ...whole, segments: pairs.map(([a, b]) => ({ size: b.size, buffers: [a, b] })) };
  const order = bodyBuffers(kernel.body);

  /** All elements of all tensors that the rows of a dispatch's table, or its only row, begin at. */
  function rowsOf(dispatch: Dispatch): { readonly steps: number; readonly offsets: readonly number[] }[] {
    if (dispatch.table.length === 0) return [{ steps: dispatch.numbers.count ?? NaN, offsets: dispatch.offsets }];
    const width = 2 + order.length;
    expect(dispatch.table.length).toBe(width * (dispatch.numbers.rows ?? NaN));
    let groups = 0;
    const rows = Array.from({ length: dispatch.table.length / width }, (_, k) => dispatch.table.slice(k * width, (k + 1) * width)).map(([first, steps = NaN, ...offsets]) => {
      expect(first).toBe(groups);
      groups += Math.ceil(steps / WORKGROUP);
      return { steps, offsets };
    });
    expect(dispatch.groups).toBe(groups);
    return rows;
  }

  it('that lie side by side is one row', () => {
    const [dispatch, ...others] = new ElementwisePlan(kernel, contextOf([pairs.map(([a]) => a), pairs.map(([, b]) => b)])).dispatches();
    expect(others).toEqual([]);
    expect(dispatch?.numbers).toEqual({ count: 300 + 2 + 16 + 1, start: 0 });
  });

  it('that lie otherwise is a table of rows that says where each begins', () => {
    const context = contextOf([[...pairs.map(([a]) => a)].reverse(), pairs.map(([, b]) => b)]);
    const [dispatch, ...others] = new ElementwisePlan(kernel, context).dispatches();
    expect(others).toEqual([]);
    if (dispatch === undefined) return;
    const rows = rowsOf(dispatch);
    expect(rows.map(({ steps }) => steps)).toEqual([300, 2, 16, 1]);
    for (const [k, { offsets }] of rows.entries()) {
      for (const [j, b] of (pairs[k] ?? []).entries()) {
        const place = context.place(b);
        expect(dispatch.ranges.some(({ memory, start, bytes }) => memory === place.memory && start + 4 * (offsets[j] ?? NaN) === place.offset && place.offset + 4 * b.size <= start + bytes)).toBe(true);
      }
    }
  });

  it('that lie in several blocks is a dispatch for each', () => {
    const dispatches = new ElementwisePlan(kernel, contextOf([pairs.slice(0, 2).flat(), pairs.slice(2).flat()])).dispatches();
    expect(dispatches).toHaveLength(2);
    expect(dispatches.flatMap((d) => rowsOf(d).map(({ steps }) => steps))).toEqual([300, 2, 16, 1]);
  });

  it('that no binding holds is cut between tensors, and within one', () => {
    const context = contextOf([pairs.map(([a]) => a), pairs.map(([, b]) => b)], { maxStorageBufferBindingSize: 512 });
    const dispatches = new ElementwisePlan(kernel, context).dispatches();
    const steps = dispatches.flatMap((d) => rowsOf(d).map((row) => row.steps));
    expect(steps.reduce((a, b) => a + b, 0)).toBe(319);
    for (const { ranges } of dispatches) for (const { bytes } of ranges) expect(bytes).toBeLessThanOrEqual(512);
    // One behind the other, in both operands.
    let next = 0;
    for (const dispatch of dispatches) {
      const [row] = rowsOf(dispatch);
      const starts = dispatch.ranges.map(({ start }, k) => start + 4 * (row?.offsets[k] ?? NaN));
      expect(starts).toEqual([next, next]);
      next += 16 * (row?.steps ?? NaN);
    }
  });
});
