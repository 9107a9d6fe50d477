// The rules of the Adam family; defaults as torch 2.13 and Optax 0.2.8 document them.
import { adabelief, adabound, adam, adamax, adamaxw, adamw, cos, type Expr, nadam, radam, substitute, Updates, yogi } from 'pappus';
import type { PeerRecord } from '../recorded-file.js';
import { named, textOf } from './call.js';
import { type PeerEntries, use } from './entry.js';
import type { Given } from './given.js';
import { decayOf, type PeerOptions } from './options.js';

const TORCH = { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, maximize: false } as const satisfies PeerRecord;
const OPTAX = { b1: 0.9, b2: 0.999, eps: 1e-8 } as const satisfies PeerRecord;

const CLIPPED = 'where the second moment is so small that epsilon matters, the bounds decide the rate';

/** Options that all of torch.optim's have. */
function torch(options: PeerOptions) {
  const [beta1, beta2] = options.pair('betas');
  return { learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), weightDecay: options.number('weight_decay'), maximize: options.boolean('maximize') };
}

/** Options that all of Optax's have. */
function optax(options: PeerOptions) {
  return { learningRate: options.number('learning_rate'), beta1: options.number('b1'), beta2: options.number('b2'), epsilon: options.number('eps') };
}

/** torch's `decoupled_weight_decay`. */
function torchDecay(options: PeerOptions): 'decoupled' | 'coupled' {
  return options.boolean('decoupled_weight_decay') ? 'decoupled' : 'coupled';
}

/** What torch multiplies its product of momenta to in each step, in float32. */
function productInFloat32(t: number, beta1: number, momentumDecay: number): number {
  let product = 1;
  for (let step = 1; step <= t; step++) product = Math.fround(product * Math.fround(beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay))));
  return product;
}

/** NAdam whose product of momenta is given in each step, as torch rounds it. */
function torchNadam(options: PeerOptions, { grads, params, perStep }: Pick<Given, 'grads' | 'params'> & { readonly perStep: Given['perStep'] }): Updates {
  const momentumDecay = options.number('momentum_decay');
  const own = { ...torch(options), momentumDecay, epsilonPlace: 'corrected', decay: torchDecay(options) } as const;
  const rule = use(nadam, own);
  const updates = rule(grads, params);
  const product = updates.slot('product');
  // The rule multiplies what it finds by the momentum of the step, which without beta1 is 0.
  const momentumOf = (t: number): number => own.beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const before = perStep('product', (step) => (own.beta1 === 0 ? 0 : productInFloat32(step + 1, own.beta1, momentumDecay) / momentumOf(step + 1)));
  const kept = [...updates.keys()].filter((variable) => variable !== product);
  const next = substitute(kept.map((variable): Expr => updates.get(variable) ?? variable), new Map([[product, before]]));
  const emulated = new Updates();
  for (const [k, variable] of kept.entries()) emulated.set(variable, next[k] ?? variable);
  return named(emulated, `${textOf(updates)} with its product of momenta rounded to float32`);
}

