/** Rows of the family `@pappus/sgd`. */
import type { RuleRow } from '../row.js';

export const sgd = {
  sgd: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.3, steps: 100 }, rosenbrock: { learningRate: 1e-3, steps: 6000 } },
    gallery: { colour: '#222222', classic: true, learningRates: { rosenbrock: 0.001, beale: 0.01, saddle: 0.05 } },
    choose: 'As the plainest of all, for convex problems, for fine-tuning with small steps, and as what others are compared with.',
    elsewhere: { torch: 'torch.optim.SGD(params, lr=0.1)', optax: 'optax.sgd(0.1)', keras: 'keras.optimizers.SGD(0.1)', tfjs: 'tf.train.sgd(0.1)' },
    mnist: { learningRate: 0.5 },
    reference: 'sgd',
  },
  momentum: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.1, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 2000 } },
    gallery: { colour: '#1f6fb4', classic: true, learningRates: { rosenbrock: 0.001, beale: 0.002, saddle: 0.02 } },
    choose: 'For networks of convolutions with a schedule that falls: slower to tune than Adam, and often better in the end.',
    elsewhere: { torch: 'torch.optim.SGD(params, lr=0.1, momentum=0.9)', optax: 'optax.sgd(0.1, momentum=0.9)', keras: 'keras.optimizers.SGD(0.1, momentum=0.9)', tfjs: 'tf.train.momentum(0.1, 0.9)' },
    mnist: { learningRate: 0.1 },
    reference: 'momentum',
  },
  nesterovMomentum: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.03, steps: 200 }, rosenbrock: { learningRate: 1e-3, steps: 2000 } },
    gallery: { colour: '#17a2b8', learningRates: { rosenbrock: 0.001, beale: 0.002, saddle: 0.02 } },
    choose: 'In the place of momentum, where that swings: it brakes earlier.',
    elsewhere: { torch: 'torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True)', optax: 'optax.sgd(0.1, momentum=0.9, nesterov=True)', keras: 'keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)', tfjs: 'tf.train.momentum(0.1, 0.9, true)' },
    mnist: { learningRate: 0.1 },
    reference: 'nesterov_momentum',
  },
  asgd: {
    couples: 'elements',
    ages: true,
    suite: { quadratic: { learningRate: 0.5, steps: 30 }, rosenbrock: { learningRate: 0.001, steps: 5300 } },
    gallery: { colour: '#8f1414', learningRates: { rosenbrock: 0.002, beale: 0.02, saddle: 0.01 } },
    choose: "For convex problems, where the average of the last weights is wanted: `updates.slot(w, 'average')`.",
    elsewhere: { torch: 'torch.optim.ASGD(params, lr=1e-2)' },
    mnist: { learningRate: 1 },
  },
  optimisticGradientDescent: {
    couples: 'elements',
    suite: { quadratic: { learningRate: 0.2, steps: 70 }, rosenbrock: { learningRate: 0.0005, steps: 6000, enough: 0.052 } },
    gallery: { colour: '#a84138', learningRates: { rosenbrock: 0.001, beale: 0.01, saddle: 0.01 } },
    choose: 'For games and generative adversarial networks, where plain descent turns in circles.',
    elsewhere: { optax: 'optax.optimistic_gradient_descent(0.1)' },
    mnist: { learningRate: 0.3 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
