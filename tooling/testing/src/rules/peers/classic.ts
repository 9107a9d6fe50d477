// Gradient descent, momentum, Adagrad, RMSprop, Adadelta with the options of torch.optim; defaults as torch 2.13 documents them.
import { momentum, sgd } from 'pappus';
import { type PeerEntries, use } from './entry.js';
import { AwaitedError } from './options.js';

export const classic: PeerEntries = {
  'torch.optim': {
    SGD: {
      defaults: { lr: 1e-3, momentum: 0, dampening: 0, weight_decay: 0, nesterov: false, maximize: false },
      rule: (options) => {
        const [learningRate, factor] = [options.number('lr'), options.number('momentum')];
        for (const name of ['dampening', 'weight_decay']) if (options.number(name) !== 0) throw new AwaitedError(`SGD with ${name}`);
        for (const name of ['nesterov', 'maximize']) if (options.boolean(name)) throw new AwaitedError(`SGD with ${name}`);
        return factor === 0 ? use(sgd, { learningRate }) : use(momentum, { learningRate, momentum: factor });
      },
    },
  },
};
