/** Rows of the family `@pappus/sign`. */
import type { RuleRow } from '../row.js';

export const sign = {
  lion: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.02, steps: 750 }, rosenbrock: { learningRate: 0.002, steps: 1900 } },
    gallery: { colour: '#148f52', classic: true, learningRates: { rosenbrock: 0.002, beale: 0.05, saddle: 0.05 } },
    choose: "For large models at half of Adam's memory; take a third to a tenth of AdamW's rate, and a larger decay.",
    elsewhere: { optax: 'optax.lion(1e-4)', keras: 'keras.optimizers.Lion(1e-4)' },
    mnist: { learningRate: 0.001 },
  },
  signSgd: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.02, steps: 400 }, rosenbrock: { learningRate: 0.0005, steps: 6000, enough: 0.06 } },
    gallery: { colour: '#38a879', learningRates: { rosenbrock: 0.002, beale: 0.005, saddle: 0.005 } },
    choose: 'Where one bit of a gradient is all there is, as between machines, and to learn about the others.',
    elsewhere: { optax: 'optax.sign_sgd(1e-3)' },
    mnist: { learningRate: 0.003 },
  },
  signum: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.01, steps: 820 }, rosenbrock: { learningRate: 0.002, steps: 7200 } },
    gallery: { colour: '#3be3a9', learningRates: { rosenbrock: 0.005, beale: 0.01, saddle: 0.005 } },
    choose: 'As `signSgd`, steadied by momentum.',
    elsewhere: {},
    mnist: { learningRate: 0.001 },
  },
  rprop: {
    couples: 'elements',
    ratesOnce: true,
    suite: { quadratic: { learningRate: 0.5, steps: 30 }, rosenbrock: { learningRate: 0.002, steps: 990 } },
    gallery: { colour: '#297a65', learningRates: { rosenbrock: 0.01, beale: 0.000001, saddle: 0.000001 } },
    choose: 'With gradients over all data, never with small batches: each weight finds its own step by signs.',
    elsewhere: { torch: 'torch.optim.Rprop(params, lr=1e-2)', optax: 'optax.rprop(1e-2)' },
    mnist: { learningRate: 0.003 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
