// The declarations of every public package, read by compilers from TypeScript 5.4 on, where there is a browser and where there is nothing.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { doors, publicPackages } from '@pappus/workspace';
import { THOROUGH } from '@pappus/testing/thorough';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, temporaryDirectory } from '../src/consumer.js';
import { checkTypes, COMPILERS, importsOf, type Place } from '../src/declarations.js';
import { packAll } from '../src/tarballs.js';

/** What an application does, and what the declarations say of it. */
const CONSUMER = `
import { adam, compile, cpu, crossEntropy, defineOptimizer, input, interpreter, variable, zeros, type Backend, type Output } from 'pappus';
import { webgpu, type WebGpuOptions } from 'pappus/webgpu';

const images = input('float32', ['batch', 784]);
const labels = input('int32', ['batch']);
const w = variable(zeros([784, 10]), { name: 'w' });
const loss = crossEntropy(images.matmul(w), labels);

export const heavyBall = defineOptimizer({
  name: 'heavyBall',
  defaults: { learningRate: 0.1, momentum: 0.9 },
  state: (param) => ({ before: param }),
  update: ({ param, grad, before, learningRate, momentum }) => ({ param: param.sub(grad.mul(learningRate)).add(param.sub(before).mul(momentum)), before: param }),
});

export async function train(): Promise<number> {
  using backend = await cpu();
  const step = await compile({ inputs: { images, labels }, outputs: { loss }, updates: adam(loss, [w], { learningRate: 1e-3 }) }, backend);
  const { loss: current }: { readonly loss: Output } = await step({ images: new Float32Array(784), labels: [3] });
  const weights: Float32Array | Float64Array | Int32Array | Uint8Array = await w.read();
  return (await current.item()) + (weights[0] ?? 0);
}

export async function anywhere(): Promise<readonly Backend[]> {
  const options: WebGpuOptions = { powerPreference: 'low-power', gpu: { requestAdapter: () => Promise.resolve(null) } };
  return [await cpu(), interpreter(), await webgpu(options)];
}

// @ts-expect-error: no such dtype
input('float33', ['batch']);
// @ts-expect-error: no such option
adam(loss, [w], { learningrate: 1e-3 });
// @ts-expect-error: no such preference
void webgpu({ powerPreference: 'strong' });
`;

/** Where TypeScript's own library has WebGPU: what a page gives. */
const BROWSER = `
import { webgpu } from 'pappus/webgpu';
const preference: GPUPowerPreference = 'high-performance';
export const backend = webgpu({ gpu: navigator.gpu, powerPreference: preference });
`;

const WAYS = ['node16', 'nodenext', 'bundler'] as const;
const LIBRARIES = [['es2022'], ['es2022', 'dom']] as const;

/** Every compiler, way to find modules and library; every day, the oldest and the newest compiler. */
const PLACES: readonly Place[] = COMPILERS.flatMap((compiler, c) =>
  WAYS.flatMap((moduleResolution, w) => LIBRARIES.flatMap((lib, l) => (THOROUGH || (w === c && l === (c + 1) % LIBRARIES.length && c !== 1) ? [{ compiler, moduleResolution, lib }] : []))),
);

let project: string;

beforeAll(async () => {
  project = await temporaryDirectory();
  const tarballs = await packAll(project);
  await install(project, tarballs, publicPackages.map(({ manifest }) => manifest.name));
  await writeFile(path.join(project, 'doors.ts'), importsOf(doors));
  await writeFile(path.join(project, 'consumer.ts'), CONSUMER);
  await writeFile(path.join(project, 'browser.ts'), BROWSER);
});

afterAll(() => rm(project, { recursive: true, force: true }));

describe('the declarations of all public packages', () => {
  it.each(PLACES)('are right for $compiler, modules as $moduleResolution, with $lib', async (place) => {
    const knowsWebGpu = place.compiler === 'typescript' && place.lib.includes('dom');
    await checkTypes(project, ['doors.ts', 'consumer.ts', ...(knowsWebGpu ? ['browser.ts'] : [])], place);
  });

  it('are right in a place that knows WebGPU, too', () => {
    expect(PLACES.filter(({ compiler, lib }) => compiler === 'typescript' && lib.includes('dom'))).not.toEqual([]);
  });

  it('are what is read: a wrong one is an error', async () => {
    await writeFile(path.join(project, 'wrong.ts'), `import { cpu } from 'pappus';\nexport const backend: number = await cpu();\n`);
    await expect(checkTypes(project, ['wrong.ts'], { compiler: 'typescript-5.4', moduleResolution: 'node16', lib: ['es2022'] })).rejects.toThrow("'CpuBackend' is not assignable to type 'number'");
  });
});
