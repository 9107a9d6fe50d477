// Memory of a device for plans that leave partial results to themselves.
import { provideVulkan } from '@pappus/test-support/webgpu';
import { create } from 'webgpu';
import { Memory, TENSORS } from '../../src/device/memory.js';

let gpu: GPU | undefined;

export async function adapter(): Promise<GPUAdapter> {
  provideVulkan();
  gpu ??= create([]);
  const found = await gpu.requestAdapter();
  if (found === null) throw new Error('there is no adapter');
  return found;
}

export async function device(): Promise<GPUDevice> {
  return (await adapter()).requestDevice();
}

export async function deviceMemory(bytes: number): Promise<Memory> {
  return new Memory(await device(), bytes, 'partial results', TENSORS);
}
