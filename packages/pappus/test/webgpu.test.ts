// The same training on the GPU: rules along recorded trajectories, and a model that moves between backends on the way.
import { trajectories } from '@pappus/test-support';
import { changes, expectWay, replay } from '@pappus/testing/rules';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, expect, it } from 'vitest';
import { adam, compile, cpu, crossEntropy, glorotUniform, input, interpreter, type Backend, type TypedArray, variable, type Variable, zeros } from '../src/index.js';
import { webgpu } from '../src/webgpu.js';
import { replayed } from './rules/reference-rules.js';
import { float32OfTheWay } from './rules/tolerance.js';

describe.runIf(adapterOrComplaint('rules and training on WebGPU'))('on the GPU', () => {
  it('every rule goes the way of Lasagne and Dandelion, to 2e-6 of it', async () => {
    const backend = await webgpu();
    for (const trajectory of trajectories()) {
      const path = await replay(replayed(trajectory), trajectory, backend, { dtype: 'float32', from: 'zero' });
      expectWay(path, changes(trajectory.expected, trajectory.initial), float32OfTheWay, trajectory.name);
    }
  });

  it('a model is carried from backend to backend in the middle of training, and goes on as if nothing had happened', async () => {
    const train = async (backends: readonly Backend[]): Promise<{ losses: number[]; values: TypedArray[] }> => {
      const [images, labels] = [input('float32', ['batch', 6], 'images'), input('int32', ['batch'], 'labels')];
      const params = [variable(glorotUniform([6, 9], { seed: 1 }), { name: 'w1' }), variable(zeros([9]), { name: 'b1' }), variable(glorotUniform([9, 4], { seed: 2 }), { name: 'w2' })];
      const [w1, b1, w2] = params;
      if (w1 === undefined || b1 === undefined || w2 === undefined) throw new Error('no parameters');
      const loss = crossEntropy(images.matmul(w1).add(b1).tanh().matmul(w2), labels);
      const updates = adam(loss, params, { learningRate: 0.01 });
      const all: Variable[] = [...updates.keys()];
      const losses: number[] = [];
      for (const backend of backends) {
        for (const v of all) await v.to(backend);
        const step = await compile({ inputs: { images, labels }, outputs: { loss }, updates }, backend);
        for (let k = 0; k < 4; k++) {
          const t = losses.length;
          const data = { images: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i * 1.3 + t)), labels: Int32Array.from({ length: 8 }, (_, i) => (i + t) % 4) };
          losses.push(await (await step(data)).loss.item());
        }
      }
      return { losses, values: await Promise.all(params.map((p) => p.read())) };
    };
    const gpu = await webgpu();
    const definition = interpreter();
    const expected = await train([definition, definition, definition, definition]);
    const moved = await train([gpu, await cpu(), gpu, await webgpu()]);
    moved.losses.forEach((loss, k) => expect(Math.abs(loss - (expected.losses[k] ?? NaN))).toBeLessThan(2e-6));
    moved.values.forEach((value, k) => value.forEach((x, i) => expect(Math.abs(x - (expected.values[k]?.[i] ?? NaN))).toBeLessThan(2e-6)));
  });

  it('a variable that comes back to a compiled step is updated with the others in one kernel again', async () => {
    const gpu = await webgpu();
    const w = variable([1, 2, 3], { name: 'w' });
    const step = await compile({ updates: new Map([[w, w.mul(2)]]) }, gpu);
    await step();
    await w.to(await cpu());
    await w.set([5, 6, 7]);
    await w.to(gpu);
    await step();
    expect([...(await w.read())]).toEqual([10, 12, 14]);
  });
});