export const adamRules: PeerEntries = {
  'torch.optim': {
    Adam: {
      defaults: { ...TORCH, lr: 1e-3, amsgrad: false, decoupled_weight_decay: false },
      rule: (options) => use(adam, { ...torch(options), epsilonPlace: 'corrected', amsgrad: options.boolean('amsgrad'), decay: torchDecay(options) }),
    },
    AdamW: {
      defaults: { ...TORCH, lr: 1e-3, weight_decay: 1e-2, amsgrad: false },
      rule: (options) => use(adamw, { ...torch(options), amsgrad: options.boolean('amsgrad') }),
    },
    Adamax: {
      defaults: { ...TORCH, lr: 2e-3 },
      rule: (options) => use(adamax, { ...torch(options), epsilonPlace: 'insideMaximum' }),
    },
    NAdam: {
      defaults: { ...TORCH, lr: 2e-3, momentum_decay: 4e-3, decoupled_weight_decay: false },
      replay: (options, given) => torchNadam(options, { grads: given.grads, params: given.params, perStep: (name, at) => given.perStep(name, at) }),
    },
    RAdam: {
      defaults: { ...TORCH, lr: 1e-3, decoupled_weight_decay: false },
      rule: (options) => use(radam, { ...torch(options), decay: torchDecay(options) }),
    },
  },
  optax: {
    adamw: {
      defaults: { ...OPTAX, eps_root: 0, weight_decay: 1e-4, mask: null, nesterov: false },
      rule: (options) => {
        // A mask is a function or a tree of parameters, which a file of numbers does not have.
        options.must('mask', null);
        return use(adamw, { ...optax(options), epsilonRoot: options.number('eps_root'), weightDecay: options.number('weight_decay'), nesterov: options.boolean('nesterov') });
      },
    },
    adamaxw: {
      defaults: { ...OPTAX, weight_decay: 1e-4, mask: null },
      rule: (options) => {
        options.must('mask', null);
        return use(adamaxw, { ...optax(options), weightDecay: options.number('weight_decay') });
      },
    },
    nadam: {
      defaults: { ...OPTAX, eps_root: 0, nesterov: true },
      rule: (options) => {
        const own = { ...optax(options), epsilonRoot: options.number('eps_root') };
        return options.boolean('nesterov') ? use(nadam, { ...own, momentumSchedule: 'constant' }) : use(adam, { ...own, epsilonPlace: 'corrected' });
      },
    },
    radam: {
      defaults: { ...OPTAX, eps_root: 0, threshold: 5, nesterov: false },
      float32: { ofTheWay: 2.5e-6, why: 'five steps along the mean are no part of the way of the others, and the mean that these begin with may nearly cancel: 2.15e-6' },
      rule: (options) => use(radam, {
        ...optax(options), epsilonRoot: options.number('eps_root'), epsilonPlace: 'corrected', threshold: options.number('threshold'), nesterov: options.boolean('nesterov'),
      }),
    },
    adabelief: {
      defaults: { ...OPTAX, eps: 1e-16, eps_root: 1e-16, nesterov: false },
      epsilonUnseen: 'it is added to a root of at least sqrt(eps_root), which is 1e8 times as large',
      rule: (options) => use(adabelief, {
        ...optax(options), epsilonRoot: options.number('eps_root'), nesterov: options.boolean('nesterov'),
      }),
    },
    yogi: {
      // It has no option for where both moments begin.
      defaults: { ...OPTAX, eps: 1e-3 },
      rule: (options) => use(yogi, { ...optax(options), correctBias: true, initialMean: 1e-6 }),
    },
    'lookahead-free adam(cosine_decay_schedule(#, #))': {
      defaults: { ...OPTAX, eps_root: 0, nesterov: false },
      rule: (options) => {
        const [peak, steps] = [options.literal(0), options.literal(1)];
        // The schedule counts from 0, and ends after so many steps.
        const learningRate = named(({ t }: { readonly t: Expr }) => cos(t.sub(1).minimum(steps).mul(Math.PI / steps)).add(1).mul(peak / 2), `({ t }) => cos(t.sub(1).minimum(${steps}).mul(Math.PI / ${steps})).add(1).mul(${peak} / 2)`);
        return use(adam, {
          learningRate, beta1: options.number('b1'), beta2: options.number('b2'), epsilon: options.number('eps'), epsilonRoot: options.number('eps_root'), epsilonPlace: 'corrected',
          nesterov: options.boolean('nesterov'),
        });
      },
    },
  },
  adabelief: {
    'adabelief.AdaBelief': {
      defaults: {
        lr: 1e-3, betas: [0.9, 0.999], eps: 1e-16, weight_decay: 0, amsgrad: false, weight_decouple: true, fixed_decay: false, rectify: true, degenerated_to_sgd: true,
      },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        const rectify = options.boolean('rectify');
        return use(adabelief, {
          learningRate: options.number('lr'), beta1, beta2, epsilon: options.number('eps'), epsilonRoot: options.number('eps'),
          weightDecay: options.number('weight_decay'), decay: decayOf(options), rectify,
          epsilonPlace: rectify ? 'uncorrected' : 'corrected', unrectified: options.boolean('degenerated_to_sgd') ? 'momentum' : 'none',
          // The class keeps a maximum if it rectifies, and does not divide by it.
          amsgrad: options.boolean('amsgrad') && !rectify,
        });
      },
    },
  },
  adabound: {
    'adabound.AdaBound': {
      defaults: { lr: 1e-3, betas: [0.9, 0.999], final_lr: 0.1, gamma: 1e-3, eps: 1e-8, weight_decay: 0, amsbound: false },
      epsilonUnseen: CLIPPED,
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(adabound, {
          learningRate: options.number('lr'), finalLearningRate: options.number('final_lr'), gamma: options.number('gamma'), beta1, beta2, epsilon: options.number('eps'),
          weightDecay: options.number('weight_decay'), amsbound: options.boolean('amsbound'),
        });
      },
    },
  },
  pytorch_optimizer: {
    'pytorch_optimizer.AdaBound': {
      defaults: { ...TORCH, lr: 1e-3, final_lr: 0.1, gamma: 1e-3, weight_decouple: true, fixed_decay: false, ams_bound: false },
      epsilonUnseen: CLIPPED,
      rule: (options) => use(adabound, {
        ...torch(options), finalLearningRate: options.number('final_lr'), gamma: options.number('gamma'), epsilonRoot: 1e-15, decay: decayOf(options),
        amsbound: options.boolean('ams_bound'),
      }),
    },
  },
  yogi: {
    'yogi.Yogi (pytorch_optimizer)': {
      defaults: { ...TORCH, lr: 1e-2, eps: 1e-3, initial_accumulator: 1e-6, weight_decouple: true, fixed_decay: false },
      rule: (options) => {
        const initialAccumulator = options.number('initial_accumulator');
        return use(yogi, { ...torch(options), decay: decayOf(options), correctBias: true, initialAccumulator, initialMean: initialAccumulator });
      },
    },
  },
};
