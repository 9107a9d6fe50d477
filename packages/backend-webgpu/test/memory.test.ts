// Memory: what is dropped gives its own back, and what may still be read keeps it.
import { compile, input, type Output } from '@pappus/core';
import { collectGarbage } from '@pappus/testing/garbage';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../src/index.js';
import { changed, replace } from './watched.js';

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
