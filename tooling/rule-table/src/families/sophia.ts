/** Rows of the family `@pappus/sophia`. */
import type { RuleRow } from '../row.js';

export const sophia = {
  sophia: {
    couples: 'elements',
    needs: 'curvature',
    options: { vectors: 'signs' },
    suite: { quadratic: { learningRate: 0.05, steps: 440 }, rosenbrock: { learningRate: 0.02, steps: 360 } },
    gallery: { colour: '#8f1452', learningRates: { rosenbrock: 0.01, beale: 0.005, saddle: 0.005 } },
    choose: 'For language models: steps by the curvature, which is estimated every few steps by one more backward pass.',
    elsewhere: { optax: 'optax.contrib.sophia(1e-3)' },
    mnist: { learningRate: 0.001 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
