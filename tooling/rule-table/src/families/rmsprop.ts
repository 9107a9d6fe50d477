/** Rows of the family `@pappus/rmsprop`. */
import type { RuleRow } from '../row.js';

export const rmsprop = {
  rmsprop: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.03, steps: 500 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
    gallery: { colour: '#e3a008', classic: true, learningRates: { rosenbrock: 0.004, beale: 0.02, saddle: 0.02 } },
    choose: 'For recurrent networks and reinforcement learning, where the size of gradients changes.',
    elsewhere: { torch: 'torch.optim.RMSprop(params, lr=1e-3, alpha=0.9)', optax: 'optax.rmsprop(1e-3, decay=0.9)', keras: 'keras.optimizers.RMSprop(1e-3, rho=0.9)', tfjs: 'tf.train.rmsprop(1e-3, 0.9)' },
    mnist: { learningRate: 2e-3 },
    reference: 'rmsprop',
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
