// Sums: right to the last place or two whatever their length, and the same bits wherever their tensors lie.
import { compile, input, type TypedArray } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';
import { atRest, squares } from './rule.js';

const ULP = 2 ** -23;

describe.runIf(adapterOrComplaint('subgroups on WebGPU'))('subgroups', () => {
  it('are used where the adapter has them, and change no bit', async () => {
    const results: TypedArray[][] = [];
    for (const subgroups of [true, false]) {
      const backend = await webgpu({ subgroups });
      // SwiftShader, on which this is tested, has subgroups of 4.
      if (subgroups) expect(backend.info.subgroupSize).toBeGreaterThan(1);
      else expect(backend.info.subgroupSize).toBe(0);
      const x = input('float32', [37, 3001]);
      const outputs = { all: x.sum(), rows: x.sum(1), columns: x.sum(0), largest: x.max(1), least: x.cast('int32').min(), product: x.mul(0.001).add(1).prod(1), short: x.slice(null, [0, 70]).sum(1) };
      const run = await compile({ inputs: { x }, outputs }, backend);
      const values = Float32Array.from({ length: 37 * 3001 }, (_, k) => 3 * Math.sin(1.7 * k));
      results.push(await Promise.all(Object.values(await run({ x: values })).map((output) => output.read())));
    }
    expect(results[0]).toEqual(results[1]);
  });
});

describe.runIf(adapterOrComplaint('sums on WebGPU'))('a sum', () => {
  it('of millions of numbers is off by two units in the last place at most', async () => {
    const x = input('float32', ['n'], 'x');
    const sum = await compile({ inputs: { x }, outputs: { y: x.sum() } }, await webgpu());
    for (const [value, count] of [[1, 2 ** 21 + 5], [0.1, 3_000_000], [1 / 3, 999_999]] as const) {
      const data = new Float32Array(count).fill(value);
      const exact = Math.fround(value) * count;
      const { y } = await sum({ x: data });
      expect(Math.abs((await y.item()) - exact) / exact).toBeLessThanOrEqual(2 * ULP);
    }
  });

  it('of columns and rows of many elements, too', async () => {
    const x = input('float32', ['n', 3], 'x');
    const sums = await compile({ inputs: { x }, outputs: { columns: x.sum(0), rows: x.sum(1) } }, await webgpu());
    const n = 100_000;
    const { columns } = await sums({ x: { data: new Float32Array(3 * n).fill(0.7), shape: [n, 3] } });
    const exact = Math.fround(0.7) * n;
    for (const value of await columns.read()) expect(Math.abs(value - exact) / exact).toBeLessThanOrEqual(2 * ULP);
  });

  it('over many tensors has the same bits wherever they lie', async () => {
    const backend = await webgpu();
    const bits: number[] = [];
    for (const apart of [false, true]) {
      const { params } = atRest([9000, 30, 5, 20_000, 1]);
      if (apart) for (const p of [...params].reverse()) await p.to(backend);
      const { loss } = await (await compile({ outputs: { loss: squares(params) } }, backend))();
      bits.push(await loss.item());
    }
    expect(bits[0]).toBe(bits[1]);
  });
});
