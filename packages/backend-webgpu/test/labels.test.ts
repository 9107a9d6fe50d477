// Tools for GPUs show what is on the device by labels: those of shaders, pipelines and groups are the names of kernels.
import { compile, type Expr, input, scan, zeros } from '@pappus/core';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { webgpu, type WebGpuOptions } from '../src/index.js';
import { changed, replace } from './watched.js';

interface Seen {
  readonly modules: (string | undefined)[];
  readonly pipelines: (string | undefined)[];
  readonly passes: (string | undefined)[];
  readonly groups: string[];
}

function labelled(): { readonly gpu: GPU; readonly seen: Seen } {
  const seen: Seen = { modules: [], pipelines: [], passes: [], groups: [] };
  const gpu = changed((device) => {
    replace(device, 'createShaderModule', (make) => (descriptor) => (seen.modules.push(descriptor.label), make(descriptor)));
    replace(device, 'createComputePipelineAsync', (make) => (descriptor) => (seen.pipelines.push(descriptor.label), make(descriptor)));
    replace(device, 'createCommandEncoder', (make) => (descriptor) => {
      const encoder = make(descriptor);
      replace(encoder, 'beginComputePass', (begin) => (pass) => {
        seen.passes.push(pass?.label);
        const encoding = begin(pass);
        replace(encoding, 'pushDebugGroup', (push) => (label) => (seen.groups.push(label), push(label)));
        return encoding;
      });
      return encoder;
    });
  });
  return { gpu, seen };
}

const x = input('float32', [3, 4], 'x');
const { outputs } = scan((h: Expr, row: Expr) => {
  const next = h.add(row).tanh();
  return { carry: next, outputs: next.sum() };
}, { carry: zeros([4]), inputs: x });
const subject = { inputs: { x }, outputs: { y: outputs, z: x.matmul(x.transpose()).exp() } };

describe.runIf(adapterOrComplaint('labels on WebGPU'))('the names of kernels', () => {
  const run = async (options: WebGpuOptions): Promise<Seen & { readonly labels: readonly string[] }> => {
    const { gpu, seen } = labelled();
    const backend = await webgpu({ gpu, ...options });
    // Not what the backend asks of the device when it is made.
    for (const list of [seen.modules, seen.pipelines, seen.passes]) list.length = 0;
    const step = await compile(subject, backend);
    await (await step({ x: Float32Array.from({ length: 12 }, (_, k) => k / 12) })).y.read();
    return { ...seen, labels: step.program.kernels.map(({ label }) => label) };
  };

  it('are on shaders and pipelines', async () => {
    const { modules, pipelines, passes, groups, labels } = await run({});
    expect(labels).toEqual(expect.arrayContaining(['k1.0 add+tanh', 'k1.1 sum']));
    // Kernels of one text have one shader, by the name of the first.
    expect(modules.filter((label) => !labels.includes(label ?? ''))).toEqual([]);
    expect(modules).toEqual(expect.arrayContaining(['k1.0 add+tanh', 'k1.1 sum']));
    expect(pipelines).toEqual(modules);
    expect(passes).toEqual(['kernels of a step']);
    expect(groups).toEqual([]);
  });

  it('are on the groups of a debug build, in the order in which they run', async () => {
    const { groups, labels } = await run({ debug: true });
    const [inScan, around] = [labels.filter((label) => label.includes('.')), labels.filter((label) => !label.includes('.'))];
    expect(groups.filter((label) => label.includes('.'))).toEqual([0, 1, 2].flatMap(() => inScan));
    expect(groups.filter((label) => !label.includes('.'))).toEqual(around);
  });
});
