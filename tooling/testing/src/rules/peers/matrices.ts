// Rules over matrices.
import { adamw, type Coefficients, type Expr, mergeUpdates, muon, type Updates, type Variable } from 'pappus';
import { bfloat16NewtonSchulz, toBfloat16 } from './bfloat16.js';
import { call, named } from './call.js';
import { type AppliedRule, type PeerEntries, type ReplayEntry, use } from './entry.js';
import type { Given } from './given.js';
import { PeerOptionError, type PeerOptions } from './options.js';

/** In float32 momentum differs by a rounding, and so now and then a number of bfloat16 by one of its own, which are 65536 times as large. */
const roundedToBfloat16 = { ofTheWay: 0.1, why: 'the peer rounds to bfloat16, and a number next to a boundary goes to either side' } as const;

/** Five steps make a small singular value up to 3.4^5 = 454 times as large, and its few roundings of 2^-24 with it. */
const NEWTON_SCHULZ = { ofTheWay: 2e-4, why: 'five steps of Newton and Schulz amplify roundings by up to 454' } as const;

/** Torch's class: each operation in bfloat16, a product and a sum at once. */
const torchMuon: ReplayEntry = {
  float32: roundedToBfloat16,
  epsilonUnseen: 'it is added to the norm of a matrix, which bfloat16 rounds to a 256th',
  defaults: {
    lr: 1e-3, weight_decay: 0.1, momentum: 0.95, nesterov: true, ns_coefficients: [3.4445, -4.775, 2.0315], eps: 1e-7, ns_steps: 5, adjust_lr_fn: null, use_addmm: true,
  },
  replay: (options, { grads, params }) => {
    const [epsilon, steps, coefficients] = [options.number('eps'), options.number('ns_steps'), options.triple('ns_coefficients')];
    // Later versions ask whether a product and a sum are one operation; 2.13 has them so.
    const fused = options.boolean('use_addmm');
    options.must('adjust_lr_fn', null, 'original', 'match_rms_adamw');
    return use(muon, {
      learningRate: options.number('lr'),
      momentum: options.number('momentum'),
      weightDecay: options.number('weight_decay'),
      nesterov: options.boolean('nesterov'),
      scale: options.is('adjust_lr_fn', 'match_rms_adamw') ? 'rms' : 'spectral',
      outputs: 'rows',
      orthogonalize: named((x: Expr) => bfloat16NewtonSchulz(x, { steps, coefficients, epsilon, epsilonPlace: 'least', fused }), 'inBfloat16'),
    })(grads, params);
  },
};

interface Part {
  readonly of: (param: Variable) => boolean;
  readonly rule: AppliedRule;
}

/** `call` knows how a function of two is called. */
const mergeTwo = named((a: Updates, b: Updates): Updates => mergeUpdates(a, b), 'mergeUpdates');

/** One rule over those parameters that it is for, and another over the rest. */
export function byPart({ grads, params }: Given, first: Part, second: Part): Updates {
  const places = (part: Part): readonly number[] => params.flatMap((param, k) => (part.of(param) ? [k] : []));
  const over = (part: Part): Updates => {
    const chosen = places(part);
    const text = (what: string): string => `[${chosen.map((k) => `${what}[${k}]`).join(', ')}]`;
    return part.rule(named(grads.filter((_, k) => chosen.includes(k)), text('grads')), named(params.filter((_, k) => chosen.includes(k)), text('params')));
  };
  if (places(second).length === 0) return first.rule(grads, params);
  if (places(first).length === 0) return second.rule(grads, params);
  return call(mergeTwo, over(first), over(second));
}

/** Its author's class takes matrices alone: batches of them, and filters, whose scale is that of the last two axes as they are. */
const authorsMuon: ReplayEntry = {
  float32: roundedToBfloat16,
  defaults: { lr: 0.02, weight_decay: 0, momentum: 0.95 },
  replay: (options, given) => {
    const asWritten = given.recording.precision?.startsWith('as the class is written') === true;
    const [learningRate, weightDecay] = [options.number('lr'), options.number('weight_decay')];
    const coefficients = [3.4445, -4.775, 2.0315] as const;
    const rounded = named(
      // The scale is multiplied in bfloat16, too.
      (x: Expr) => toBfloat16(bfloat16NewtonSchulz(x, { steps: 5, coefficients, epsilon: 1e-7, epsilonPlace: 'added', fused: false }).mul(Math.fround(lastTwoScale(x)))),
      'inBfloat16',
    );
    const common = { learningRate, momentum: options.number('momentum'), weightDecay, outputs: 'rows' as const };
    const matrices = asWritten ? use(muon, { ...common, higherRank: 'batch', scale: 'none', orthogonalize: rounded }) : use(muon, { ...common, higherRank: 'batch' });
    const filters = use(muon, {
      ...common,
      learningRate: ({ param }) => learningRate * lastTwoScale(param),
      weightDecay: ({ param }) => weightDecay / lastTwoScale(param),
      scale: 'none',
      name: 'filters',
    });
    return byPart(given, { of: ({ rank }) => rank !== 4, rule: matrices }, { of: ({ rank }) => rank === 4, rule: filters });
  },
};

function lastTwoScale({ shape }: Expr): number {
  const [rows = 1, columns = 1] = shape.slice(-2).map(Number);
  return Math.sqrt(Math.max(1, rows / columns));
}

