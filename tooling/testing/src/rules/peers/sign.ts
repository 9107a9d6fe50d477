// Lion, sign descent, Signum, Rprop; and cautious Lion.
import { cautious, lion, rprop, signSgd, signum } from 'pappus';
import { call } from './call.js';
import { type OptionsAfter, type PeerEntries, use } from './entry.js';
import { decayOf, PeerOptionError } from './options.js';
import { centralized } from './wrappers.js';

export const sign: PeerEntries = {
  optax: {
    lion: {
      defaults: { b1: 0.9, b2: 0.99, weight_decay: 1e-3, mask: null },
      rule: (options) => {
        options.must('mask', null);
        return use(lion, { learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), weightDecay: options.number('weight_decay') });
      },
    },
    sign_sgd: { rule: (options) => use(signSgd, { learningRate: options.number('learning_rate') }) },
    signum: {
      defaults: { beta: 0.9 },
      rule: (options) => use(signum, { learningRate: options.number('learning_rate'), momentum: options.number('beta') }),
    },
    rprop: {
      defaults: { eta_minus: 0.5, eta_plus: 1.2, min_step_size: 1e-6, max_step_size: 50 },
      rule: (options) => use(rprop, {
        learningRate: options.number('learning_rate'), etaMinus: options.number('eta_minus'), etaPlus: options.number('eta_plus'),
        minStep: options.number('min_step_size'), maxStep: options.number('max_step_size'), delayed: true,
      }),
    },
  },
  'torch.optim': {
    Rprop: {
      defaults: { lr: 0.01, etas: [0.5, 1.2], step_sizes: [1e-6, 50], maximize: false },
      rule: (options) => {
        const [[etaMinus, etaPlus], [minStep, maxStep]] = [options.pair('etas'), options.pair('step_sizes')];
        return use(rprop, { learningRate: options.number('lr'), etaMinus, etaPlus, minStep, maxStep, maximize: options.boolean('maximize') });
      },
    },
  },
  c_optim: {
    'c_optim.Lion': {
      defaults: { lr: 1e-4, betas: [0.95, 0.98], weight_decay: 0 },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(call(cautious<OptionsAfter<typeof lion>>, lion, { scale: 'count', weightDecay: options.number('weight_decay') }), { learningRate: options.number('lr'), beta1, beta2 });
      },
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.Lion use_gc': {
      defaults: { lr: 1e-4, betas: [0.9, 0.99], weight_decay: 0, weight_decouple: true, fixed_decay: false, use_gc: true, adanorm: false, cautious: false, maximize: false },
      replay: (options, given) => {
        const [beta1, beta2] = options.pair('betas');
        // The class has one more normalization of gradients, which no rule of ours has.
        options.must('adanorm', false);
        const rule = { learningRate: options.number('lr'), beta1, beta2, maximize: options.boolean('maximize') };
        const grads = options.boolean('use_gc') ? centralized(given.grads) : given.grads;
        const [weightDecay, decay] = [options.number('weight_decay'), decayOf(options)];
        if (!options.boolean('cautious')) return call(lion, grads, given.params, { ...rule, weightDecay, decay });
        if (decay !== 'decoupled' && weightDecay !== 0) throw new PeerOptionError(`a cautious Lion whose decay is ${decay} is none of ours`);
        return call(call(cautious<OptionsAfter<typeof lion>>, lion, { scale: 'count', weightDecay }), grads, given.params, rule);
      },
    },
  },
};
