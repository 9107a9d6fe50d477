import { THOROUGH } from '@pappus/testing/thorough';
import { onWebGpu } from './on-webgpu.js';

// Linear systems and factorizations are many routines, of which a software GPU takes long to compile each; those of every day have all steps of the language.
onWebGpu(['routines', 'linearAlgebra', ...(THOROUGH ? (['linearSolve', 'factorizations'] as const) : [])]);
