import { onWebGpu } from './on-webgpu.js';

onWebGpu(['hostScalars', 'calls']);
