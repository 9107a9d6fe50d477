import { onWebGpu } from './on-webgpu.js';

onWebGpu(['padding', 'shapes']);
