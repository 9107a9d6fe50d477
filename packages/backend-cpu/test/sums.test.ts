// Sums of many float32 numbers: blocked, so that they do not stop growing at 2^24 as a running sum does.
import { compile, input, scatterAdd, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { cpu } from '../src/index.js';

const COUNT = 2e7;
const TENTHS = 3e7;

/** The largest distance of an element from a number. */
function farthest(values: ArrayLike<number>, from: number): number {
  let distance = 0;
  for (let i = 0; i < values.length; i++) distance = Math.max(distance, Math.abs((values[i] ?? NaN) - from));
  return distance;
}

describe('long sums of float32', () => {
  it('of ones are exact: of a variable, of an input, along either axis', async () => {
    const backend = await cpu();
    const ones = new Float32Array(COUNT).fill(1);
    const held = variable({ data: ones, shape: [COUNT] });
    const whole = await compile({ outputs: { sum: held.sum(), scaled: held.mul(0.5).sum().mul(2), mean: held.mean() } }, backend);
    const out = await whole();
    expect([await out.sum.item(), await out.scaled.item(), await out.mean.item()]).toEqual([COUNT, COUNT, 1]);

    const x = input('float32', ['n']);
    const given = await compile({ inputs: { x }, outputs: { sum: x.sum() } }, backend);
    expect(await (await given({ x: ones })).sum.item()).toBe(COUNT);
    expect(await (await given({ x: ones.subarray(3) })).sum.item()).toBe(Math.fround(COUNT - 3));

    for (const shape of [[4, COUNT / 4], [COUNT / 4, 4], [COUNT / 5, 5], [1000, COUNT / 1000], [COUNT / 100, 100]] as const) {
      const matrix = input('float32', [...shape]);
      const f = await compile({ inputs: { matrix }, outputs: { rows: matrix.sum(1), columns: matrix.sum(0), all: matrix.sum() } }, backend);
      const { rows, columns, all } = await f({ matrix: { data: ones, shape: [...shape] } });
      expect(farthest(await rows.read(), shape[1])).toBe(0);
      expect(farthest(await columns.read(), shape[0])).toBe(0);
      expect(await all.item()).toBe(COUNT);
    }
  });

  it('of tenths have a mean of a tenth', async () => {
    const backend = await cpu();
    const tenths = new Float32Array(TENTHS).fill(0.1);
    const exact = Math.fround(0.1);
    const x = input('float32', [TENTHS]);
    const mean = await compile({ inputs: { x }, outputs: { mean: x.mean() } }, backend);
    expect(Math.abs((await (await mean({ x: tenths })).mean.item()) - 0.1)).toBeLessThan(1e-6);
    for (const shape of [[3, TENTHS / 3], [TENTHS / 3, 3], [TENTHS / 64, 64]] as const) {
      const matrix = input('float32', [...shape]);
      const f = await compile({ inputs: { matrix }, outputs: { rows: matrix.mean(1), columns: matrix.mean(0) } }, backend);
      const { rows, columns } = await f({ matrix: { data: tenths, shape: [...shape] } });
      expect(farthest(await rows.read(), exact)).toBeLessThan(1e-6);
      expect(farthest(await columns.read(), exact)).toBeLessThan(1e-6);
    }
  });

  it('at computed positions, too, whether elements or rows are added', async () => {
    const backend = await cpu();
    const count = 3_000_000;
    for (const width of [undefined, 1, 2]) {
      const rest = width === undefined ? [] : [width];
      const updates = input('float32', [count, ...rest]);
      const at = input('int32', [count]);
      const run = await compile({ inputs: { updates, at }, outputs: { y: scatterAdd(zeros([3, ...rest]), at, updates) } }, backend);
      const data = new Float32Array(count * (width ?? 1)).fill(0.1);
      const { y } = await run({ updates: { data, shape: [count, ...rest] }, at: new Int32Array(count).fill(1) });
      const sums = await y.read();
      const exact = Math.fround(0.1) * count;
      // 4 units in the last place of 300,000.
      for (let k = 0; k < (width ?? 1); k++) expect(Math.abs((sums[(width ?? 1) + k] ?? NaN) - exact)).toBeLessThanOrEqual(4 * 2 ** -5);
      expect([...sums].filter((s) => s === 0)).toHaveLength(2 * (width ?? 1));
    }
  });

  it('of float64 lose no more than their terms do', async () => {
    const count = 4e6;
    const data = Float64Array.from({ length: count }, (_, k) => 1 + (k % 7) * 2 ** -50);
    const x = input('float64', [count]);
    const f = await compile({ inputs: { x }, outputs: { excess: x.sub(1).sum(), sum: x.sum() } }, await cpu());
    const { excess, sum } = await f({ x: data });
    let expected = 0;
    for (let k = 0; k < count; k++) expected += k % 7;
    expect(await excess.item()).toBe(expected * 2 ** -50);
    expect(Math.abs((await sum.item()) - (count + expected * 2 ** -50))).toBeLessThan(count * 1e-14);
  });
});
