// What can go wrong on a GPU: each an error of its own that says what to do.
import { BackendError, compile, DTypeError, type Expr, input, interpreter, iota, literal, type Variable, variable, zeros } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { CASES, someOf } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { AdapterError, DeviceLostError, OutOfMemoryError, ShaderError, webgpu } from '../src/index.js';
import { changed, crowded, replace, watched } from './watched.js';

it('of no adapter', async () => {
  const noAdapter = create([]);
  replace(noAdapter, 'requestAdapter', () => async () => null);
  await expect(webgpu({ gpu: noAdapter })).rejects.toThrow(AdapterError);
  await expect(webgpu({ gpu: noAdapter })).rejects.toThrow(/no adapter: install a driver .* or use cpu\(\)/);
});

describe.runIf(adapterOrComplaint('errors of WebGPU'))('an error', () => {
  it('of an adapter that gives no device', async () => {
    const gpu = create([]);
    replace(gpu, 'requestAdapter', (request) => async (options) => {
      const adapter = await request(options);
      if (adapter !== null) replace(adapter, 'requestDevice', () => () => Promise.reject(new TypeError('in use')));
      return adapter;
    });
    const made = webgpu({ gpu });
    await expect(made).rejects.toThrow(AdapterError);
    await expect(made).rejects.toThrow(/the adapter gives no device \(TypeError: in use\); see the driver and the limits .* or use cpu\(\)/);
  });

  it('of float64, when compiling', async () => {
    const backend = await webgpu();
    const x = input('float64', ['n'], 'x');
    await expect(compile({ inputs: { x }, outputs: { y: x.mul(2) } }, backend)).rejects.toThrow(DTypeError);
    const y = input('float32', ['n'], 'y');
    await expect(compile({ inputs: { y }, outputs: { wide: y.cast('float64') } }, backend)).rejects.toThrow(/output wide is float64/);
    const w = variable([1, 2], { dtype: 'float64', name: 'w' });
    await expect(compile({ updates: new Map([[w, w.mul(2)]]) }, backend)).rejects.toThrow(/w is float64, which GPUs do not compute in here; use float32/);
    await expect(w.to(backend)).rejects.toThrow(DTypeError);
    expect([...(await w.read())]).toEqual([1, 2]);
    const narrow = input('float32', [2], 'narrow');
    await expect(compile({ inputs: { narrow }, outputs: { y: narrow.cast('float64').sum() } }, backend)).rejects.toThrow(DTypeError);
  });

  it('is none of float64 scalars, which the host evaluates', async () => {
    const rate = variable(0.1, { dtype: 'float64', name: 'rate' });
    const w = variable([1, 2]);
    const step = await compile({ updates: new Map([[w, w.sub(rate.mul(3).cast('float32'))], [rate, rate.mul(0.5)]]) }, await webgpu());
    await step();
    await step();
    expect(await rate.item()).toBe(0.025);
    expect((await w.read())[0]).toBeCloseTo(1 - 0.3 - 0.15, 6);
  });

  it('of a device that is lost; a run goes on from a saved copy on a new one', async () => {
    const { gpu, devices } = watched();
    const w = variable([1, 2, 3], { name: 'w' });
    const t = variable(0, { name: 't', dtype: 'int32' });
    const updates = new Map([[w, w.mul(2)], [t, t.add(1)]]);
    const step = await compile({ outputs: { sum: w.sum() }, updates }, await webgpu({ gpu }));
    const { sum } = await step();
    const saved = { w: await w.read(), t: await t.read() };
    devices[0]?.destroy();
    await devices[0]?.lost;
    await expect(w.read()).rejects.toThrow(DeviceLostError);
    await expect(t.read()).rejects.toThrow(DeviceLostError);
    await expect(sum.read()).rejects.toThrow(DeviceLostError);
    await expect(step()).rejects.toThrow(/device is lost .* give each a saved value with set\(\), make a new backend with webgpu\(\), and move the variables there with to\(\)/);
    const backend = await webgpu();
    await expect(w.to(backend)).rejects.toThrow(DeviceLostError);
    await w.set(saved.w);
    await t.set(saved.t);
    await w.to(backend);
    await t.to(backend);
    const again = await compile({ updates }, backend);
    await again();
    expect([...(await w.read()), ...(await t.read())]).toEqual([4, 8, 12, 2]);
  });

  it('of a device that is lost while a read is under way', async () => {
    const { gpu, devices } = watched();
    const w = variable([1, 2, 3], { name: 'w' });
    const step = await compile({ updates: new Map([[w, w.mul(2)]]) }, await webgpu({ gpu }));
    await step();
    const reading = w.read();
    devices[0]?.destroy();
    await expect(reading).rejects.toThrow(DeviceLostError);
  });

  it('of memory: one piece that is too large, and one that the device has not', async () => {
    const backend = await webgpu({ limits: { maxBufferSize: 2 ** 16, maxStorageBufferBindingSize: 2 ** 16 } });
    const big = variable({ data: new Float32Array(2 ** 15), shape: [2 ** 15] }, { name: 'big' });
    await expect(big.to(backend)).rejects.toThrow(/variable big needs 131072 bytes in one piece, and this GPU's pieces end at 65536; use smaller tensors/);
    expect((await big.read()).length).toBe(2 ** 15);

  });

  it.each(someOf(['inputs', 'outputs', 'variable', 'temporaries', 'partial', 'data', 'words', 'tables'], 4, 1, CASES))(
    'of memory that the device has not, for %s; what was there stays, and may be read and computed with',
    async (label) => {
      let isFull = false;
      const backend = await webgpu({ gpu: crowded((d) => isFull && d.label?.startsWith(label) === true) });
      const [v, w] = [variable([1, 2, 3], { name: 'v' }), variable([4, 5], { name: 'w' })];
      const besides = [variable(zeros([300])), variable(zeros([9]))];
      const double = await compile({ updates: new Map([[v, v.mul(2)]]) }, backend);
      await double();
      isFull = true;
      const x = input('float32', [30_000], 'x');
      const table = literal(Float32Array.from({ length: 30 }, (_, k) => k), [30], 'float32');
      const counted = (variable: Variable): Expr => variable.add(iota([...variable.shape], 0).cast('float32'));
      const spec = {
        inputs: { x }, outputs: { y: x.mul(2).sum().add(table.sum()), z: x.exp().reshape([1000, 30]).transpose().matmul(x.reshape([1000, 30])).max(0) },
        updates: new Map([w, v, ...besides].map((u) => [u, counted(u)])),
      };
      const failing = compile(spec, backend);
      await expect(failing).rejects.toThrow(OutOfMemoryError);
      await expect(failing).rejects.toThrow(/the GPU has no \d+ bytes for .*; use smaller tensors or batches \(no room\)/);
      expect([...(await v.read())]).toEqual([2, 4, 6]);
      expect([...(await w.read())]).toEqual([4, 5]);
      expect(w.backend).toBe(undefined);
      await double();
      isFull = false;
      const step = await compile(spec, backend);
      await step({ x: new Float32Array(30_000) });
      expect([...(await v.read())]).toEqual([4, 9, 14]);
      expect([...(await w.read())]).toEqual([4, 6]);
    },
  );

  it('of memory that the device has not, when a variable moves there', async () => {
    let isFull = false;
    const backend = await webgpu({ gpu: crowded(() => isFull) });
    isFull = true;
    const w = variable([1, 2], { name: 'w' });
    await expect(w.to(backend)).rejects.toThrow(/the GPU has no 256 bytes for variable w/);
    expect(w.backend).toBe(undefined);
    isFull = false;
    await w.to(backend);
    expect([...(await w.read())]).toEqual([1, 2]);
  });

  it('of memory that the device has not, when a tensor is read', async () => {
    let isFull = false;
    const backend = await webgpu({ gpu: crowded((d) => isFull && d.label === 'staging') });
    const w = variable([1, 2], { name: 'w' });
    const step = await compile({ updates: new Map([[w, w.add(1)]]) }, backend);
    await step();
    isFull = true;
    await expect(w.read()).rejects.toThrow(/the GPU has no \d+ bytes to read a tensor through; read it when there is room/);
    isFull = false;
    await step();
    expect([...(await w.read())]).toEqual([3, 4]);
  });

  it('leaves variables where they were, when compiling fails', async () => {
    const backend = await webgpu({ limits: { maxStorageBufferBindingSize: 4096, maxStorageBuffersPerShaderStage: 4 } });
    const w = variable({ data: new Float32Array(64 * 64).fill(1), shape: [64, 64] }, { name: 'w' });
    await expect(compile({ outputs: { y: w.matmul(w) } }, backend)).rejects.toThrow(BackendError);
    expect(w.backend).toBe(undefined);
    const { y } = await (await compile({ outputs: { y: w.matmul(w) } }, interpreter()))();
    expect((await y.read())[0]).toBe(64);
  });

  it('that the device reports fails what runs; variables can still be read, to be saved', async () => {
    const { gpu, devices } = watched();
    const backend = await webgpu({ gpu });
    const w = variable([1, 2], { name: 'w' });
    const step = await compile({ updates: new Map([[w, w.mul(2)]]) }, backend);
    await step();
    devices[0]?.createBuffer({ size: 4, usage: 0x1 | 0x80 });
    await devices[0]?.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(step()).rejects.toThrow(/the GPU refused what was asked of it; please report this/);
    expect([...(await w.read())]).toEqual([2, 4]);
    await w.to(interpreter());
    expect([...(await w.read())]).toEqual([2, 4]);
  });

  it('of a shader', async () => {
    const broken = changed((device) => {
      replace(device, 'createShaderModule', (make) => (descriptor) => make({ ...descriptor, code: descriptor.code.replace('fn main', 'fn main(nonsense') }));
    });
    const x = input('float32', [3], 'x');
    const compiling = compile({ inputs: { x }, outputs: { y: x.mul(2) } }, await webgpu({ gpu: broken }));
    await expect(compiling).rejects.toThrow(ShaderError);
    await expect(compiling).rejects.toThrow(/refused a shader; please report it with its source \(error\.source\): line \d+/);
    const error: unknown = await compiling.catch((reason: unknown) => reason);
    expect(error).toHaveProperty('source', expect.stringContaining('@compute'));
  });

  it('of a variable that lives elsewhere', async () => {
    const w = variable([1, 2], { name: 'w' });
    await w.to(interpreter());
    await expect(compile({ updates: new Map([[w, w.mul(2)]]) }, await webgpu())).rejects.toThrow(BackendError);
  });
});
