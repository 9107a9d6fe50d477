import { THOROUGH } from '@pappus/testing/thorough';
import { onWebGpu, options } from './on-webgpu.js';

// Of int32 they are the same code with another name of a type: here they are in the soak, and kernel by kernel in kernels.test.ts.
onWebGpu(['products'], THOROUGH ? options.dtypes : ['float32', 'bool']);
