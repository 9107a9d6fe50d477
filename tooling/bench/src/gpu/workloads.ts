/** What is timed on a GPU: every region ends by waiting for a number that depends on the last step. */
import { adam, compile, crossEntropy, input, variable, type Variable } from 'pappus';
import type { WebGpuBackend } from 'pappus/webgpu';
import { hyperparameters } from '../problems/adam.js';
import { mlpProblem } from '../problems/mlp.js';

const ROUNDS = 5;
/** A round takes at least this long. */
const SECONDS = 0.3;

/** Seconds a step: the best of some rounds, each of as many steps as fill it. */
async function time(step: () => Promise<unknown>, wait: () => Promise<unknown>): Promise<number> {
  const round = async (count: number): Promise<number> => {
    const start = performance.now();
    for (let k = 0; k < count; k++) await step();
    await wait();
    return (performance.now() - start) / 1000;
  };
  await round(3);
  let count = 1;
  for (let taken = await round(count); taken < SECONDS && count < 1e5; taken = await round(count)) count = Math.ceil(count * Math.min(10, Math.max(1.5, (1.2 * SECONDS) / taken)));
  let best = Infinity;
  for (let k = 0; k < ROUNDS; k++) best = Math.min(best, (await round(count)) / count);
  return best;
}

/** Reads and writes together, of a copy from one buffer to another. */
export async function copyBytesPerSecond(device: GPUDevice, bytes: number): Promise<number> {
  const usage = 0x4 | 0x8 | 0x80;
  const [from, to] = [device.createBuffer({ size: bytes, usage }), device.createBuffer({ size: bytes, usage })];
  const step = async (): Promise<void> => {
    const encoder = device.createCommandEncoder();
    for (let k = 0; k < 10; k++) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
    device.queue.submit([encoder.finish()]);
  };
  const seconds = (await time(step, () => device.queue.onSubmittedWorkDone())) / 10;
  from.destroy();
  to.destroy();
  return (2 * bytes) / seconds;
}

export async function adamSeconds(backend: WebGpuBackend, elements: number): Promise<number> {
  const tensor = (name: string, value: number): Variable => variable({ data: new Float32Array(elements).fill(value), shape: [elements] }, { name });
  const [param, gradient] = [tensor('param', 0.5), tensor('gradient', 0.1)];
  const step = await compile({ updates: adam([gradient], [param], hyperparameters) }, backend);
  const last = await compile({ outputs: { last: param.slice(elements - 1) } }, backend);
  return time(step, async () => (await last()).last.item());
}

export async function productSeconds(backend: WebGpuBackend, edge: number): Promise<number> {
  const tensor = (seed: number): Variable => variable({ data: Float32Array.from({ length: edge * edge }, (_, k) => Math.sin(k * seed)), shape: [edge, edge] });
  const [a, b] = [tensor(1), tensor(2)];
  const product = a.matmul(b);
  const step = await compile({ outputs: { product, first: product.slice(0, 0) } }, backend);
  let outputs = await step();
  return time(async () => (outputs = await step()), () => outputs.first.item());
}

export async function mlpSeconds(backend: WebGpuBackend): Promise<number> {
  const problem = mlpProblem([784, 256, 128, 10], 128, 2);
  const [images, labels] = [input('float32', ['batch', 784]), input('int32', ['batch'])];
  const layers = problem.layers.map(({ inputs, outputs, weights, biases }) => ({
    weights: variable({ data: weights, shape: [inputs, outputs] }), biases: variable({ data: biases, shape: [outputs] }),
  }));
  const logits = layers.reduce((x, { weights, biases }, k) => {
    const out = x.matmul(weights).add(biases);
    return k < layers.length - 1 ? out.relu() : out;
  }, images);
  const loss = crossEntropy(logits, labels);
  const params = layers.flatMap(({ weights, biases }) => [weights, biases]);
  const run = await compile({ inputs: { images, labels }, outputs: { loss }, updates: adam(loss, params, hyperparameters) }, backend);
  const [batch] = problem.batches;
  if (batch === undefined) throw new RangeError('the problem has no batch');
  return time(async () => (await run({ images: batch.images, labels: batch.labels })).loss.item(), () => Promise.resolve());
}
