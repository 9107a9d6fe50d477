/** Rows of the family `@pappus/adagrad`. */
import type { RuleRow } from '../row.js';

export const adagrad = {
  adagrad: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 1, steps: 100 }, rosenbrock: { learningRate: 1, steps: 4000 } },
    gallery: { colour: '#8c5a2b', classic: true, learningRates: { rosenbrock: 0.5, beale: 0.5, saddle: 0.2 } },
    choose: 'For sparse gradients, such as those of embeddings of rare words, and convex problems; in long trainings its rate falls too far.',
    elsewhere: { torch: 'torch.optim.Adagrad(params, lr=0.1)', optax: 'optax.adagrad(0.1)', keras: 'keras.optimizers.Adagrad(0.1)', tfjs: 'tf.train.adagrad(0.1)' },
    mnist: { learningRate: 0.02 },
    reference: 'adagrad',
  },
  ftrl: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 5, steps: 10 }, rosenbrock: { learningRate: 0.5, steps: 2800 } },
    gallery: { colour: '#8f5214', learningRates: { rosenbrock: 0.1, beale: 1, saddle: 0.1 } },
    choose: 'For linear models over many sparse features, with weights that are to be exactly 0 (`l1`).',
    elsewhere: { keras: 'keras.optimizers.Ftrl(0.1)' },
    mnist: { learningRate: 0.3, slow: true },
  },
  madgrad: {
    couples: 'elements',
    ages: true,
    suite: { quadratic: { learningRate: 0.5, steps: 110 }, rosenbrock: { learningRate: 0.005, steps: 590 } },
    gallery: { colour: '#a87938', learningRates: { rosenbrock: 0.0005, beale: 0.005, saddle: 0.001 } },
    choose: 'In the place of Adam for images and recommendation, with a rate of its own and little or no weight decay.',
    elsewhere: {},
    mnist: { learningRate: 0.01 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
