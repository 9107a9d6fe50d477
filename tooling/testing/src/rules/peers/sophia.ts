// Sophia, whose recordings have Hessians in some steps.
import { sophia } from 'pappus';
import { type PeerEntries, use } from './entry.js';
import { PeerOptionError } from './options.js';

export const sophiaH: PeerEntries = {
  pytorch_optimizer: {
    'pytorch_optimizer.SophiaH': {
      defaults: {
        lr: 6e-2, betas: [0.96, 0.99], weight_decay: 0, weight_decouple: true, fixed_decay: false, p: 1e-2, update_period: 10, num_samples: 1,
        hessian_distribution: 'gaussian', eps: 1e-12, maximize: false,
      },
      replay: (options, given) => {
        const { params, grads, recording } = given;
        const [beta1, beta2] = options.pair('betas');
        // Its own estimates are of random numbers that nobody recorded: Hessians are handed to it, or it is never time for one.
        const hessians = recording.hessians === undefined ? undefined : given.hessians;
        if (hessians === undefined && options.number('update_period') <= recording.expected.length) throw new PeerOptionError('SophiaH: the random vectors of its own estimates are not recorded; record with Hessians, and an update_period beyond the steps');
        options.ignore('update_period', 'num_samples', 'hessian_distribution');
        const fixed = options.boolean('fixed_decay');
        const rate = options.number('lr');
        const decoupled = options.boolean('weight_decouple');
        const weightDecay = options.number('weight_decay');
        return use(sophia, {
          learningRate: rate,
          beta1,
          beta2,
          // A fixed decay is not times the rate.
          weightDecay: decoupled && fixed ? weightDecay / rate : weightDecay,
          decay: decoupled ? 'decoupled' : 'coupled',
          gamma: 1,
          rho: options.number('p'),
          epsilon: options.number('eps'),
          maximize: options.boolean('maximize'),
          ...(hessians === undefined ? { hessian: grads, refresh: 0 } : { hessian: hessians.values, refresh: hessians.given }),
        })(grads, params);
      },
    },
  },
};
