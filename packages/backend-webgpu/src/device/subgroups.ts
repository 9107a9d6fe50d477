/**
 * Subgroups, whose invocations exchange values without shared memory: used where all subgroups have one size and are neighbours in
 * their workgroup, which WGSL does not promise, and which is therefore seen on the device itself.
 */
import { MAP_READ, USAGE } from './memory.js';

const INVOCATIONS = 256;

/** The size of an adapter's subgroups; 0 if it has none, or of several sizes. */
export function sizeOfSubgroups({ features, info }: GPUAdapter): number {
  const { subgroupMinSize: least, subgroupMaxSize: most } = info;
  const fits = features.has('subgroups') && least === most && Number.isInteger(Math.log2(least)) && least <= INVOCATIONS;
  return fits ? least : 0;
}

/** Whether invocation i of a workgroup is invocation `i % size` of its subgroup, and sees the one after it as the next. */
export async function areNeighbours(device: GPUDevice, size: number): Promise<boolean> {
  const code = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> found: array<u32>;
@compute @workgroup_size(${INVOCATIONS})
fn main(@builtin(local_invocation_index) local: u32, @builtin(subgroup_invocation_id) id: u32, @builtin(subgroup_size) size: u32) {
  let next = subgroupShuffleDown(local, 1u);
  found[local] = select(0u, 1u, size == ${size}u && id == local % ${size}u && (id == ${size - 1}u || next == local + 1u));
}
`;
  device.pushErrorScope('validation');
  const pipeline = await device
    .createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } })
    .catch(() => undefined);
  if ((await device.popErrorScope()) !== null || pipeline === undefined) return false;
  const bytes = INVOCATIONS * 4;
  const found = device.createBuffer({ size: bytes, usage: USAGE.storage | USAGE.copySource });
  const read = device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyTarget });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer: found } }] }),
  );
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(found, 0, read, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(MAP_READ);
  const all = new Uint32Array(read.getMappedRange()).every((flag) => flag === 1);
  for (const buffer of [found, read]) buffer.destroy();
  return all;
}
