// Kernel by kernel beside the plain backend.
import { THOROUGH } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe } from 'vitest';
import { secondOpinion } from '@pappus/testing/plain';
import { webgpu } from '../src/index.js';
import { LAYOUT } from '../src/run/windows.js';

/** The smallest normal float32: drivers may take what is smaller for 0. */
const SMALLEST_NORMAL = 2 ** -126;

describe.runIf(adapterOrComplaint('kernels of webgpu and of the plain backend'))('on WebGPU', () => {
  secondOpinion('webgpu', webgpu, { dtypes: ['float32', 'int32', 'bool'], layout: LAYOUT, graphs: THOROUGH ? 15 : 6, tiny: SMALLEST_NORMAL });
});
