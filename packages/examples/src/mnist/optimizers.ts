/** The update rules that the MNIST example offers, each with a learning rate that suits it there at batches of 128. */
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  amsgrad,
  momentum,
  nesterovMomentum,
  rmsprop,
  sgd,
  type Hyperparameter,
  type Optimizer,
} from 'pappus';

export interface Choice {
  readonly rule: Optimizer<{ learningRate: Hyperparameter }>;
  readonly learningRate: number;
}

export const optimizers = {
  sgd: { rule: sgd, learningRate: 0.5 },
  momentum: { rule: momentum, learningRate: 0.1 },
  nesterovMomentum: { rule: nesterovMomentum, learningRate: 0.1 },
  adagrad: { rule: adagrad, learningRate: 0.02 },
  rmsprop: { rule: rmsprop, learningRate: 2e-3 },
  adadelta: { rule: adadelta, learningRate: 2 },
  adam: { rule: adam, learningRate: 2e-3 },
  adamax: { rule: adamax, learningRate: 5e-3 },
  amsgrad: { rule: amsgrad, learningRate: 2e-3 },
} as const satisfies Record<string, Choice>;

export type OptimizerName = keyof typeof optimizers;
