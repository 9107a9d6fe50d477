// What can go wrong on a GPU: each an error of its own that says what to do.
import { BackendError, compile, DTypeError, input, interpreter, variable } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { AdapterError, DeviceLostError, OutOfMemoryError, ShaderError, webgpu } from '../src/index.js';
import { changed, replace, watched } from './watched.js';

it('of no adapter', async () => {
  const noAdapter = create([]);
  replace(noAdapter, 'requestAdapter', () => async () => null);
  await expect(webgpu({ gpu: noAdapter })).rejects.toThrow(AdapterError);
  await expect(webgpu({ gpu: noAdapter })).rejects.toThrow(/no adapter: install a driver .* or use cpu\(\)/);
});

describe.runIf(adapterOrComplaint('errors of WebGPU'))('an error', () => {
  it('of float64, when compiling', async () => {
    const backend = await webgpu();
    const x = input('float64', ['n'], 'x');
    const double = await compile({ inputs: { x }, outputs: { y: x.mul(2) } }, backend);
    await expect(double({ x: Float64Array.of(1) })).rejects.toThrow(DTypeError);
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

    const full = changed((device) => {
      replace(device, 'popErrorScope', (pop) => async () => ((await pop()) === null ? { message: 'full' } : null));
    });
    const x = input('float32', [3], 'x');
    const failing = compile({ inputs: { x }, outputs: { y: x.mul(2) } }, await webgpu({ gpu: full }));
    await expect(failing).rejects.toThrow(OutOfMemoryError);
    await expect(failing).rejects.toThrow(/the GPU has no 256 bytes for inputs of a function; use smaller tensors or batches \(full\)/);
    const w = variable([1], { name: 'w' });
    await w.to(await webgpu({ gpu: full }));
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(w.read()).rejects.toThrow(/the GPU has no 256 bytes for variable w/);
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
