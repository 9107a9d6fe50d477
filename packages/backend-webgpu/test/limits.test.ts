// A device of low limits: tensors are cut, brought together, and counted in two dimensions; the numbers stay the same.
import { compile, concat, type Expr, input, interpreter, scan, type TypedArray, variable, type Variable } from '@pappus/core';
import { spread } from '@pappus/testing/conformance';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { allClose } from '@pappus/testing';
import { describe, expect, it } from 'vitest';
import { type Limits, webgpu } from '../src/index.js';
import { adaptive, atRest } from './rule.js';
import { watched } from './watched.js';

const vectors = (count: number, size: number): Variable[] =>
  Array.from({ length: count }, (_, k) => variable({ data: spread('float32', [size], { seed: k + 1 }).data, shape: [size] }, { name: `v${k}` }));

async function onBoth(limits: Partial<Limits>, build: () => { outputs: Record<string, Expr>; updates?: Map<Variable, Expr> }): Promise<void> {
  const results: TypedArray[][] = [];
  for (const backend of [interpreter(), await webgpu({ limits })]) {
    const { outputs, updates = new Map<Variable, Expr>() } = build();
    const step = await compile({ outputs, updates }, backend);
    await step();
    const last = await step();
    results.push([...(await Promise.all(Object.values(last).map((o) => o.read()))), ...(await Promise.all([...updates.keys()].map((v) => v.read())))]);
  }
  const [expected = [], actual = []] = results;
  expect(actual).toHaveLength(expected.length);
  expected.forEach((values, k) => allClose(actual[k] ?? [], values, { rtol: 2e-6, atol: 2e-6 }));
}

describe.runIf(adapterOrComplaint('WebGPU devices of low limits'))('a device of low limits', () => {
  it('cuts what is larger than a binding', () =>
    onBoth({ maxStorageBufferBindingSize: 4096 }, () => {
      const [a, b] = vectors(2, 5003);
      if (a === undefined || b === undefined) throw new Error('no variables');
      const matrix = variable({ data: spread('float32', [15, 64]).data, shape: [15, 64] });
      return {
        outputs: { joined: concat([a.mul(2), b]), reversed: a.slice([null, null, -1]).exp(), rows: matrix.mul(3).add(1), place: matrix.transpose().slice([0, 3]).sub(1) },
        updates: new Map([[a, a.mul(0.5).add(b)], [b, b.sub(1)]]),
      };
    }));

  it('updates many parameters that no single binding holds, and says how many dispatches that takes', async () => {
    const { gpu, counts, reset } = watched();
    const sizes = [3000, 100, 2500, 1, 400];
    const limited = await webgpu({ gpu, limits: { maxStorageBufferBindingSize: 8192 } });
    const values: TypedArray[][] = [];
    for (const backend of [interpreter(), limited]) {
      const { params, grads } = atRest(sizes);
      const step = await compile({ updates: adaptive(grads, params) }, backend);
      await step();
      reset();
      await step();
      values.push(await Promise.all(params.map((p) => p.read())));
    }
    expect(counts.submits).toBe(1 + sizes.length);
    expect(counts.dispatches).toBeLessThan(12);
    values[0]?.forEach((expected, k) => allClose(values[1]?.[k] ?? [], expected, { rtol: 1e-5, atol: 1e-6 }));
  });

  it('brings together what lies in more places than a kernel may bind', () =>
    onBoth({ maxStorageBuffersPerShaderStage: 4, maxStorageBufferBindingSize: 1024 }, () => {
      const own = vectors(12, 60);
      const sum = own.reduce<Expr>((total, v, k) => total.add(v.mul(k + 1)), own[0]?.mul(0) ?? own.reduce((a) => a));
      return { outputs: { sum, largest: sum.max() }, updates: new Map(own.slice(0, 3).map((v) => [v, v.add(sum)])) };
    }));

  it('counts workgroups in two dimensions', () =>
    onBoth({ maxComputeWorkgroupsPerDimension: 7 }, () => {
      const [a] = vectors(1, 9000);
      if (a === undefined) throw new Error('no variable');
      const matrix = a.reshape([90, 100]);
      return { outputs: { twice: a.mul(2), rows: matrix.sum(1), columns: matrix.exp().max(0), product: matrix.matmul(matrix.transpose()), turned: matrix.transpose().mul(2) }, updates: new Map([[a, a.sub(1)]]) };
    }));

  // Blocks are multiples of 256 bytes, as 64 parts of one element are: the last part must not be taken for a whole vector.
  it.each([{}, { maxStorageBuffersPerShaderStage: 2 }])('reaches the last part of a stack that fills its block, limits %o', (limits) =>
    onBoth(limits, () => {
      const v = variable({ data: spread('float32', [64]).data, shape: [64] });
      const w = variable({ data: spread('float32', [64, 5]).data, shape: [64, 5] });
      const { carry, outputs } = scan((s, { x, row }) => {
        const next = { a: s.a.mul(0.9).add(x), b: s.b.mul(0.5).add(row).tanh() };
        return { carry: next, outputs: { ...next, sum: row.mul(x).sum() } };
      }, { carry: { a: v.sum(), b: w.sum(0) }, inputs: { x: v, row: w } });
      return { outputs: { ...outputs, last: carry.b }, updates: new Map([[v, v.add(1)], [w, w.mul(0.5)]]) };
    }));

  it('says what is too large for a kernel that is not cut', async () => {
    const backend = await webgpu({ limits: { maxStorageBufferBindingSize: 4096 } });
    const x = input('float32', [64, 64], 'x');
    await expect(compile({ inputs: { x }, outputs: { y: x.matmul(x) } }, backend)).rejects.toThrow(/input 0 is 16384 bytes, and a kernel of this device binds at most 4096; use smaller tensors/);
  });
});
