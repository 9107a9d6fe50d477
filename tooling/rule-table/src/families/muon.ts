/** Rows of the family `@pappus/muon`. */
import type { RuleRow } from '../row.js';

export const muon = {
  muon: {
    couples: 'tensor',
    matrices: true,
    suite: { quadratic: { learningRate: 50, steps: 80 }, rosenbrock: { learningRate: 0.2, steps: 7100 } },
    gallery: { colour: '#14148f', learningRates: { rosenbrock: 0.02, beale: 0.02, saddle: 0.02 } },
    choose: 'For the hidden matrices of transformers and perceptrons, with `adamw` for the rest, by `partition`: fewer steps for the same loss.',
    elsewhere: { torch: 'torch.optim.Muon(matrices, lr=0.02)', optax: 'optax.contrib.muon(0.02)' },
    mnist: { learningRate: 0.03 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
