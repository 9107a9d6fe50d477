// Rules whose step is in proportion to the norm of the parameter: LAMB, LARS, Fromage.
import { fromage, lamb, lars } from 'pappus';
import { type PeerEntries, use } from './entry.js';

export const signAndTrust: PeerEntries = {
  optax: {
    lamb: {
      defaults: { b1: 0.9, b2: 0.999, eps: 1e-6, eps_root: 0, weight_decay: 0, mask: null },
      rule: (options) => {
        // A mask is a function of parameters, which no file can have.
        options.must('mask', null);
        return use(lamb, {
          learningRate: options.number('learning_rate'),
          beta1: options.number('b1'),
          beta2: options.number('b2'),
          epsilon: options.number('eps'),
          epsilonRoot: options.number('eps_root'),
          weightDecay: options.number('weight_decay'),
        });
      },
    },
    lars: {
      defaults: { weight_decay: 0, weight_decay_mask: true, trust_coefficient: 1e-3, eps: 0, trust_ratio_mask: true, momentum: 0.9, nesterov: false },
      rule: (options) => {
        const weightDecay = options.number('weight_decay');
        return use(lars, {
          learningRate: options.number('learning_rate'),
          momentum: options.number('momentum'),
          // A mask of one value is for all parameters; others are trees and functions, which no file has.
          weightDecay: options.boolean('weight_decay_mask') ? weightDecay : 0,
          trustCoefficient: options.number('trust_coefficient'),
          epsilon: options.number('eps'),
          trust: options.boolean('trust_ratio_mask') ? 1 : 0,
          divisor: 'normOfSum',
          nesterov: options.boolean('nesterov'),
        });
      },
    },
    fromage: {
      defaults: { min_norm: 1e-6 },
      rule: (options) => use(fromage, { learningRate: options.number('learning_rate'), minNorm: options.number('min_norm') }),
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.Fromage': {
      defaults: { lr: 1e-2, p_bound: null, maximize: false },
      rule: (options) => {
        const normBound = options.numberOrNone('p_bound');
        return use(fromage, { learningRate: options.number('lr'), maximize: options.boolean('maximize'), ...(normBound === undefined ? {} : { normBound }) });
      },
    },
  },
};
