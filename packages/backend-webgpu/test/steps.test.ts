// What a step costs the device, seen through a device that is watched.
import { compile, type Expr, grad, input, scan, variable, zeros } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';
import { adaptive, atRest, squares } from './rule.js';
import { changed, replace, watched } from './watched.js';

describe.runIf(adapterOrComplaint('what a step costs on WebGPU'))('a step', () => {
  it.each([[1], [3], [200]])('updates %i parameters by one rule in one dispatch and one submit', async (count) => {
    const { gpu, counts, reset } = watched();
    const { params, grads } = atRest(Array.from({ length: count }, (_, k) => 1 + ((k * 37) % 90)));
    const step = await compile({ updates: adaptive(grads, params) }, await webgpu({ gpu }));
    await step();
    reset();
    await step();
    expect(counts).toMatchObject({ dispatches: 1, passes: 1, submits: 1 });
  });

  it('runs a loop over time in one pass: its kernels are dispatched for every step', async () => {
    const { gpu, counts, reset } = watched();
    const x = input('float32', [16, 4, 8]);
    const w = variable({ data: Float32Array.from({ length: 64 }, (_, k) => Math.sin(k)), shape: [8, 8] }, { name: 'w' });
    const { carry } = scan((h: Expr, at: Expr) => {
      const next = h.matmul(w).add(at).tanh();
      return { carry: next, outputs: next };
    }, { carry: zeros([4, 8]), inputs: x });
    const loss = carry.square().sum();
    const step = await compile({ inputs: { x }, outputs: { loss }, updates: new Map([[w, w.sub(grad(loss, w).mul(0.1))]]) }, await webgpu({ gpu }));
    await step({ x: new Float32Array(512).fill(0.5) });
    // One for each kernel, not for each step; what makes sure that subgroups are neighbours takes one, too.
    expect(counts.bindGroups).toBeLessThanOrEqual(step.program.kernels.length + 2);
    reset();
    await step({ x: new Float32Array(512).fill(0.5) });
    const runs = step.program.kernels.reduce((sum, { repeats }) => sum + repeats, 0);
    expect(step.program.kernels.some(({ repeats }) => repeats === 16)).toBe(true);
    expect(counts).toMatchObject({ dispatches: runs, passes: 1, submits: 1, buffers: 0, bindGroups: 0, pipelines: 0 });
  });

  it('creates nothing on the device once it has run, and uploads its host scalars in one piece', async () => {
    const { gpu, counts, reset } = watched();
    const { params } = atRest([300, 7, 64]);
    const rate = variable(0.1, { name: 'rate' });
    const loss = squares(params);
    const step = await compile({ outputs: { loss }, updates: adaptive(loss, params, { learningRate: rate }) }, await webgpu({ gpu }));
    for (let k = 0; k < 3; k++) await (await step()).loss.item();
    await rate.set(0.05);
    reset();
    for (let k = 0; k < 20; k++) await (await step()).loss.item();
    expect(counts).toMatchObject({ buffers: 0, bindGroups: 0, pipelines: 0 });
    // A submit for the step and one for the read; a write for the scalars, and one for the rate once.
    expect(counts.submits).toBe(40);
    expect(counts.passes).toBe(20);
    expect(counts.writes).toBeLessThanOrEqual(21);
  });

  it('makes a pipeline once for equal kernels, whatever their sizes', async () => {
    const { gpu, counts, reset } = watched();
    const backend = await webgpu({ gpu });
    reset();
    for (const n of [3, 4, 5, 50]) {
      const x = input('float32', [n, 3]);
      await compile({ outputs: { y: x.exp().sum(1) } }, backend).catch(() => undefined);
      await compile({ inputs: { x }, outputs: { y: x.exp().sum(1) } }, backend);
    }
    expect(counts.pipelines).toBe(1);
  });

  it('lets several be under way, and not without bound', async () => {
    const { gpu, devices } = watched();
    const backend = await webgpu({ gpu });
    const w = variable({ data: new Float32Array(1000), shape: [1000] });
    const step = await compile({ updates: new Map([[w, w.add(1)]]) }, backend);
    await step();
    let [asked, answered, most] = [0, 0, 0];
    const [device] = devices;
    if (device === undefined) throw new Error('no device');
    const { queue } = device;
    const wait = queue.onSubmittedWorkDone.bind(queue);
    Object.defineProperty(queue, 'onSubmittedWorkDone', {
      value: async () => {
        asked++;
        most = Math.max(most, asked - answered);
        await wait();
        answered++;
      },
    });
    for (let k = 1; k < 400; k++) await step();
    expect((await w.read())[0]).toBe(400);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
  });

  it('keep no more than some hundred megabytes of inputs waiting', async () => {
    let [given, arrived, most] = [0, 0, 0];
    const gpu = changed(({ queue }) => {
      const write = queue.writeBuffer.bind(queue);
      const writeBuffer = (...[buffer, at, data, ...rest]: Parameters<typeof write>): void => {
        given += data.byteLength;
        most = Math.max(most, given - arrived);
        write(buffer, at, data, ...rest);
      };
      Object.defineProperty(queue, 'writeBuffer', { value: writeBuffer });
      replace(queue, 'onSubmittedWorkDone', (done) => async () => {
        const before = given;
        await done();
        arrived = before;
        return undefined;
      });
    });
    const backend = await webgpu({ gpu });
    const size = 2 ** 23;
    const x = input('float32', [size], 'x');
    const total = variable(0, { name: 'total' });
    const step = await compile({ inputs: { x }, updates: new Map([[total, total.add(x.slice([0, 1]).sum())]]) }, backend);
    const data = new Float32Array(size).fill(1);
    for (let k = 0; k < 20; k++) await step({ x: data });
    expect(await total.item()).toBe(20);
    expect(most).toBeLessThanOrEqual(2 ** 28 + 4 * size + 2 ** 16);
  });

  it('is not held up by a read', async () => {
    const backend = await webgpu();
    const n = variable(0, { dtype: 'int32', name: 'n' });
    const w = variable({ data: Int32Array.from({ length: 50 }, (_, k) => k), shape: [50] });
    const step = await compile({ outputs: { w: w.mul(2) }, updates: new Map([[w, w.add(1)], [n, n.add(1)]]) }, backend);
    const reads: Promise<ArrayLike<number>>[] = [];
    for (let k = 0; k < 30; k++) reads.push((await step()).w.read());
    const firsts = (await Promise.all(reads)).map((values) => values[0]);
    expect(firsts).toEqual(Array.from({ length: 30 }, (_, k) => 2 * k));
    expect(await n.item()).toBe(30);
  });
});
