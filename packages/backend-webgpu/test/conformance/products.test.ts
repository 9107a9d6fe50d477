import { THOROUGH } from '@pappus/testing/thorough';
import { onWebGpu, options } from './on-webgpu.js';

// Of int32 they are the same code with another name of a type, for the soak.
onWebGpu(['products'], THOROUGH ? options.dtypes : ['float32', 'bool']);
