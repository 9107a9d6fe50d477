/** Rows of the family `@pappus/adadelta`. */
import type { RuleRow } from '../row.js';

export const adadelta = {
  adadelta: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 1, steps: 3000 }, rosenbrock: { learningRate: 0.03, steps: 10_000 } },
    gallery: { colour: '#7a3fb0', classic: true, learningRates: { rosenbrock: 1, beale: 1, saddle: 1 } },
    choose: 'Where no rate is known: its steps have the unit of the parameter. Slow at first.',
    elsewhere: { torch: 'torch.optim.Adadelta(params, lr=1.0, rho=0.95)', optax: 'optax.adadelta(1.0, rho=0.95)', keras: 'keras.optimizers.Adadelta(1.0, rho=0.95)', tfjs: 'tf.train.adadelta(1.0, 0.95)' },
    mnist: { learningRate: 2 },
    reference: 'adadelta',
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
