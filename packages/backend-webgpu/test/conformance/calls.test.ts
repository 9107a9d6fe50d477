import { onWebGpu } from './on-webgpu.js';

onWebGpu(['hostScalars', 'float32', 'calls']);
