import { onWebGpu } from './on-webgpu.js';

onWebGpu(['scatters']);
