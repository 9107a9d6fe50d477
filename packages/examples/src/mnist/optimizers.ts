/** The update rules that the MNIST example offers, each with a learning rate that suits it there at batches of 128. */
import { adam, sgd, type Hyperparameter, type Optimizer } from 'pappus';

export interface Choice {
  readonly rule: Optimizer<{ learningRate: Hyperparameter }>;
  readonly learningRate: number;
}

export const optimizers = {
  sgd: { rule: sgd, learningRate: 0.1 },
  adam: { rule: adam, learningRate: 1e-3 },
} as const satisfies Record<string, Choice>;

export type OptimizerName = keyof typeof optimizers;
