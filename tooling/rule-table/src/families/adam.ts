/** Rows of the family `@pappus/adam`. */
import type { RuleRow } from '../row.js';

export const adam = {
  adam: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 0.1, steps: 2000 } },
    gallery: { colour: '#d1242f', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    choose: 'As a first choice where nothing is known of a problem; with weight decay take `adamw`.',
    elsewhere: { torch: 'torch.optim.Adam(params, lr=1e-3)', optax: 'optax.adam(1e-3)', keras: 'keras.optimizers.Adam(1e-3)', tfjs: 'tf.train.adam(1e-3)' },
    mnist: { learningRate: 2e-3 },
    reference: 'adam',
  },
  adamax: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 300 }, rosenbrock: { learningRate: 0.1, steps: 2500 } },
    gallery: { colour: '#e45fae', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    choose: 'In the place of Adam where few gradients are large and most are small, as with embeddings.',
    elsewhere: { torch: 'torch.optim.Adamax(params, lr=2e-3)', optax: 'optax.adamax(2e-3)', keras: 'keras.optimizers.Adamax(2e-3)', tfjs: 'tf.train.adamax(2e-3)' },
    mnist: { learningRate: 5e-3 },
    reference: 'adamax',
  },
  amsgrad: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 0.1, steps: 2000 } },
    gallery: { colour: '#2e9e4f', learningRates: { rosenbrock: 0.05, beale: 0.05, saddle: 0.05 } },
    choose: 'In the place of Adam where that does not come to rest, since rare large gradients are forgotten.',
    elsewhere: { torch: 'torch.optim.Adam(params, lr=1e-3, amsgrad=True)', optax: 'optax.amsgrad(1e-3)', keras: 'keras.optimizers.Adam(1e-3, amsgrad=True)' },
    mnist: { learningRate: 2e-3 },
    reference: 'amsgrad',
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
