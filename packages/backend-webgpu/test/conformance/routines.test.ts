import { onWebGpu } from './on-webgpu.js';

onWebGpu(['routines', 'linearAlgebra']);
