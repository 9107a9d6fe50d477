// What the WebGPU backend promises, and the suite run in Node on whatever adapter there is.
import { conformance, type ConformanceOptions, type Section } from '@pappus/testing/conformance';
import { THOROUGH } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe } from 'vitest';
import { webgpu } from '../../src/index.js';

/**
 * WGSL grants a division 2.5 units in the last place (2^-23); the worst function, tan, divides a sine by a cosine that are off by 1.5
 * each, and the definition is rounded once more: 6 units. It lets a driver flush subnormals.
 */
export const options: ConformanceOptions = {
  dtypes: ['float32', 'int32', 'bool'],
  tolerance: { float32: 7e-7, float64: 0 },
  subnormals: false,
  depth: THOROUGH ? 300 : 100,
  slow: true,
  // A software GPU takes long for every kernel that it compiles; the soak runs all cases.
  ...(THOROUGH ? {} : { cases: 'few' }),
  program: { from: 'pappus/webgpu', name: 'webgpu' },
};

export function onWebGpu(sections: readonly Section[], dtypes: ConformanceOptions['dtypes'] = options.dtypes): void {
  const available = adapterOrComplaint(`conformance of webgpu: ${sections.join(', ')}`);
  describe.runIf(available)('in Node', () => conformance('webgpu', webgpu, { ...options, dtypes }, sections));
}
