// What is of no family: averaged and optimistic gradient descent, MADGRAD.
import { asgd, madgrad, optimisticGradientDescent } from 'pappus';
import { call, named } from './call.js';
import { type PeerEntries, use } from './entry.js';

export const others: PeerEntries = {
  'torch.optim': {
    ASGD: {
      defaults: { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weight_decay: 0, maximize: false, foreach: null, capturable: false },
      replay: (options, given) => {
        const { grads, params } = given;
        const [lr, lambda, alpha, start] = [options.number('lr'), options.number('lambd'), options.number('alpha'), options.number('t0')];
        // With these it computes the rate itself in float32, by other roundings.
        options.must('foreach', null, false);
        options.must('capturable', false);
        const [weightDecay, maximize] = [options.number('weight_decay'), options.boolean('maximize')];
        // torch keeps the rate and the weight of the average in float32, so they come rounded from here: with alpha 0 the rate is as given,
        // and the weight is 1 / (t - 1 - t0). Its count of steps is in float32, too, and exact up to 2^24.
        const learningRate = given.perStep('eta', (step) => Math.fround(lr / (1 + lambda * lr * step) ** alpha));
        const mu = (step: number): number => Math.fround(1 / Math.max(1, step - start));
        const t0 = given.perStep('t0', (step) => (mu(step) === 1 ? start : step - 1 / mu(step)));
        const updates = call(asgd, grads, params, { learningRate, lambda, alpha: 0, t0, weightDecay, ...(maximize ? { maximize } : {}) });
        return { updates, average: named(params.map((param) => updates.slot(param, 'average')), 'averages') };
      },
    },
  },
  optax: {
    optimistic_gradient_descent: {
      defaults: { alpha: 1, beta: 1 },
      rule: (options) => use(optimisticGradientDescent, { learningRate: options.number('learning_rate'), alpha: options.number('alpha'), beta: options.number('beta') }),
    },
  },
  madgrad: {
    'madgrad.MADGRAD': {
      defaults: { lr: 1e-2, momentum: 0.9, weight_decay: 0, eps: 1e-6, decouple_decay: false },
      rule: (options) => {
        const [momentum, epsilon, weightDecay] = [options.number('momentum'), options.number('eps'), options.number('weight_decay')];
        const decoupled = options.boolean('decouple_decay') ? { decay: 'decoupled' as const } : {};
        // The class adds epsilon to the rate, and without momentum it finds the start from the sums.
        const recovered = momentum === 0 ? { start: 'recovered' as const } : {};
        return use(madgrad, { learningRate: options.number('lr') + epsilon, momentum, epsilon, weightDecay, ...decoupled, ...recovered });
      },
    },
  },
};
