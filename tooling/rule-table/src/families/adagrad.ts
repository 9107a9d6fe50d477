/** Rows of the family `@pappus/adagrad`. */
import type { RuleRow } from '../row.js';

export const adagrad = {
  adagrad: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 1, steps: 100 }, rosenbrock: { learningRate: 1, steps: 4000 } },
    gallery: { colour: '#8c5a2b', learningRates: { rosenbrock: 0.5, beale: 0.5, saddle: 0.2 } },
    choose: 'For sparse gradients, such as those of embeddings of rare words, and convex problems; in long trainings its rate falls too far.',
    elsewhere: { torch: 'torch.optim.Adagrad(params, lr=0.1)', optax: 'optax.adagrad(0.1)', keras: 'keras.optimizers.Adagrad(0.1)', tfjs: 'tf.train.adagrad(0.1)' },
    mnist: { learningRate: 0.02 },
    reference: 'adagrad',
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
