/** Rows of the family `@pappus/trust`. */
import type { RuleRow } from '../row.js';

export const trust = {
  lamb: {
    couples: 'tensor',
    suite: { quadratic: { learningRate: 0.02, steps: 1200 }, rosenbrock: { learningRate: 0.005, steps: 6000, enough: 0.077 } },
    gallery: { colour: '#148f8f', learningRates: { rosenbrock: 0.2, beale: 0.005, saddle: 0.02 } },
    choose: 'For very large batches of transformers, with a rate that grows with the batch.',
    elsewhere: { optax: 'optax.lamb(1e-3)', keras: 'keras.optimizers.Lamb(1e-3)' },
    mnist: { learningRate: 0.01 },
  },
  lars: {
    couples: 'tensor',
    suite: { quadratic: { learningRate: 10, steps: 1200 }, rosenbrock: { learningRate: 0.5, steps: 5300 } },
    gallery: { colour: '#38a0a8', learningRates: { rosenbrock: 5, beale: 0.5, saddle: 2 } },
    choose: 'For very large batches of convolutions.',
    elsewhere: { optax: 'optax.lars(0.1)' },
    mnist: { learningRate: 10 },
  },
  fromage: {
    couples: 'tensor',
    suite: { quadratic: { learningRate: 0.01, steps: 360 }, rosenbrock: { learningRate: 0.005, steps: 6000, enough: 0.037 } },
    gallery: { colour: '#3bc9e3', learningRates: { rosenbrock: 0.2, beale: 0.005, saddle: 0.02 } },
    choose: 'Where one rate, about 0.01, should do for all architectures, without tuning.',
    elsewhere: { optax: 'optax.fromage(0.01)' },
    mnist: { learningRate: 0.03 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
