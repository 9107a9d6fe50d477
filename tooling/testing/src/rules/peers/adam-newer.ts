// Adam's younger kin: Adan, AdEMAMix, ADOPT, LaProp, NovoGrad, MARS, Grams; and cautious AdamW.
import { adam, adamw, adan, ademamix, adopt, cautious, grams, laprop, mars, novograd } from 'pappus';
import { call } from './call.js';
import { type OptionsAfter, type PeerEntries, use } from './entry.js';
import { byPart } from './matrices.js';
import { decayOf, type PeerOptions } from './options.js';

/** Optax has a mask for weight decay, which is a function or a tree and in no file. */
const OPTAX_DECAY = { weight_decay: 0, mask: null } as const;

function optaxDecay(options: PeerOptions): { readonly weightDecay: number } {
  options.must('mask', null);
  return { weightDecay: options.number('weight_decay') };
}

export const adamNewer: PeerEntries = {
  optax: {
    adan: {
      defaults: { b1: 0.98, b2: 0.92, b3: 0.99, eps: 1e-8, eps_root: 1e-8, ...OPTAX_DECAY },
      rule: (options) => use(adan, {
        learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), beta3: options.number('b3'),
        epsilon: options.number('eps'), epsilonRoot: options.number('eps_root'), ...optaxDecay(options), decay: 'decoupled',
        // The paper's formula of its own beta2, which is what is new; b2 is what stays.
        differenceWeight: 1 - options.number('b2'),
      }),
    },
    ademamix: {
      defaults: { b1: 0.9, b2: 0.999, b3: 0.9999, alpha: 5, eps: 1e-8, eps_root: 0, ...OPTAX_DECAY },
      rule: (options) => use(ademamix, {
        learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), beta3: options.number('b3'),
        alpha: options.number('alpha'), epsilon: options.number('eps'), epsilonRoot: options.number('eps_root'), ...optaxDecay(options),
      }),
    },
    adopt: {
      defaults: { b1: 0.9, b2: 0.9999, eps: 1e-6, nesterov: false, use_clipping: true },
      rule: (options) => use(adopt, {
        learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), epsilon: options.number('eps'),
        nesterov: options.boolean('nesterov'), ...(options.boolean('use_clipping') ? {} : { clip: Infinity }),
      }),
    },
    novograd: {
      defaults: { b1: 0.9, b2: 0.25, eps: 1e-6, eps_root: 0, weight_decay: 0 },
      rule: (options) => use(novograd, {
        learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), epsilon: options.number('eps'),
        epsilonRoot: options.number('eps_root'), weightDecay: options.number('weight_decay'),
      }),
    },
  },
  adan: {
    'adan.Adan': {
      defaults: { lr: 1e-3, betas: [0.98, 0.92, 0.99], eps: 1e-8, weight_decay: 0, max_grad_norm: 0, no_prox: false },
      rule: (options) => {
        const [beta1, beta2, beta3] = options.triple('betas');
        // 0 is no clipping there.
        const clipping = options.is('max_grad_norm', 0) ? {} : { maxGradNorm: options.number('max_grad_norm') };
        return use(adan, {
          learningRate: options.number('lr'), beta1, beta2, beta3, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'), ...clipping,
          decay: options.boolean('no_prox') ? 'decoupled' : 'proximal',
        });
      },
    },
  },
  ademamix: {
    'ademamix.AdEMAMix': {
      defaults: { lr: 1e-3, betas: [0.9, 0.999, 0.9999], alpha: 2, beta3_warmup: null, alpha_warmup: null, eps: 1e-8, weight_decay: 0 },
      rule: (options) => {
        const [beta1, beta2, beta3] = options.triple('betas');
        const [alphaWarmup, beta3Warmup] = [options.numberOrNone('alpha_warmup'), options.numberOrNone('beta3_warmup')];
        return use(ademamix, {
          learningRate: options.number('lr'), beta1, beta2, beta3, alpha: options.number('alpha'), epsilon: options.number('eps'),
          weightDecay: options.number('weight_decay'), ...(alphaWarmup === undefined ? {} : { alphaWarmup }), ...(beta3Warmup === undefined ? {} : { beta3Warmup }),
        });
      },
    },
  },
  adopt: {
    'adopt.ADOPT': {
      // The class's default clip_lambda is a function, which no file can have: the fourth root of the steps so far.
      defaults: { lr: 1e-3, betas: [0.9, 0.9999], eps: 1e-6, clip_lambda: 'step**0.25', weight_decay: 0, decouple: false, maximize: false },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        options.must('clip_lambda', 'step**0.25', null);
        return use(adopt, {
          learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'),
          decay: options.boolean('decouple') ? 'decoupled' : 'coupled', ...(options.is('clip_lambda', null) ? { clip: Infinity } : {}),
          maximize: options.boolean('maximize'),
        });
      },
    },
  },
  laprop: {
    'laprop.LaProp': {
      defaults: { lr: 4e-4, betas: [0.9, 0.999], eps: 1e-15, weight_decay: 0, amsgrad: false, centered: false },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(laprop, {
          learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'),
          amsgrad: options.boolean('amsgrad'), centered: options.boolean('centered'),
        });
      },
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.NovoGrad': {
      defaults: {
        lr: 1e-3, betas: [0.95, 0.98], weight_decay: 0, weight_decouple: false, fixed_decay: false, grad_averaging: false, eps: 1e-8, maximize: false,
      },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(novograd, {
          learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'),
          decay: decayOf(options), gradAveraging: options.boolean('grad_averaging'), correctBias: true,
          firstGradient: 'twice', maximize: options.boolean('maximize'),
        });
      },
    },
  },
  mars: {
    'mars.MARS': {
      defaults: {
        lr: 3e-3, betas: [0.95, 0.99], eps: 1e-8, weight_decay: 0, amsgrad: false, gamma: 0.025, is_approx: true, mars_type: 'mars-adamw', optimize_1d: false,
        lr_1d: 3e-3, betas_1d: [0.9, 0.95], weight_decay_1d: 0.1,
      },
      replay: (options, given) => {
        // The exact form takes a second gradient of each step's data, which no file has; mars-shampoo belongs to the rules over matrices.
        options.must('is_approx', true);
        options.must('mars_type', 'mars-adamw', 'mars-lion');
        const [[beta1, beta2], [beta1Other, beta2Other]] = [options.pair('betas'), options.pair('betas_1d')];
        const common = { epsilon: options.number('eps'), amsgrad: options.boolean('amsgrad') };
        const corrected = use(mars, {
          ...common, base: options.is('mars_type', 'mars-lion') ? 'lion' : 'adamw', learningRate: options.number('lr'), beta1, beta2, gamma: options.number('gamma'),
          weightDecay: options.number('weight_decay'),
        });
        const plain = use(adamw, { ...common, learningRate: options.number('lr_1d'), beta1: beta1Other, beta2: beta2Other, weightDecay: options.number('weight_decay_1d') });
        const all = options.boolean('optimize_1d');
        return byPart(given, { of: ({ rank }) => all || rank === 2, rule: corrected }, { of: ({ rank }) => !all && rank !== 2, rule: plain });
      },
    },
  },
  grams: {
    'grams.Grams': {
      defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weight_decay: 0, correct_bias: true },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(grams, {
          learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'),
          epsilonPlace: 'uncorrected', correctBias: options.boolean('correct_bias'),
        });
      },
    },
  },
  c_optim: {
    'c_optim.AdamW': {
      defaults: { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weight_decay: 0, correct_bias: true },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        options.must('correct_bias', true);
        // Its path over lists of tensors adds epsilon to the corrected root.
        const epsilonPlace = options.boolean('foreach') ? { epsilonPlace: 'corrected' as const } : {};
        const rule = call(cautious<OptionsAfter<typeof adam>>, adam, { weightDecay: options.number('weight_decay') });
        return use(rule, { learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), ...epsilonPlace });
      },
    },
  },
};
