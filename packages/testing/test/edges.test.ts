// The definition at the edges, against PyTorch.
import { interpreter } from '@pappus/core';
import { conformance } from '../src/conformance.js';

conformance('the interpreter', () => Promise.resolve(interpreter()), { dtypes: ['float64'], tolerance: { float32: 0, float64: 0 } }, ['edges', 'edgeCases']);
