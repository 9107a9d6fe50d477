// Gradient descent, momentum, Adagrad, RMSprop, Adadelta with the options of torch.optim; defaults as torch 2.13 documents them.
import { adadelta, adagrad, momentum, nesterovMomentum, rmsprop, sgd } from 'pappus';
import { type PeerEntries, use } from './entry.js';
import type { PeerOptions } from './options.js';

/** The options that all of these have, as we name them; `maximize` is written where it is asked for. */
function common(options: PeerOptions): { readonly learningRate: number; readonly weightDecay: number; readonly maximize?: boolean } {
  const [learningRate, weightDecay, maximize] = [options.number('lr'), options.number('weight_decay'), options.boolean('maximize')];
  return { learningRate, weightDecay, ...(maximize ? { maximize } : {}) };
}

export const classic: PeerEntries = {
  'torch.optim': {
    SGD: {
      defaults: { lr: 1e-3, momentum: 0, dampening: 0, weight_decay: 0, nesterov: false, maximize: false },
      rule: (options) => {
        const [factor, dampening, nesterov] = [options.number('momentum'), options.number('dampening'), options.boolean('nesterov')];
        const given = common(options);
        if (nesterov) {
          // torch refuses others: "Nesterov momentum requires a momentum and zero dampening".
          options.must('dampening', 0);
          return use(nesterovMomentum, { ...given, momentum: factor, ratePlace: 'outsideVelocity' });
        }
        // Without momentum there is no velocity, and dampening has no effect.
        if (factor === 0) return use(sgd, given);
        return use(momentum, { ...given, momentum: factor, ratePlace: 'outsideVelocity', ...(dampening === 0 ? {} : { dampening }) });
      },
    },
    Adagrad: {
      defaults: { lr: 1e-2, lr_decay: 0, weight_decay: 0, initial_accumulator_value: 0, eps: 1e-10, maximize: false },
      rule: (options) => {
        const [learningRateDecay, initialAccumulator, epsilon] = [options.number('lr_decay'), options.number('initial_accumulator_value'), options.number('eps')];
        return use(adagrad, { ...common(options), epsilon, initialAccumulator, epsilonPlace: 'outsideRoot', ...(learningRateDecay === 0 ? {} : { learningRateDecay }) });
      },
    },
    RMSprop: {
      defaults: { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0, momentum: 0, centered: false, maximize: false },
      rule: (options) => {
        const [rho, epsilon, factor, centered] = [options.number('alpha'), options.number('eps'), options.number('momentum'), options.boolean('centered')];
        return use(rmsprop, { ...common(options), rho, epsilon, centered, epsilonPlace: 'outsideRoot', ...(factor === 0 ? {} : { momentum: factor }) });
      },
    },
    Adadelta: {
      defaults: { lr: 1, rho: 0.9, eps: 1e-6, weight_decay: 0, maximize: false },
      rule: (options) => use(adadelta, { ...common(options), rho: options.number('rho'), epsilon: options.number('eps') }),
    },
  },
};
