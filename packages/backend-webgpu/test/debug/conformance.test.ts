// Kernels of several kinds in a debug build: none reads or writes outside of its tensors.
import { conformance } from '@pappus/testing/conformance';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe } from 'vitest';
import { webgpu } from '../../src/index.js';
import { options } from '../conformance/on-webgpu.js';

const debug = (): ReturnType<typeof webgpu> => webgpu({ debug: true });

describe.runIf(adapterOrComplaint('debug builds of WebGPU'))('in Node', () => {
  conformance('a debug build of webgpu', debug, options, ['reductions', 'movement', 'products']);
});
