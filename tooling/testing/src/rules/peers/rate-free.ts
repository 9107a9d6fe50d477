// Rules without a rate to tune, and those that need the loss.
import {
  dAdaptAdagrad, dAdaptAdam, dAdaptLion, dAdaptSgd, dog, dowg, evaluationParameters, ldog, momo, momoAdam, polyakSgd, prodigy, scheduleFreeAdamw, scheduleFreeRadam,
  scheduleFreeSgd, type Updates,
} from 'pappus';
import { call, named } from './call.js';
import { type Answer, type PeerEntries, use } from './entry.js';
import type { Given } from './given.js';
import type { PeerOptions } from './options.js';

/** Schedule-free rules are compared at y, and at x for evaluation. */
function evaluatedAtAverage(updates: Updates, { params }: Given): Answer {
  const at = evaluationParameters(updates);
  return { updates, evaluated: params.map((param) => at.get(param) ?? param) };
}

/**
 * The warm-up of Optax, whose rates are float32: of a step where the count begins at 0, so that the first one has none, and of its weight in
 * the average where it begins at 1.
 */
function optaxWarmup(options: PeerOptions, given: Given): { readonly learningRate: number | ReturnType<Given['perStep']>; readonly averagingRate?: ReturnType<Given['perStep']> } {
  const [peak, steps] = [options.number('learning_rate'), options.numberOrNone('warmup_steps')];
  if (steps === undefined) return { learningRate: peak };
  const { fround } = Math;
  const left = (count: number): number => fround(1 - fround(Math.min(count, steps) / steps));
  const rate = (count: number): number => fround(fround(fround(-peak) * left(count)) + fround(peak));
  return { learningRate: given.perStep('rate', rate), averagingRate: given.perStep('averagingRate', (step) => rate(step + 1)) };
}

/** How many times the distance may grow in a step: none where it is Infinity, which a file has as a text or as null. */
function growth(options: PeerOptions): { readonly growthRate?: number } {
  if (!options.has('growth_rate') || options.is('growth_rate', 'Infinity') || options.is('growth_rate', 'inf') || options.is('growth_rate', null)) return {};
  return { growthRate: options.number('growth_rate') };
}

/** The defaults of D-Adaptation by its authors. */
const DADAPT = { lr: 1, weight_decay: 0, d0: 1e-6, growth_rate: 'Infinity' } as const;

/** Options that the rules of D-Adaptation share. */
function dadapt(options: PeerOptions): { readonly learningRate: number; readonly weightDecay: number; readonly initialDistance: number } {
  return { learningRate: options.number('lr'), weightDecay: options.number('weight_decay'), initialDistance: options.number('d0') };
}

/** The defaults of DoG and LDoG, and their options. */
const DOG = { reps_rel: 1e-6, lr: 1, weight_decay: 0, eps: 1e-8, init_eta: null } as const;
interface DogOptions {
  readonly learningRate: number;
  readonly relativeDistance: number;
  readonly weightDecay: number;
  readonly epsilon: number;
  readonly initialRate?: number;
}
function dogOptions(options: PeerOptions): DogOptions {
  const initialRate = options.numberOrNone('init_eta');
  const [learningRate, relativeDistance] = [options.number('lr'), options.number('reps_rel')];
  return { learningRate, relativeDistance, weightDecay: options.number('weight_decay'), epsilon: options.number('eps'), ...(initialRate === undefined ? {} : { initialRate }) };
}

