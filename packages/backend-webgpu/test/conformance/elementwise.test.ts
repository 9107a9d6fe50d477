import { onWebGpu } from './on-webgpu.js';

onWebGpu(['elementwise', 'elementary']);
