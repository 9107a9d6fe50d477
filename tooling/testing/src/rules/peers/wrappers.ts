// What goes before or over a rule: clipping, averages, look-ahead, SAM, accumulation. Numbers in a function's name are options, too.
import { clipByGlobalNorm, clipByValue, sgd } from 'pappus';
import { call } from './call.js';
import type { PeerEntries } from './entry.js';

export const wrappers: PeerEntries = {
  optax: {
    'clip(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(clipByValue, grads, options.number('d')), params, { learningRate: options.literal(0) }),
    },
    'clip_by_global_norm(d) then sgd(#)': {
      replay: (options, { grads, params }) =>
        call(sgd, call(clipByGlobalNorm, grads, options.number('d'), { epsilon: 0 }), params, { learningRate: options.literal(0) }),
    },
  },
};
