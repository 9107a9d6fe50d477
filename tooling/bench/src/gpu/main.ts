/** pnpm bench:gpu [--full] [--json FILE]: Adam, a product and a training step on the GPU, beside a copy of its memory and PyTorch. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { webgpu } from 'pappus/webgpu';
import { machine } from '../report.js';
import { capture } from './device.js';
import { fusedAdam } from './pytorch.js';
import { adamSeconds, copyBytesPerSecond, mlpSeconds, productSeconds } from './workloads.js';

const { values } = parseArgs({ options: { full: { type: 'boolean', default: false }, json: { type: 'string' } } });

/** Adam reads parameter, gradient and both moments, and writes all but the gradient. */
const ADAM_BYTES = 7 * 4;

const { gpu, device } = await capture();
const backend = await webgpu({ gpu });
const { info } = backend;
const full = values.full || !info.software;
const about = machine();
const report: Record<string, unknown>[] = [];
const print = (text: string, row?: Record<string, unknown>): void => {
  process.stdout.write(`${text}\n`);
  if (row !== undefined) report.push(row);
};

print(`${info.adapter} (${info.vendor} ${info.architecture})${info.software ? ', a software adapter: its figures say nothing of a GPU' : ''}`);
print(`${about.machine}\nNode ${about.node}, ${about.date}\n`);

const sizes = full ? [1e5, 1e6, 1e7, 1e8] : [1e5, 1e6];
const torch = await fusedAdam(sizes);
print(torch === undefined ? 'PyTorch with CUDA is not here.\n' : `PyTorch ${torch.version} on ${torch.device}\n`);

for (const elements of sizes) {
  const copied = await copyBytesPerSecond(device(), elements * 4);
  const seconds = await adamSeconds(backend, elements);
  const reached = (ADAM_BYTES * elements) / seconds;
  const theirs = torch?.seconds[String(elements)];
  const beside = theirs === undefined ? '' : `, PyTorch fused ${(theirs * 1e6).toFixed(1)} us`;
  print(
    `Adam, ${elements.toExponential(0)} elements: ${(seconds * 1e6).toFixed(1)} us, ${(reached / 1e9).toFixed(1)} GB/s, ${(reached / copied).toFixed(2)} of a copy's ${(copied / 1e9).toFixed(1)} GB/s${beside}`,
    { workload: 'adam', elements, seconds, bytesPerSecond: reached, copyBytesPerSecond: copied, pytorchSeconds: theirs },
  );
}
const edge = full ? 4096 : 256;
const product = await productSeconds(backend, edge);
print(`product of ${edge} cubed: ${(product * 1e3).toFixed(2)} ms, ${((2 * edge ** 3) / product / 1e12).toFixed(3)} TFLOP/s`, { workload: 'product', edge, seconds: product });
const step = await mlpSeconds(backend);
print(`MLP 784-256-128-10, batch 128, a step with its loss read: ${(step * 1e3).toFixed(2)} ms`, { workload: 'mlp', seconds: step });
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ ...about, adapter: info, report }, null, 2)}\n`);
