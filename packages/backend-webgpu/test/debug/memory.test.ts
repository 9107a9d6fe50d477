// Memory that a device refuses at first, in a debug build: nothing is written to what is not there.
import { compile, input, variable } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu } from '../../src/index.js';
import { crowded } from '../watched.js';

describe.runIf(adapterOrComplaint('debug builds of WebGPU'))('in a debug build', () => {
  it.each(['variable', 'inputs', 'outputs', 'data'])('%s get their room when garbage was collected', async (what) => {
    let refused = 0;
    const backend = await webgpu({ debug: true, gpu: crowded((d) => d.label?.startsWith(what) === true && refused-- > 0) });
    const w = variable([1, 2]);
    refused = 1;
    await w.to(backend);
    refused = 1;
    const x = input('float32', [2], 'x');
    const v = variable([3, 4]);
    const step = await compile({ inputs: { x }, outputs: { y: x.add([10, 20]) }, updates: new Map([[v, v.add(w)]]) }, backend);
    const { y } = await step({ x: [1, 1] });
    expect([...(await y.read())]).toEqual([11, 21]);
    expect([...(await v.read())]).toEqual([4, 6]);
  });
});
