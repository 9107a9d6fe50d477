/** Rows of the family `@pappus/factored`. */
import type { RuleRow } from '../row.js';

export const factored = {
  adafactor: {
    couples: 'tensor',
    ownShapes: true,
    ages: true,
    suite: { quadratic: { learningRate: 0.2, steps: 80 }, rosenbrock: { learningRate: 0.01, steps: 6000, enough: 0.034 } },
    gallery: { colour: '#14528f', learningRates: { rosenbrock: 0.2, beale: 0.01, saddle: 0.05 } },
    choose: 'Where the second moment does not fit in memory: rows and columns in its place.',
    elsewhere: { torch: 'torch.optim.Adafactor(params, lr=1e-2)', optax: 'optax.adafactor(1e-2)', keras: 'keras.optimizers.Adafactor(1e-2)' },
    mnist: { learningRate: 0.1 },
  },
  sm3: {
    couples: 'tensor',
    ownShapes: true,
    suite: { quadratic: { learningRate: 100, steps: 10 }, rosenbrock: { learningRate: 0.5, steps: 2800 } },
    gallery: { colour: '#3867a8', learningRates: { rosenbrock: 0.1, beale: 1, saddle: 0.2 } },
    choose: 'As `adafactor`, for sparse gradients and large embeddings.',
    elsewhere: { optax: 'optax.sm3(0.1)' },
    mnist: { learningRate: 0.03 },
  },
  came: {
    couples: 'tensor',
    ownShapes: true,
    suite: { quadratic: { learningRate: 0.5, steps: 110 }, rosenbrock: { learningRate: 0.02, steps: 2100 } },
    gallery: { colour: '#3b75e3', learningRates: { rosenbrock: 0.02, beale: 0.05, saddle: 0.01 } },
    choose: 'As `adafactor`, as steady as Adam in long trainings of large models.',
    elsewhere: {},
    mnist: { learningRate: 0.0003 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
