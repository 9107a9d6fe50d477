// A device of low limits: tensors are cut, brought together, and counted in two dimensions; the numbers stay the same.
import { compile, concat, conv2d, type Expr, grad, input, interpreter, maxPool2d, scan, type TypedArray, variable, type Variable, zeros } from '@pappus/core';
import { spread } from '@pappus/testing/conformance';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { allClose } from '@pappus/testing';
import { THOROUGH } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { type Limits, webgpu } from '../src/index.js';
import { adaptive, atRest } from './rule.js';
import { changed, replace, watched } from './watched.js';

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

  it('brings together what overlaps as one', async () => {
    const sizes = { maxStorageBuffersPerShaderStage: 3 };
    const results: TypedArray[][] = [];
    for (const backend of [interpreter(), await webgpu({ limits: sizes })]) {
      const [p0, m0, p1, m1, g0, g1, h0, h1] = vectors(8, 300);
      if (p0 === undefined || m0 === undefined || p1 === undefined || m1 === undefined || g0 === undefined || g1 === undefined || h0 === undefined || h1 === undefined) throw new Error('no variables');
      // Three blocks, in one of which what is updated and what is read alternate.
      for (const block of [[p0, m0, p1, m1], [g0, g1], [h0, h1]]) await compile({ outputs: { sum: block.map((v) => v.sum()).reduce((a, b) => a.add(b)) } }, backend);
      const updates = new Map([[p0, p0.add(m0.mul(g0).mul(h0))], [p1, p1.add(m1.mul(g1).mul(h1))], [m0, m0.mul(0.5).add(g0)], [m1, m1.mul(0.5).add(g1)]]);
      const step = await compile({ updates }, backend);
      await step();
      await step();
      results.push(await Promise.all([...updates.keys()].map((v) => v.read())));
    }
    results[0]?.forEach((expected, k) => allClose(results[1]?.[k] ?? [], expected, { rtol: 1e-6, atol: 1e-6 }));
  });

  it('runs loops over stacks that no kernel binds whole, where it binds a part of each', async () => {
    const { gpu, counts } = watched();
    const backend = await webgpu({ gpu, limits: { maxStorageBufferBindingSize: 4096, maxStorageBuffersPerShaderStage: 6 } });
    const results: TypedArray[] = [];
    for (const on of [interpreter(), backend]) {
      const [a, b, c] = [1, 2, 3].map((seed) => variable({ data: spread('float32', [64, 50], { seed }).data, shape: [64, 50] }));
      if (a === undefined || b === undefined || c === undefined) throw new Error('no variables');
      const { outputs } = scan((h, r) => ({ carry: h.mul(r.a).add(r.b).mul(r.c).tanh(), outputs: h }), { carry: zeros([50]), inputs: { a, b, c } });
      const before = counts.buffers;
      const { states } = await (await compile({ outputs: { states: outputs } }, on))();
      results.push(await states.read());
      expect(counts.buffers - before).toBeLessThan(20);
    }
    const [expected = [], actual = []] = results;
    allClose(actual, expected, { rtol: 2e-6, atol: 2e-6 });
  });

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

  // Pages, where a kernel runs across tensors that no binding holds: 4096 bytes are 1024 elements.
  describe('reaches what is larger than a binding in pages', () => {
    const limits = { maxStorageBufferBindingSize: 4096 };
    const matrix = (rows: number, columns: number, seed: number): Variable =>
      variable({ data: spread('float32', [rows, columns], { seed }).data, shape: [rows, columns] }, { name: `m${seed}` });

    if (THOROUGH) it('in products, with what is fused before and after', () =>
      onBoth(limits, () => {
        const [a, b] = [matrix(33, 40, 1), matrix(40, 50, 2)];
        const large = matrix(70, 36, 3);
        return {
          outputs: { plain: a.matmul(b), fused: a.tanh().matmul(b.mul(0.5)).add(1).sigmoid(), gram: large.transpose().matmul(large), batch: a.reshape([3, 11, 40]).matmul(b) },
          updates: new Map([[b, b.sub(a.transpose().matmul(a.matmul(b)).mul(0.001))]]),
        };
      }));

    if (THOROUGH) it('in products of which workgroups share a tile', () =>
      onBoth(limits, () => {
        const [a, b] = [matrix(4, 1030, 1), matrix(1030, 3, 2)];
        // So that sums of a thousand products are of the size of one, as the tolerance is.
        const plain = a.matmul(b.mul(2 ** -10));
        return { outputs: { plain, fused: a.mul(2 ** -10).matmul(b.tanh()).add(plain.sum(0)).exp() }, updates: new Map([[b, b.sub(a.transpose().matmul(plain))]]) };
      }));

    it('in reductions that keep axes', () =>
      onBoth(limits, () => {
        const a = matrix(60, 45, 4);
        const long = matrix(3, 2000, 5);
        const many = matrix(1500, 2, 6);
        return {
          outputs: { rows: a.sum(1), columns: a.exp().max(0), softmax: a.softmax(1), long: long.mean(1), across: long.sum(0), many: many.sum(1), largest: a.argMax(0), moments: a.sub(a.mean(0)).square().sum(0) },
          updates: new Map([[long, long.sub(long.mean(1, { keepdims: true }))]]),
        };
      }));

    it('in gathers and scatters', () =>
      onBoth(limits, () => {
        const table = matrix(100, 30, 7);
        const rows = variable({ data: Int32Array.from({ length: 64 }, (_, i) => (i * 37) % 100), shape: [64] }, { dtype: 'int32' });
        const taken = table.take(rows);
        return { outputs: { taken, columns: table.take(rows.slice([0, 20]).mod(30), 1), sum: taken.square().sum() }, updates: new Map([[table, table.sub(grad(taken.square().sum(), table).mul(0.1))]]) };
      }));

    if (THOROUGH) it('in movements across', () =>
      onBoth(limits, () => {
        const a = matrix(64, 48, 8);
        const cube = a.reshape([16, 4, 48]);
        return { outputs: { turned: a.transpose().mul(2), plus: a.add(a.transpose().reshape([64, 48])), axes: cube.transpose([2, 0, 1]).exp(), sums: a.cumsum(0) } };
      }));

    if (THOROUGH) it('in convolutions', () =>
      onBoth(limits, () => {
        const images = variable({ data: spread('float32', [2, 3, 16, 16], { seed: 9 }).data, shape: [2, 3, 16, 16] });
        const kernel = variable({ data: spread('float32', [8, 3, 3, 3], { seed: 10 }).data, shape: [8, 3, 3, 3] });
        const y = conv2d(images, kernel, { padding: 'same' }).relu();
        return { outputs: { pooled: maxPool2d(y, 2) }, updates: new Map([[kernel, kernel.sub(grad(y.square().mean(), kernel).mul(0.1))]]) };
      }));

    if (THOROUGH) it('in loops over time', () =>
      onBoth(limits, () => {
        const x = matrix(24, 50, 11);
        const w = matrix(50, 50, 12);
        const { outputs } = scan((h, row) => {
          const next = row.add(h.reshape([1, 50]).matmul(w).reshape([50]).mul(0.05)).tanh();
          return { carry: next, outputs: next };
        }, { carry: zeros([50]), inputs: x });
        return { outputs: { states: outputs }, updates: new Map([[w, w.sub(grad(outputs.square().mean(), w).mul(0.1))]]) };
      }));

    it('and brings together what would take more bindings than a kernel has', () =>
      onBoth({ ...limits, maxStorageBuffersPerShaderStage: 6 }, () => {
        const [a, b, c] = [matrix(32, 40, 13), matrix(40, 40, 14), matrix(32, 40, 15)];
        return { outputs: { y: a.matmul(b).add(c) } };
      }));
  });

  it('reads what is as large as a buffer may be', async () => {
    const sizes: number[] = [];
    const gpu = changed((device) => {
      replace(device, 'createBuffer', (make) => (d) => (sizes.push(d.size), make(d)));
    });
    const elements = 5 * 2 ** 20;
    const v = variable({ data: new Float32Array(elements).fill(3), shape: [elements] });
    await v.to(await webgpu({ gpu, limits: { maxBufferSize: elements * 4 } }));
    expect((await v.read()).every((value) => value === 3)).toBe(true);
    expect(Math.max(...sizes)).toBe(elements * 4);
  });

  it('says what is more than it counts', async () => {
    const [n, m] = [input('float32', [70_000, 1]), input('float32', [70_000])];
    const compiling = compile({ inputs: { n, m }, outputs: { max: n.add(m).max() } }, await webgpu());
    await expect(compiling).rejects.toThrow(/counts to 4900000000, which is more than a GPU counts in 32 bits; use smaller tensors/);
  });

  it('says what is too large for all bindings that a kernel has', async () => {
    const backend = await webgpu({ limits: { maxStorageBufferBindingSize: 4096, maxStorageBuffersPerShaderStage: 4 } });
    const x = input('float32', [64, 64], 'x');
    await expect(compile({ inputs: { x }, outputs: { y: x.matmul(x) } }, backend)).rejects.toThrow(/a kernel reads and writes 32768 bytes of 2 tensors, x with 16384 the largest, and this device binds at most 4 times 4096 for it; use smaller tensors/);
  });
});
