/** How a device is had: WebGPU of the browser, or of the npm package `webgpu` in Node; its limits at the adapter's maximum. */
import { checkOptions, type OptionTable } from '@pappus/core';
import { AdapterError } from '../errors.js';
import type { GpuSource, LimitName, Limits, WebGpuInfo, WebGpuOptions } from './options.js';
import { areNeighbours, sizeOfSubgroups } from './subgroups.js';

export interface Acquired {
  readonly device: GPUDevice;
  readonly info: WebGpuInfo;
  /** Keeps the implementation alive: in Node a device ends with the object that it came from. */
  readonly gpu: GpuSource;
}

/** Adapters that run on the CPU, whose drivers do not all say so. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

const LIMITS: readonly LimitName[] = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupStorageSize',
];

const OPTIONS: OptionTable<WebGpuOptions> = {
  gpu: {
    wanted: 'a GPU, such as navigator.gpu',
    takes: (value) => typeof value === 'object' && value !== null && 'requestAdapter' in value && typeof value.requestAdapter === 'function',
  },
  powerPreference: ['high-performance', 'low-power'],
  subgroups: [true, false],
  debug: [true, false],
  limits: {
    wanted: `an object of positive whole numbers by name (${LIMITS.join(', ')})`,
    takes: (value) =>
      typeof value === 'object' && value !== null && Object.entries(value).every(([name, limit]) => LIMITS.some((known) => known === name) && isLimit(limit)),
  },
};

function isLimit(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value > 0);
}

/** @throws {InputError} for an option that does not exist, or is none of its values */
export async function acquire(options: WebGpuOptions): Promise<Acquired> {
  checkOptions('webgpu', options, OPTIONS);
  const { gpu, powerPreference = 'high-performance', limits = {}, subgroups = true } = options;
  const source = gpu ?? (await findGpu());
  const adapter = await source.requestAdapter({ powerPreference });
  if (!isAdapter(adapter)) {
    throw new AdapterError(
      'WebGPU is here, but no adapter: install a driver (Vulkan on Linux; libvulkan.so.1 must be found), allow the page WebGPU, or use cpu()',
    );
  }
  const granted = limitsOf(adapter, limits);
  const size = subgroups ? sizeOfSubgroups(adapter) : 0;
  const device = await adapter
    .requestDevice({ requiredLimits: { ...granted }, requiredFeatures: [...(size > 0 ? (['subgroups'] as const) : []), ...wantedFeatures(adapter)] })
    .catch((error: unknown) => {
      throw new AdapterError(
        `the adapter gives no device (${String(error)}); see the driver and the limits that are asked for, or use cpu()`,
        { cause: error },
      );
    });
  // A device that cannot even be tried on works without, or will say so when it is used.
  const subgroupSize = size > 0 && (await areNeighbours(device, size).catch(() => false)) ? size : 0;
  const { vendor, architecture, description, device: model, isFallbackAdapter } = adapter.info;
  const name = [description, model, architecture, vendor].find((text) => text !== '') ?? 'unnamed adapter';
  const software = isFallbackAdapter || SOFTWARE.test(`${vendor} ${architecture} ${description} ${model}`);
  return { device, gpu: source, info: { adapter: name, vendor, architecture, software, subgroupSize, limits: granted } };
}

/** Features that are used where they are there: timestamps, for traces. */
function wantedFeatures({ features }: GPUAdapter): GPUFeatureName[] {
  return (['timestamp-query'] as const).filter((feature) => features.has(feature));
}

function limitsOf({ limits }: GPUAdapter, lower: Partial<Limits>): Limits {
  const of = (name: LimitName): number => Math.min(limits[name], lower[name] ?? Infinity);
  return {
    maxBufferSize: of('maxBufferSize'),
    maxStorageBufferBindingSize: of('maxStorageBufferBindingSize'),
    maxStorageBuffersPerShaderStage: of('maxStorageBuffersPerShaderStage'),
    maxComputeWorkgroupsPerDimension: of('maxComputeWorkgroupsPerDimension'),
    maxComputeWorkgroupStorageSize: of('maxComputeWorkgroupStorageSize'),
  };
}

/** What the types of the options do not say, which name nothing of a browser. */
function isAdapter(found: object | null): found is GPUAdapter {
  return found !== null && 'requestDevice' in found;
}

async function findGpu(): Promise<GpuSource> {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GpuSource } };
  if (navigator?.gpu !== undefined) return navigator.gpu;
  if (!('process' in globalThis)) {
    throw new AdapterError('this browser has no WebGPU, or the page is no secure context (https or localhost); use cpu()');
  }
  // The name is no literal, so that a bundle for browsers does not ask for the package.
  const name = 'webgpu';
  let found: unknown;
  try {
    found = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (error) {
    throw new AdapterError('Node has no WebGPU of its own: install the npm package webgpu (npm install webgpu), or use cpu()', {
      cause: error,
    });
  }
  if (!isDawn(found)) throw new AdapterError('the npm package webgpu that is installed has no create(); install version 0.4 or later');
  return found.create([]);
}

function isDawn(found: unknown): found is { create(options: readonly string[]): GpuSource } {
  return typeof found === 'object' && found !== null && 'create' in found && typeof found.create === 'function';
}
