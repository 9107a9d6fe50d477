/** How a device is had: WebGPU of the browser, or of the npm package `webgpu` in Node; its limits at the adapter's maximum. */
import { checkOptions, type OptionTable } from '@pappus/core';
import { AdapterError } from '../errors.js';
import { areNeighbours, sizeOfSubgroups } from './subgroups.js';

/** Limits of a device that this backend asks for and respects, by the names that WebGPU has for them. */
export interface Limits {
  /** Bytes of one buffer. */
  readonly maxBufferSize: number;
  /** Bytes of a buffer that one kernel sees at a time. */
  readonly maxStorageBufferBindingSize: number;
  /** Buffers that one kernel sees at a time. */
  readonly maxStorageBuffersPerShaderStage: number;
  /** Workgroups of one dispatch along one of its three dimensions. */
  readonly maxComputeWorkgroupsPerDimension: number;
  /** Bytes that the invocations of a workgroup share. */
  readonly maxComputeWorkgroupStorageSize: number;
}

export type LimitName = keyof Limits;

/** Options of `webgpu`. */
export interface WebGpuOptions {
  /** Where adapters come from. Default: `navigator.gpu`, and without one the npm package `webgpu`. */
  readonly gpu?: GPU;
  /** Which adapter, where there are several. Default `high-performance`. */
  readonly powerPreference?: GPUPowerPreference;
  /** Whether reductions may use subgroups, where the adapter has them, all of one size. Default true; the bits are the same. */
  readonly subgroups?: boolean;
  /**
   * Compares every read and write of the kernels with the bounds of its tensor, and guards tensors with memory that nothing may write
   * to: to find errors of the library itself. What reaches out of its tensor is a BackendError when a result is read, or of the next
   * call. Slow. Default false.
   */
  readonly debug?: boolean;
  /** Lower limits than the adapter's: to leave room for others, or to see how a smaller device fares. */
  readonly limits?: Partial<Limits>;
}

/** What is behind a backend. */
export interface WebGpuInfo {
  /** The adapter's name, as its driver gives it. */
  readonly adapter: string;
  /** Who makes it, as in `nvidia`; empty where the driver does not say. */
  readonly vendor: string;
  /** Its family, as in `ampere`; empty where the driver does not say. */
  readonly architecture: string;
  /** Whether a program on the CPU plays the GPU: right, but slow. */
  readonly software: boolean;
  /** Invocations of a subgroup; 0 where subgroups are not used. */
  readonly subgroupSize: number;
  /** What the device allows: the adapter's limits, or the lower ones that were asked for. */
  readonly limits: Limits;
}

export interface Acquired {
  readonly device: GPUDevice;
  readonly info: WebGpuInfo;
  /** Keeps the implementation alive: in Node a device ends with the object that it came from. */
  readonly gpu: GPU;
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
  if (adapter === null) {
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

async function findGpu(): Promise<GPU> {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GPU } };
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

function isDawn(found: unknown): found is { create(options: readonly string[]): GPU } {
  return typeof found === 'object' && found !== null && 'create' in found && typeof found.create === 'function';
}