export const rateFree: PeerEntries = {
  optax: {
    prodigy: {
      defaults: { learning_rate: 1, betas: [0.9, 0.999], beta3: null, eps: 1e-8, estim_lr0: 1e-6, estim_lr_coef: 1, weight_decay: 0, safeguard_warmup: false },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        const beta3 = options.numberOrNone('beta3');
        const [learningRate, epsilon, weightDecay] = [options.number('learning_rate'), options.number('eps'), options.number('weight_decay')];
        const [initialDistance, distanceFactor] = [options.number('estim_lr0'), options.number('estim_lr_coef')];
        const common = { learningRate, beta1, beta2, epsilon, weightDecay, initialDistance, distanceFactor, safeguardWarmup: options.boolean('safeguard_warmup') };
        return use(prodigy, { ...common, correctBias: true, ...(beta3 === undefined ? {} : { beta3 }) });
      },
    },
    dadapt_adamw: {
      defaults: { learning_rate: 1, betas: [0.9, 0.999], eps: 1e-8, estim_lr0: 1e-6, weight_decay: 0, weight_decay_mask: null },
      rule: (options) => {
        options.must('weight_decay_mask', null);
        const [beta1, beta2] = options.pair('betas');
        const [learningRate, epsilon, weightDecay, initialDistance] = [options.number('learning_rate'), options.number('eps'), options.number('weight_decay'), options.number('estim_lr0')];
        return use(dAdaptAdam, { learningRate, beta1, beta2, epsilon, weightDecay, initialDistance, decay: 'decoupled', correctBias: true });
      },
    },
    polyak_sgd: {
      defaults: { max_learning_rate: 1, scaling: 1, f_min: 0, eps: 0, variant: 'sps' },
      replay: (options, { grads, params, loss }) => {
        options.must('variant', 'sps', 'sps+');
        const [maxLearningRate, scaling, lowerBound, epsilon] = [options.number('max_learning_rate'), options.number('scaling'), options.number('f_min'), options.number('eps')];
        // The gradients are scaled before their norm is taken.
        const scaled = scaling === 1 ? grads : named(grads.map((g) => g.mul(scaling)), `grads.map((g) => g.mul(${scaling}))`);
        return call(polyakSgd, scaled, params, { maxLearningRate, lowerBound, epsilon, gap: options.is('variant', 'sps+') ? 'positive' : 'signed', loss });
      },
    },
    schedule_free_sgd: {
      defaults: { learning_rate: 1, warmup_steps: null, b1: 0.9, weight_decay: null, weight_lr_power: 2 },
      replay: (options, given) => {
        const [momentum, weightDecay, ratePower] = [options.number('b1'), options.numberOrNone('weight_decay') ?? 0, options.number('weight_lr_power')];
        return evaluatedAtAverage(call(scheduleFreeSgd, given.grads, given.params, { ...optaxWarmup(options, given), momentum, weightDecay, ratePower }), given);
      },
    },
    schedule_free_adamw: {
      defaults: { learning_rate: 0.0025, warmup_steps: null, b1: 0.9, b2: 0.999, eps: 1e-8, weight_decay: 0, weight_lr_power: 2 },
      replay: (options, given) => {
        const [beta1, beta2, epsilon] = [options.number('b1'), options.number('b2'), options.number('eps')];
        const [weightDecay, ratePower] = [options.number('weight_decay'), options.number('weight_lr_power')];
        return evaluatedAtAverage(call(scheduleFreeAdamw, given.grads, given.params, { ...optaxWarmup(options, given), beta1, beta2, epsilon, weightDecay, ratePower }), given);
      },
    },
  },
  schedulefree: {
    'schedulefree.SGDScheduleFree': {
      defaults: { lr: 1, momentum: 0.9, weight_decay: 0, warmup_steps: 0, r: 0, weight_lr_power: 2 },
      replay: (options, given) => {
        const [learningRate, momentum, weightDecay] = [options.number('lr'), options.number('momentum'), options.number('weight_decay')];
        const [warmupSteps, stepPower, ratePower] = [options.number('warmup_steps'), options.number('r'), options.number('weight_lr_power')];
        return evaluatedAtAverage(call(scheduleFreeSgd, given.grads, given.params, { learningRate, momentum, weightDecay, warmupSteps, stepPower, ratePower }), given);
      },
    },
    'schedulefree.AdamWScheduleFree': {
      defaults: { lr: 0.0025, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, warmup_steps: 0, r: 0, weight_lr_power: 2, inner_momentum: 0 },
      replay: (options, given) => {
        const [beta1, beta2] = options.pair('betas');
        const [learningRate, epsilon, weightDecay] = [options.number('lr'), options.number('eps'), options.number('weight_decay')];
        const [warmupSteps, stepPower, ratePower] = [options.number('warmup_steps'), options.number('r'), options.number('weight_lr_power')];
        const inner = options.number('inner_momentum');
        const own = { learningRate, beta1, beta2, epsilon, weightDecay, warmupSteps, stepPower, ratePower, ...(inner === 0 ? {} : { innerMomentum: inner }) };
        return evaluatedAtAverage(call(scheduleFreeAdamw, given.grads, given.params, own), given);
      },
    },
    'schedulefree.RAdamScheduleFree': {
      defaults: { lr: 0.0025, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, r: 0, weight_lr_power: 2, silent_sgd_phase: true },
      replay: (options, given) => {
        const [beta1, beta2] = options.pair('betas');
        const [learningRate, epsilon, weightDecay] = [options.number('lr'), options.number('eps'), options.number('weight_decay')];
        const [stepPower, ratePower, silent] = [options.number('r'), options.number('weight_lr_power'), options.boolean('silent_sgd_phase')];
        return evaluatedAtAverage(call(scheduleFreeRadam, given.grads, given.params, { learningRate, beta1, beta2, epsilon, weightDecay, stepPower, ratePower, silent }), given);
      },
    },
  },
  prodigyopt: {
    'prodigyopt.Prodigy': {
      defaults: {
        lr: 1, betas: [0.9, 0.999], beta3: null, eps: 1e-8, weight_decay: 0, decouple: true, use_bias_correction: false, safeguard_warmup: false, d0: 1e-6, d_coef: 1,
        growth_rate: 'Infinity', slice_p: 1,
      },
      float32: { ofTheWay: 1e-2, why: 'the estimate has the way from the start, which at first is hardly above the rounding of a parameter' },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        const beta3 = options.numberOrNone('beta3');
        return use(prodigy, {
          ...dadapt(options), beta1, beta2, epsilon: options.number('eps'), distanceFactor: options.number('d_coef'), decay: options.boolean('decouple') ? 'decoupled' : 'coupled',
          correctBias: options.boolean('use_bias_correction'), safeguardWarmup: options.boolean('safeguard_warmup'), sumEvery: options.number('slice_p'), ...growth(options),
          ...(beta3 === undefined ? {} : { beta3 }),
        });
      },
    },
  },
  dadaptation: {
    'dadaptation.DAdaptSGD': {
      defaults: { ...DADAPT, momentum: 0 },
      rule: (options) => use(dAdaptSgd, { ...dadapt(options), momentum: options.number('momentum'), ...growth(options) }),
    },
    'dadaptation.DAdaptAdam': {
      defaults: { ...DADAPT, betas: [0.9, 0.999], eps: 1e-8, decouple: false, use_bias_correction: false, layer_scale: 1 },
      rule: (options) => {
        // A part of the parameters with a rate of its own in proportion is no option of the rule.
        options.must('layer_scale', 1);
        const [beta1, beta2] = options.pair('betas');
        const decay = options.boolean('decouple') ? 'decoupled' : 'coupled';
        return use(dAdaptAdam, { ...dadapt(options), beta1, beta2, epsilon: options.number('eps'), decay, correctBias: options.boolean('use_bias_correction'), ...growth(options) });
      },
    },
    'dadaptation.DAdaptAdaGrad': {
      defaults: { ...DADAPT, momentum: 0, eps: 1e-6 },
      rule: (options) => use(dAdaptAdagrad, { ...dadapt(options), momentum: options.number('momentum'), epsilon: options.number('eps'), ...growth(options) }),
    },
    'dadaptation.DAdaptLion': {
      defaults: { lr: 1, betas: [0.9, 0.99], weight_decay: 0, d0: 1e-6 },
      rule: (options) => {
        const [beta1, beta2] = options.pair('betas');
        return use(dAdaptLion, { ...dadapt(options), beta1, beta2 });
      },
    },
  },
  dog: {
    'dog.DoG': { defaults: DOG, rule: (options) => use(dog, dogOptions(options)) },
    'dog.LDoG': {
      defaults: DOG,
      float32: { ofTheWay: 2e-2, why: 'the rate has the way from the start, which by default is hardly above the rounding of a parameter' },
      rule: (options) => use(ldog, dogOptions(options)),
    },
  },
  dowg: {
    'dowg.DoWG': { defaults: { eps: 1e-4 }, rule: (options) => use(dowg, { epsilon: options.number('eps') }) },
  },
  momo: {
    'momo.Momo': {
      defaults: { lr: 1, weight_decay: 0, beta: 0.9, lb: 0, bias_correction: false, use_fstar: false },
      replay: (options, { grads, params, loss }) => {
        const [learningRate, momentum, weightDecay, lowerBound] = [options.number('lr'), options.number('beta'), options.number('weight_decay'), options.number('lb')];
        const [correctBias, estimateBound] = [options.boolean('bias_correction'), options.boolean('use_fstar')];
        return call(momo, grads, params, { learningRate, momentum, weightDecay, lowerBound, correctBias, estimateBound, loss });
      },
    },
    'momo.MomoAdam': {
      defaults: { lr: 0.01, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, lb: 0, divide: true, use_fstar: false },
      replay: (options, { grads, params, loss }) => {
        const [beta1, beta2] = options.pair('betas');
        const [learningRate, epsilon, weightDecay, lowerBound] = [options.number('lr'), options.number('eps'), options.number('weight_decay'), options.number('lb')];
        const [decay, estimateBound] = [options.boolean('divide') ? 'proximal' : 'decoupled', options.boolean('use_fstar')] as const;
        return call(momoAdam, grads, params, { learningRate, beta1, beta2, epsilon, weightDecay, lowerBound, decay, estimateBound, loss });
      },
    },
  },
};