const kozistrMuon: ReplayEntry = {
  float32: NEWTON_SCHULZ,
  defaults: {
    lr: 2e-2, momentum: 0.95, weight_decay: 0, weight_decouple: true, nesterov: true, ns_steps: 5, use_adjusted_lr: false, adamw_lr: 3e-4, adamw_betas: [0.9, 0.95],
    adamw_wd: 0, adamw_eps: 1e-10, maximize: false,
  },
  replay: (options, given) => {
    const [beta1, beta2] = options.pair('adamw_betas');
    const [maximize, decay] = [options.boolean('maximize'), options.boolean('weight_decouple') ? ('decoupled' as const) : ('coupled' as const)];
    const decayOfOthers = options.number('adamw_wd');
    if (decay === 'coupled' && decayOfOthers !== 0 && given.params.some(({ rank }) => rank < 2)) throw new PeerOptionError('pytorch_optimizer Muon: the AdamW beside it decouples its decay here');
    const others = use(adamw, {
      learningRate: options.number('adamw_lr'), beta1, beta2, epsilon: options.number('adamw_eps'), weightDecay: decayOfOthers, epsilonPlace: 'uncorrected', maximize,
    });
    const ofMatrices = use(muon, {
      learningRate: options.number('lr'),
      momentum: options.number('momentum'),
      weightDecay: options.number('weight_decay'),
      decay,
      nesterov: options.boolean('nesterov'),
      steps: options.number('ns_steps'),
      epsilonPlace: 'least',
      scale: options.boolean('use_adjusted_lr') ? 'spectral' : 'rms',
      outputs: 'rows',
      maximize,
    });
    return byPart(given, { of: ({ rank }) => rank > 1, rule: ofMatrices }, { of: ({ rank }) => rank < 2, rule: others });
  },
};

/** Optax's named lists of coefficients. */
const OPTAX_PRESETS: Readonly<Record<string, readonly Coefficients[] | Coefficients>> = {
  standard: [3.4445, -4.775, 2.0315],
  dion: [[4.0848, -6.8946, 2.927], [3.9505, -6.3029, 2.6377], [3.7418, -5.5913, 2.3037], [2.8769, -3.1427, 1.2046], [2.8366, -3.0525, 1.2012]],
};

function optaxCoefficients(options: PeerOptions): Coefficients | readonly Coefficients[] {
  const preset = Object.entries(OPTAX_PRESETS).find(([name]) => options.is('ns_coeffs', name));
  const given = preset?.[1] ?? options.triples('ns_coeffs');
  if (!isTriple(given) && given.length > options.number('ns_steps')) throw new PeerOptionError('optax muon: takes no more coefficients than ns_steps');
  return given;
}

function isTriple(given: Coefficients | readonly Coefficients[]): given is Coefficients {
  return typeof given[0] === 'number';
}

const optaxMuon: ReplayEntry = {
  float32: NEWTON_SCHULZ,
  defaults: {
    ns_coeffs: [3.4445, -4.775, 2.0315], ns_steps: 5, beta: 0.95, eps: 1e-8, weight_decay: 0, weight_decay_mask: null, nesterov: true, adaptive: false,
    preconditioning: 'frobenius', adam_b1: 0.9, adam_b2: 0.999, adam_eps_root: 0, adam_weight_decay: 0, adam_learning_rate: null,
    muon_weight_dimension_numbers: null, consistent_rms: null,
  },
  replay: (options, given) => {
    // Functions and trees of axes, which no file has; without them matrices are what has two axes.
    options.must('weight_decay_mask', null);
    options.must('muon_weight_dimension_numbers', null);
    const normalization = (['frobenius', 'schatten', 'aol'] as const).find((name) => options.is('preconditioning', name));
    if (normalization === undefined) throw new PeerOptionError('optax muon: the preconditioning must be one by norms that sums give, and the spectral norm is none');
    const rms = options.numberOrNone('consistent_rms');
    const [learningRate, nesterov, coefficients] = [options.number('learning_rate'), options.boolean('nesterov'), optaxCoefficients(options)];
    const others = use(adamw, {
      learningRate: options.numberOrNone('adam_learning_rate') ?? learningRate,
      beta1: options.number('adam_b1'),
      beta2: options.number('adam_b2'),
      epsilon: options.number('eps'),
      epsilonRoot: options.number('adam_eps_root'),
      weightDecay: options.number('adam_weight_decay'),
      nesterov,
    });
    const ofMatrices = use(muon, {
      learningRate,
      momentum: options.number('beta'),
      weightDecay: options.number('weight_decay'),
      nesterov,
      // A list has as many as there are steps.
      steps: isTriple(coefficients) ? options.number('ns_steps') : coefficients.length,
      coefficients,
      // With other norms than Frobenius' Optax does not hand its epsilon on.
      epsilon: normalization === 'frobenius' ? options.number('eps') : 1e-8,
      normalization,
      correctBias: true,
      dualNorm: options.boolean('adaptive'),
      ...(rms === undefined ? {} : { scale: 'rms', rms }),
    });
    return byPart(given, { of: ({ rank }) => rank === 2, rule: ofMatrices }, { of: ({ rank }) => rank !== 2, rule: others });
  },
};

export const matrices: PeerEntries = {
  'torch.optim': { Muon: torchMuon },
  optax: { muon: optaxMuon },
  muon: { 'muon.Muon (SingleDeviceMuon)': authorsMuon },
  pytorch_optimizer: { 'pytorch_optimizer.Muon': kozistrMuon },
};
