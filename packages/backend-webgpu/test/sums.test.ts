// Sums: right to the last place or two whatever their length, and the same bits wherever their tensors lie.
import { compile, input, type TypedArray } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
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

  it('of equal numbers is off by four units in the last place at most: of few, of many, along any axis, and after what is fused before', async () => {
    const backend = await webgpu();
    const places = (value: number, exact: number): number => Math.abs(value - exact) / 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
    const shapes = [[62_500], [9], [67], [200_003], [5, 4001], [4001, 5], [600, 70], [3, 211, 37]];
    for (const shape of shapes) {
      const x = input('float32', shape);
      const axes = [...shape.map((_, axis) => [axis]), ...(shape.length === 1 ? [] : [shape.map((_, axis) => axis)]), ...(shape.length === 3 ? [[0, 1], [1, 2], [0, 2]] : [])];
      const outputs = Object.fromEntries(axes.flatMap((over) => [[over.join(), x.sum(over)], [`twice ${over.join()}`, x.mul(2).sum(over)]]));
      const sums = await compile({ inputs: { x }, outputs }, backend);
      for (const number of [1.23456, 1 + 2 ** -23, 4 / 3 + 2 ** -22]) {
        const size = shape.reduce((a, b) => a * b, 1);
        const results = await sums({ x: { data: new Float32Array(size).fill(number), shape } });
        for (const over of axes) {
          const count = over.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
          for (const [name, factor] of [[over.join(), 1], [`twice ${over.join()}`, 2]] as const) {
            const values = await results[name]?.read();
            const worst = Array.from(values ?? [NaN], (value) => places(value, Math.fround(number) * count * factor)).reduce((a, b) => Math.max(a, b), 0);
            expect(worst, `${shape.join(' x ')} over ${name}, ${number}`).toBeLessThanOrEqual(4);
          }
        }
      }
    }
  });

  it('that is infinite, or becomes so, is no NaN', async () => {
    const x = input('float32', ['n'], 'x');
    const sum = await compile({ inputs: { x }, outputs: { y: x.sum() } }, await webgpu());
    for (const [value, expected] of [[3e38, Infinity], [-3e38, -Infinity], [Infinity, Infinity], [NaN, NaN]] as const) {
      expect(await (await sum({ x: new Float32Array(20_000).fill(value) })).y.item()).toBe(expected);
    }
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
