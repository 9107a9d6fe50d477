// Memory: what is dropped gives its own back, and what may still be read keeps it.
import { compile, input, type Output, variable } from '@pappus/core';
import { collectGarbage } from '@pappus/test-support/garbage';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { THOROUGH } from '@pappus/testing/thorough';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';
import { changed, crowded, replace } from './watched.js';

describe.runIf(adapterOrComplaint('memory on WebGPU'))('memory', () => {
  it('of an output stays while it may be read, and goes when nothing holds it', async () => {
    let destroyed = 0;
    const gpu = changed((device) => {
      replace(device, 'createBuffer', (make) => (descriptor) => {
        const buffer = make(descriptor);
        replace(buffer, 'destroy', (destroy) => () => (destroyed++, destroy()));
        return buffer;
      });
    });
    const backend = await webgpu({ gpu });
    destroyed = 0;
    const run = async (): Promise<Output> => {
      const x = input('float32', [4], 'x');
      const double = await compile({ inputs: { x }, outputs: { y: x.mul(2) } }, backend);
      return (await double({ x: [1, 2, 3, 4] })).y;
    };
    const held: { y?: Output } = { y: await run() };
    await collectGarbage();
    expect([...((await held.y?.read()) ?? [])]).toEqual([2, 4, 6, 8]);
    expect(destroyed).toBe(0);
    delete held.y;
    await collectGarbage();
    expect(destroyed).toBeGreaterThan(0);
  });
});

/** The bytes of buffers that are there, the most that there were, and how many were made. */
function counted(): { readonly gpu: GPU; readonly bytes: () => number; readonly most: () => number } {
  let [bytes, most] = [0, 0];
  const gpu = changed((device) => {
    replace(device, 'createBuffer', (make) => (descriptor) => {
      const buffer = make(descriptor);
      let isThere = true;
      bytes += descriptor.size;
      most = Math.max(most, bytes);
      replace(buffer, 'destroy', (destroy) => () => {
        if (isThere) bytes -= descriptor.size;
        isThere = false;
        destroy();
      });
      return buffer;
    });
  });
  return { gpu, bytes: () => bytes, most: () => most };
}

const MB = 2 ** 20;

describe.runIf(adapterOrComplaint('memory of many sizes on WebGPU'))('memory of many sizes', () => {
  it('is that of the largest, and programs that were not used for long go', async () => {
    const { gpu, bytes, most } = counted();
    const backend = await webgpu({ gpu });
    const x = input('float32', ['n'], 'x');
    const double = await compile({ inputs: { x }, outputs: { y: x.mul(2) } }, backend);
    let y: Output | undefined;
    for (let k = 0; k < 60; k++) ({ y } = await double({ x: new Float32Array(1_000_000 + k).fill(k) }));
    const read = (await y?.read()) ?? [];
    expect([read.length, read[0], read[1_000_058]]).toEqual([1_000_059, 118, 118]);
    // 8 MB of inputs and outputs, an eighth more, the buffer of a read, and what each program is told.
    expect(bytes()).toBeLessThan(16 * MB);
    expect(most()).toBeLessThan(24 * MB);
    double.dispose();
    expect(bytes()).toBeLessThan(6 * MB);
  });

  // The engine decides when it collects: the soak waits for it.
  if (THOROUGH) it('that is dropped comes back in a loop, though nobody collects', async () => {
    const { gpu, most } = counted();
    const backend = await webgpu({ gpu });
    for (let k = 0; k < 60; k++) {
      const w = variable({ data: new Float32Array(4_000_000).fill(k), shape: [4_000_000] });
      const step = await compile({ updates: new Map([[w, w.add(1)]]) }, backend);
      await step();
      if (k % 20 === 0) expect((await w.read())[3_999_999]).toBe(k + 1);
    }
    // 60 of them would be a gigabyte.
    expect(most()).toBeLessThan(700 * MB);
  });

  it('is nothing where it is disposed of', async () => {
    const { gpu, bytes } = counted();
    const backend = await webgpu({ gpu });
    const before = bytes();
    const [v, w] = [variable({ data: new Float32Array(1000), shape: [1000] }), variable({ data: new Float32Array(1000), shape: [1000] })];
    const x = input('float32', ['n'], 'x');
    const step = await compile({ inputs: { x }, outputs: { y: x.mul(2) }, updates: new Map([v, w].map((u) => [u, u.add(x.sum())])) }, backend);
    for (const n of [10, 5000, 100]) await step({ x: new Float32Array(n) });
    step.dispose();
    w.dispose();
    v.dispose();
    expect(bytes()).toBe(before);
  });

  it('that has no room is there when garbage was collected', async () => {
    let refused = 2;
    const backend = await webgpu({ gpu: crowded((d) => d.label?.startsWith('variable') === true && refused-- > 0) });
    const w = variable([1, 2], { name: 'w' });
    await w.to(backend);
    refused = 2;
    const v = variable([3, 4], { name: 'v' });
    const step = await compile({ updates: new Map([[v, v.add(w)]]) }, backend);
    await step();
    expect([...(await v.read())]).toEqual([4, 6]);
  });
});
