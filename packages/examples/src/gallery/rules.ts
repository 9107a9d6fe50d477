/** The update rules that the gallery draws, each in its colour. */
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

export interface DrawnRule {
  readonly rule: Optimizer<{ learningRate: Hyperparameter }>;
  readonly colour: string;
}

export const rules = {
  sgd: { rule: sgd, colour: '#222222' },
  momentum: { rule: momentum, colour: '#1f6fb4' },
  nesterovMomentum: { rule: nesterovMomentum, colour: '#17a2b8' },
  adagrad: { rule: adagrad, colour: '#8c5a2b' },
  rmsprop: { rule: rmsprop, colour: '#e3a008' },
  adadelta: { rule: adadelta, colour: '#7a3fb0' },
  adam: { rule: adam, colour: '#d1242f' },
  adamax: { rule: adamax, colour: '#e45fae' },
  amsgrad: { rule: amsgrad, colour: '#2e9e4f' },
} as const satisfies Record<string, DrawnRule>;

export type RuleName = keyof typeof rules;

export const ruleNames: readonly RuleName[] = Object.keys(rules).filter((name): name is RuleName => name in rules);
